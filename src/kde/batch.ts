/**
 * Densities of many rows: those of one region are asked for together. Each row's has the same bits whatever is asked for beside it.
 *
 * @module
 */
import { NumberOrder } from '../core/number-order.js';
import type { Coordinates } from './coordinates.js';
import { NOWHERE, type RegionSums } from './region-sums.js';

/** Rows that are put in order at once: 4 MiB of numbers. */
const ROWS_AT_ONCE = 2 ** 18;

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
    const order = new NumberOrder(most);
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
