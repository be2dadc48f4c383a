/**
 * From the columns of the data to the coordinates in which the tree works, and back.
 *
 *     x  --transformation-->  y  --B^-1 (y - origin)-->  z
 *
 * The second step is taken for bandwidth matrices only, H = B B^T: in z the kernel is the same in all directions. For one
 * bandwidth per column z is y, and the tree counts axis j in units of h_j.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import { type Bandwidth, factorOf } from './bandwidth.js';
import { type Bounds, type ColumnBounds, isInside, logSlope, transform, transformBack } from './bounds.js';
import { type Fold, foldBack, foldOf } from './folding.js';

/** Beyond so many widths of its column a kernel makes the density level, at more and more cost. */
const MOST_WIDTHS = 10;
/** Rows that are placed between two looks at the clock: about a millisecond in a few columns. */
const ROWS_PER_LOOK = 8192;

/** The way between data and tree of one model. */
export class Coordinates {
  readonly dimension: number;
  /** The bandwidth of this way. */
  readonly bandwidth: Bandwidth;
  /** 1 / h_j, or ones where B has been divided out. */
  readonly scales: Float64Array;
  /** log |H|^(1/2). */
  readonly logVolume: number;
  /** The columns that fold. */
  readonly folds: readonly Fold[];
  /** B, row-major and lower-triangular; `undefined` for one bandwidth per column. */
  readonly factor: Float64Array | undefined;
  readonly #origin: Float64Array;
  readonly #bounds: readonly (ColumnBounds | null)[];
  readonly #isTransformed: boolean;

  /**
   * @param samples - The rows of the data: the first is the origin of z.
   * @throws ModelError `not-positive-definite` for a matrix that is not; `invalid-option` for a bandwidth far beyond the
   * width of a column that folds.
   */
  constructor(samples: Samples, bandwidth: Bandwidth, bounds: Bounds | undefined, owner: string) {
    const d = samples.columns;
    const cholesky = factorOf(bandwidth, owner);
    this.dimension = d;
    this.bandwidth = bandwidth;
    this.#bounds = bounds ?? new Array<null>(d).fill(null);
    this.#isTransformed = this.#bounds.some((column) => column?.by === 'transformation');
    this.folds = this.#bounds.map(foldOf).filter((fold) => fold !== undefined);
    this.factor = cholesky?.lower;
    this.scales = cholesky ? new Float64Array(d).fill(1) : scalesOf(bandwidth.columns);
    this.logVolume = cholesky ? 0.5 * cholesky.logDeterminant : sumOfLogs(bandwidth.columns);
    this.#origin = new Float64Array(d);
    this.#transform(samples.data, 0, this.#origin);
    for (const fold of this.folds) checkReach(fold, bandwidth, owner);
  }

  /** Where column j ends. */
  boundsOf(j: number): ColumnBounds | null {
    return this.#bounds[j];
  }

  /** All rows of the data as z; the same rows where no step is taken. */
  place(samples: Samples, owner: string): Samples {
    if (!this.#isMoved) return samples;
    const placed = new Float64Array(samples.data.length);
    this.#placeRows(samples, placed, 0, samples.rows, owner);
    return new Samples(placed, samples.rows, samples.columns);
  }

  /** The same, with the event loop given its turns. */
  async placeSlowly(samples: Samples, owner: string, pacer: Pacer): Promise<Samples> {
    if (!this.#isMoved) return samples;
    const placed = new Float64Array(samples.data.length);
    await pacer.run(
      'placing rows',
      samples.rows,
      (from, to) => this.#placeRows(samples, placed, from, to, owner),
      ROWS_PER_LOOK,
    );
    return new Samples(placed, samples.rows, samples.columns);
  }

  get #isMoved(): boolean {
    return this.#isTransformed || this.factor !== undefined;
  }

  /** Writes y of a row: one that has been unrolled from a circle may lie beyond its bounds. */
  #transform(data: Float64Array, from: number, y: Float64Array): void {
    for (let j = 0; j < this.dimension; j++) {
      const bounds = this.#bounds[j];
      y[j] = bounds?.by === 'transformation' ? transform(bounds, data[from + j]) : data[from + j];
    }
  }

