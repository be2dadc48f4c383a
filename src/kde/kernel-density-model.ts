/**
 * The fitted kernel density.
 *
 * @module
 */
import type { GivenColumns } from '../core/given.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { type GivenBandwidth, readBandwidth } from './bandwidth.js';
import { checkGiven, conditionalFit } from './conditional.js';
import { Density, type Placement, placementOf, readPlacement, treeScales } from './density.js';
import { KernelDensityDistribution } from './kernel-density-distribution.js';
import { checkColumns, marginalFit } from './marginal.js';
import { checkBandwidth } from './options.js';
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
export class KernelDensityModel extends KernelDensityDistribution {
  readonly #density: Density;

  /** @internal */
  constructor(fitted: Fitted, placement: Placement, tree: Tree) {
    const density = new Density(fitted, placement, tree);
    super(density);
    this.#density = density;
    Object.freeze(this);
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

  /**
   * The density of some columns, in the order given: f integrated over the others. Exact.
   *
   * For the gaussian kernel always; for tophat, epanechnikov, biweight and triweight where an even number of columns is
   * dropped, the kernel then being two powers of (1 - t) further on, as in (1 - t)^m to (1 - t)^(m + 1) for two columns.
   *
   * Cost: that of a new tree, O(n d log n).
   *
   * @throws ModelError `invalid-data` for what is no choice of columns, `invalid-option` where the marginal kernel has no name.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: [1, 2] }).fit([[0, 5], [3, 6]]);
   * model.marginal([1]).bandwidth; // Float64Array [ 2 ]
   */
  marginal(columns: ArrayLike<number>): KernelDensityModel {
    const owner = 'KernelDensityModel.marginal';
    return assemble(marginalFit(this.#density.fitted, checkColumns(columns, this.dimension, owner), owner), owner);
  }

  /**
   * The density of the other columns, given the values of some: `{ given: { 2: 0.5 } }` says that column 2 is 0.5. Exact, for the
   * gaussian kernel, tophat, epanechnikov, biweight and triweight; the result samples, and is asked, like any other model.
   *
   *     f(x_a | x_b) = f(x_a, x_b) / f(x_b),
   *
   * a kernel density whose rows weigh as much as they lie near in the columns given. However far those are from all rows,
   * weights stay finite.
   *
   * Cost: that of a new tree, O(n d log n).
   *
   * @throws ModelError `invalid-data` for values that will not do, `invalid-option` for other kernels.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0], [9, 9]]);
   * model.conditional({ given: { 0: 9 } }).quantile([0.5])[0].toFixed(3); // '9.000'
   */
  conditional(argument: GivenColumns): KernelDensityModel {
    const owner = 'KernelDensityModel.conditional';
    return assemble(conditionalFit(this.#density, checkGiven(this.#density, argument, owner), owner), owner);
  }

  /**
   * The same rows with another bandwidth, as the option takes it in numbers. From one bandwidth per column to another, the
   * tree is shared, and the call costs O(d).
   *
   * @throws ModelError `invalid-option`, `shape-mismatch` or `not-positive-definite` for bandwidths that will not do.
   * @example
   * import { KernelDensity } from 'generative-models';
   * const model = await new KernelDensity({ bandwidth: 1 }).fit([[0]]);
   * model.withBandwidth(2).logDensity([[0]])[0] - model.logDensity([[0]])[0]; // -0.6931471805599454
   */
  withBandwidth(bandwidth: GivenBandwidth): KernelDensityModel {
    const owner = 'KernelDensityModel.withBandwidth';
    const old = this.#density.fitted;
    const next = readBandwidth(checkBandwidth(bandwidth, owner), this.dimension, owner);
    const shares = next.matrix === undefined && old.bandwidth.matrix === undefined;
    const treeBandwidth = shares ? (old.treeBandwidth ?? old.bandwidth.columns) : undefined;
    const none = Object.freeze([]);
    const fitted: Fitted = {
      ...old,
      bandwidth: next,
      bandwidthRule: 'given',
      treeBandwidth,
      history: none,
      warnings: none,
    };
    if (!shares) return assemble(fitted, owner);
    return new KernelDensityModel(fitted, placementOf(fitted, owner), this.#density.tree);
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
    return assemble(fitted, owner, readPlacement(fitted, owner));
  }

  /**
   * Reads a model from JSON, as text or parsed.
   *
   * @throws ModelError `invalid-model-file`.
   */
  static fromJSON(json: unknown): KernelDensityModel {
    return KernelDensityModel.fromState(stateFromJson(json, 'KernelDensityModel.fromJSON'));
  }
}

/** The model of a fit whose tree is yet to be built. */
function assemble(
  fitted: Fitted,
  owner: string,
  placement: Placement = placementOf(fitted, owner),
): KernelDensityModel {
  const tree = buildTree(placement, treeScales(fitted, placement), fitted.leafSize);
  return new KernelDensityModel(fitted, placement, tree);
}
