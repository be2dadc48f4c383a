/**
 * The options of kernel density estimation.
 *
 * @module
 */
import { either, integer, listOf, number, type OptionTable, oneOf, option } from '../core/options.js';
import { type KernelName, kernelNames } from '../kernels/index.js';

/** The names of the ways to choose a bandwidth from the rows. */
export const bandwidthRules = ['scott', 'silverman', 'cross-validation'] as const;

/** A way to choose a bandwidth from the rows. */
export type BandwidthRule = (typeof bandwidthRules)[number];

/** Options of {@link KernelDensity}. */
export interface KernelDensityOptions {
  /** The smoothing kernel. Default: `'gaussian'`. */
  readonly kernel?: KernelName;
  /**
   * The bandwidth h in the kernel's own scale: one number for all columns, one for each, or how to choose it from the
   * rows. Default: `'scott'`.
   *
   * - `'scott'` and `'silverman'` choose the best bandwidth for normal data, for each column by its standard deviation.
   * - `'cross-validation'` scales Scott's by the factor that makes left-out rows most probable.
   */
  readonly bandwidth?: number | ArrayLike<number> | BandwidthRule;
  /**
   * How far a density may be off, as a share of itself, at any point. 0 asks for all digits that rounding leaves.
   * Default: 1e-8.
   */
  readonly relativeTolerance?: number;
  /** Most rows in a leaf of the tree: a matter of speed only. Default: 64. */
  readonly leafSize?: number;
}

const positive = number({ above: 0 });

/** Checks and defaults of {@link KernelDensityOptions}. */
export const KERNEL_DENSITY_OPTIONS: OptionTable<KernelDensityOptions> = {
  kernel: option(oneOf(...kernelNames), 'gaussian'),
  bandwidth: option(either(either(positive, listOf(positive)), oneOf(...bandwidthRules)), 'scott'),
  relativeTolerance: option(number({ least: 0, below: 1 }), 1e-8),
  leafSize: option(integer(2, 2 ** 20), 64),
};
