import { expect, test } from 'vitest';
import { allocateSamples, checkSampling } from '../../src/core/estimator.js';
import { expectFault, faultOf, HOSTILE } from './faults.js';

const owner = 'Model.sample';

test('checkSampling passes count and seed', () => {
  expect(checkSampling(owner, 0, undefined)).toEqual({});
  expect(checkSampling(owner, 5, { seed: 0 })).toEqual({ seed: 0 });
  expect(checkSampling(owner, 5, { seed: '' })).toEqual({ seed: '' });
  expect(checkSampling(owner, 5, { seed: undefined })).toEqual({});
});

test.each<[unknown, unknown, string]>([
  [-1, {}, 'count must be an integer >= 0, but got -1.'],
  [1.5, {}, 'count must be an integer >= 0, but got 1.5.'],
  ['3', {}, 'count must be an integer >= 0, but got "3".'],
  [1, 7, 'options must be an object, but got 7.'],
  [1, [], 'options must be an object, but got an empty array.'],
  [1, { sed: 1 }, 'unknown option "sed"; did you mean "seed"?'],
  [1, { count: 1 }, 'unknown option "count"; the only option is seed.'],
  [1, { seed: Number.NaN }, 'option "seed" must be a finite number or a string, but got NaN.'],
  [1, { seed: null }, 'option "seed" must be a finite number or a string, but got null.'],
])('refused: %o, %o', (count, options, message) => {
  expectFault(() => checkSampling(owner, count, options), 'invalid-option', `${owner}: ${message}`);
});

test('hostile options end in a ModelError', () => {
  for (const make of Object.values(HOSTILE)) {
    faultOf(() => checkSampling(owner, make(), {}));
    faultOf(() => checkSampling(owner, 1, { seed: make() }));
  }
  faultOf(() => checkSampling(owner, 1, HOSTILE['a revoked proxy']()));
});

test('more rows than memory', () => {
  expect(allocateSamples(owner, 2, 3)).toEqual(new Float64Array(6));
  expectFault(
    () => allocateSamples(owner, 1e15, 2),
    'invalid-option',
    `${owner}: count must fit into memory, but got 1000000000000000.`,
  );
});
