/**
 * The kernel density estimator.
 *
 * @module
 */
import type { Estimator } from '../core/estimator.js';
import { type Checked, checkOptions } from '../core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights } from '../core/weights.js';
import { adaptiveFactors } from './adaptive.js';
import { type Bounds, checkInside } from './bounds.js';
import { placeSlowly } from './density.js';
import { KernelDensityModel } from './kernel-density-model.js';
import { KERNEL_DENSITY_OPTIONS, type KernelDensityOptions } from './options.js';
import { chooseBandwidth } from './selection.js';
import type { Fitted } from './state.js';
import { buildTreeSlowly } from './tree.js';

const OWNER = 'KernelDensity.fit';

/** Options in force: all have a default but the bounds. */
export type KernelDensitySettings = Omit<Checked<KernelDensityOptions>, 'bounds'> & { readonly bounds?: Bounds };

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
  readonly options: KernelDensitySettings;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: KernelDensityOptions) {
    // Each option but the bounds has a default, so none is missing.
    this.options = checkOptions('KernelDensity', KERNEL_DENSITY_OPTIONS, options) as KernelDensitySettings;
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
    const { kernel, relativeTolerance, leafSize, bounds } = this.options;
    checkInside(all, bounds, OWNER);
    const { samples, weights } = dropWeightless(all, given && readWeights(given, all.rows, OWNER));
    const choice = await chooseBandwidth(this.options, samples, weights, OWNER, pacer);
    const fixed = { kernel, samples, weights: weights?.values, bounds, ...choice, relativeTolerance, leafSize };
    const model = await this.#assemble(fixed, pacer);
    await pacer.step({ phase: 'building the tree', completed: 1, total: 1 });
    return model;
  }

  /** Builds the tree; for bandwidths that adapt a second one, over the factors that the first one gives. */
  async #assemble(fixed: Fitted, pacer: Pacer): Promise<KernelDensityModel> {
    const { leafSize, adaptation } = this.options;
    const placement = await placeSlowly(fixed, OWNER, pacer);
    const { scales } = placement.coordinates;
    const tree = await buildTreeSlowly(placement, scales, leafSize, pacer);
    if (adaptation === 0) return new KernelDensityModel(fixed, placement, tree);
    const factors = await adaptiveFactors(fixed, placement, tree, adaptation, OWNER, pacer);
    const adapted = { ...placement, factors };
    const grown = await buildTreeSlowly(adapted, scales, leafSize, pacer);
    return new KernelDensityModel({ ...fixed, factors }, adapted, grown);
  }
}

/** Rows of weight 0 leave no trace; without weights, or with weights of 1 only, there is nothing to weigh. */
function dropWeightless(
  samples: Samples,
  weights: RowWeights | undefined,
): { samples: Samples; weights: RowWeights | undefined } {
  if (weights === undefined || weights.values.every((weight) => weight === 1)) return { samples, weights: undefined };
  if (weights.positive === samples.rows) return { samples, weights };
  const kept = new Uint32Array(weights.positive);
  const values = new Float64Array(weights.positive);
  let count = 0;
  for (let i = 0; i < samples.rows; i++) {
    if (weights.values[i] === 0) continue;
    kept[count] = i;
    values[count++] = weights.values[i];
  }
  return dropWeightless(samples.select(kept), { ...weights, values });
}
