import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/core/model-file.js';
import { type ModelState, StateReader, tensor } from '../../src/core/model-state.js';
import { expectFault, faultOf, HOSTILE } from './faults.js';
import { readJson } from './json.js';
import { readSafetensors } from './safetensors.js';
import { anyState, expectSame } from './states.js';

const owner = 'loadModel';
const STATE: ModelState = {
  kind: 'TestModel',
  version: 1,
  settings: { k: 'a' },
  tensors: {
    codes: { shape: [3], data: Uint8Array.of(1, 2, 255) },
    x: tensor(Float64Array.of(0.1, -2), 2),
  },
};
const FILE = encodeModelFile(STATE);
const decode = (bytes: Uint8Array) => decodeModelFile(bytes, owner);

/** A file of any header and body. */
function fileOf(header: unknown, body: ArrayLike<number> = [], length?: bigint): Uint8Array {
  const text = typeof header === 'string' ? header : JSON.stringify(header);
  const bytes = header instanceof Uint8Array ? header : new TextEncoder().encode(text);
  const file = new Uint8Array(8 + bytes.length + body.length);
  new DataView(file.buffer).setBigUint64(0, length ?? BigInt(bytes.length), true);
  file.set(bytes, 8);
  file.set(body, 8 + bytes.length);
  return file;
}

const metadata = { format: 'generative-models', kind: 'TestModel', version: '1', settings: '{}' };
const entry = (begin: number, end: number, shape: unknown = [end - begin], dtype: unknown = 'U8') => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

/** Reads bytes that may be damaged: a valid state, or a ModelError and nothing else. */
function readDamaged(bytes: Uint8Array): 'read' | 'refused' {
  try {
    const state = decode(bytes);
    new StateReader(owner).state(state);
    encodeModelFile(state);
    return 'read';
  } catch (error) {
    expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-model-file' });
    return 'refused';
  }
}

describe('round trip', () => {
  test('to the bit, for every tensor type, shape, name and setting', () => {
    fc.assert(
      fc.property(anyState, (state) => expectSame(decode(encodeModelFile(state)), state)),
      { seed: 1, numRuns: 300 },
    );
  });

  test('negative zeros included', () => {
    const state = { ...STATE, tensors: { x: tensor(Float64Array.of(-0), 1) } };
    expectSame(decode(encodeModelFile(state)), state);
  });

  test('from a view at any place of a larger buffer, without keeping it', () => {
    for (const shift of [0, 1, 3, 8]) {
      const buffer = new Uint8Array(FILE.length + 11);
      buffer.set(FILE, shift);
      const state = decode(buffer.subarray(shift, shift + FILE.length));
      buffer.fill(0);
      expectSame(state, STATE);
    }
    expectSame(decode(Buffer.from(FILE)), STATE);
  });

  test('of a state that could not be read back is refused before', () => {
    const state = { ...STATE, tensors: { __metadata__: tensor(Float64Array.of(1), 1) } };
    expectFault(() => encodeModelFile(state), 'invalid-model-file', 'TestModel: tensors must not name "__metadata__".');
    const tensors = Object.fromEntries(
      Array.from({ length: 1001 }, (_, i) => [`t${i}`, tensor(Float64Array.of(1), 1)]),
    );
    const many = 'TestModel: there must be at most 1000 tensors, but got 1001.';
    expectFault(() => encodeModelFile({ ...STATE, tensors }), 'invalid-model-file', many);
    const settings = { text: 'x'.repeat(2 ** 20) };
    const long = 'TestModel: settings must fit into a header of 1 MiB.';
    expectFault(() => encodeModelFile({ ...STATE, settings }), 'invalid-model-file', long);
  });
});