  #placeRows({ data, columns }: Samples, placed: Float64Array, from: number, to: number, owner: string): void {
    const y = new Float64Array(columns);
    const z = new Float64Array(columns);
    for (let i = from; i < to; i++) {
      this.#transform(data, i * columns, y);
      this.whiten(y, z);
      for (let j = 0; j < columns; j++) {
        if (!Number.isFinite(z[j])) {
          const must = `row ${i} must be within the range of doubles, counted in bandwidths`;
          throw modelError('degenerate-data', { owner, must, remedy: 'Scale the columns or the bandwidth' });
        }
        placed[i * columns + j] = z[j];
      }
    }
  }

  /** Writes y of the x at `data[from ..]`, and returns log |dy / dx|; `-Infinity` where x is out of bounds. */
  unbound(data: Float64Array, from: number, y: Float64Array): number {
    let log = 0;
    for (let j = 0; j < this.dimension; j++) {
      const x = data[from + j];
      const bounds = this.#bounds[j];
      y[j] = x;
      if (bounds === null) continue;
      if (!isInside(bounds, x)) return Number.NEGATIVE_INFINITY;
      if (bounds.by !== 'transformation') continue;
      y[j] = transform(bounds, x);
      log += logSlope(bounds, x);
    }
    return log;
  }

  /** Turns y at `data[to ..]` into x in its place: folds what folds, and transforms back. */
  bind(data: Float64Array, to: number): void {
    for (const fold of this.folds) data[to + fold.column] = foldBack(fold, data[to + fold.column]);
    if (!this.#isTransformed) return;
    for (let j = 0; j < this.dimension; j++) {
      const bounds = this.#bounds[j];
      if (bounds?.by === 'transformation') data[to + j] = transformBack(bounds, data[to + j]);
    }
  }

  /** Writes z = B^-1 (y - origin), by forward substitution; y itself for one bandwidth per column. */
  whiten(y: Float64Array, z: Float64Array): void {
    const { factor, dimension: d } = this;
    if (factor === undefined) {
      z.set(y);
      return;
    }
    for (let i = 0; i < d; i++) {
      let rest = y[i] - this.#origin[i];
      for (let k = 0; k < i; k++) rest -= factor[i * d + k] * z[k];
      const u = rest / factor[i * d + i];
      // Infinity - Infinity: farther out than doubles reach.
      z[i] = Number.isNaN(u) ? Number.POSITIVE_INFINITY : u;
    }
  }

  /** Adds B u to y at `data[to ..]`, where u is a draw from the kernel and y a row. */
  addStep(u: Float64Array, data: Float64Array, to: number): void {
    const { factor, dimension: d } = this;
    for (let i = 0; i < d; i++) {
      let step = factor === undefined ? this.bandwidth.columns[i] * u[i] : 0;
      if (factor !== undefined) for (let k = 0; k <= i; k++) step += factor[i * d + k] * u[k];
      data[to + i] += step;
    }
  }

  /** Writes B v into v: a step along z as one along y. */
  stepOfY(v: Float64Array): void {
    const { factor, dimension: d } = this;
    if (factor === undefined) return;
    for (let i = d - 1; i >= 0; i--) {
      v[i] *= factor[i * d + i];
      for (let k = 0; k < i; k++) v[i] += factor[i * d + k] * v[k];
    }
  }

  /** Writes B^-T v into v: a gradient along z as one along y. */
  gradientOfY(v: Float64Array): void {
    const { factor, dimension: d } = this;
    if (factor === undefined) return;
    for (let i = d - 1; i >= 0; i--) {
      for (let k = i + 1; k < d; k++) v[i] -= factor[k * d + i] * v[k];
      v[i] /= factor[i * d + i];
    }
  }
}

/** 1 / h for each axis; for bandwidths so small that it overflows, the greatest number, so that 0 times it is still 0. */
export function scalesOf(bandwidth: Float64Array): Float64Array {
  return bandwidth.map((h) => Math.min(1 / h, Number.MAX_VALUE));
}

function sumOfLogs(values: Float64Array): number {
  return values.reduce((sum, value) => sum + Math.log(value), 0);
}

/** Whether kernels of a bandwidth are too wide for the column that folds. */
export function isTooWide({ bounds: { lower, upper } }: Fold, bandwidth: number): boolean {
  return lower !== undefined && upper !== undefined && !(bandwidth <= MOST_WIDTHS * (upper - lower));
}

function checkReach(fold: Fold, bandwidth: Bandwidth, owner: string): void {
  const { column } = fold;
  if (!isTooWide(fold, bandwidth.columns[column])) return;
  throw modelError('invalid-option', {
    owner,
    must: `the bandwidth of column ${column} must be at most ${MOST_WIDTHS} times the width of its bounds`,
    got: bandwidth.columns[column],
    remedy: 'Wider kernels make the density level there; a smaller bandwidth does so too',
  });
}
