/**
 * Rows as rules for the bandwidth should see them.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import { type Bounds, type ColumnBounds, transform } from './bounds.js';
import { BANDWIDTH_PHASE } from './spread.js';

/**
 * The rows with transformed columns transformed, and wrapped columns cut open opposite to their circular mean: a cluster
 * around the seam of a circle is narrow there, not as wide as the circle.
 */
export async function straighten(
  samples: Samples,
  weights: RowWeights | undefined,
  bounds: Bounds | undefined,
  pacer: Pacer,
): Promise<Samples> {
  if (bounds === undefined || bounds.every((column) => column === null || column.by === 'reflection')) return samples;
  const { rows, columns } = samples;
  const data = samples.data.slice();
  for (let j = 0; j < columns; j++) {
    const column = bounds[j];
    if (column === null || column.by === 'reflection') continue;
    const straight =
      column.by === 'wrapping'
        ? await cutOpen(samples, j, column, weights, pacer)
        : (x: number) => transform(column, x);
    await pacer.run(BANDWIDTH_PHASE, rows, (from, to) => {
      for (let i = from; i < to; i++) data[i * columns + j] = straight(data[i * columns + j]);
    });
  }
  return new Samples(data, rows, columns);
}

/** Moves values by whole turns into the turn around the circular mean, arg sum_i w_i exp(2 pi i x_i / w). */
async function cutOpen(
  { data, rows, columns }: Samples,
  j: number,
  { lower = 0, upper = 1 }: ColumnBounds,
  weights: RowWeights | undefined,
  pacer: Pacer,
): Promise<(x: number) => number> {
  const width = upper - lower;
  let [cosine, sine] = [0, 0];
  await pacer.run(BANDWIDTH_PHASE, rows, (from, to) => {
    let [c, s] = [cosine, sine];
    for (let i = from; i < to; i++) {
      const angle = (2 * Math.PI * (data[i * columns + j] - lower)) / width;
      const share = weights === undefined ? 1 / rows : weights.values[i] / weights.total;
      c += share * Math.cos(angle);
      s += share * Math.sin(angle);
    }
    [cosine, sine] = [c, s];
  });
  const mean = lower + (width * Math.atan2(sine, cosine)) / (2 * Math.PI);
  return (x) => x - width * Math.round((x - mean) / width);
}
