/**
 * Densities of many rows: those of one region are asked for together. Each row's has the same bits whatever is asked for beside it.
 *
 * @module
 */
import type { Coordinates } from './coordinates.js';
import { NOWHERE, type RegionSums } from './region-sums.js';

/** Rows that are put in order at once: 4 MiB of numbers. */
const ROWS_AT_ONCE = 2 ** 18;
/** Bits that rows are ordered by in one pass: their counts stay in the nearest cache. */
const BITS = 11;

/** What a density knows of itself. */
export interface BatchOf {
  readonly coordinates: Coordinates;
  /** log of what sums are divided by. */
  readonly logNormalizer: number;
  /** log f at the x at `data[from ..]`. */
  logAlone(data: Float64Array, from: number): number;
}

/** Takes log f of rows, region by region. */
export class Batch {
  readonly #density: BatchOf;
  readonly #regions: RegionSums;
  readonly #y: Float64Array;
  readonly #z: Float64Array;
  readonly #logSums: Float64Array;

  constructor(density: BatchOf, regions: RegionSums) {
    this.#density = density;
    this.#regions = regions;
    this.#y = new Float64Array(density.coordinates.dimension);
    this.#z = new Float64Array(density.coordinates.dimension);
    this.#logSums = new Float64Array(regions.most);
  }

  /** Writes log f of as many rows as `out` has places, row after row in `data`. */
  logDensity(data: Float64Array, out: Float64Array): void {
    const d = this.#y.length;
    const most = Math.min(out.length, ROWS_AT_ONCE);
    const [rows, regions] = [new Uint32Array(most), new Uint32Array(most)];
    const order = new RegionOrder(most);
    for (let first = 0; first < out.length; first += ROWS_AT_ONCE) {
      const part = out.subarray(first, first + ROWS_AT_ONCE);
      const count = this.#sortOut(data, first * d, part, rows, regions);
      const ordered = order.of(regions.subarray(0, count));
      for (let start = 0; start < count; ) {
        start = this.#shareWalk(data, first * d, part, rows, regions, ordered, start);
      }
    }
  }

  /** log f at the x at `data[from ..]`, with the same bits as in a batch. */
  logAt(data: Float64Array, from: number): number {
    const logRest = this.#place(data, from) - this.#density.logNormalizer;
    const region = this.#regions.regionOf(this.#z);
    if (region === NOWHERE || logRest === Number.NEGATIVE_INFINITY) return this.#density.logAlone(data, from);
    for (let j = 0; j < this.#z.length; j++) this.#regions.queries[j] = this.#z[j];
    this.#regions.logSums(region, 1, this.#logSums);
    const logSum = this.#logSums[0];
    return Number.isNaN(logSum) ? this.#density.logAlone(data, from) : logRest + logSum;
  }

  /** Answers for rows that go alone; lists the others with their regions, and returns how many they are. */
  #sortOut(data: Float64Array, from: number, out: Float64Array, rows: Uint32Array, regions: Uint32Array): number {
    const d = this.#y.length;
    let count = 0;
    for (let i = 0; i < out.length; i++) {
      // What the logarithm of the sum is added to.
      out[i] = this.#place(data, from + i * d) - this.#density.logNormalizer;
      const region = this.#regions.regionOf(this.#z);
      if (region === NOWHERE || out[i] === Number.NEGATIVE_INFINITY) {
        out[i] = this.#density.logAlone(data, from + i * d);
        continue;
      }
      rows[count] = i;
      regions[count++] = region;
    }
    return count;
  }

  /** Answers for the rows of one region, as many as can be at once; returns where in the order the next row stands. */
  #shareWalk(
    data: Float64Array,
    from: number,
    out: Float64Array,
    rows: Uint32Array,
    regions: Uint32Array,
    order: Uint32Array,
    start: number,
  ): number {
    const { queries, most } = this.#regions;
    const d = this.#y.length;
    const region = regions[order[start]];
    const last = Math.min(start + most, order.length);
    let end = start;
    for (; end < last && regions[order[end]] === region; end++) {
      this.#place(data, from + rows[order[end]] * d);
      for (let j = 0; j < d; j++) queries[(end - start) * d + j] = this.#z[j];
    }
    this.#regions.logSums(region, end - start, this.#logSums);
    for (let k = start; k < end; k++) {
      const i = rows[order[k]];
      const logSum = this.#logSums[k - start];
      out[i] = Number.isNaN(logSum) ? this.#density.logAlone(data, from + i * d) : out[i] + logSum;
    }
    return end;
  }

  /** Writes z of the x at `data[from ..]`, and returns log |dy / dx|. */
  #place(data: Float64Array, from: number): number {
    const log = this.#density.coordinates.unbound(data, from, this.#y);
    if (log !== Number.NEGATIVE_INFINITY) this.#density.coordinates.whiten(this.#y, this.#z);
    return log;
  }
}

/** Puts rows in the order of their regions. */
export class RegionOrder {
  readonly #order: Uint32Array;
  readonly #next: Uint32Array;
  readonly #ends: Uint32Array = new Uint32Array(2 ** BITS);

  /** @param most - Most rows at once. */
  constructor(most: number) {
    this.#order = new Uint32Array(most);
    this.#next = new Uint32Array(most);
  }

  /**
   * The numbers from 0 to n - 1 in the order of the regions at these places, in scratch space that the next order takes.
   *
   * Cost: O(n) for each 11 bits of the greatest region.
   */
  of(regions: Uint32Array): Uint32Array {
    const { length } = regions;
    let order = this.#order.subarray(0, length);
    let next = this.#next.subarray(0, length);
    let greatest = 0;
    for (let i = 0; i < length; i++) {
      order[i] = i;
      if (regions[i] > greatest) greatest = regions[i];
    }
    const digits = 2 ** BITS - 1;
    const ends = this.#ends;
    for (let shift = 0; shift < 32 && greatest >>> shift > 0; shift += BITS) {
      ends.fill(0);
      for (let i = 0; i < length; i++) ends[(regions[i] >>> shift) & digits]++;
      for (let digit = 1; digit <= digits; digit++) ends[digit] += ends[digit - 1];
      for (let i = length - 1; i >= 0; i--) next[--ends[(regions[order[i]] >>> shift) & digits]] = order[i];
      [order, next] = [next, order];
    }
    return order;
  }
}
