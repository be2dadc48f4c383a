/**
 * The fitted kernel density.
 *
 * @module
 */
import { checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import type { KernelName } from '../kernels/index.js';
import { asMatrix } from './bandwidth.js';
import type { Bounds } from './bounds.js';
import { Density, type Placement, readPlacement } from './density.js';
import { drawRows, runningSums } from './sampling.js';
import { type Fitted, readState, type SelectionStep, writeState } from './state.js';
import { buildTree, type Tree } from './tree.js';

/**
 * A kernel density: one kernel on each row of the data,
 *
 *     f(x) = 1 / (W |H|^(1/2)) sum_i w_i K(B^-1 (x - x_i)),    W = sum_i w_i,    B B^T = H,
 *
 * where H has the entries h_j^2 on its diagonal for one bandwidth per column.
 *
 * Made by {@link KernelDensity.fit}, or read back by {@link KernelDensityModel.fromJSON} and
 * {@link KernelDensityModel.fromState}. Immutable.
 *
 * @example
 * import { KernelDensity } from 'generative-models';
 * const model = await new KernelDensity({ bandwidth: 0.1 }).fit([[0], [1]]);
 * // Far in the tail, where the density itself would underflow.
 * model.logDensity([[100]])[0].toFixed(6); // '-490049.309501'
 */
export class KernelDensityModel implements GenerativeModel {
  /** Densities are exact to {@link relativeTolerance}. */
  readonly densityKind = 'exact';
  readonly #density: Density;
  /** Running sums of the weights; `undefined` for weights of 1. */
  readonly #cumulative: Float64Array | undefined;

  /** @internal */
  constructor(fitted: Fitted, placement: Placement, tree: Tree) {
    this.#density = new Density(fitted, placement, tree);
    this.#cumulative = fitted.weights && runningSums(fitted.weights);
    Object.freeze(this);
  }

  /** Number of columns, d. */
  get dimension(): number {
    return this.#density.fitted.samples.columns;
  }

  /** Number of rows that carry weight: those that the density is made of. */
  get rows(): number {
    return this.#density.fitted.samples.rows;
  }

  /** The kernel's name. */
  get kernel(): KernelName {
    return this.#density.fitted.kernel;
  }

  /** The bandwidth of each column, in the kernel's own scale, h_j = sqrt(H_jj); a copy. */
  get bandwidth(): Float64Array {
    return this.#density.fitted.bandwidth.columns.slice();
  }

  /** The bandwidth as the matrix H of squared scales, d x d; a copy. */
  get bandwidthMatrix(): Samples {
    return new Samples(asMatrix(this.#density.fitted.bandwidth), this.dimension, this.dimension);
  }

  /** The bounds of each column, as given; `undefined` for a density without bounds. */
  get bounds(): Bounds | undefined {
    return this.#density.fitted.bounds;
  }

  /** How the bandwidth was chosen: given by the caller, or by the rule of this name. */
  get bandwidthRule(): Fitted['bandwidthRule'] {
    return this.#density.fitted.bandwidthRule;
  }

  /**
   * The search for the bandwidth, step by step, of the cross-validations; empty for the other rules. Steps at which a
   * left-out row had no density at all are not kept.
   */
  get history(): readonly SelectionStep[] {
    return this.#density.fitted.history;
  }

  /** What the choice of the bandwidth has to tell, in sentences: a rule that gave way to another, for one. */
  get warnings(): readonly string[] {
    return this.#density.fitted.warnings;
  }

  /** The tolerance within which densities are exact, relative to the density itself. */
  get relativeTolerance(): number {
    return this.#density.fitted.relativeTolerance;
  }

  /**
   * Draws rows: a row of the data, picked by weight, plus bandwidth times a draw from the kernel. Exact for each kernel.
   *
   * Cost: O(d^2 + log n) per row.
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ kernel: 'tophat', bandwidth: 0.5 }).fit([[0, 0], [9, 9]]);
   * model.sample(3, { seed: 1 }).rows; // 3
   */
  sample(count: number, options?: SampleOptions): Samples {
    const owner = 'KernelDensityModel.sample';
    const { seed } = checkSampling(owner, count, options);
    return drawRows(this.#density, this.#cumulative, count, seed, owner);
  }

  /**
   * log f(x) of each row, in nats; `-Infinity` beyond the reach of a compact kernel, never `NaN`.
   *
   * Each density is within {@link relativeTolerance} of the exact sum, wherever the row lies, and depends on no other row
   * of the call. Far in the tails of the gaussian and exponential kernels, where the density underflows, its logarithm is
   * still right.
   *
   * Cost: O(log n) plus the rows of the data that matter at the tolerance, for each row.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    const owner = 'KernelDensityModel.logDensity';
    const queries = viewSamples(rows, { owner, columns: this.dimension });
    return Float64Array.from({ length: queries.rows }, (_, i) =>
      this.#density.logAt(queries.data, i * queries.columns),
    );
  }

  /** All there is to the model: its rows, weights, bandwidth and settings. The tree is built again on reading. */
  toState(): ModelState {
    return writeState(this.#density.fitted);
  }

  /** The model as plain JSON. */
  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }

  /**
   * Reads a model from its state; densities and samples are the same to the bit.
   *
   * @throws ModelError `invalid-model-file`.
   */
  static fromState(state: ModelState): KernelDensityModel {
    const owner = 'KernelDensityModel.fromState';
    const fitted = readState(state, owner);
    return assemble(fitted, readPlacement(fitted, owner));
  }

  /**
   * Reads a model from JSON, as text or parsed.
   *
   * @throws ModelError `invalid-model-file`.
   */
  static fromJSON(json: unknown): KernelDensityModel {
    return KernelDensityModel.fromState(stateFromJson(json, 'KernelDensityModel.fromJSON'));
  }

  get [Symbol.toStringTag](): string {
    return `KernelDensityModel: ${this.rows} rows x ${this.dimension} columns, ${this.kernel}`;
  }
}

/** The model of a fit whose tree is yet to be built. */
function assemble(fitted: Fitted, placement: Placement): KernelDensityModel {
  const tree = buildTree(placement, placement.coordinates.scales, fitted.leafSize);
  return new KernelDensityModel(fitted, placement, tree);
}
