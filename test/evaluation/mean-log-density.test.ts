import { describe, expect, it } from 'vitest';
import { ModelError, RandomStream, Samples } from '../../src/core/index.js';
import { meanLogDensity } from '../../src/evaluation/index.js';
import { UnitNormalModel } from './normal.js';

const model = new UnitNormalModel([0]);
const HALF_LOG_2PI = 0.5 * Math.log(2 * Math.PI);

/** A model whose log-densities are the rows themselves. */
function reporting(values: readonly number[]) {
  const fixed = new UnitNormalModel([0]);
  fixed.logDensity = () => Float64Array.from(values);
  return fixed;
}

describe('meanLogDensity', () => {
  it('is the mean with its standard error, by hand for three rows', () => {
    // log-densities -c, -c - 1/2, -c - 2: mean -c - 5/6, squared deviations 25/36 + 4/36 + 49/36 = 13/6, over 3 x 2.
    const result = meanLogDensity(model, [[0], [1], [2]]);
    expect(result.mean).toBeCloseTo(-HALF_LOG_2PI - 5 / 6, 14);
    expect(result.standardError).toBeCloseTo(Math.sqrt(13 / 36), 14);
    expect(result).toMatchObject({ rows: 3, outsideSupport: 0, densityKind: 'exact' });
  });

  it('estimates the negative entropy of the truth, its error as the spread of log p says', () => {
    // -log p(x) of a standard normal: mean (1 + log 2 pi) / 2, variance 1 / 2.
    const stream = RandomStream.of(7, 'mean-log-density');
    const rows = Samples.column(Float64Array.from({ length: 20_000 }, () => stream.normal()));
    const { mean, standardError } = meanLogDensity(model, rows);
    expect(standardError).toBeCloseTo(Math.sqrt(0.5 / 20_000), 3);
    expect(Math.abs(mean + HALF_LOG_2PI + 0.5)).toBeLessThan(4 * standardError);
  });

  it('weighs: integer weights give the mean of repeated rows, zero weights that of fewer', () => {
    const rows = [[0.1], [0.7], [-2], [1.5]];
    const weighted = meanLogDensity(model, rows, { weights: [1, 3, 0, 2] });
    const repeated = meanLogDensity(model, [[0.1], [0.7], [0.7], [0.7], [1.5], [1.5]]);
    expect(weighted.mean).toBeCloseTo(repeated.mean, 14);
    expect(weighted.rows).toBe(3);
    // (3/2) sum (w_i / 6)^2 (l_i - m)^2 with l_i = -c - x_i^2 / 2; c drops out.
    const l = [0.1, 0.7, 1.5].map((x) => -0.5 * x * x);
    const m = (l[0] + 3 * l[1] + 2 * l[2]) / 6;
    const variance = (1.5 / 36) * ((l[0] - m) ** 2 + 9 * (l[1] - m) ** 2 + 4 * (l[2] - m) ** 2);
    expect(weighted.standardError).toBeCloseTo(Math.sqrt(variance), 14);
  });

  it('does not depend on the size of weights, however large or small', () => {
    const rows = [[0.1], [0.7], [1.5]];
    const plain = meanLogDensity(model, rows);
    for (const weight of [1e-300, 5e-324, 1, 1e300]) {
      const weighted = meanLogDensity(model, rows, { weights: [weight, weight, weight] });
      expect(weighted.mean).toBeCloseTo(plain.mean, 13);
      expect(weighted.standardError).toBeCloseTo(plain.standardError, 13);
    }
  });

  it('keeps small spreads about a large mean', () => {
    const { mean, standardError } = meanLogDensity(reporting([-1e8 - 1, -1e8, -1e8 + 1]), [[0], [0], [0]]);
    expect(mean).toBe(-1e8);
    expect(standardError).toBeCloseTo(Math.sqrt(1 / 3), 7);
  });

  it('is -Infinity when a row that counts lies outside the support, and says how many do', () => {
    const bounded = new UnitNormalModel([0], 1);
    const rows = [[0], [3], [0.5], [-2]];
    const expected = {
      mean: Number.NEGATIVE_INFINITY,
      standardError: Number.POSITIVE_INFINITY,
      rows: 4,
      outsideSupport: 2,
    };
    expect(meanLogDensity(bounded, rows)).toMatchObject(expected);
    const inside = meanLogDensity(bounded, rows, { weights: [1, 0, 1, 0] });
    expect(inside).toMatchObject({ rows: 2, outsideSupport: 0 });
    expect(inside.mean).toBeCloseTo(-HALF_LOG_2PI - 1 / 16, 14);
  });

  it('has an infinite standard error for one row, never NaN', () => {
    expect(meanLogDensity(model, [[0]])).toMatchObject({
      mean: -HALF_LOG_2PI,
      standardError: Number.POSITIVE_INFINITY,
    });
    expect(meanLogDensity(model, [[0], [1]], { weights: [0, 2] }).standardError).toBe(Number.POSITIVE_INFINITY);
    expect(meanLogDensity(model, [[1], [1]]).standardError).toBe(0);
  });

  it.each([
    [() => meanLogDensity(model, []), 'meanLogDensity: rows must hold at least one row, but got 0.'],
    [() => meanLogDensity(model, [[1, 2]]), 'meanLogDensity: rows must have 1 column, as in fit, but got 2.'],
    [() => meanLogDensity(model, [[Number.NaN]]), 'meanLogDensity: row 0, column 0 must be finite, but got NaN.'],
    [() => meanLogDensity(model, [[1]], { weights: [0] }), 'meanLogDensity: weights must not all be zero.'],
    [() => meanLogDensity(model, [[1]], { weight: [1] } as object), 'did you mean "weights"?'],
    [() => meanLogDensity(reporting([1, Number.NaN]), [[1], [2]]), 'a number below Infinity at row 1, but got NaN.'],
    [() => meanLogDensity(reporting([Number.POSITIVE_INFINITY]), [[1]]), 'at row 0, but got Infinity.'],
    [() => meanLogDensity(reporting([1, 2]), [[1]]), 'must return one number per row, 1, but got 2.'],
  ])('refuses what is no data (%#)', (action, message) => {
    expect(action).toThrow(ModelError);
    expect(action).toThrow(message);
  });
});
