import { Matrix } from 'ml-matrix';
import { describe, expect, test } from 'vitest';
import { readSamples, Samples, viewSamples } from '../../src/core/samples.js';
import { expectFault, faultOf, HOSTILE } from './faults.js';

const owner = 'Test.fit';
const ROWS = [
  [1, 2, 3],
  [4, 5, 6],
];
const ALL = Float64Array.of(1, 2, 3, 4, 5, 6);

describe('accepted forms', () => {
  const shared = new Float64Array(new SharedArrayBuffer(48));
  shared.set(ALL);
  const padded = Float64Array.of(9, 1, 2, 3, 4, 5, 6, 9);
  const integers = [Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array];
  test.each<[string, unknown]>([
    ['arrays', ROWS],
    ['frozen arrays', Object.freeze(ROWS.map((row) => Object.freeze([...row])))],
    ['Float64Array rows', ROWS.map((row) => Float64Array.from(row))],
    ['Float32Array rows', ROWS.map((row) => Float32Array.from(row))],
    ...integers.map((Type): [string, unknown] => [`${Type.name} rows`, ROWS.map((row) => Type.from(row))]),
    ['rows of mixed kinds', [ROWS[0], Float64Array.from(ROWS[1])]],
    ['rows that are views into one buffer', [padded.subarray(1, 4), padded.subarray(4, 7)]],
    ['rows in shared memory', [shared.subarray(0, 3), shared.subarray(3)]],
    ['Samples', new Samples(ALL, 2, 3)],
    ['Samples in shared memory', new Samples(shared, 2, 3)],
    ["ml-matrix's Matrix", new Matrix(ROWS)],
    ['anything with rows, columns and get', { rows: 2, columns: 3, get: (i: number, j: number) => ROWS[i][j] }],
    ['a proxy of arrays', new Proxy(ROWS, {})],
    ['a proxy of Samples', new Proxy(new Samples(ALL, 2, 3), {})],
    ['a subclass of Samples', new (class extends Samples {})(ALL, 2, 3)],
  ])('%s', (_, rows) => {
    for (const read of [readSamples, viewSamples]) {
      const samples = read(rows, { owner });
      expect([samples.rows, samples.columns, Array.from(samples.data)]).toEqual([2, 3, Array.from(ALL)]);
      expect(samples.constructor).toBe(Samples);
    }
  });

  test('rows are copied and never written', () => {
    const rows = ROWS.map((row) => Float64Array.from(row));
    const samples = readSamples(rows, { owner });
    expect(rows.map((row) => Array.from(row))).toEqual(ROWS);
    rows[0][0] = 99;
    expect(samples.get(0, 0)).toBe(1);
    const source = new Samples(ALL.slice(), 2, 3);
    expect(readSamples(source, { owner }).data).not.toBe(source.data);
  });

  test('a view of Samples is the same object; of the rest, a copy', () => {
    const samples = new Samples(ALL, 2, 3);
    expect(viewSamples(samples, { owner })).toBe(samples);
    expect(viewSamples(ROWS, { owner }).data).toEqual(ALL);
  });

  test('a negative zero becomes zero in a copy', () => {
    for (const rows of [[[-0]], new Samples(Float64Array.of(-0), 1, 1), new Matrix([[-0]])]) {
      expect(Object.is(readSamples(rows, { owner }).data[0], 0)).toBe(true);
    }
    expect(Object.is(Samples.column([-0]).data[0], 0)).toBe(true);
  });

  test('the extremes of double precision', () => {
    const row = [Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE];
    expect(Array.from(readSamples([row], { owner }).data)).toEqual(row);
  });
});

