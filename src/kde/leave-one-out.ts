/**
 * The two criteria of cross-validation at any factors to a bandwidth, in any coordinates, images included.
 *
 *     CV = sum_i (w_i / W) log f_-i(x_i),
 *     LS = int f^2 - 2 sum_i (w_i / W) f_-i(x_i),
 *     f_-i(x) = sum_(j != i) w_j K(B^-1 (x - x_j)) / ((W - w_i) |H|^(1/2)).
 *
 * int f^2 is told by squared-density.ts. Both are taken behind transformations of columns: there their derivatives change CV
 * by a constant, and f is that of the transformed columns.
 *
 * Reference: Habbema, Hermans & van den Broek (1974); Rudemo (1982), *Empirical choice of histograms and kernel density
 * estimators*; Bowman (1984), doi:10.1093/biomet/71.2.353.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import type { Kernel } from '../kernels/kernel.js';
import { BlockSums } from './block-sums.js';
import { type Coordinates, isTooWide } from './coordinates.js';
import type { SelectionStep } from './history.js';
import { ImageSum } from './image-sum.js';
import { KernelSum } from './kernel-sum.js';
import type { SquaredDensity } from './squared-density.js';
import type { Tree } from './tree.js';

/** What the criteria are taken over. */
export interface LeftOut {
  /** The rows behind transformations, not whitened. */
  readonly rows: Samples;
  readonly tree: Tree;
  readonly kernel: Kernel;
  /** The coordinates of the tree, at factors of 1. */
  readonly coordinates: Coordinates;
  /** Whether each column is to have a factor of its own in the end: all steps then tell their factors. */
  readonly perColumn: boolean;
  /** What gives int f^2, where LS is wanted. */
  readonly squared: SquaredDensity | undefined;
}

/** Rows between two looks at the clock. */
const ROWS_PER_LOOK = 16;

/** Evaluates the criteria, and remembers what they were. */
export class LeaveOneOutCriteria {
  readonly history: SelectionStep[] = [];
  readonly #given: LeftOut;
  readonly #pacer: Pacer;
  readonly #tolerance: number;
  /** W - w_i of the row at each place. */
  readonly #others: Float64Array;
  #passes = 0;

  /** @param tolerance - Relative tolerance of each left-out density. */
  constructor(given: LeftOut, tolerance: number, pacer: Pacer) {
    this.#given = given;
    this.#pacer = pacer;
    this.#tolerance = tolerance;
    this.#others = weightOfOthers(given.tree);
  }

