/**
 * The sum over all kernels at a point, its images in folded columns included.
 *
 * @module
 */
import type { Kernel } from '../kernels/kernel.js';
import type { Coordinates } from './coordinates.js';
import { imageOf, ringOf } from './folding.js';
import { NOTHING } from './kernel-sum.js';
import type { Tree } from './tree.js';

/**
 * log of the share of the sum below which images are left out, 2^-60. Along a line of images the distance from a box is
 * convex, so kernel values fall at least geometrically from there on.
 */
const NEGLIGIBLE = -60 * Math.LN2;

/** What is summed at each image. */
export interface PointSum {
  /** log of the sum at z over all rows but the one at place `except`. */
  logSum(z: Float64Array, except?: number): number;
}

/** Beyond so many bandwidths neither compact kernels nor what they make folded with themselves reach. */
const COMPACT_REACH = 2;

/** log sum_(images) sum_i w_i k(t_i) of points in y, the coordinates behind transformations. */
export class ImageSum {
  readonly #sum: PointSum;
  readonly #tree: Tree;
  readonly #kernel: Pick<Kernel, 'logProfile'>;
  readonly #coordinates: Coordinates;
  readonly #scales: Float64Array;
  /** Rings that are looked at in any case. */
  readonly #leastRings: number;
  readonly #y: Float64Array;
  readonly #z: Float64Array;

  /** @param scales - Those of `sum`: the coordinates' own, or others in a search for the bandwidth. */
  constructor(
    sum: PointSum,
    tree: Tree,
    kernel: Pick<Kernel, 'logProfile'>,
    coordinates: Coordinates,
    scales: Float64Array,
  ) {
    this.#sum = sum;
    this.#tree = tree;
    this.#kernel = kernel;
    this.#coordinates = coordinates;
    this.#scales = scales;
    const isCompact = kernel.logProfile(COMPACT_REACH ** 2) === Number.NEGATIVE_INFINITY;
    this.#leastRings = isCompact && coordinates.factor ? leastRings(tree, coordinates, scales) : 0;
    this.#y = new Float64Array(coordinates.dimension);
    this.#z = new Float64Array(coordinates.dimension);
  }

  /**
   * log of the sum at y over all rows but the one at place `except`; `-Infinity` where no kernel reaches.
   *
   * @param counts - Which images are summed, by their numbers in each fold; all unless told otherwise.
   */
  logSum(
    y: Float64Array,
    except: number = NOTHING,
    counts: (indices: readonly number[]) => boolean = () => true,
  ): number {
    let total = Number.NEGATIVE_INFINITY;
    this.forEachImage(
      y,
      () => total,
      (z, indices) => {
        if (counts(indices)) total = logAdd(total, this.#sum.logSum(z, except));
      },
    );
    return total;
  }

  /**
   * Visits y and all its images that matter, as z: ring after ring, until none of a ring can count.
   *
   * @param total - log of the sum so far, against which images are weighed.
   * @param visit - Takes z, which lasts for the call only, and the number of the image in each fold.
   */
  forEachImage(
    y: Float64Array,
    total: () => number,
    visit: (z: Float64Array, indices: readonly number[]) => void,
  ): void {
    const { folds } = this.#coordinates;
    this.#coordinates.whiten(y, this.#z);
    visit(
      this.#z,
      folds.map(() => 0),
    );
    if (folds.length === 0) return;
    for (let ring = 1; ; ring++) {
      let counts = false;
      for (const indices of ringOf(folds, ring)) {
        this.#y.set(y);
        folds.forEach((fold, i) => {
          this.#y[fold.column] = imageOf(fold, indices[i], y[fold.column]);
        });
        this.#coordinates.whiten(this.#y, this.#z);
        const most = Math.log(this.#tree.nodeWeights[0]) + this.#kernel.logProfile(this.#distanceFromAll());
        if (!(most > total() + NEGLIGIBLE)) continue;
        counts = true;
        visit(this.#z, indices);
      }
      if (!counts && ring >= this.#leastRings) return;
    }
  }

  /** The squared scaled distance of z from the box of all rows, stretched the least. */
  #distanceFromAll(): number {
    const { boxes, columns, stretchBounds } = this.#tree;
    let sum = 0;
    for (let j = 0; j < columns; j++) {
      const outside = Math.max(boxes[j] - this.#z[j], this.#z[j] - boxes[columns + j], 0) * this.#scales[j];
      sum += outside * outside;
    }
    return stretchBounds === undefined ? sum : sum * stretchBounds[0];
  }
}

/**
 * Along a slanted kernel that ends somewhere, the only images in reach of the rows may be some turns away, and all nearer ones
 * out of it. Whatever is in reach differs in column j by so many h_j at most.
 */
function leastRings(tree: Tree, coordinates: Coordinates, scales: Float64Array): number {
  let most = 1;
  for (const { column, bounds } of coordinates.folds) {
    const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = bounds;
    const h = (coordinates.bandwidth.columns[column] * coordinates.scales[column]) / scales[column];
    const reach = (COMPACT_REACH * h) / Math.sqrt(tree.stretchBounds?.[0] ?? 1);
    most = Math.max(most, Math.ceil(reach / (upper - lower)) + 2);
  }
  return most;
}

function logAdd(a: number, b: number): number {
  const [low, high] = a < b ? [a, b] : [b, a];
  return low === Number.NEGATIVE_INFINITY ? high : high + Math.log1p(Math.exp(low - high));
}