describe('the layout is safetensors, as published', () => {
  test('an independent reader finds the same', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const { metadata, tensors } = readSafetensors(encodeModelFile(state));
        expect(metadata).toMatchObject({ format: 'generative-models', kind: state.kind, version: `${state.version}` });
        expect(readJson(metadata.settings)).toEqual(state.settings);
        expect(Object.keys(tensors).sort()).toEqual(Object.keys(state.tensors).sort());
        for (const [name, { shape, data }] of Object.entries(state.tensors)) {
          // The machine that runs the tests is little-endian, as the format is.
          const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
          expect(tensors[name].shape).toEqual(shape);
          expect(Array.from(tensors[name].bytes)).toEqual(Array.from(bytes));
          expect(tensors[name].start % data.BYTES_PER_ELEMENT).toBe(0);
        }
      }),
      { seed: 2, numRuns: 200 },
    );
  });

  test('the bytes of a small file, written out', () => {
    const header =
      '{"__metadata__":{"format":"generative-models","kind":"TestModel","version":"1","settings":"{\\"k\\":\\"a\\"}"},' +
      '"x":{"dtype":"F64","shape":[2],"data_offsets":[0,16]},' +
      '"codes":{"dtype":"U8","shape":[3],"data_offsets":[16,19]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8, ' ');
    // 0.1 and -2 as IEEE 754 doubles.
    const doubles = [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0];
    const bytes = [padded.length, 0, 0, 0, 0, 0, 0, 0, ...new TextEncoder().encode(padded), ...doubles, 1, 2, 255];
    expect(Array.from(FILE)).toEqual(bytes);
  });
});

describe('damage: a valid state or a ModelError, and nothing else', () => {
  test('every truncation is refused', () => {
    for (let length = 0; length < FILE.length; length++) expect(readDamaged(FILE.slice(0, length))).toBe('refused');
  });

  test('anything after the end is refused', () => {
    for (const extra of [[0], [32], new Uint8Array(1000)]) {
      expect(readDamaged(Uint8Array.of(...FILE, ...extra))).toBe('refused');
    }
  });

  test('every byte, changed to every other value', () => {
    const started = performance.now();
    const bytes = FILE.slice();
    let read = 0;
    for (let i = 0; i < bytes.length; i++) {
      for (let flip = 1; flip < 256; flip++) {
        bytes[i] = FILE[i] ^ flip;
        if (readDamaged(bytes) === 'read') read++;
      }
      bytes[i] = FILE[i];
    }
    // Changes within names, texts and numbers are readable; most others are not.
    expect(read).toBeGreaterThan(19 * 200);
    expect(read).toBeLessThan(bytes.length * 128);
    expect(performance.now() - started).toBeLessThan(30_000);
  });

  test('random bytes, bare and behind a valid length', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(readDamaged(bytes)).toBe('refused');
        expect(readDamaged(fileOf(bytes))).toBe('refused');
      }),
      { seed: 3, numRuns: 1000 },
    );
  });

  test('random JSON as header', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
        readDamaged(fileOf(JSON.stringify(value)));
        readDamaged(fileOf({ __metadata__: value, x: other }));
        readDamaged(fileOf({ __metadata__: metadata, x: value }));
        readDamaged(fileOf({ __metadata__: metadata, x: { dtype: 'U8', shape: value, data_offsets: other } }));
        readDamaged(fileOf({ __metadata__: { ...metadata, settings: JSON.stringify(value), version: other } }));
      }),
      { seed: 4, numRuns: 500 },
    );
  });
});

