/**
 * Components merged: moments by hand, Runnalls's and the entropy criterion by trying every pair, ICL against mclust.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { faultOf } from '../core/faults.js';
import { mapped, modelOf, randomMixture } from './mixtures.js';
import { clusters, invert, type Mixture, responsibility } from './naive.js';

/** Mean and covariance of a whole mixture, by the definition. */
function moments({ weights, means, covariances }: Mixture): { mean: number[]; covariance: number[][] } {
  const mean = means[0].map((_, j) => weights.reduce((sum, w, k) => sum + w * means[k][j], 0));
  const covariance = mean.map((_, i) =>
    mean.map((__, j) =>
      weights.reduce(
        (sum, w, k) => sum + w * (covariances[k][i][j] + (means[k][i] - mean[i]) * (means[k][j] - mean[j])),
        0,
      ),
    ),
  );
  return { mean, covariance };
}

function plain(model: GaussianMixtureModel): Mixture {
  return {
    weights: [...model.weights],
    means: model.means.toArray(),
    covariances: model.covariances.map((c) => c.toArray()),
  };
}

describe('merged components', () => {
  const mixture = randomMixture(3, 5, 'merging');
  const model = modelOf(mixture);

  test('keep the moments of the mixture, however many are left', () => {
    const expected = moments(mixture);
    for (let components = 1; components <= 5; components++) {
      const merged = model.mergeComponents({ components });
      expect(merged.components).toBe(components);
      expect(merged.covariance).toBe('full');
      const found = moments(plain(merged));
      expected.mean.forEach((m, j) => {
        expect(found.mean[j]).toBeCloseTo(m, 12);
        expected.covariance[j].forEach((entry, i) => {
          expect(found.covariance[j][i]).toBeCloseTo(entry, 11);
        });
      });
    }
    expect(model.mergeComponents({ components: 5 }).logDensity([[1, 2, 3]])).toEqual(model.logDensity([[1, 2, 3]]));
  });

  test('groups become one each, the rest stay', () => {
    const merged = model.mergeComponents({ groups: [[4, 1]] });
    expect(merged.components).toBe(4);
    expect(merged.weights[1]).toBeCloseTo(mixture.weights[1] + mixture.weights[4], 15);
    expect(merged.means.row(2)).toEqual(model.means.row(2));
    expect(merged.covariances[3].data).toEqual(model.covariances[3].data);
  });

  test('the first pair is the one of the least bound, of all pairs', () => {
    const determinant = (matrix: number[][]) => invert(matrix).determinant;
    let best: { cost: number; pair: number[] } = { cost: Number.POSITIVE_INFINITY, pair: [] };
    for (let i = 0; i < 5; i++) {
      for (let j = i + 1; j < 5; j++) {
        const [a, b] = [mixture.weights[i], mixture.weights[j]];
        const two = {
          weights: [a / (a + b), b / (a + b)],
          means: [mixture.means[i], mixture.means[j]],
          covariances: [mixture.covariances[i], mixture.covariances[j]],
        };
        const cost =
          (a + b) * Math.log(determinant(moments(two).covariance)) -
          a * Math.log(determinant(mixture.covariances[i])) -
          b * Math.log(determinant(mixture.covariances[j]));
        if (cost < best.cost) best = { cost, pair: [i, j] };
      }
    }
    const expected = model.mergeComponents({ groups: [best.pair] });
    expect(model.mergeComponents({ components: 4 }).toJSON()).toEqual(expected.toJSON());
  });

  test('follow scale and offset', () => {
    for (const [scale, offset, digits] of [
      [1e-6, 0, 9],
      [1e6, 0, 9],
      [1, 1e8, 5],
    ]) {
      const other = modelOf(mapped(mixture, scale, offset)).mergeComponents({ components: 2 });
      const same = model.mergeComponents({ components: 2 });
      expect(other.weights[0]).toBeCloseTo(same.weights[0], 12);
      expect((other.means.get(1, 0) - offset) / scale).toBeCloseTo(same.means.get(1, 0), digits);
      expect(other.covariances[0].get(0, 1) / scale / scale).toBeCloseTo(same.covariances[0].get(0, 1), digits);
    }
  });

  test('arguments that will not do', () => {
    for (const options of [
      undefined,
      {},
      { components: 2, groups: [[0, 1]] },
      { components: 0 },
      { components: 6 },
      { components: 1.5 },
      { groups: [[0, 5]] },
      {
        groups: [
          [0, 1],
          [1, 2],
        ],
      },
      { groups: [[]] },
      { groups: [0, 1] },
      { groups: 3 },
    ]) {
      expect(faultOf(() => model.mergeComponents(options as never)).code).toBe('invalid-option');
    }
  });
});

describe('clusterings by entropy', () => {
  const rows = clusters(80, 2, 3, 'clusterings');
  const mixture = randomMixture(2, 4, 'clusterings');
  const stages = modelOf(mixture).clusterings(rows);
  const entropy = (groups: readonly (readonly number[])[]) =>
    rows.reduce((total, row) => {
      const shares = responsibility(row, mixture);
      return (
        total -
        groups.reduce((sum, group) => {
          const share = group.reduce((s, k) => s + shares[k], 0);
          return sum + (share > 0 ? share * Math.log(share) : 0);
        }, 0)
      );
    }, 0);

  test('each stage is the best union of two clusters of the one before, of all pairs', () => {
    expect(stages.map(({ groups }) => groups.length)).toEqual([4, 3, 2, 1]);
    expect(stages[3]).toEqual({ groups: [[0, 1, 2, 3]], entropy: 0 });
    for (let s = 0; s < 3; s++) {
      const { groups } = stages[s];
      expect(stages[s].entropy).toBeCloseTo(entropy(groups), 8);
      const unions = groups.flatMap((a, i) =>
        groups.slice(i + 1).map((b) => [...groups.filter((group) => group !== a && group !== b), [...a, ...b]]),
      );
      expect(stages[s + 1].entropy).toBeCloseTo(Math.min(...unions.map(entropy)), 8);
    }
  });
});

/** mclust 6.0.0, `Mclust(faithful, G = 2, modelNames = "VVV")` with a tolerance of 1e-14; its sign is the other way round. */
test('icl of faithful is that of mclust', () => {
  const faithful = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => line.split(',').map(Number));
  const model = GaussianMixtureModel.fromParameters({
    weights: [0.3558728596, 0.6441271404],
    means: [
      [2.0363884608, 54.4785164392],
      [4.2896619786, 79.9681152401],
    ],
    covariances: [
      [
        [0.0691676775, 0.4351676757],
        [0.4351676757, 33.697282422],
      ],
      [
        [0.1699684288, 0.9406092308],
        [0.9406092308, 36.0462103215],
      ],
    ],
  });
  expect(model.bic(faithful)).toBeCloseTo(2322.1917, 4);
  expect(model.icl(faithful)).toBeCloseTo(2322.7046814, 5);
});