describe('missing values', () => {
  const gaps = [
    [1, Number.NaN],
    [Number.NaN, 4],
  ];
  const data = Float64Array.of(1, Number.NaN, Number.NaN, 4);

  test('NaN is read where it is allowed, in every form', () => {
    for (const rows of [gaps, new Matrix(gaps), new Samples(data, 2, 2)]) {
      expect(readSamples(rows, { owner, allowMissing: true }).data).toEqual(data);
      expect(viewSamples(rows, { owner, allowMissing: true }).data).toEqual(data);
      expect(faultOf(() => readSamples(rows, { owner })).message).toContain('must be finite, but got NaN');
      expect(faultOf(() => viewSamples(rows, { owner })).message).toContain('must be finite, but got NaN');
    }
  });

  test.each([Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('%d is no missing value', (value) => {
    const message = `Test.fit: row 1, column 0 must be finite, or NaN where it is missing, but got ${value}.`;
    const rows = [[1], [value]];
    expectFault(() => readSamples(rows, { owner, allowMissing: true }), 'invalid-data', message);
    const samples = new Samples(Float64Array.of(1, value), 2, 1);
    expectFault(() => viewSamples(samples, { owner, allowMissing: true }), 'invalid-data', message);
  });

  test.each([null, undefined, 'NaN'])('nor is %s', (value) => {
    const rows = [[1], [value]] as never;
    expect(faultOf(() => readSamples(rows, { owner, allowMissing: true })).code).toBe('invalid-data');
  });
});

describe('refused forms', () => {
  const advice = 'For one column of numbers, use Samples.column(values).';
  const kinds = 'rows must be Samples, an array of rows, or a matrix with rows, columns and get(i, j)';
  const holes: number[][] = [[1], [2]];
  delete (holes as unknown[])[1];
  test.each<[string, unknown, string]>([
    ['a flat array', [1, 2], `row 0 must be an array of numbers, but got 1. ${advice}`],
    ['a flat typed array', Float64Array.of(1.5), `row 0 must be an array of numbers, but got 1.5. ${advice}`],
    ['a flat array later on', [[1], 2], `row 1 must be an array of numbers, but got 2. ${advice}`],
    ['nothing', undefined, `${kinds}, but got undefined.`],
    ['null', null, `${kinds}, but got null.`],
    ['a text', 'rows', `${kinds}, but got "rows".`],
    ['a number', 3, `${kinds}, but got 3.`],
    ['an object', {}, `${kinds}, but got an object.`],
    ['a set', new Set([[1]]), `${kinds}, but got a Set.`],
    ['a DataView', new DataView(new ArrayBuffer(8)), `${kinds}, but got a DataView.`],
    ['big integers', BigInt64Array.of(1n), `${kinds}, but got a BigInt64Array of 1 entry.`],
    ['rows of texts', ['1', '2'], 'row 0 must be an array of numbers, but got "1".'],
    ['a null row', [[1], null], 'row 1 must be an array of numbers, but got null.'],
    ['a hole', holes, 'row 1 must be an array of numbers, but got undefined.'],
    ['only holes', new Array(2 ** 32 - 1), 'row 0 must be an array of numbers, but got undefined.'],
    [
      'rows of big integers',
      [BigInt64Array.of(1n)],
      'row 0 must be an array of numbers, but got a BigInt64Array of 1 entry.',
    ],
    [
      'NaN',
      [
        [1, 2],
        [3, Number.NaN],
      ],
      'row 1, column 1 must be finite, but got NaN.',
    ],
    ['infinity', [[1, Number.NEGATIVE_INFINITY]], 'row 0, column 1 must be finite, but got -Infinity.'],
    ['a text for a number', [[1], ['2']], 'row 1, column 0 must be a finite number, but got "2".'],
    ['null for a number', [[null]], 'row 0, column 0 must be a finite number, but got null.'],
    ['a big integer for a number', [[1n]], 'row 0, column 0 must be a finite number, but got 1n.'],
    ['a date for a number', [[new Date(0)]], 'row 0, column 0 must be a finite number, but got a Date.'],
    ['a boolean for a number', [[true]], 'row 0, column 0 must be a finite number, but got true.'],
    ['a hole in a row', [new Array(1)], 'row 0, column 0 must be a finite number, but got undefined.'],
    ['nested rows', [[[1]]], 'row 0, column 0 must be a finite number, but got [1].'],
    [
      'a matrix of big integers',
      { rows: 1, columns: 1, get: () => 1n },
      'row 0, column 0 must be a finite number, but got 1n.',
    ],
    [
      'Samples with NaN',
      new Samples(Float64Array.of(1, Number.NaN), 1, 2),
      'row 0, column 1 must be finite, but got NaN.',
    ],
    ['no rows', [], 'rows must hold at least one row, but got 0.'],
    ['no columns', [[], []], 'rows must have at least one column, but got 0.'],
    ['a matrix without rows', new Matrix(0, 2), 'rows must hold at least one row, but got 0.'],
  ])('%s', (_, rows, message) => {
    expectFault(() => readSamples(rows, { owner }), 'invalid-data', `${owner}: ${message}`);
    expectFault(() => viewSamples(rows, { owner }), 'invalid-data', `${owner}: ${message}`);
  });

  test('ragged rows', () => {
    const message = 'row 1 must have 2 columns, as row 0 has, but got 3.';
    expectFault(
      () =>
        readSamples(
          [
            [1, 2],
            [1, 2, 3],
          ],
          { owner },
        ),
      'shape-mismatch',
      `${owner}: ${message}`,
    );
  });

  test('another width than in fit', () => {
    const rules = { owner, columns: 2 };
    expectFault(
      () => readSamples([[1]], rules),
      'shape-mismatch',
      `${owner}: rows must have 2 columns, as in fit, but got 1.`,
    );
    expect(readSamples([], { ...rules, leastRows: 0 })).toMatchObject({ rows: 0, columns: 2 });
  });

  test('too few rows', () => {
    const read = () => readSamples([[1]], { owner, leastRows: 2 });
    expectFault(read, 'invalid-data', `${owner}: rows must hold at least 2 rows, but got 1.`);
  });

  test('rows that go by another name', () => {
    const fault = (rows: unknown) => faultOf(() => readSamples(rows, { owner: 'compare', name: 'generated' })).message;
    expect(fault(3)).toMatch(/^compare: generated must be Samples/);
    expect(fault([[Number.NaN]])).toBe('compare: generated, row 0, column 0 must be finite, but got NaN.');
    expect(fault([[1], []])).toBe('compare: generated, row 1 must have 1 column, as row 0 has, but got 0.');
    expect(fault([])).toBe('compare: generated must hold at least one row, but got 0.');
  });
});

describe('hostile rows end in a ModelError at once', () => {
  test.each(Object.entries(HOSTILE))('%s', (_, make) => {
    for (const read of [readSamples, viewSamples]) {
      expect(faultOf(() => read(make(), { owner })).code).toBe('invalid-data');
      expect(faultOf(() => read([make()], { owner })).code).toBe('invalid-data');
    }
    expect(faultOf(() => Samples.column(make())).code).toBe('invalid-data');
  });

  const get = () => 0;
  const lengthOf = (length: unknown) => new Proxy([[1]], { get: (_, name) => (name === 'length' ? length : [1]) });
  test.each<[string, unknown]>([
    ['rows: 1e12', { rows: 1e12, columns: 1, get }],
    ['columns: 1e12', { rows: 1, columns: 1e12, get }],
    ['rows x columns overflow', { rows: 2 ** 50, columns: 2 ** 50, get }],
    ['rows: -1', { rows: -1, columns: 1, get }],
    ['rows: 1.5', { rows: 1.5, columns: 1, get }],
    ['rows: NaN', { rows: Number.NaN, columns: 1, get }],
    ['get that throws', { rows: 1, columns: 1, get: () => JSON.parse('{') }],
    ['get that returns nothing', { rows: 1, columns: 1, get: () => undefined }],
    ['length 1e15', lengthOf(1e15)],
    ['length -1', lengthOf(-1)],
    ['length NaN', lengthOf(Number.NaN)],
    ['length as text', lengthOf('2')],
    ['a row of length 1e15', [lengthOf(1e15)]],
    ['an object with the prototype of Samples', Object.create(Samples.prototype)],
    ['Samples whose memory went elsewhere', detached()],
  ])('%s', (_, rows) => {
    const started = performance.now();
    for (const read of [readSamples, viewSamples]) faultOf(() => read(rows, { owner }));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('what was thrown is the cause', () => {
    const cause = new Error('no such file');
    const rows = { rows: 1, columns: 1, get: () => raise(cause) };
    const fault = faultOf(() => readSamples(rows, { owner }));
    expect(fault.message).toBe(`${owner}: rows must be readable (no such file).`);
    expect(fault.cause).toBe(cause);
  });
});

function raise(error: unknown): never {
  throw error;
}

function detached(): Samples {
  const samples = new Samples(Float64Array.of(1, 2), 2, 1);
  structuredClone(samples.data, { transfer: [samples.data.buffer as ArrayBuffer] });
  return samples;
}

describe('Samples', () => {
  const samples = Samples.from(ROWS);

  test('rows, entries and copies', () => {
    expect(samples.row(1)).toEqual(Float64Array.of(4, 5, 6));
    expect(samples.get(1, 2)).toBe(6);
    expect(samples.toArray()).toEqual(ROWS);
    expect(samples.select([1, 0, 1]).toArray()).toEqual([ROWS[1], ROWS[0], ROWS[1]]);
    expect(samples.select(Uint32Array.of()).rows).toBe(0);
    samples.row(1).fill(0);
    expect(samples.toArray()).toEqual(ROWS);
    expect(Object.prototype.toString.call(samples)).toBe('[object Samples: 2 x 3]');
  });

  test('rows that are not there', () => {
    expectFault(
      () => samples.row(2),
      'invalid-data',
      'Samples.row: index must be a row number from 0 to 1, but got 2.',
    );
    const select = () => samples.select([0, -1]);
    expectFault(select, 'invalid-data', 'Samples.select: index 1 must be a row number from 0 to 1, but got -1.');
    faultOf(() => samples.select([0.5]));
  });

  test('the constructor wraps without a copy, and checks the shape', () => {
    expect(new Samples(ALL, 3, 2).data).toBe(ALL);
    expect(new Samples(new Float64Array(0), 0, 5)).toMatchObject({ rows: 0, columns: 5 });
    const must = 'data must hold rows x columns = 2 x 2 = 4 numbers';
    expectFault(() => new Samples(ALL, 2, 2), 'shape-mismatch', `Samples: ${must}, but got 6.`);
    expectFault(() => new Samples(ALL, -1, 2), 'invalid-data', 'Samples: rows must be an integer >= 0, but got -1.');
    const data = new Float32Array(2) as unknown as Float64Array;
    const message = 'Samples: data must be a Float64Array, but got a Float32Array of 2 entries.';
    expectFault(() => new Samples(data, 1, 2), 'invalid-data', message);
    faultOf(() => new Samples(new Proxy(ALL, {}), 2, 3));
  });

  test('shape and data cannot be swapped', () => {
    expect(Object.isFrozen(samples)).toBe(true);
    expect(() => Object.assign(samples, { rows: 1e9 })).toThrow(TypeError);
  });

  test('a column', () => {
    expect(Samples.column(Int16Array.of(1, -2)).toArray()).toEqual([[1], [-2]]);
    const column = (values: unknown) => () => Samples.column(values as number[]);
    expectFault(
      column([1, Number.NaN]),
      'invalid-data',
      'Samples.column: row 1, column 0 must be finite, but got NaN.',
    );
    expectFault(column(7), 'invalid-data', 'Samples.column: values must be an array of numbers, but got 7.');
    faultOf(column([[1], [2]]));
  });
});
