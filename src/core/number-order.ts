/**
 * Sorting by radix: the order of whole numbers, and of rows along a line.
 *
 * @module
 */
import type { Samples } from './samples.js';

/** Bits that are looked at in one pass: their counts stay in the nearest cache. */
const BITS = 11;
/** Strips that rows are sorted into. */
const STRIPS = 2 ** 16;

/** Finds the order of whole numbers. */
export class NumberOrder {
  readonly #order: Uint32Array;
  readonly #next: Uint32Array;
  readonly #ends: Uint32Array = new Uint32Array(2 ** BITS);

  /** @param most - Most numbers at once. */
  constructor(most: number) {
    this.#order = new Uint32Array(most);
    this.#next = new Uint32Array(most);
  }

  /**
   * The places 0 to n - 1 in the order of the numbers there, those of equal numbers as they come; in scratch space that the
   * next order takes.
   *
   * Cost: O(n) for each 11 bits of the greatest number.
   */
  of(numbers: Uint32Array): Uint32Array {
    const { length } = numbers;
    let order = this.#order.subarray(0, length);
    let next = this.#next.subarray(0, length);
    let greatest = 0;
    for (let i = 0; i < length; i++) {
      order[i] = i;
      if (numbers[i] > greatest) greatest = numbers[i];
    }
    const digits = 2 ** BITS - 1;
    const ends = this.#ends;
    for (let shift = 0; shift < 32 && greatest >>> shift > 0; shift += BITS) {
      ends.fill(0);
      for (let i = 0; i < length; i++) ends[(numbers[i] >>> shift) & digits]++;
      for (let digit = 1; digit <= digits; digit++) ends[digit] += ends[digit - 1];
      for (let i = length - 1; i >= 0; i--) next[--ends[(numbers[order[i]] >>> shift) & digits]] = order[i];
      [order, next] = [next, order];
    }
    return order;
  }
}

/**
 * The rows in the order of 65,536 strips of equal width across the first column: neighbours in this order are neighbours there.
 *
 * Cost: O(n).
 */
export function orderByStrip({ data, rows, columns }: Samples): Uint32Array {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < rows; i++) {
    low = Math.min(low, data[i * columns]);
    high = Math.max(high, data[i * columns]);
  }
  const strips = new Uint32Array(rows);
  // Halves, as the difference of two doubles may be none; 0 / 0 where all are equal becomes strip 0.
  const width = 0.5 * high - 0.5 * low;
  for (let i = 0; i < rows; i++) strips[i] = ((0.5 * data[i * columns] - 0.5 * low) / width) * (STRIPS - 1);
  return new NumberOrder(rows).of(strips);
}
