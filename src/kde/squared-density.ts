/**
 * The integral of a squared kernel density, as a mean over the rows:
 *
 *     int f^2 = sum_i (w_i / W) q(x_i),    q(x) = sum_j (w_j / W) sum_(images) (K * K)_H(x - image of x_j).
 *
 * Images fold back onto x as they do for the density itself: f is the sum of one unfolded density over all images of a point,
 * so that its square integrates to the sum, over all images M, of int g(y) g(M y) dy. Where a mirror M turns a slanted
 * kernel, H beside M H M, the two kernels that meet are not the same; of gaussians the matrices add up, and each way of
 * mirroring has a tree in coordinates of its own.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import type { Kernel } from '../kernels/kernel.js';
import { matrixBandwidth } from './bandwidth.js';
import { BlockSums } from './block-sums.js';
import type { ColumnBounds } from './bounds.js';
import { Coordinates } from './coordinates.js';
import { isMirrored } from './folding.js';
import { ImageSum, type PointSum } from './image-sum.js';
import { KernelSum, NOTHING } from './kernel-sum.js';
import { SelfConvolution } from './self-convolution.js';
import { TabulatedSum } from './tabulated-sum.js';
import { buildTreeSlowly, type Tree } from './tree.js';

/** One way of mirroring: coordinates in which K * K is round, and the rows in them. */
interface Meeting {
  readonly coordinates: Coordinates;
  readonly tree: Tree;
  /** The columns that are mirrored. */
  readonly columns: readonly number[];
}

/** q |H_1|^(1/2) at any factors to a bandwidth, H_1 being that of factors of 1. */
export class SquaredDensity {
  readonly #kernel: Kernel;
  /** `undefined` for the gaussian, whose K * K is its own kernel with a bandwidth sqrt(2) times as wide. */
  readonly #convolution: SelfConvolution | undefined;
  readonly #meetings: readonly Meeting[];

  private constructor(kernel: Kernel, convolution: SelfConvolution | undefined, meetings: readonly Meeting[]) {
    this.#kernel = kernel;
    this.#convolution = convolution;
    this.#meetings = meetings;
  }

  /**
   * What does not depend on the factors.
   *
   * @param rows - Behind transformations, not whitened.
   * @param tree - The rows in the coordinates given, those of factors of 1.
   */
  static async of(
    rows: Samples,
    tree: Tree,
    kernel: Kernel,
    coordinates: Coordinates,
    leafSize: number,
    owner: string,
    pacer: Pacer,
  ): Promise<SquaredDensity> {
    const convolution = kernel.name === 'gaussian' ? undefined : await SelfConvolution.of(kernel, rows.columns, pacer);
    const meetings: Meeting[] = [{ coordinates, tree, columns: [] }];
    for (const columns of coordinates.factor ? mirrorings(coordinates) : []) {
      const met = mirroredCoordinates(rows, coordinates, columns, owner);
      const points = { samples: await met.placeSlowly(rows, owner, pacer), weights: weightsByRow(tree) };
      meetings.push({ coordinates: met, tree: await buildTreeSlowly(points, met.scales, leafSize, pacer), columns });
    }
    return new SquaredDensity(kernel, convolution, meetings);
  }

