/**
 * Draws from a kernel density.
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { RandomStream, type Seed } from '../core/random.js';
import { Samples } from '../core/samples.js';
import type { Density } from './density.js';

/**
 * Draws rows: a row of the data, picked by weight, plus B, times the row's own factor, times a draw from the kernel, folded or transformed back into
 * the bounds. Cost: O(d^2 + log n) per row.
 *
 * @param cumulative - Running sums of the weights; `undefined` for weights of 1.
 */
export function drawRows(
  { fitted, kernel, coordinates }: Density,
  cumulative: Float64Array | undefined,
  count: number,
  seed: Seed | undefined,
  owner: string,
): Samples {
  const { samples } = fitted;
  const d = samples.columns;
  const data = allocateSamples(owner, count, d);
  const rowStream = RandomStream.of(seed, 'KernelDensityModel.sample', 'rows');
  const kernelStream = rowStream.child('kernel');
  const u = new Float64Array(d);
  const y = new Float64Array(d);
  for (let i = 0; i < count; i++) {
    const row = pickRow(cumulative, samples.rows, rowStream.uniform());
    coordinates.unbound(samples.data, row * d, y);
    data.set(y, i * d);
    kernel.sample(kernelStream, d, u, 0);
    if (fitted.factors) for (let j = 0; j < d; j++) u[j] *= fitted.factors[row];
    coordinates.addStep(u, data, i * d);
    coordinates.bind(data, i * d);
  }
  return new Samples(data, count, d);
}

/** Running sums. */
export function runningSums(values: Float64Array): Float64Array {
  const sums = new Float64Array(values.length);
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    sum += values[i];
    sums[i] = sum;
  }
  return sums;
}

/** The row at a share of the total weight: weight 2 takes the place of the row twice, to the draw. */
function pickRow(cumulative: Float64Array | undefined, rows: number, share: number): number {
  if (cumulative === undefined) return Math.min(rows - 1, Math.floor(share * rows));
  const target = share * cumulative[rows - 1];
  let low = 0;
  let high = rows - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (cumulative[middle] > target) high = middle;
    else low = middle + 1;
  }
  return low;
}
