/**
 * Sorting numbers and keeping track of where they came from.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Bins } from './bins.js';

/** Sorted numbers, and the place that each had before. */
export interface Sorted {
  readonly values: Float64Array;
  readonly places: Uint32Array;
}

/**
 * Sorts numbers, equal ones in their given order, with the event loop given its turns.
 *
 * Merge sort from the bottom, in typed arrays: a comparator for `sort` would take five times as long. Cost: O(N log N).
 */
export async function sortWithPlaces(numbers: Float64Array, pacer: Pacer): Promise<Sorted> {
  const n = numbers.length;
  let from = { values: Float64Array.from(numbers), places: Uint32Array.from(numbers, (_, i) => i) };
  let to = { values: new Float64Array(n), places: new Uint32Array(n) };
  for (let width = 1; width < n; width *= 2) {
    for (let start = 0; start < n; start += 2 * width) {
      merge(from, start, Math.min(start + width, n), Math.min(start + 2 * width, n), to);
    }
    [from, to] = [to, from];
    if (pacer.isDue) await pacer.breathe();
  }
  return from;
}

/** Merges the sorted runs [start, middle) and [middle, end). */
function merge(from: Sorted, start: number, middle: number, end: number, to: Sorted): void {
  let left = start;
  let right = middle;
  for (let k = start; k < end; k++) {
    const takeLeft = left < middle && (right >= end || from.values[left] <= from.values[right]);
    const i = takeLeft ? left++ : right++;
    to.values[k] = from.values[i];
    to.places[k] = from.places[i];
  }
}

/** The bin of each pooled row. */
export function binOfRows(bins: Bins): Uint32Array {
  const binOfRow = new Uint32Array(bins.order.length);
  for (let bin = 0; bin + 1 < bins.starts.length; bin++) {
    for (let i = bins.starts[bin]; i < bins.starts[bin + 1]; i++) binOfRow[bins.order[i]] = bin;
  }
  return binOfRow;
}
