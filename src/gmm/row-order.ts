/**
 * One order for rows, whatever order they came in.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';

/** How many entries are merged between two looks at the clock. */
const MERGES_PER_LOOK = 1 << 14;

/**
 * Indices of the rows, ordered by their first column, then the second, and so on; equal rows stay in the order in which
 * they came.
 *
 * A bottom-up merge sort, which can give way to the event loop. Cost: O(N log N) comparisons, two index arrays.
 */
export async function lexicographicOrder({ data, rows, columns }: Samples, pacer: Pacer): Promise<Uint32Array> {
  let order = Uint32Array.from({ length: rows }, (_, i) => i);
  let merged = new Uint32Array(rows);
  for (let width = 1; width < rows; width *= 2) {
    let sinceLook = 0;
    for (let start = 0; start < rows; start += 2 * width) {
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

/** How many rows are moved between two looks at the clock. */
const MOVES_PER_LOOK = 1 << 12;

/**
 * Puts rows into the given order in place, and consumes the order: afterwards it is 0, 1, 2 and so on.
 *
 * Each cycle of the permutation is walked once, with its first row set aside.
 */
export async function permuteRows(
  data: Float64Array,
  columns: number,
  order: Uint32Array,
  pacer: Pacer,
): Promise<void> {
  const aside = new Float64Array(columns);
  let moves = 0;
  for (let start = 0; start < order.length; start++) {
    if (order[start] === start) continue;
    aside.set(data.subarray(start * columns, (start + 1) * columns));
    let to = start;
    while (order[to] !== start) {
      const from = order[to];
      for (let j = 0; j < columns; j++) data[to * columns + j] = data[from * columns + j];
      order[to] = to;
      to = from;
      if (++moves % MOVES_PER_LOOK === 0 && pacer.isDue) await pacer.breathe();
    }
    data.set(aside, to * columns);
    order[to] = to;
  }
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
