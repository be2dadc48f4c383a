import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type ModelState, StateReader, stateFromJson, stateToJson, tensor } from '../../src/core/model-state.js';
import { expectFault, faultOf, HOSTILE } from './faults.js';
import { anyState, expectSame } from './states.js';

const owner = 'Test.fromJSON';
const STATE: ModelState = {
  kind: 'TestModel',
  version: 1,
  settings: { kernel: 'gaussian', leafSize: 8, bandwidth: 0.1, flat: true },
  tensors: { means: tensor(Float64Array.of(0.1, 1 / 3, 5e-324, Number.MAX_VALUE), 2, 2) },
};
const JSON_TEXT = JSON.stringify(stateToJson(STATE));

describe('JSON', () => {
  test('round trip to the bit, as object and as text', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        const json = stateToJson(state);
        expectSame(stateFromJson(json, owner), state);
        expectSame(stateFromJson(JSON.stringify(json), owner), state);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('is what it says', () => {
    expect(JSON.parse(JSON_TEXT)).toEqual({
      format: 'generative-models',
      kind: 'TestModel',
      version: 1,
      settings: { kernel: 'gaussian', leafSize: 8, bandwidth: 0.1, flat: true },
      tensors: { means: { type: 'F64', shape: [2, 2], data: [0.1, 1 / 3, 5e-324, Number.MAX_VALUE] } },
    });
  });

  test('shares nothing with the state', () => {
    const list = [1, 2];
    const state = { ...STATE, settings: { list } };
    const json = stateToJson(state);
    list[0] = 9;
    STATE.tensors.means.data[0] = 0.1;
    expect(json.settings).toEqual({ list: [1, 2] });
    expect(json.tensors.means.shape).not.toBe(state.tensors.means.shape);
  });

  test('a negative zero comes back as zero from text, as documented', () => {
    const state = { ...STATE, tensors: { x: tensor(Float64Array.of(-0), 1) } };
    const read = stateFromJson(JSON.stringify(stateToJson(state)), owner);
    expect(Object.is(read.tensors.x.data[0], 0)).toBe(true);
  });

  test('an object that knows its JSON is read through it', () => {
    expectSame(stateFromJson({ toJSON: () => stateToJson(STATE) }, owner), STATE);
  });
});

describe('a state that could not be read back is not written', () => {
  const data = Float64Array.of(1);
  const deep = (depth: number): unknown => (depth === 0 ? 1 : [deep(depth - 1)]);
  test.each<[string, object, string]>([
    [
      'NaN',
      { tensors: { x: tensor(Float64Array.of(Number.NaN), 1) } },
      'entry 0 of tensor "x" must be finite, but got NaN.',
    ],
    [
      'infinity',
      { tensors: { x: { shape: [2], data: Float32Array.of(0, Number.POSITIVE_INFINITY) } } },
      'entry 1 of tensor "x" must be finite, but got Infinity.',
    ],
    [
      'another size than its shape',
      { tensors: { x: tensor(data, 2) } },
      'data of tensor "x" must hold 2 numbers, but got 1.',
    ],
    [
      'a negative size',
      { tensors: { x: tensor(data, -1, -1) } },
      'shape of tensor "x" must be at most 8 integers >= 0, but got [-1, -1].',
    ],
    [
      'another kind of array',
      { tensors: { x: { shape: [1], data: Int8Array.of(1) } } },
      'data of tensor "x" must be a Float64Array, Float32Array, Int32Array, Uint32Array or Uint8Array, ' +
        'but got an Int8Array of 1 entry.',
    ],
    [
      'a tensor in the place of metadata',
      { tensors: { __metadata__: tensor(data, 1) } },
      'tensors must not name "__metadata__".',
    ],
    ['__proto__', { settings: JSON.parse('{"__proto__": 1}') }, 'settings must not name "__proto__".'],
    ['__proto__ within', { settings: { a: JSON.parse('{"__proto__": 1}') } }, 'setting "a" must not name "__proto__".'],
    [
      'NaN in settings',
      { settings: { a: [Number.NaN] } },
      'setting "a" must hold finite numbers, texts and flags only, but got NaN.',
    ],
    [
      'undefined in settings',
      { settings: { a: undefined } },
      'setting "a" must hold finite numbers, texts and flags only.',
    ],
    [
      'a function in settings',
      { settings: { a: () => 1 } },
      'setting "a" must hold finite numbers, texts and flags only, but got a function.',
    ],
    ['too deep settings', { settings: { a: deep(40) } }, 'setting "a" must not be nested deeper than 32.'],
    [
      'a version of ten digits',
      { version: 1e9 },
      'version must be an integer from 0 to 999999999, but got 1000000000.',
    ],
    ['a version of -1', { version: -1 }, 'version must be an integer from 0 to 999999999, but got -1.'],
  ])('%s', (_, change, message) => {
    const state = { ...STATE, ...change } as ModelState;
    expectFault(() => stateToJson(state), 'invalid-model-file', `TestModel: ${message}`);
  });
});

describe('refused JSON', () => {
  type Edit = (json: Record<'tensors', Record<'means', object>>) => unknown;
  const change = (edit: Edit) => {
    const json = JSON.parse(JSON_TEXT);
    edit(json);
    return json;
  };
  const types = '"F64", "F32", "I32", "U32" or "U8"';
  test.each<[Edit, string]>([
    [(json) => Reflect.deleteProperty(json, 'kind'), 'the JSON must have "kind".'],
    [(json) => Object.assign(json, { extra: 1 }), 'the JSON must not have "extra".'],
    [(json) => Object.assign(json, { format: 'other' }), 'format must be "generative-models", but got "other".'],
    [(json) => Object.assign(json, { kind: 3 }), 'kind must be a string, but got 3.'],
    [(json) => Object.assign(json, { version: '1' }), 'version must be an integer from 0 to 999999999, but got "1".'],
    [(json) => Object.assign(json, { settings: [] }), 'settings must be an object, but got an empty array.'],
    [(json) => Object.assign(json, { tensors: null }), 'tensors must be an object, but got null.'],
    [(json) => Object.assign(json.tensors, { means: 3 }), 'tensor "means" must be an object, but got 3.'],
    [
      (json) => Object.assign(json.tensors.means, { type: 'F16' }),
      `type of tensor "means" must be one of ${types}, but got "F16".`,
    ],
    [
      (json) => Object.assign(json.tensors.means, { type: 'constructor' }),
      `type of tensor "means" must be one of ${types}, but got "constructor".`,
    ],
    [
      (json) => Object.assign(json.tensors.means, { type: 'U8' }),
      'entry 0 of tensor "means" must be of type U8, but got 0.1.',
    ],
    [
      (json) => Object.assign(json.tensors.means, { shape: [2, 3] }),
      'data of tensor "means" must hold 6 numbers, but got 4.',
    ],
    [
      (json) => Object.assign(json.tensors.means, { shape: [4.5] }),
      'shape of tensor "means" must be at most 8 integers >= 0, but got [4.5].',
    ],
    [
      (json) => Object.assign(json.tensors.means, { shape: [2 ** 52, 2 ** 52] }),
      'data of tensor "means" must hold 2.028240960365167e+31 numbers, but got 4.',
    ],
    [
      (json) => Object.assign(json.tensors.means, { data: [1, 2, 3, null] }),
      'entry 3 of tensor "means" must be a number, but got null.',
    ],
    [
      (json) => Object.assign(json.tensors.means, { data: 'AAAA' }),
      'data of tensor "means" must hold 4 numbers, but got "AAAA".',
    ],
    [(json) => Object.assign(json.tensors.means, { stride: 1 }), 'tensor "means" must not have "stride".'],
  ])('%s', (edit, message) => {
    const json = change(edit);
    expectFault(() => stateFromJson(json, owner), 'invalid-model-file', `${owner}: ${message}`);
    expectFault(() => stateFromJson(JSON.stringify(json), owner), 'invalid-model-file', `${owner}: ${message}`);
  });

  test.each<[string, string, RegExp]>([
    [
      'numbers beyond doubles',
      JSON_TEXT.replace('[0.1,', '[1e999,'),
      /entry 0 of tensor "means" must be finite, but got Infinity/,
    ],
    ['settings beyond doubles', JSON_TEXT.replace('"bandwidth":0.1', '"bandwidth":1e999'), /must hold finite numbers/],
    ['a key twice', JSON_TEXT.replace('"version":1', '"version":1,"version":2'), /duplicate key "version"/],
    ['__proto__', JSON_TEXT.replace('"flat":true', '"__proto__":{}'), /__proto__/],
    ['half a text', JSON_TEXT.slice(0, -1), /the JSON must be readable/],
    ['no text', '', /the JSON must be readable/],
    ['something else', '3', /the JSON must be an object, but got 3/],
  ])('text with %s', (_, text, message) => {
    expect(text).not.toBe(JSON_TEXT);
    const fault = faultOf(() => stateFromJson(text, owner));
    expect(fault.code).toBe('invalid-model-file');
    expect(fault.message).toMatch(message);
  });

  test('hostile objects', () => {
    const loop: Record<string, unknown> = {};
    loop.loop = loop;
    const values = [undefined, null, 1n, Symbol('s'), () => 1, loop, ...Object.values(HOSTILE).map((make) => make())];
    for (const value of values) expect(faultOf(() => stateFromJson(value, owner)).code).toBe('invalid-model-file');
  });

  test('random texts and random edits', () => {
    fc.assert(
      fc.property(fc.nat(JSON_TEXT.length), fc.nat(6), fc.string({ unit: 'binary', maxLength: 4 }), (at, cut, text) => {
        const edited = JSON_TEXT.slice(0, at) + text + JSON_TEXT.slice(at + cut);
        try {
          stateFromJson(edited, owner);
        } catch (error) {
          expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-model-file' });
        }
      }),
      { seed: 2, numRuns: 2000 },
    );
  });
});

describe('StateReader', () => {
  const reader = new StateReader('TestModel.fromState');
  const fails = (action: () => unknown, message: string) =>
    expectFault(action, 'invalid-model-file', `TestModel.fromState: ${message}`);
  const names = Object.keys(STATE.settings);

  test('layout', () => {
    reader.layout(STATE, 'TestModel', 1, names, ['means']);
    fails(
      () => reader.layout(STATE, 'OtherModel', 1, names, ['means']),
      'kind must be "OtherModel", but got "TestModel".',
    );
    fails(
      () => reader.layout(STATE, 'TestModel', 2, names, ['means']),
      'version must be 2, which this release reads, but got 1.',
    );
    fails(() => reader.layout(STATE, 'TestModel', 1, [...names, 'x'], ['means']), 'settings must have "x".');
    fails(() => reader.layout(STATE, 'TestModel', 1, names.slice(1), ['means']), 'settings must not have "kernel".');
    fails(() => reader.layout(STATE, 'TestModel', 1, names, []), 'tensors must not have "means".');
    const foreign = (state: unknown) => () => reader.layout(state as ModelState, 'TestModel', 1, names, ['means']);
    fails(foreign(undefined), 'the state must be an object.');
    fails(
      foreign({ ...STATE, tensors: { means: { shape: [2, 2], data: [1, 2, 3, 4] } } }),
      `data of tensor "means" must be a Float64Array, Float32Array, Int32Array, Uint32Array or Uint8Array, but got [1, 2, 3, 4].`,
    );
    fails(
      foreign({ ...STATE, tensors: { means: tensor(Float64Array.of(1), 2, 2) } }),
      'data of tensor "means" must hold 4 numbers, but got 1.',
    );
    fails(
      foreign({ ...STATE, tensors: { means: tensor(new Float64Array(4).fill(Number.NaN), 2, 2) } }),
      'entry 0 of tensor "means" must be finite, but got NaN.',
    );
  });

  test('doubles are copied, typed and shaped', () => {
    const means = reader.doubles(STATE, 'means', 2, 2);
    expect(means).toEqual(STATE.tensors.means.data);
    expect(means).not.toBe(STATE.tensors.means.data);
    fails(() => reader.doubles(STATE, 'means', 4), 'tensor "means" must have shape [4], but got [2, 2].');
    const state = { ...STATE, tensors: { means: { shape: [1], data: Float32Array.of(1) } } };
    fails(() => reader.doubles(state, 'means', 1), 'tensor "means" must be of type F64, but got "F32".');
  });

  test('sizes', () => {
    expect(reader.size(STATE, 'means', 1, 2)).toBe(2);
    fails(() => reader.size(STATE, 'means', 0, 1), 'tensor "means" must have 1 axes, but got [2, 2].');
    const state = { ...STATE, tensors: { means: tensor(new Float64Array(0), 0, 2) } };
    fails(() => reader.size(state, 'means', 0, 2), 'axis 0 of tensor "means" must be at least 1, but got 0.');
  });

  test('settings', () => {
    expect(reader.name(STATE, 'kernel', ['gaussian', 'tophat'])).toBe('gaussian');
    fails(() => reader.name(STATE, 'kernel', ['tophat']), 'setting "kernel" must be "tophat", but got "gaussian".');
    expect(reader.number(STATE, 'bandwidth', 0)).toBe(0.1);
    fails(
      () => reader.number(STATE, 'bandwidth', 1, 2),
      'setting "bandwidth" must be a number from 1 to 2, but got 0.1.',
    );
    fails(
      () => reader.number(STATE, 'kernel', 0, 1),
      'setting "kernel" must be a number from 0 to 1, but got "gaussian".',
    );
    expect(reader.integer(STATE, 'leafSize', 1)).toBe(8);
    fails(() => reader.integer(STATE, 'bandwidth', 0), 'setting "bandwidth" must be an integer, but got 0.1.');
    expect(reader.flag(STATE, 'flat')).toBe(true);
    fails(() => reader.flag(STATE, 'kernel'), 'setting "kernel" must be true or false, but got "gaussian".');
  });
});
