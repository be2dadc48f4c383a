/**
 * Entropy bounds and Kullback-Leibler divergences: against quadrature and closed forms.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { KernelDensity } from '../../src/kde/index.js';
import { expectFault, faultOf } from '../core/faults.js';
import { integrate, mapped, modelOf, randomMixture } from './mixtures.js';
import { density, type Mixture } from './naive.js';

/** -int p log p by quadrature, one column. */
function entropyOf(mixture: Mixture): number {
  const at = (x: number) => {
    const p = density([x], mixture);
    return p > 0 ? -p * Math.log(p) : 0;
  };
  return integrate(at, 30, 0.02);
}

describe('entropy bounds', () => {
  test('enclose the entropy found by quadrature', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10_000 }), fc.integer({ min: 1, max: 5 }), (seed, components) => {
        const mixture = randomMixture(1, components, seed);
        const { lower, upper } = modelOf(mixture).entropyBounds();
        const entropy = entropyOf(mixture);
        expect(lower).toBeLessThanOrEqual(entropy + 1e-9);
        expect(upper).toBeGreaterThanOrEqual(entropy - 1e-9);
      }),
      { numRuns: 40 },
    );
  });

  test('are both the entropy of one Gaussian, for one component and for copies of one', () => {
    const one = {
      weights: [1],
      means: [[1, 2]],
      covariances: [
        [
          [2, 0.5],
          [0.5, 1],
        ],
      ],
    };
    const copies = {
      weights: [0.3, 0.7],
      means: [...one.means, ...one.means],
      covariances: [...one.covariances, ...one.covariances],
    };
    const expected = Math.log(2 * Math.PI * Math.E) + 0.5 * Math.log(2 - 0.25);
    for (const mixture of [one, copies]) {
      const { lower, upper } = modelOf(mixture).entropyBounds();
      expect(lower).toBeCloseTo(expected, 13);
      expect(upper).toBeCloseTo(expected, 13);
    }
  });

  test('meet for components far apart: mean entropy and that of the weights', () => {
    const weights = [0.2, 0.5, 0.3];
    const mixture = { weights, means: [[0], [1e3], [-1e4]], covariances: [[[1]], [[4]], [[9]]] };
    const expected = weights.reduce(
      (sum, w, k) => sum + w * (0.5 * Math.log(2 * Math.PI * Math.E) + Math.log(k + 1) - Math.log(w)),
      0,
    );
    const { lower, upper } = modelOf(mixture).entropyBounds();
    expect(lower).toBeCloseTo(expected, 12);
    expect(upper).toBeCloseTo(expected, 12);
  });

  test('move with the logarithm of the scale, and not with the offset', () => {
    const mixture = randomMixture(3, 4, 'units');
    const plain = modelOf(mixture).entropyBounds();
    for (const [scale, offset, digits] of [
      [1e-6, 0, 9],
      [1e6, 0, 9],
      [1, 1e8, 6],
    ]) {
      const { lower, upper } = modelOf(mapped(mixture, scale, offset)).entropyBounds();
      expect(lower - 3 * Math.log(scale)).toBeCloseTo(plain.lower, digits);
      expect(upper - 3 * Math.log(scale)).toBeCloseTo(plain.upper, digits);
    }
  });

  test('components without weight are not there', () => {
    const mixture = { weights: [1, 0], means: [[0], [5]], covariances: [[[1]], [[1e-8]]] };
    const { lower, upper } = modelOf(mixture).entropyBounds();
    expect(lower).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E), 12);
    expect(upper).toBeCloseTo(0.5 * Math.log(2 * Math.PI * Math.E), 12);
  });
});

describe('Kullback-Leibler divergence', () => {
  const [p, q] = [
    {
      weights: [1],
      means: [[0, 1]],
      covariances: [
        [
          [1, 0.3],
          [0.3, 2],
        ],
      ],
    },
    {
      weights: [1],
      means: [[0.5, 0]],
      covariances: [
        [
          [2, 0],
          [0, 1],
        ],
      ],
    },
  ].map((mixture) => modelOf(mixture));

  test('of two Gaussians: the closed form, within four standard errors', () => {
    // (tr(Q^-1 P) + delta^T Q^-1 delta - d + log |Q| / |P|) / 2
    const expected = 0.5 * (0.5 + 2 + 0.125 + 1 - 2 + Math.log(2 / (2 - 0.09)));
    const { divergence, standardError } = p.klDivergence(q, { count: 40_000, seed: 1 });
    expect(Math.abs(divergence - expected)).toBeLessThan(4 * standardError);
    expect(standardError).toBeLessThan(0.01);
  });

  test('of mixtures: quadrature; the standard error is that of repeated runs', () => {
    const [a, b] = [randomMixture(1, 3, 'a'), randomMixture(1, 2, 'b')];
    const expected = integrate(
      (x) => {
        const [at, other] = [density([x], a), density([x], b)];
        return at > 0 && other > 0 ? at * Math.log(at / other) : 0;
      },
      15,
      0.01,
    );
    const runs = Array.from({ length: 100 }, (_, seed) => modelOf(a).klDivergence(modelOf(b), { count: 500, seed }));
    const inside = runs.filter((run) => Math.abs(run.divergence - expected) < 2 * run.standardError).length;
    expect(inside).toBeGreaterThan(85);
    const mean = runs.reduce((sum, run) => sum + run.divergence, 0) / 100;
    const spread = Math.sqrt(runs.reduce((sum, run) => sum + (run.divergence - mean) ** 2, 0) / 99);
    expect(runs[0].standardError / spread).toBeGreaterThan(0.6);
    expect(runs[0].standardError / spread).toBeLessThan(1.6);
  });

  test('same seed, same bits; of a model from itself: 0', () => {
    expect(p.klDivergence(q, { seed: 3 })).toEqual(p.klDivergence(q, { seed: 3 }));
    expect(p.klDivergence(p, { seed: 3 })).toEqual({ divergence: 0, standardError: 0 });
  });

  test('takes any model, and is infinite where that has no density', async () => {
    const box = await new KernelDensity({ kernel: 'tophat', bandwidth: 0.1 }).fit([
      [0, 0],
      [1, 1],
    ]);
    expect(p.klDivergence(box, { count: 100, seed: 1 })).toEqual({
      divergence: Number.POSITIVE_INFINITY,
      standardError: Number.POSITIVE_INFINITY,
    });
  });

  test('arguments that will not do', () => {
    const other = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1]]] });
    expectFault(
      () => p.klDivergence(other),
      'shape-mismatch',
      'GaussianMixtureModel.klDivergence: the other model must be over 2 columns, but got 1.',
    );
    expect(faultOf(() => p.klDivergence(undefined as never)).code).toBe('invalid-data');
    expect(faultOf(() => p.klDivergence(q, { count: 1 })).code).toBe('invalid-option');
    expect(faultOf(() => p.klDivergence(q, { sed: 1 } as never)).message).toContain('did you mean "seed"?');
  });
});
