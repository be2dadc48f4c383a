/**
 * One order for rows, whatever order they came in.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';

/** How many comparisons go between two looks at the clock. */
const MERGES_PER_LOOK = 1 << 14;

/**
 * Indices of the rows with positive weight, ordered by their first column, then the second, and so on; equal rows stay
 * in the order in which they came.
 *
 * A bottom-up merge sort, which can give way to the event loop. Cost: O(N log N) comparisons, two index arrays.
 */
export async function lexicographicOrder(
  { data, rows, columns }: Samples,
  weights: Float64Array | undefined,
  pacer: Pacer,
): Promise<Uint32Array> {
  let order = new Uint32Array(rows);
  let count = 0;
  for (let i = 0; i < rows; i++) if (weights === undefined || weights[i] > 0) order[count++] = i;
  order = order.subarray(0, count);
  let merged = new Uint32Array(count);
  for (let width = 1; width < count; width *= 2) {
    let sinceLook = 0;
    for (let start = 0; start < count; start += 2 * width) {
      merge(data, columns, order, merged, start, width);
      sinceLook += 2 * width;
      if (sinceLook < MERGES_PER_LOOK) continue;
      sinceLook = 0;
      if (pacer.isDue) await pacer.breathe();
    }
    [order, merged] = [merged, order];
  }
  return order;
}

/** Merges the sorted runs of `width` entries at `start` and after it from `order` into `merged`. */
function merge(
  data: Float64Array,
  columns: number,
  order: Uint32Array,
  merged: Uint32Array,
  start: number,
  width: number,
): void {
  const middle = Math.min(start + width, order.length);
  const end = Math.min(start + 2 * width, order.length);
  let [left, right] = [start, middle];
  for (let to = start; to < end; to++) {
    const takeLeft = right >= end || (left < middle && !comesBefore(data, columns, order[right], order[left]));
    merged[to] = takeLeft ? order[left++] : order[right++];
  }
}

function comesBefore(data: Float64Array, columns: number, a: number, b: number): boolean {
  for (let j = 0; j < columns; j++) {
    const [x, y] = [data[a * columns + j], data[b * columns + j]];
    if (x !== y) return x < y;
  }
  return false;
}
