/**
 * Rows as rules for the bandwidth should see them.
 *
 * @module
 */
import { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import { type Bounds, type ColumnBounds, transform } from './bounds.js';

/**
 * The rows with transformed columns transformed, and wrapped columns cut open opposite to their circular mean: a cluster
 * around the seam of a circle is narrow there, not as wide as the circle.
 */
export function straighten(samples: Samples, weights: RowWeights | undefined, bounds: Bounds | undefined): Samples {
  if (bounds === undefined || bounds.every((column) => column === null || column.by === 'reflection')) return samples;
  const { rows, columns } = samples;
  const data = samples.data.slice();
  for (let j = 0; j < columns; j++) {
    const column = bounds[j];
    if (column === null || column.by === 'reflection') continue;
    const straight =
      column.by === 'wrapping' ? cutOpen(samples, j, column, weights) : (x: number) => transform(column, x);
    for (let i = 0; i < rows; i++) data[i * columns + j] = straight(data[i * columns + j]);
  }
  return new Samples(data, rows, columns);
}

/** Moves values by whole turns into the turn around the circular mean, arg sum_i w_i exp(2 pi i x_i / w). */
function cutOpen(
  { data, rows, columns }: Samples,
  j: number,
  { lower = 0, upper = 1 }: ColumnBounds,
  weights: RowWeights | undefined,
): (x: number) => number {
  const width = upper - lower;
  let [cosine, sine] = [0, 0];
  for (let i = 0; i < rows; i++) {
    const angle = (2 * Math.PI * (data[i * columns + j] - lower)) / width;
    const share = weights === undefined ? 1 / rows : weights.values[i] / weights.total;
    cosine += share * Math.cos(angle);
    sine += share * Math.sin(angle);
  }
  const mean = lower + (width * Math.atan2(sine, cosine)) / (2 * Math.PI);
  return (x) => x - width * Math.round((x - mean) / width);
}