describe('hostile headers', () => {
  const tooMany = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`t${i}`, entry(0, 0, [0])]));
  const text = JSON.stringify({ __metadata__: metadata, x: entry(0, 1) });
  test.each<[string, Uint8Array, RegExp]>([
    [
      'claims 2^64 - 1 bytes',
      fileOf({}, [], 2n ** 64n - 1n),
      /header must be at most 1048576 bytes, but got 18446744073709551615n/,
    ],
    ['claims 1 MiB', fileOf({}, [], 2n ** 20n), /must hold its header of 1048576 bytes, but got 10/],
    ['claims nothing', fileOf({}, [], 0n), /header must be readable/],
    ['is nested 1e5 deep', fileOf(`{"a":${'['.repeat(1e5)}${']'.repeat(1e5)}}`), /deeper than 64|call stack/],
    ['starts with white space', fileOf(` ${text}`, [1]), /must begin with "\{", but got 32/],
    ['starts with a byte order mark', fileOf(`\ufeff${text}`, [1]), /must begin with "\{", but got 239/],
    ['is not UTF-8', fileOf(Uint8Array.of(0x7b, 0xff, 0x7d)), /header must be readable/],
    ['is a list', fileOf('[1]'), /must begin with/],
    ['has no metadata', fileOf({ x: entry(0, 1) }, [1]), /the metadata must be an object/],
    [
      'has metadata of numbers',
      fileOf({ __metadata__: { ...metadata, version: 1 } }),
      /version must be a whole number in a string, but got 1/,
    ],
    [
      'has a negative version',
      fileOf({ __metadata__: { ...metadata, version: '-1' } }),
      /version must be a whole number/,
    ],
    ['has more metadata', fileOf({ __metadata__: { ...metadata, extra: '' } }), /the metadata must not have "extra"/],
    [
      'is of another format',
      fileOf({ __metadata__: { ...metadata, format: 'pt' } }),
      /format must be "generative-models", but got "pt"/,
    ],
    [
      'has settings of another kind',
      fileOf({ __metadata__: { ...metadata, settings: {} } }),
      /settings must be a string/,
    ],
    [
      'has settings that are no object',
      fileOf({ __metadata__: { ...metadata, settings: '[]' } }),
      /settings must be an object/,
    ],
    ['has settings twice', fileOf({ __metadata__: { ...metadata, settings: '{"a":1,"a":2}' } }), /duplicate key "a"/],
    ['has __proto__ in settings', fileOf({ __metadata__: { ...metadata, settings: '{"__proto__":1}' } }), /__proto__/],
    [
      'has infinite settings',
      fileOf({ __metadata__: { ...metadata, settings: '{"a":1e999}' } }),
      /must hold finite numbers/,
    ],
    ['names a tensor twice', fileOf(text.replace('"x"', '"x":{},"x"'), [1]), /duplicate key "x"/],
    [
      'names a tensor twice in escapes',
      fileOf(text.replace('"x"', String.raw`"\u0078":{},"x"`), [1]),
      /duplicate key "x"/,
    ],
    ['names __proto__', fileOf(text.replace('"x"', '"__proto__"'), [1]), /__proto__/],
    ['has 1001 tensors', fileOf({ __metadata__: metadata, ...tooMany }), /at most 1000 tensors/],
    [
      'overlaps',
      fileOf({ __metadata__: metadata, x: entry(0, 2), y: entry(1, 3) }, [1, 2, 3]),
      /tensor "y" must begin where the one before ends, 2, but got 1/,
    ],
    [
      'is the same place twice',
      fileOf({ __metadata__: metadata, x: entry(0, 2), y: entry(0, 2) }, [1, 2]),
      /tensor "y" must begin/,
    ],
    [
      'has a hole',
      fileOf({ __metadata__: metadata, x: entry(0, 1), y: entry(2, 3) }, [1, 2, 3]),
      /tensor "y" must begin where the one before ends, 1, but got 2/,
    ],
    ['starts late', fileOf({ __metadata__: metadata, x: entry(1, 2) }, [1, 2]), /tensor "x" must begin/],
    [
      'ends early',
      fileOf({ __metadata__: metadata, x: entry(0, 1) }, [1, 2]),
      /data must end with the last tensor, at 1, but got 2/,
    ],
    [
      'reaches beyond the end',
      fileOf({ __metadata__: metadata, x: entry(0, 3) }, [1, 2]),
      /must end within the 2 bytes of data, but got 3/,
    ],
    [
      'runs backwards',
      fileOf({ __metadata__: metadata, x: entry(2, 0, [2]) }, [1, 2]),
      /must span the 2 bytes of its shape/,
    ],
    ['has negative offsets', fileOf({ __metadata__: metadata, x: entry(-1, 1) }, [1, 2]), /must span/],
    [
      'has three offsets',
      fileOf({ __metadata__: metadata, x: { ...entry(0, 1), data_offsets: [0, 1, 1] } }, [1]),
      /must span/,
    ],
    [
      'has offsets as text',
      fileOf({ __metadata__: metadata, x: { ...entry(0, 1), data_offsets: ['0', '1'] } }, [1]),
      /must span/,
    ],
    [
      'claims 2^106 entries',
      fileOf({ __metadata__: metadata, x: entry(0, 1, [2 ** 53 - 1, 2 ** 53 - 1]) }, [1]),
      /must span/,
    ],
    [
      'claims 2^64 entries, which is 0 in 64 bits',
      fileOf({ __metadata__: metadata, x: entry(0, 0, [2 ** 32, 2 ** 32]) }),
      /must span/,
    ],
    ['claims 1e15 bytes', fileOf({ __metadata__: metadata, x: entry(0, 1e15) }, [1]), /must end within the 1 bytes/],
    [
      'has nine axes',
      fileOf({ __metadata__: metadata, x: entry(0, 1, new Array(9).fill(1)) }, [1]),
      /at most 8 integers/,
    ],
    [
      'has a shape of fractions',
      fileOf({ __metadata__: metadata, x: entry(0, 1, [0.5, 2]) }, [1]),
      /at most 8 integers/,
    ],
    ['has a shape of texts', fileOf({ __metadata__: metadata, x: entry(0, 1, ['1']) }, [1]), /at most 8 integers/],
    [
      'has a type that we do not write',
      fileOf({ __metadata__: metadata, x: entry(0, 2, [1], 'F16') }, [1, 2]),
      /dtype of tensor "x" must be one of F64, F32, I32, U32, U8, but got "F16"/,
    ],
    ['has a type by prototype', fileOf({ __metadata__: metadata, x: entry(0, 1, [1], 'toString') }, [1]), /dtype/],
    [
      'has a type of another size',
      fileOf({ __metadata__: metadata, x: entry(0, 1, [1], 'F64') }, [1]),
      /must span the 8 bytes/,
    ],
    [
      'has more in a tensor',
      fileOf({ __metadata__: metadata, x: { ...entry(0, 1), stride: 1 } }, [1]),
      /must not have "stride"/,
    ],
    [
      'holds NaN',
      fileOf({ __metadata__: metadata, x: entry(0, 8, [1], 'F64') }, [0, 0, 0, 0, 0, 0, 0xf8, 0x7f]),
      /entry 0 of tensor "x" must be finite, but got NaN/,
    ],
    [
      'holds infinity',
      fileOf({ __metadata__: metadata, x: entry(0, 4, [1], 'F32') }, [0, 0, 0x80, 0xff]),
      /must be finite, but got -Infinity/,
    ],
  ])('%s', (_, bytes, message) => {
    const started = performance.now();
    const fault = faultOf(() => decode(bytes));
    expect(fault.code).toBe('invalid-model-file');
    expect(fault.message).toMatch(message);
    expect(fault.message.length).toBeLessThan(400);
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('a header of 1 MiB of keys is read or refused within a second', () => {
    const started = performance.now();
    const keys = Array.from({ length: 80_000 }, (_, i) => `"k${i}":1`).join();
    expect(readDamaged(fileOf(`{${keys}}`))).toBe('refused');
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('what is legal in the format though we do not write it', () => {
    // A scalar, empty tensors at one place, padding, and an order of names that is not that of places.
    const header = { y: entry(1, 1, [0, 5]), s: entry(0, 1, []), z: entry(1, 1, [0]), __metadata__: metadata };
    const state = decode(fileOf(`${JSON.stringify(header)}   `, [7]));
    expect(Object.keys(state.tensors).sort()).toEqual(['s', 'y', 'z']);
    expect(state.tensors.s).toEqual({ shape: [], data: Uint8Array.of(7) });
    expect(decode(fileOf({ __metadata__: metadata })).tensors).toEqual({});
  });

  test('what is not bytes', () => {
    const values = [
      undefined,
      null,
      'file',
      [1],
      new ArrayBuffer(8),
      new Float64Array(8),
      new DataView(new ArrayBuffer(8)),
    ];
    const hostile = [...Object.values(HOSTILE).map((make) => make()), new Proxy(FILE, {})];
    for (const value of [...values, ...hostile]) {
      const fault = faultOf(() => decode(value as Uint8Array));
      expect(fault.message).toMatch(/^loadModel: the file must be given as a Uint8Array/);
    }
  });
});
