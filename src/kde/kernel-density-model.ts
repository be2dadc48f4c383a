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
import { gradientAt } from './gradient.js';
import { findModes, type Modes } from './modes.js';
import {
  type BoxProbability,
  checkBox,
  checkOneColumn,
  checkProbabilities,
  drawnProbability,
  isProduct,
  productProbability,
} from './probability.js';
import { quantileAt, supportOf } from './quantile.js';
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

  /**
   * The gradient of log f at each row, one row each; zeros where there is no density, and where a kernel has a cusp or a
   * step it counts as level.
   *
   *     grad log f = H^-1 sum_i w_i g(t_i) (x_i - x) / sum_i w_i k(t_i),    g(t) = -2 k'(t).
   *
   * Each entry is off by at most {@link relativeTolerance} divided by the bandwidth.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 2 }).fit([[0], [0]]);
   * model.logDensityGradient([[1]]).get(0, 0); // -0.25
   */
  logDensityGradient(rows: SamplesLike): Samples {
    const owner = 'KernelDensityModel.logDensityGradient';
    const queries = viewSamples(rows, { owner, columns: this.dimension });
    const gradient = new Float64Array(queries.data.length);
    for (let i = 0; i < queries.rows; i++) {
      gradientAt(this.#density, queries.data, i * queries.columns, gradient);
    }
    return new Samples(gradient, queries.rows, queries.columns);
  }

  /**
   * F(x) = P(X <= x) of each row, for densities of one column.
   *
   * Each value is within {@link relativeTolerance} of itself, also far out in the lower tail. Cost: as {@link logDensity}.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, and for rows that will not do.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[-1], [1]]);
   * model.cdf([[0]])[0]; // 0.5
   */
  cdf(rows: SamplesLike): Float64Array {
    const owner = 'KernelDensityModel.cdf';
    checkOneColumn(this.dimension, owner);
    const queries = viewSamples(rows, { owner, columns: 1 });
    return queries.data.map((x) =>
      productProbability(this.#density, [Number.NEGATIVE_INFINITY], [x], this.relativeTolerance),
    );
  }

  /**
   * The least x with F(x) >= p for each probability, for densities of one column. Of 0 and 1, the ends of the support,
   * which may be infinite.
   *
   * Cost: 10 to 60 evaluations of {@link cdf} each.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, `invalid-data` for what is not a probability.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[5]]);
   * model.quantile([0.975])[0].toFixed(9); // '6.959963985'
   */
  quantile(probabilities: ArrayLike<number>): Float64Array {
    const owner = 'KernelDensityModel.quantile';
    checkOneColumn(this.dimension, owner);
    const [low, high] = supportOf(this.#density);
    return checkProbabilities(probabilities, owner).map((p) => {
      if (p === 0) return low;
      return p === 1 ? high : quantileAt(this.#density, p);
    });
  }

  /**
   * P(lower <= X <= upper), for densities of one column; ends may be infinite. Upper tails have all their digits too.
   *
   * @throws ModelError `shape-mismatch` for densities of more columns, `invalid-data` for ends in the wrong order.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ kernel: 'tophat', bandwidth: 1 }).fit([[0]]);
   * model.intervalProbability(0, 0.5); // 0.25
   */
  intervalProbability(lower: number, upper: number): number {
    const owner = 'KernelDensityModel.intervalProbability';
    checkOneColumn(this.dimension, owner);
    const [a, b] = checkBox([lower], [upper], 1, owner);
    return productProbability(this.#density, a, b, this.relativeTolerance);
  }

  /**
   * P(lower <= X <= upper) columnwise; ends may be infinite.
   *
   * Exact to {@link relativeTolerance} in one dimension, and in more for the gaussian kernel with one bandwidth per column;
   * otherwise the share of 65,536 draws, always the same ones, with its standard error.
   *
   * @throws ModelError for corners of another width, or in the wrong order.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0]]);
   * model.boxProbability([0, 0], [Infinity, Infinity]); // { probability: 0.25, standardError: 0 }
   */
  boxProbability(lower: ArrayLike<number>, upper: ArrayLike<number>): BoxProbability {
    const [a, b] = checkBox(lower, upper, this.dimension, 'KernelDensityModel.boxProbability');
    if (!isProduct(this.#density)) return drawnProbability(this.#density, this.#cumulative, a, b);
    const probability = productProbability(this.#density, a, b, this.relativeTolerance);
    return { probability, standardError: 0 };
  }

  /**
   * The local modes that lie uphill from the rows, by mean shift, the highest first.
   *
   * Cost: from up to 400 rows, some tens of steps that each take one pass over the rows in reach.
   *
   * Reference: Comaniciu & Meer (2002), doi:10.1109/34.1000236.
   *
   * @throws ModelError `invalid-option` for the kernels with cusps or steps, tophat, exponential and linear.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0], [0], [9]]);
   * model.modes().points.toArray().map(([x]) => x.toFixed(6)); // [ '0.000000', '9.000000' ]
   */
  modes(): Modes {
    return findModes(this.#density, 'KernelDensityModel.modes');
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
