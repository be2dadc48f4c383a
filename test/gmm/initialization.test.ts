import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import type { CovarianceType } from '../../src/gmm/covariance-type.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import type { WeightedRows } from '../../src/gmm/expectation.js';
import { overallCovariance, startFromCentres } from '../../src/gmm/initialization.js';
import { NOTHING_FROZEN } from '../../src/gmm/maximization.js';
import { plusPlusCentres } from '../../src/gmm/seeding.js';
import { clusters } from './naive.js';

const pacer = new Pacer('test');

/** The formula of the docstring, entry by entry; types other than full are left to `ofType`. */
function expected(
  rows: number[][],
  weights: Float64Array,
  labels: Float64Array,
  K: number,
  k: number,
  type: CovarianceType,
) {
  const d = rows[0].length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const covariance = (wanted: (i: number) => boolean) => {
    let mass = 0;
    const mean = Array<number>(d).fill(0);
    for (const [i, row] of rows.entries()) {
      if (!wanted(i)) continue;
      mass += weights[i];
      for (let j = 0; j < d; j++) mean[j] += weights[i] * row[j];
    }
    for (let j = 0; j < d; j++) mean[j] /= mass;
    const entry = (a: number, b: number) => {
      let sum = 0;
      for (const [i, row] of rows.entries()) if (wanted(i)) sum += weights[i] * (row[a] - mean[a]) * (row[b] - mean[b]);
      return sum / mass;
    };
    return { share: mass / total, mean, entry };
  };
  const all = covariance(() => true);
  const own = Array.from({ length: K }, (_, c) => covariance((i) => labels[i] === c));
  const e = 0.1 / K;
  const entry = (a: number, b: number): number => {
    const shared = own.reduce((sum, each) => sum + each.share * each.entry(a, b), 0) + 0.01 * all.entry(a, b);
    return type.startsWith('tied') ? shared : (own[k].share * own[k].entry(a, b) + e * shared) / (own[k].share + e);
  };
  const trace = Array.from({ length: d }, (_, j) => entry(j, j)).reduce((sum, x) => sum + x, 0) / d;
  const ofType = (a: number, b: number): number => {
    if (type === 'full' || type === 'tied') return entry(a, b);
    if (a !== b) return 0;
    return type.endsWith('spherical') ? trace : entry(a, a);
  };
  return { weight: (own[k].share + e) / 1.1, mean: own[k].mean, entry: ofType };
}

describe.each([2, 6])('a start in %i columns', (d) => {
  test.each(COVARIANCE_TYPES)(
    '%s: weights, means and covariances of the rows nearest each centre',
    async (covariance) => {
      const points = clusters(120, d, 3, `start ${d}`);
      const weights = Float64Array.from(points, (_, i) => 1 + (i % 2));
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const data = Float64Array.from(points.flat());
      const rows: WeightedRows = { data, rows: 120, columns: d, weights, total };
      const [found] = await plusPlusCentres(rows, 3, [RandomStream.of(1, 'start')], pacer);
      const overall = await overallCovariance(rows, pacer);
      const rules = { covariance, equalWeights: false, ridge: 0, frozen: NOTHING_FROZEN };
      const quick = await startFromCentres(rows, found, overall, rules, pacer);
      // Without labels a pass of its own finds them.
      const slow = await startFromCentres(rows, { centres: found.centres }, overall, rules, pacer);
      for (const start of [quick, slow]) {
        for (let k = 0; k < 3; k++) {
          const { weight, mean, entry } = expected(points, weights, found.clusters.labels, 3, k, covariance);
          expect(start.weights[k]).toBeCloseTo(weight, 12);
          for (let a = 0; a < d; a++) {
            expect(start.means[k * d + a]).toBeCloseTo(mean[a], 10);
            for (let b = 0; b < d; b++) {
              expect(start.covariances[(k * d + a) * d + b] / Math.sqrt(entry(a, a) * entry(b, b))).toBeCloseTo(
                entry(a, b) / Math.sqrt(entry(a, a) * entry(b, b)),
                9,
              );
            }
          }
        }
      }
    },
  );
});
