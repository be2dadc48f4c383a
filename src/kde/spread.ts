/**
 * How far a column of weighted rows spreads: standard deviation and quartiles.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import type { RowWeights } from '../core/weights.js';
import type { SortedColumn } from './sorted-column.js';

/** One column of rows with their weights. */
export interface Column {
  readonly values: Float64Array;
  readonly weights: RowWeights;
  /** What it is called in messages, such as `column 1`. */
  readonly name: string;
}

/** What rules tell that they are at. */
export const BANDWIDTH_PHASE = 'choosing the bandwidth';

/** What rules say when they cannot choose. */
export const GIVE_A_NUMBER = 'Give the bandwidth as a number, or as one number per column';

/**
 * Unbiased weighted standard deviation of a column,
 *
 *     s^2 = sum_i w_i (x_i - m)^2 / (W - sum_i w_i^2 / W) = sum_i (w_i / W) (x_i - m)^2 * n / (n - 1),
 *
 * with n = W^2 / sum w_i^2. Deviations are taken about the least value and in units of the range, so that neither a large
 * offset nor a very small or large unit costs digits.
 *
 * @throws ModelError `degenerate-data` for a column without spread.
 */
export async function standardDeviation(column: Column, owner: string, pacer: Pacer): Promise<number> {
  const { values, weights, name } = column;
  const [low, high] = await extremes(values, pacer);
  if (low === high) {
    const alone = values.length === 1;
    throw modelError('degenerate-data', {
      owner,
      must: alone ? 'there must be at least two rows to choose a bandwidth from' : `${name} must not be constant`,
      got: alone ? 1 : low,
      remedy: GIVE_A_NUMBER,
    });
  }
  const range = high - low;
  const mean = await sumOver(column, pacer, (x) => (x - low) / range);
  const variance = await sumOver(column, pacer, (x) => ((x - low) / range - mean) ** 2);
  const deviation = range * Math.sqrt(variance * (weights.effective / (weights.effective - 1)));
  if (deviation > 0 && deviation < Number.POSITIVE_INFINITY) return deviation;
  throw modelError('degenerate-data', {
    owner,
    must: `the spread of ${name} must be within the range of doubles`,
    remedy: 'Scale the column, or give the bandwidth as a number',
  });
}

/** sum_i (w_i / W) g(x_i). */
async function sumOver({ values, weights }: Column, pacer: Pacer, g: (x: number) => number): Promise<number> {
  let sum = 0;
  await pacer.run(BANDWIDTH_PHASE, values.length, (from, to) => {
    let part = sum;
    for (let i = from; i < to; i++) part += (weights.values[i] / weights.total) * g(values[i]);
    sum = part;
  });
  return sum;
}

/** The interquartile range of a standard normal, 2 Phi^-1(3/4). */
const NORMAL_QUARTILE_RANGE = 1.3489795003921634;

/**
 * The robust deviation min(s, (q_3/4 - q_1/4) / 1.349): outliers and second modes do not inflate it. Where ties make the
 * quartiles equal, s alone.
 *
 * Reference: Silverman (1986), *Density Estimation*, section 3.4.2.
 */
export function robustDeviation(deviation: number, sorted: SortedColumn): number {
  const [lower, upper] = quartiles(sorted);
  const robust = (upper - lower) / NORMAL_QUARTILE_RANGE;
  return robust > 0 ? Math.min(deviation, robust) : deviation;
}

/**
 * The weighted quartiles. With rows in order of value, row k stands at S_k = k w_k + (n - 1) sum_(i < k) w_i, k = 0 to
 * n - 1, and values between are interpolated; for equal weights this is the usual one (type 7 of Hyndman & Fan).
 *
 * Reference: Hyndman & Fan (1996), *Sample quantiles in statistical packages*, doi:10.2307/2684934.
 */
function quartiles({ values, weights }: SortedColumn): [number, number] {
  const n = values.length;
  if (n === 1) return [values[0], values[0]];
  const stands = weights ? standsOf(weights) : undefined;
  const at = (p: number): number => {
    const target = p * (stands ? stands[n - 1] : n - 1);
    let k = stands ? 0 : Math.min(n - 2, Math.floor(target));
    if (stands) while (k < n - 2 && stands[k + 1] <= target) k++;
    const part = stands ? (target - stands[k]) / (stands[k + 1] - stands[k]) : target - k;
    return values[k] + Math.min(1, Math.max(0, part)) * (values[k + 1] - values[k]);
  };
  return [at(0.25), at(0.75)];
}

/** S_k of each value, in units of the total. */
function standsOf(weights: Float64Array): Float64Array {
  const n = weights.length;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const stands = new Float64Array(n);
  let before = 0;
  for (let k = 0; k < n; k++) {
    const share = weights[k] / total;
    stands[k] = k * share + (n - 1) * before;
    before += share;
  }
  return stands;
}

/** The least and the greatest value. */
export async function extremes(values: Float64Array, pacer: Pacer): Promise<[low: number, high: number]> {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  await pacer.run(BANDWIDTH_PHASE, values.length, (from, to) => {
    let [least, greatest] = [low, high];
    for (let i = from; i < to; i++) {
      if (values[i] < least) least = values[i];
      if (values[i] > greatest) greatest = values[i];
    }
    [low, high] = [least, greatest];
  });
  return [low, high];
}
