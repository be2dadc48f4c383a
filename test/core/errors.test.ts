import { expect, describe as suite, test } from 'vitest';
import { describe, describeThrown, ModelError, modelError, reading } from '../../src/core/errors.js';
import { expectFault, faultOf, HOSTILE, revoked } from './faults.js';

suite('modelError', () => {
  const message = (fault: Parameters<typeof modelError>[1]) => modelError('invalid-data', fault).message;

  test('follows the grammar: owner, rule, value, remedy', () => {
    expect(message({ owner: 'A.fit', must: 'x must be finite' })).toBe('A.fit: x must be finite.');
    expect(message({ owner: 'A', must: 'x must be > 0', got: 0 })).toBe('A: x must be > 0, but got 0.');
    expect(message({ owner: 'A', must: 'x must be > 0', got: 0, remedy: 'Use 1' })).toBe(
      'A: x must be > 0, but got 0. Use 1.',
    );
    expect(message({ owner: 'A', must: 'x must be given', got: undefined })).toBe(
      'A: x must be given, but got undefined.',
    );
  });

  test('a question ends with its own mark', () => {
    expect(message({ owner: 'A', must: 'unknown option "b"; did you mean "c"?' })).toBe(
      'A: unknown option "b"; did you mean "c"?',
    );
  });

  test('carries code, name and cause', () => {
    const cause = new Error('underneath');
    const error = modelError('not-positive-definite', { owner: 'A', must: 'must', cause });
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: 'ModelError', code: 'not-positive-definite', cause });
    expect(Object.hasOwn(modelError('invalid-data', { owner: 'A', must: 'must' }), 'cause')).toBe(false);
    expect(String(error)).toBe('ModelError: A: must.');
  });
});

suite('describe', () => {
  test.each<[unknown, string]>([
    [undefined, 'undefined'],
    [null, 'null'],
    [true, 'true'],
    [0, '0'],
    [-0, '-0'],
    [Number.NaN, 'NaN'],
    [1e21, '1e+21'],
    [12n, '12n'],
    ['a "b"', String.raw`"a \"b\""`],
    ['x'.repeat(1e6), `"${'x'.repeat(56)}...`],
    [Symbol('s'), 'a symbol'],
    [() => 1, 'a function'],
    [[], 'an empty array'],
    [[1, 'a', null], '[1, "a", null]'],
    [[[1]], 'an array of 1 entry'],
    [new Array(9).fill(0), 'an array of 9 entries'],
    [{}, 'an object'],
    [new Map(), 'a Map'],
    [new Error('x'), 'an Error'],
    [Promise.resolve(), 'a Promise'],
    [new Float64Array(3), 'a Float64Array of 3 entries'],
    [new Int8Array(1), 'an Int8Array of 1 entry'],
    [new DataView(new ArrayBuffer(8)), 'a DataView'],
  ])('%o', (value, words) => expect(describe(value)).toBe(words));

  test('never throws and stays short, whatever the value does', () => {
    const values = [
      ...Object.values(HOSTILE).map((make) => make()),
      Object.create(null),
      {
        get [Symbol.toStringTag](): string {
          throw new Error('tag');
        },
      },
      { [Symbol.toStringTag]: 'x'.repeat(1e5) },
      new Proxy([], { get: () => 'x'.repeat(1e5) }),
      [Symbol('s'), revoked()],
    ];
    for (const value of values) expect(describe(value).length).toBeLessThanOrEqual(60);
  });
});

suite('describeThrown', () => {
  test('an error by its message, the rest by description', () => {
    expect(describeThrown(new TypeError('no'))).toBe('no');
    expect(describeThrown('text')).toBe('"text"');
    expect(describeThrown(revoked())).toBe('a value that cannot be read');
    expect(describeThrown(Symbol('s'))).toBe('a symbol');
    expect(describeThrown(new Error('x'.repeat(1e4))).length).toBe(200);
    const lying = Object.create(Error.prototype, {
      message: {
        get: () => {
          throw new Error('again');
        },
      },
    });
    expect(describeThrown(lying)).toBe('an object');
  });
});

suite('reading', () => {
  const read = (thrown: unknown) => () =>
    reading('invalid-data', 'A', 'rows', () => {
      throw thrown;
    });

  test('passes results and ModelErrors on, and wraps the rest with its cause', () => {
    expect(reading('invalid-data', 'A', 'rows', () => 7)).toBe(7);
    const ours = modelError('invalid-option', { owner: 'B', must: 'must' });
    expect(faultOf(read(ours))).toBe(ours);
    expectFault(read(new Error('why')), 'invalid-data', 'A: rows must be readable (why).');
    const proxy = revoked();
    expect(faultOf(read(proxy)).cause).toBe(proxy);
    expectFault(read(undefined), 'invalid-data', 'A: rows must be readable (undefined).');
  });
});
