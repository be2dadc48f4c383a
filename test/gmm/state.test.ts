import { describe, expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import type { ModelState } from '../../src/core/model-state.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture, GaussianMixtureModel } from '../../src/gmm/index.js';
import { faultOf } from '../core/faults.js';
import { clusters } from './naive.js';

const TYPES = COVARIANCE_TYPES;

describe.each(TYPES)('%s', (covariance) => {
  test('a model comes back to the bit', async () => {
    for (const d of [1, 2, 4]) {
      const rows = clusters(60, d, 2, `state ${d}`).map((row) => row.map((x) => 1e-3 * x + 7));
      const model = await new GaussianMixture({ components: 3, covariance, seed: 1 }).fit(rows);
      for (const loaded of [
        GaussianMixtureModel.fromJSON(JSON.stringify(model)),
        GaussianMixtureModel.fromJSON(model.toJSON()),
        GaussianMixtureModel.fromState(model.toState()),
      ]) {
        expect(loaded.logDensity(rows)).toEqual(model.logDensity(rows));
        expect(loaded.responsibilities(rows).data).toEqual(model.responsibilities(rows).data);
        expect(loaded.sample(50, { seed: 2 }).data).toEqual(model.sample(50, { seed: 2 }).data);
        expect(JSON.stringify(loaded)).toBe(JSON.stringify(model));
        expect(loaded.degreesOfFreedom).toBe(model.degreesOfFreedom);
        expect([loaded.converged, loaded.iterations, loaded.history, loaded.warnings]).toEqual([
          model.converged,
          model.iterations,
          model.history,
          model.warnings,
        ]);
      }
    }
  });
});

test('a mixture built from parameters comes back too', () => {
  const model = GaussianMixtureModel.fromParameters({
    weights: [0.1, 0.2, 0.7],
    means: [[1], [2], [3]],
    covariances: [[[0.1]], [[0.2]], [[0.3]]],
  });
  const loaded = GaussianMixtureModel.fromJSON(JSON.stringify(model));
  expect(JSON.stringify(loaded)).toBe(JSON.stringify(model));
});

describe('states that are no mixture', () => {
  const model = GaussianMixtureModel.fromParameters({
    weights: [0.25, 0.75],
    means: [
      [0, 1],
      [2, 3],
    ],
    covariances: [
      [
        [1, 0.5],
        [0.5, 1],
      ],
      [
        [2, 0],
        [0, 3],
      ],
    ],
  });
  const f64 = (data: number[], ...shape: number[]) => ({ data: Float64Array.from(data), shape });
  const settings = (change: object) => (state: ModelState) => ({
    ...state,
    settings: { ...state.settings, ...change },
  });
  const tensors = (change: object) => (state: ModelState) => ({ ...state, tensors: { ...state.tensors, ...change } });

  test.each<[string, (state: ModelState) => object, string]>([
    ['another kind', (s) => ({ ...s, kind: 'KernelDensityModel' }), 'kind must be "GaussianMixtureModel"'],
    ['another version', (s) => ({ ...s, version: 3 }), 'version must be 1'],
    ['a setting too many', settings({ extra: 1 }), 'settings must not have "extra"'],
    ['a tensor too many', tensors({ extra: f64([1], 1) }), 'tensors must not have "extra"'],
    ['an unknown type', settings({ covariance: 'round' }), 'setting "covariance" must be'],
    ['weights that sum to 2', tensors({ weights: f64([1, 1], 2) }), 'weights must sum to 1'],
    ['a negative weight', tensors({ weights: f64([-1, 2], 2) }), 'weight 0 must be >= 0'],
    ['a NaN', tensors({ means: f64([0, 1, 2, Number.NaN], 2, 2) }), 'entry 3 of tensor "means" must be finite'],
    ['a weight too few', tensors({ weights: f64([1], 1) }), 'tensor "weights" must have shape [2]'],
    ['a flat covariance', tensors({ covariances: f64([1, 0, 0, 1, 1, 0, 0, 1], 8) }), 'must have shape [2, 2, 2]'],
    [
      'an asymmetric one',
      tensors({ covariances: f64([1, 0.1, 0.2, 1, 1, 0, 0, 1], 2, 2, 2) }),
      'covariance 0 must be symmetric',
    ],
    [
      'an indefinite one',
      tensors({ covariances: f64([1, 0, 0, 1, 1, 2, 2, 1], 2, 2, 2) }),
      'covariance 1 must be positive definite',
    ],
    [
      'a zero one',
      tensors({ covariances: f64([0, 0, 0, 0, 1, 0, 0, 1], 2, 2, 2) }),
      'covariance 0 must be positive definite',
    ],
    ['not diagonal', settings({ covariance: 'diagonal' }), "covariance 0 must be diagonal, as the type is 'diagonal'"],
    ['not tied', settings({ covariance: 'tied' }), "covariance 1 must equal covariance 0, as the type is 'tied'"],
    ['not equal weights', settings({ equalWeights: true }), 'weights must be equal'],
    ['no iterations, but a history', tensors({ history: f64([1, 2], 2) }), 'tensor "history" must hold 1 numbers'],
    ['iterations without history', settings({ iterations: 3 }), 'tensor "history" must hold 4 numbers'],
    ['negative iterations', settings({ iterations: -1 }), 'setting "iterations" must be'],
    ['warnings that are no words', settings({ warnings: [1] }), 'setting "warnings" must be an array of strings'],
    ['a collapsed component that is none', settings({ collapsed: [2] }), 'setting "collapsed" must be an array of'],
    ['a collapsed component twice', settings({ collapsed: [1, 1] }), 'setting "collapsed" must be an array of'],
    ['no list of collapsed components', settings({ collapsed: 1 }), 'setting "collapsed" must be an array of'],
    ['an unknown rule for missing values', settings({ missing: 'drop' }), 'setting "missing" must be'],
  ])('%s', (_, change, message) => {
    const fault = faultOf(() => GaussianMixtureModel.fromState(change(model.toState()) as ModelState));
    expect(fault.code).toBe('invalid-model-file');
    expect(fault.message).toContain(message);
  });

  test('not spherical', () => {
    const state = model.toState();
    const covariances = f64([1, 0, 0, 1, 2, 0, 0, 3], 2, 2, 2);
    const change = {
      settings: { ...state.settings, covariance: 'spherical' },
      tensors: { ...state.tensors, covariances },
    };
    const fault = faultOf(() => GaussianMixtureModel.fromState({ ...state, ...change }));
    expect(fault.message).toContain('covariance 1 must have equal variances');
  });

  test.each([[null], [undefined], [3], ['{'], ['[]'], [{}], [[]]])('JSON that is none: %s', (json) => {
    expect(faultOf(() => GaussianMixtureModel.fromJSON(json))).toBeInstanceOf(ModelError);
  });
});
