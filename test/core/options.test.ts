import { describe, expect, test } from 'vitest';
import {
  checkOptions,
  either,
  flag,
  integer,
  listOf,
  number,
  type OptionTable,
  oneOf,
  option,
  optional,
  type Rule,
  readOptions,
  seed,
} from '../../src/core/options.js';
import type { Seed } from '../../src/core/random.js';
import { expectFault, faultOf, HOSTILE, revoked } from './faults.js';

interface Options {
  readonly components?: number;
  readonly covariance?: 'full' | 'tied';
  readonly bandwidth?: number | 'scott' | ArrayLike<number>;
  readonly hidden?: ArrayLike<number>;
  readonly seed?: Seed;
}

const hidden = [64, 32];
const TABLE: OptionTable<Options> = {
  components: option(integer(1), 1),
  covariance: option(oneOf('full', 'tied'), 'full'),
  bandwidth: option(either(either(number({ above: 0 }), oneOf('scott')), listOf(number({ above: 0 }))), 'scott'),
  hidden: option(listOf(integer(1, 1024)), hidden),
  seed: optional(seed()),
};
const check = (given: unknown) => checkOptions('Mixture', TABLE, given as Options);

describe('checkOptions', () => {
  test('fills in defaults; unset options stay away', () => {
    const defaults = { components: 1, covariance: 'full', bandwidth: 'scott', hidden: [64, 32] };
    expect(check(undefined)).toEqual(defaults);
    expect(check({})).toEqual(defaults);
    expect(check({ components: undefined, seed: undefined })).toEqual(defaults);
    expect(Object.hasOwn(check({}), 'seed')).toBe(false);
    expect(check({ components: 3, seed: 0 })).toEqual({ ...defaults, components: 3, seed: 0 });
  });

  test('the result is frozen and shares nothing with what was given', () => {
    const bandwidth = [1, 2];
    const checked = check({ bandwidth });
    bandwidth[0] = -1;
    expect(checked.bandwidth).toEqual([1, 2]);
    expect(Object.isFrozen(checked) && Object.isFrozen(checked.bandwidth)).toBe(true);
    expect(() => Object.assign(checked, { components: 0 })).toThrow(TypeError);
  });

  test('nor with the defaults', () => {
    const checked = check({});
    expect(checked.hidden).not.toBe(hidden);
    expect(Object.isFrozen(checked.hidden)).toBe(true);
  });

  test('checked options are options', () => {
    const checked = check({ bandwidth: Float64Array.of(1, 2), seed: 'a' });
    expect(check(checked)).toEqual(checked);
  });

  test.each<[unknown, string]>([
    [{ components: 0 }, 'option "components" must be an integer >= 1, but got 0.'],
    [{ components: '1' }, 'option "components" must be an integer >= 1, but got "1".'],
    [{ components: null }, 'option "components" must be an integer >= 1, but got null.'],
    [{ covariance: 'ful' }, 'option "covariance" must be one of "full" or "tied", but got "ful".'],
    [{ seed: Number.NaN }, 'option "seed" must be a finite number or a string, but got NaN.'],
    [
      { bandwidth: [] },
      'option "bandwidth" must be a finite number > 0, or "scott", or an array, each entry a finite number > 0, ' +
        'but got an empty array.',
    ],
    [
      { hidden: [1, 2000] },
      'option "hidden" must be an array, each entry an integer from 1 to 1024, but got [1, 2000].',
    ],
    [{ covarance: 'full' }, 'unknown option "covarance"; did you mean "covariance"?'],
    [{ n_components: 1 }, 'unknown option "n_components"; did you mean "components"?'],
    [{ kernel: 1 }, 'unknown option "kernel"; known options are components, covariance, bandwidth, hidden, seed.'],
    [
      { kernel: undefined },
      'unknown option "kernel"; known options are components, covariance, bandwidth, hidden, seed.',
    ],
    [
      JSON.parse('{"__proto__": 1}'),
      'unknown option "__proto__"; known options are components, covariance, bandwidth, hidden, seed.',
    ],
    [3, 'options must be an object, but got 3.'],
    [null, 'options must be an object, but got null.'],
    ['full', 'options must be an object, but got "full".'],
    [[], 'options must be an object, but got an empty array.'],
  ])('%o', (given, message) => {
    expectFault(() => check(given), 'invalid-option', `Mixture: ${message}`);
  });

  test('hostile values and hostile options end in a ModelError', () => {
    for (const make of Object.values(HOSTILE)) {
      for (const name of ['components', 'bandwidth', 'hidden', 'seed']) {
        expect(faultOf(() => check({ [name]: make() })).code).toBe('invalid-option');
      }
    }
    expect(faultOf(() => check(revoked())).code).toBe('invalid-option');
    const getter = {
      get components(): number {
        throw new Error('why');
      },
    };
    expectFault(() => check(getter), 'invalid-option', 'Mixture: options must be readable (why).');
  });

  test('what was checked is what is kept: an option is read once', () => {
    let reads = 0;
    const given = {
      get components(): number {
        return ++reads === 1 ? 2 : -1;
      },
    };
    expect(check(given).components).toBe(2);
    const shifting = new Proxy([1], {
      get: (array, name) => (name === '0' ? [1, -1, 1][reads++ % 3] : Reflect.get(array, name)),
    });
    for (let i = 0; i < 6; i++) {
      try {
        expect(check({ bandwidth: shifting }).bandwidth).toEqual([1]);
      } catch (error) {
        expect(error).toMatchObject({ code: 'invalid-option' });
      }
    }
  });

  test('an array of holes is refused at the first', () => {
    const started = performance.now();
    faultOf(() => check({ hidden: new Array(2 ** 32 - 1) }));
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

test('readOptions names the only option where there is one', () => {
  const message = 'Model.sample: unknown option "count"; the only option is seed.';
  expectFault(() => readOptions('Model.sample', { count: 1 }, ['seed']), 'invalid-option', message);
  expect(readOptions('Model.sample', undefined, ['seed']).size).toBe(0);
});

describe('every rule accepts what it says is inside, and refuses what it says is outside', () => {
  const rules: Record<string, Pick<Rule<unknown>, 'inside' | 'outside'> & { accepts(value: unknown): boolean }> = {
    'integer(1)': integer(1),
    'integer(0, 10)': integer(0, 10),
    'number()': number(),
    'number > 0': number({ above: 0 }),
    'number in [0, 1]': number({ least: 0, most: 1 }),
    'number in (0, 1)': number({ above: 0, below: 1 }),
    'number < -5': number({ below: -5 }),
    'number < 0': number({ below: 0 }),
    'number >= 1e9': number({ least: 1e9, most: 2e9 }),
    oneOf: oneOf('a', 'b'),
    flag: flag(),
    seed: seed(),
    listOf: listOf(number({ above: 0 })),
    either: either(number({ above: 0 }), oneOf('scott')),
  };
  test.each(Object.entries(rules))('%s', (_, rule) => {
    expect(rule.inside.length).toBeGreaterThan(0);
    for (const value of rule.inside) expect([value, rule.accepts(value)]).toEqual([value, true]);
    for (const value of rule.outside) expect([value, rule.accepts(value)]).toEqual([value, false]);
    expect(rule.outside.length).toBeGreaterThan(1);
  });

  test('in words', () => {
    expect(number({ least: 0, most: 1 }).words).toBe('a finite number >= 0 and <= 1');
    expect(number().words).toBe('a finite number');
    expect(integer(2).words).toBe('an integer >= 2');
  });
});
