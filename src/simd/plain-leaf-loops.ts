/**
 * The leaf loops in plain TypeScript: what the compiled ones are measured against, and what runs where they cannot.
 *
 * @module
 */
import { type LeafKernel, PROFILES } from './leaf-kernels.js';
import type { LeafLoops, LeafShape } from './leaf-loops.js';

/** See {@link LeafLoops}. */
export class PlainLeafLoops implements LeafLoops {
  readonly coordinates: Float64Array;
  readonly weights: Float64Array | undefined;
  readonly stretches: Float64Array | undefined;
  readonly query: Float64Array;
  readonly scales: Float64Array;
  readonly queries: Float64Array;
  readonly shifts: Float64Array;
  readonly sums: Float64Array;
  readonly walk = undefined;
  readonly #columns: number;

  constructor({ rows, columns, weighted, stretched = false, queries = 0 }: LeafShape) {
    this.coordinates = new Float64Array(rows * columns);
    this.weights = weighted ? new Float64Array(rows) : undefined;
    this.stretches = stretched ? new Float64Array(rows) : undefined;
    this.query = new Float64Array(columns);
    this.scales = new Float64Array(columns);
    this.queries = new Float64Array(queries * columns);
    this.shifts = new Float64Array(queries);
    this.sums = new Float64Array(queries);
    this.#columns = columns;
  }

  sum(kernel: LeafKernel, start: number, end: number, from: number, to: number, shift: number): number {
    const profile = PROFILES[kernel];
    let sum = 0;
    for (let place = from; place < to; place++) {
      const term = profile(this.#squaredDistance(this.query, 0, start, end, place), shift);
      sum += this.weights === undefined ? term : this.weights[place] * term;
    }
    return sum;
  }

  nearest(start: number, end: number, from: number, to: number): number {
    let least = Number.POSITIVE_INFINITY;
    for (let place = from; place < to; place++) {
      const t = this.#squaredDistance(this.query, 0, start, end, place);
      if (t < least) least = t;
    }
    return least;
  }

  addSums(kernel: LeafKernel, start: number, end: number, from: number, to: number, count: number): void {
    const profile = PROFILES[kernel];
    for (let q = 0; q < count; q++) {
      let sum = 0;
      for (let place = from; place < to; place++) {
        const term = profile(this.#squaredDistance(this.queries, q * this.#columns, start, end, place), this.shifts[q]);
        sum += this.weights === undefined ? term : this.weights[place] * term;
      }
      this.sums[q] += sum;
    }
  }

  /** t = g sum_j ((x_j - p_j) s_j)^2. */
  #squaredDistance(queries: Float64Array, query: number, start: number, end: number, place: number): number {
    const columns = this.#columns;
    let at = start * columns + (place - start);
    let t = 0;
    for (let j = 0; j < columns; j++) {
      const u = (queries[query + j] - this.coordinates[at]) * this.scales[j];
      t += u * u;
      at += end - start;
    }
    return this.stretches === undefined ? t : t * this.stretches[place];
  }
}