  /**
   * q |H_1|^(1/2) at a row y, given its place too. Where all rows are asked for in turn it may be another row's share that comes: only
   * the mean over all rows is told.
   *
   * @param factors - One for each column; all the same where the bandwidth is a matrix.
   * @param inTurn - Whether all rows are to be asked for, place after place.
   */
  async at(
    factors: Float64Array,
    tolerance: number,
    inTurn: boolean,
    pacer: Pacer,
  ): Promise<(y: Float64Array, place: number) => number> {
    const parts: ((y: Float64Array, place: number) => number)[] = [];
    for (const meeting of this.#meetings) parts.push(await this.#partAt(meeting, factors, tolerance, inTurn, pacer));
    if (parts.length === 1) return parts[0];
    return (y, place) => parts.reduce((sum, part) => sum + part(y, place), 0);
  }

  async #partAt(
    meeting: Meeting,
    factors: Float64Array,
    tolerance: number,
    inTurn: boolean,
    pacer: Pacer,
  ): Promise<(y: Float64Array, place: number) => number> {
    const { coordinates, tree, columns } = meeting;
    const widening = this.#convolution ? 1 : Math.SQRT2;
    const scales = coordinates.scales.map((s, j) => s / (factors[j] * widening));
    const unit = this.#meetings[0].coordinates.logVolume;
    const logVolume = factors.reduce((sum, factor) => sum + Math.log(factor), coordinates.logVolume - unit);
    const logScale = this.#logPeak - logVolume - Math.log(tree.nodeWeights[0]);
    if (inTurn && coordinates.folds.length === 0 && !this.#convolution) {
      const sums = new BlockSums(tree, this.#kernel, scales, tolerance, false);
      await sums.prepare(pacer);
      return (_y, place) => Math.exp(sums.logSum(place) + logScale);
    }
    const tabulated = this.#convolution && new TabulatedSum(tree, this.#convolution, scales, tolerance);
    if (inTurn && coordinates.folds.length === 0 && tabulated) {
      const z = new Float64Array(scales.length);
      return (y, place) => {
        coordinates.whiten(y, z);
        return Math.exp(tabulated.logPairs(z, place) + logScale);
      };
    }
    const sum: PointSum = tabulated ?? new KernelSum(tree, this.#kernel, scales, tolerance);
    const images = new ImageSum(sum, tree, this.#convolution ?? this.#kernel, coordinates, scales);
    if (this.#meetings.length === 1) return (y) => Math.exp(images.logSum(y) + logScale);
    const { folds } = coordinates;
    const counts = (indices: readonly number[]): boolean =>
      folds.every((fold, i) => isMirrored(fold, indices[i]) === columns.includes(fold.column));
    return (y) => Math.exp(images.logSum(y, NOTHING, counts) + logScale);
  }

  /** log of (K * K)(0): of gaussians 1 / (2 sqrt(pi))^d. */
  get #logPeak(): number {
    const d = this.#meetings[0].coordinates.dimension;
    return this.#convolution?.logPeak ?? -this.#kernel.logNormalizer(d) - 0.5 * d * Math.LN2;
  }
}

/** All sets of columns, but for the empty one, that some image mirrors. */
function mirrorings({ folds }: Coordinates): number[][] {
  const columns = folds.filter(({ bounds }) => bounds.by === 'reflection').map(({ column }) => column);
  const sets = Array.from({ length: 2 ** columns.length }, (_, set) =>
    columns.filter((_, i) => Math.floor(set / 2 ** i) % 2 === 1),
  );
  return sets.slice(1);
}

/** Coordinates for (H + M H M) / 2: what a mirrored column shares with one that is not is gone. */
function mirroredCoordinates(
  rows: Samples,
  coordinates: Coordinates,
  columns: readonly number[],
  owner: string,
): Coordinates {
  const { bandwidth, dimension: d } = coordinates;
  const matrix = (bandwidth.matrix as Float64Array).map((entry, i) => {
    const isTurned = columns.includes(Math.floor(i / d)) !== columns.includes(i % d);
    return isTurned ? 0 : entry;
  });
  const bounds: (ColumnBounds | null)[] = new Array(d).fill(null);
  for (const fold of coordinates.folds) bounds[fold.column] = fold.bounds;
  return new Coordinates(rows, matrixBandwidth(matrix, d), bounds, owner);
}

/** The weights of a tree's rows in the order of the rows. */
function weightsByRow({ weights, order }: Tree): Float64Array | undefined {
  if (weights === undefined) return undefined;
  const byRow = new Float64Array(order.length);
  for (let place = 0; place < order.length; place++) byRow[order[place]] = weights[place];
  return byRow;
}
