/**
 * The kernel density estimator.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Estimator } from '../core/estimator.js';
import { type Checked, checkOptions } from '../core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights, unitWeights } from '../core/weights.js';
import { type Kernel, kernelNamed } from '../kernels/index.js';
import { ruleBandwidth } from './bandwidth-rules.js';
import { crossValidatedBandwidth } from './cross-validation.js';
import { KernelDensityModel } from './kernel-density-model.js';
import { KERNEL_DENSITY_OPTIONS, type KernelDensityOptions } from './options.js';
import { type Fitted, scalesOf } from './state.js';
import { buildTreeSlowly } from './tree.js';

const OWNER = 'KernelDensity.fit';
const NO_SEARCH: Fitted['history'] = Object.freeze([]);

/**
 * Kernel density estimation: a smooth density without a shape in mind, for data of few columns.
 *
 * @example
 * import { KernelDensity } from 'generative-models';
 * const model = await new KernelDensity({ kernel: 'epanechnikov', bandwidth: 0.5 }).fit([[0], [0.25], [2]]);
 * Math.exp(model.logDensity([[0]])[0]); // 0.875
 */
export class KernelDensity implements Estimator<KernelDensityModel> {
  /** The options in force. */
  readonly options: Checked<KernelDensityOptions>;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: KernelDensityOptions) {
    // Each option has a default, so none is missing.
    this.options = checkOptions('KernelDensity', KERNEL_DENSITY_OPTIONS, options) as Checked<KernelDensityOptions>;
  }

  /**
   * Fits the density to rows, with weights where given.
   *
   * Weights count in the density, in the samples and in the choice of the bandwidth; rows of weight 0 are as if they
   * were not there.
   *
   * Cost: O(n d log n).
   *
   * @throws ModelError by rejection: for rows, weights or options that will not do, `degenerate-data` where a bandwidth
   * cannot be chosen because a column is constant or there is one row only.
   */
  async fit(rows: SamplesLike, options?: FitOptions): Promise<KernelDensityModel> {
    const { weights: given, ...pacing } = checkFitOptions(OWNER, options, ['weights', 'signal', 'onProgress']);
    const pacer = new Pacer(OWNER, pacing);
    const all = readSamples(rows, { owner: OWNER });
    const { samples, weights } = dropWeightless(all, given && readWeights(given, all.rows, OWNER));
    const { kernel, relativeTolerance, leafSize } = this.options;
    const chosen = await this.#chooseBandwidth(samples, weights, kernelNamed(kernel), pacer);
    const fitted = { kernel, samples, weights: weights?.values, ...chosen, relativeTolerance, leafSize };
    const tree = await buildTreeSlowly(fitted, scalesOf(fitted.bandwidth), leafSize, pacer);
    await pacer.step({ phase: 'building the tree', completed: 1, total: 1 });
    return new KernelDensityModel(fitted, tree);
  }

  async #chooseBandwidth(
    samples: Samples,
    weights: RowWeights | undefined,
    kernel: Kernel,
    pacer: Pacer,
  ): Promise<Pick<Fitted, 'bandwidth' | 'bandwidthRule' | 'history'>> {
    const { bandwidth, leafSize } = this.options;
    if (typeof bandwidth !== 'string') {
      return { bandwidth: spread(bandwidth, samples.columns), bandwidthRule: 'given', history: NO_SEARCH };
    }
    const rule = bandwidth === 'cross-validation' ? 'scott' : bandwidth;
    const normal = ruleBandwidth(rule, samples, weights ?? unitWeights(samples.rows), kernel, OWNER);
    if (bandwidth === rule) return { bandwidth: normal, bandwidthRule: bandwidth, history: NO_SEARCH };
    const selection = await crossValidatedBandwidth(samples, weights, kernel, normal, leafSize, OWNER, pacer);
    return { ...selection, bandwidthRule: bandwidth };
  }
}

/** One bandwidth per column. */
function spread(bandwidth: number | ArrayLike<number>, columns: number): Float64Array {
  if (typeof bandwidth === 'number') return new Float64Array(columns).fill(bandwidth);
  if (bandwidth.length === columns) return Float64Array.from(bandwidth);
  throw modelError('shape-mismatch', {
    owner: OWNER,
    must: `option "bandwidth" must hold one number per column, ${columns}`,
    got: bandwidth.length,
  });
}

/** Rows of weight 0 leave no trace; without weights, or with weights of 1 only, there is nothing to weigh. */
function dropWeightless(
  samples: Samples,
  weights: RowWeights | undefined,
): { samples: Samples; weights: RowWeights | undefined } {
  if (weights === undefined || weights.values.every((weight) => weight === 1)) return { samples, weights: undefined };
  if (weights.positive === samples.rows) return { samples, weights };
  const kept = Array.from(weights.values.keys()).filter((i) => weights.values[i] > 0);
  const values = Float64Array.from(kept, (i) => weights.values[i]);
  const rest = samples.select(kept);
  return dropWeightless(rest, { ...weights, values });
}
