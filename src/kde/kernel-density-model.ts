/**
 * The fitted kernel density.
 *
 * @module
 */
import { allocateSamples, checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { type Kernel, type KernelName, kernelNamed } from '../kernels/index.js';
import { KernelSum } from './kernel-sum.js';
import { type Fitted, readState, type SelectionStep, scalesOf, writeState } from './state.js';
import { buildTree, type Tree } from './tree.js';

/**
 * A kernel density: one kernel on each row of the data,
 *
 *     f(x) = 1 / (W h_1 ... h_d) sum_i w_i K((x - x_i) / h),    W = sum_i w_i.
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
  readonly #fitted: Fitted;
  readonly #kernel: Kernel;
  /** log of W h_1 ... h_d Z_d. */
  readonly #logNormalizer: number;
  readonly #sum: KernelSum;
  /** Running sums of the weights; `undefined` for weights of 1. */
  readonly #cumulative: Float64Array | undefined;

  /** @internal */
  constructor(fitted: Fitted, tree: Tree) {
    const { samples, weights, bandwidth } = fitted;
    this.#fitted = fitted;
    this.#kernel = kernelNamed(fitted.kernel);
    this.#sum = new KernelSum(tree, this.#kernel, scalesOf(bandwidth), fitted.relativeTolerance);
    this.#cumulative = weights && runningSums(weights);
    this.#logNormalizer = this.#kernel.logNormalizer(samples.columns) + Math.log(tree.nodeWeights[0]);
    for (const h of bandwidth) this.#logNormalizer += Math.log(h);
    Object.freeze(this);
  }

  /** Number of columns, d. */
  get dimension(): number {
    return this.#fitted.samples.columns;
  }

  /** Number of rows that carry weight: those that the density is made of. */
  get rows(): number {
    return this.#fitted.samples.rows;
  }

  /** The kernel's name. */
  get kernel(): KernelName {
    return this.#fitted.kernel;
  }

  /** The bandwidth of each column, in the kernel's own scale; a copy. */
  get bandwidth(): Float64Array {
    return this.#fitted.bandwidth.slice();
  }

  /** How the bandwidth was chosen: given by the caller, or by the rule of this name. */
  get bandwidthRule(): Fitted['bandwidthRule'] {
    return this.#fitted.bandwidthRule;
  }

  /**
   * The search for the bandwidth, step by step, for `'cross-validation'`; empty for the other rules. Steps at which a
   * left-out row had no density at all are not kept.
   */
  get history(): readonly SelectionStep[] {
    return this.#fitted.history;
  }

  /** The tolerance within which densities are exact, relative to the density itself. */
  get relativeTolerance(): number {
    return this.#fitted.relativeTolerance;
  }

  /**
   * Draws rows: a row of the data, picked by weight, plus bandwidth times a draw from the kernel. Exact for each kernel.
   *
   * Cost: O(d + log n) per row.
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
    const { samples, bandwidth } = this.#fitted;
    const { columns } = samples;
    const data = allocateSamples(owner, count, columns);
    const rowStream = RandomStream.of(seed, 'KernelDensityModel.sample', 'rows');
    const kernelStream = rowStream.child('kernel');
    for (let i = 0; i < count; i++) {
      const from = this.#pickRow(rowStream.uniform()) * columns;
      const to = i * columns;
      this.#kernel.sample(kernelStream, columns, data, to);
      for (let j = 0; j < columns; j++) data[to + j] = samples.data[from + j] + bandwidth[j] * data[to + j];
    }
    return new Samples(data, count, columns);
  }

  /** The row at a share of the total weight: weight 2 takes the place of the row twice, to the draw. */
  #pickRow(share: number): number {
    const { rows } = this.#fitted.samples;
    if (this.#cumulative === undefined) return Math.min(rows - 1, Math.floor(share * rows));
    const target = share * this.#cumulative[rows - 1];
    let low = 0;
    let high = rows - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#cumulative[middle] > target) high = middle;
      else low = middle + 1;
    }
    return low;
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
    const { columns } = this.#fitted.samples;
    const queries = viewSamples(rows, { owner, columns });
    const result = new Float64Array(queries.rows);
    const query = new Float64Array(columns);
    for (let i = 0; i < result.length; i++) {
      for (let j = 0; j < columns; j++) query[j] = queries.data[i * columns + j];
      result[i] = this.#sum.logSum(query) - this.#logNormalizer;
    }
    return result;
  }

  /** All there is to the model: its rows, weights, bandwidth and settings. The tree is built again on reading. */
  toState(): ModelState {
    return writeState(this.#fitted);
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
    const fitted = readState(state, 'KernelDensityModel.fromState');
    return new KernelDensityModel(fitted, buildTree(fitted, scalesOf(fitted.bandwidth), fitted.leafSize));
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

function runningSums(weights: Float64Array): Float64Array {
  const sums = new Float64Array(weights.length);
  let sum = 0;
  for (let i = 0; i < weights.length; i++) {
    sum += weights[i];
    sums[i] = sum;
  }
  return sums;
}