  /**
   * The criterion at some factors, one for all columns or one for each: larger is better. CV, or -LS where that is wanted;
   * `-Infinity` for bandwidths that no model may have.
   *
   * @param most - About how many rows to leave out, picked evenly from the tree.
   */
  async at(logFactors: readonly number[], most: number): Promise<number> {
    const { rows, coordinates, kernel, squared } = this.#given;
    const d = rows.columns;
    const logFactor = (j: number): number => logFactors[logFactors.length === 1 ? 0 : j];
    const factors = Float64Array.from({ length: d }, (_, j) => Math.exp(logFactor(j)));
    const { columns } = coordinates.bandwidth;
    if (coordinates.folds.some((fold) => isTooWide(fold, columns[fold.column] * factors[fold.column]))) {
      return Number.NEGATIVE_INFINITY;
    }
    const logVolume = coordinates.logVolume + kernel.logNormalizer(d) + sumOf(d, logFactor);
    const count = Math.min(most, rows.rows);
    const all = count === rows.rows;
    const left = await this.#sumsAt(
      coordinates.scales.map((s, j) => s / factors[j]),
      all,
    );
    const square = await squared?.at(factors, this.#tolerance, all, this.#pacer);
    const phase = `cross-validation, pass ${++this.#passes}`;
    const y = new Float64Array(d);
    let [weight, mean, error] = [0, 0, 0];
    for (let i = 0; i < count; i++) {
      const place = all ? i : Math.floor(((i + 0.5) * rows.rows) / count);
      const share = this.#share(place);
      y.set(rows.data.subarray(this.#row(place) * d, (this.#row(place) + 1) * d));
      const logDensity = left(y, place) - Math.log(this.#others[place]) - logVolume;
      mean += share * logDensity;
      weight += share;
      if (square) error += share * (square(y, place) - 2 * Math.exp(logDensity + coordinates.logVolume));
      // Compact kernels only: a row without density decides.
      else if (mean === Number.NEGATIVE_INFINITY) break;
      if (i % ROWS_PER_LOOK === 0 && this.#pacer.isDue) await this.#pacer.step({ phase, completed: i, total: count });
    }
    return this.#record(factors, mean / weight, error / weight, count, phase);
  }

  /** @param relativeError - LS in units of 1 / |H|^(1/2) at factors of 1, so that no scale of the rows is too large for it. */
  async #record(
    factors: Float64Array,
    meanLogDensity: number,
    relativeError: number,
    rows: number,
    phase: string,
  ): Promise<number> {
    const leastSquares = this.#given.squared !== undefined;
    const value = leastSquares ? -relativeError : meanLogDensity;
    const squaredError = relativeError * Math.exp(-this.#given.coordinates.logVolume);
    if (Number.isFinite(value) && Number.isFinite(squaredError)) {
      const step = {
        factor: Math.exp(sumOf(factors.length, (j) => Math.log(factors[j])) / factors.length),
        ...(this.#given.perColumn && { factors: Object.freeze(Array.from(factors)) }),
        meanLogDensity,
        ...(leastSquares && { squaredError }),
        rows,
      };
      this.history.push(Object.freeze(step));
    }
    const done = { phase, completed: rows, total: rows };
    await this.#pacer.step(Number.isFinite(value) ? { ...done, objective: value } : done);
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  }

  /**
   * The squared distances of rows from their nearest, in the coordinates of the tree: the mean, the greatest, and the least
   * that is not 0.
   */
  async nearest(): Promise<{ mean: number; greatest: number; least: number }> {
    const { rows, tree, kernel, coordinates } = this.#given;
    const sum = new KernelSum(tree, kernel, coordinates.scales, 0);
    const [y, z] = [new Float64Array(rows.columns), new Float64Array(rows.columns)];
    let [mean, greatest, least] = [0, 0, Number.POSITIVE_INFINITY];
    for (let place = 0; place < rows.rows; place++) {
      y.set(rows.data.subarray(this.#row(place) * rows.columns, (this.#row(place) + 1) * rows.columns));
      coordinates.whiten(y, z);
      const t = sum.nearestDistance(z, place);
      mean += this.#share(place) * t;
      greatest = Math.max(greatest, t);
      if (t > 0) least = Math.min(least, t);
      if (place % ROWS_PER_LOOK === 0 && this.#pacer.isDue) {
        await this.#pacer.step({ phase: 'nearest neighbours', completed: place, total: rows.rows });
      }
    }
    return { mean, greatest, least };
  }

  /** log of the sum over the others at a row y, given its place too; of all rows leaf by leaf, where that can be. */
  async #sumsAt(scales: Float64Array, all: boolean): Promise<(y: Float64Array, place: number) => number> {
    const { tree, kernel, coordinates } = this.#given;
    if (all && coordinates.folds.length === 0) {
      const sums = new BlockSums(tree, kernel, scales, this.#tolerance, true);
      await sums.prepare(this.#pacer);
      return (_y, place) => sums.logSum(place);
    }
    const sum = new KernelSum(tree, kernel, scales, this.#tolerance);
    const images = new ImageSum(sum, tree, kernel, coordinates, scales);
    return (y, place) => images.logSum(y, place);
  }

  #row(place: number): number {
    return this.#given.tree.order[place];
  }

  #share(place: number): number {
    const { weights, nodeWeights, rows } = this.#given.tree;
    return weights === undefined ? 1 / rows : weights[place] / nodeWeights[0];
  }
}

/** W - w_i, from sums before and behind, so that a row that outweighs the rest costs no digits. */
function weightOfOthers({ weights, rows }: Tree): Float64Array {
  if (weights === undefined) return new Float64Array(rows).fill(rows - 1);
  const others = new Float64Array(rows);
  let before = 0;
  for (let i = 0; i < rows; i++) {
    others[i] = before;
    before += weights[i];
  }
  let behind = 0;
  for (let i = rows - 1; i >= 0; i--) {
    others[i] += behind;
    behind += weights[i];
  }
  return others;
}

function sumOf(count: number, of: (j: number) => number): number {
  let sum = 0;
  for (let j = 0; j < count; j++) sum += of(j);
  return sum;
}
