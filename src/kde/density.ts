/**
 * A fitted density put together: what every query of the model works on.
 *
 * @module
 */
import { describeThrown, modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import { type Kernel, kernelNamed } from '../kernels/index.js';
import { Batch } from './batch.js';
import { Coordinates, scalesOf } from './coordinates.js';
import { GaussianCells } from './gaussian-cells.js';
import { ImageSum } from './image-sum.js';
import { KernelSum } from './kernel-sum.js';
import { RegionSums } from './region-sums.js';
import type { Fitted } from './state.js';
import type { Tree, TreePoints } from './tree.js';

/** The rows as the tree knows them. */
export interface Placement extends TreePoints {
  readonly coordinates: Coordinates;
}

/** The rows of a fit in the coordinates of its tree. */
export function placementOf(fitted: Fitted, owner: string): Placement {
  const coordinates = new Coordinates(fitted.samples, fitted.bandwidth, fitted.bounds, owner);
  const { weights, factors } = fitted;
  return { coordinates, samples: coordinates.place(fitted.samples, owner), weights, factors };
}

/** The same, with the event loop given its turns. */
export async function placeSlowly(fitted: Fitted, owner: string, pacer: Pacer): Promise<Placement> {
  const coordinates = new Coordinates(fitted.samples, fitted.bandwidth, fitted.bounds, owner);
  const samples = await coordinates.placeSlowly(fitted.samples, owner, pacer);
  return { coordinates, samples, weights: fitted.weights, factors: fitted.factors };
}

/** What the sides of nodes count when a tree is built: in bandwidths, or in those that the tree was first built for. */
export function treeScales(fitted: Fitted, { coordinates }: Placement): Float64Array {
  return fitted.treeBandwidth && coordinates.factor === undefined ? scalesOf(fitted.treeBandwidth) : coordinates.scales;
}

/** The parts of a density, and its logarithm at one point. */
export class Density {
  readonly fitted: Fitted;
  readonly kernel: Kernel;
  readonly coordinates: Coordinates;
  /** The rows in the coordinates of the tree. */
  readonly placed: Samples;
  readonly tree: Tree;
  readonly kernelSum: KernelSum;
  readonly sum: ImageSum;
  /** log of W |H|^(1/2) Z_d. */
  readonly logNormalizer: number;
  readonly #y: Float64Array;
  #batch: Batch | undefined | null = null;
  #cells: GaussianCells | undefined | null = null;

  constructor(fitted: Fitted, placement: Placement, tree: Tree) {
    const { coordinates } = placement;
    this.fitted = fitted;
    this.kernel = kernelNamed(fitted.kernel);
    this.coordinates = coordinates;
    this.placed = placement.samples;
    this.tree = tree;
    this.kernelSum = new KernelSum(tree, this.kernel, coordinates.scales, fitted.relativeTolerance);
    this.sum = new ImageSum(this.kernelSum, tree, this.kernel, coordinates, coordinates.scales);
    this.logNormalizer =
      this.kernel.logNormalizer(coordinates.dimension) + Math.log(tree.totalWeight) + coordinates.logVolume;
    this.#y = new Float64Array(coordinates.dimension);
  }

  /** Cells for the distribution function, where there are such; gathered when first asked for. */
  get cells(): GaussianCells | undefined {
    if (this.#cells === null) this.#cells = GaussianCells.of(this);
    return this.#cells;
  }

  /** log f of each row. */
  logDensity({ data, rows, columns }: Samples): Float64Array {
    const out = new Float64Array(rows);
    const batch = this.#sharing;
    if (batch && rows > 1) batch.logDensity(data, out);
    else for (let i = 0; i < rows; i++) out[i] = this.logAt(data, i * columns);
    return out;
  }

  /** log f at the x at `data[from ..]`, the same to the bit; `-Infinity` out of bounds and out of reach. */
  logAt(data: Float64Array, from: number): number {
    return this.#sharing?.logAt(data, from) ?? this.logAlone(data, from);
  }

  /** log f there by a walk of its own. */
  logAlone(data: Float64Array, from: number): number {
    const logSlope = this.coordinates.unbound(data, from, this.#y);
    if (logSlope === Number.NEGATIVE_INFINITY) return logSlope;
    return this.sum.logSum(this.#y) - this.logNormalizer + logSlope;
  }

  /** What lets rows share walks, where that pays; looked into when the first density is asked for. */
  get #sharing(): Batch | undefined {
    if (this.#batch !== null) return this.#batch;
    const { scales, folds } = this.coordinates;
    const { relativeTolerance } = this.fitted;
    const regions = folds.length > 0 ? undefined : RegionSums.of(this.tree, this.kernel, scales, relativeTolerance);
    this.#batch = regions && new Batch(this, regions);
    return this.#batch;
  }
}

/**
 * {@link placementOf} what was read from a file.
 *
 * @throws ModelError `invalid-model-file`.
 */
export function readPlacement(fitted: Fitted, owner: string): Placement {
  try {
    return placementOf(fitted, owner);
  } catch (cause) {
    const must = `rows and bandwidth must fit together (${describeThrown(cause)})`;
    throw modelError('invalid-model-file', { owner, must, cause });
  }
}
