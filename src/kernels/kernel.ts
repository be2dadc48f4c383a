/**
 * What a smoothing kernel is, in any number of dimensions.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';

/** The names of the kernels, in the order of the documentation. */
export const kernelNames = [
  'gaussian',
  'epanechnikov',
  'tophat',
  'exponential',
  'linear',
  'cosine',
  'biweight',
  'triweight',
] as const;

/** The name of a kernel. */
export type KernelName = (typeof kernelNames)[number];

/**
 * A radial smoothing kernel, K(u) = k(|u|^2) / Z_d with Z_d the integral of k(|u|^2) over R^d.
 *
 * The profile k takes the *squared* distance t = |u|^2 >= 0, is 1 at 0, and never rises.
 *
 * | name | k(t), with r = sqrt(t) | support |
 * |---|---|---|
 * | gaussian | exp(-t / 2) | all of R^d |
 * | exponential | exp(-r) | all of R^d |
 * | tophat | 1 | t <= 1 |
 * | epanechnikov | 1 - t | t < 1 |
 * | biweight | (1 - t)^2 | t < 1 |
 * | triweight | (1 - t)^3 | t < 1 |
 * | linear | 1 - r | t < 1 |
 * | cosine | cos(pi r / 2) | t < 1 |
 *
 * Reference: Silverman (1986), *Density Estimation for Statistics and Data Analysis*, section 4.2.
 *
 * @example
 * import { kernelNamed } from 'generative-models/kernels';
 * const kernel = kernelNamed('epanechnikov');
 * kernel.profile(0.25); // 0.75
 * kernel.variance(1); // 0.2
 */
export interface Kernel {
  /** The kernel's name. */
  readonly name: KernelName;
  /** Whether k vanishes beyond t = 1. */
  readonly isCompact: boolean;
  /** k(t), the kernel without its normaliser. */
  profile(t: number): number;
  /** log k(t): finite wherever k is positive, also where k(t) itself would underflow. */
  logProfile(t: number): number;
  /** log Z_d, the logarithm of the integral of k(|u|^2) over R^d; in logarithms, so that no d overflows. */
  logNormalizer(dimension: number): number;
  /** The variance of K along each axis: the integral of u_1^2 K(u) over R^d. */
  variance(dimension: number): number;
  /** Draws one u from K, exactly, into `out[offset]` to `out[offset + dimension - 1]`. */
  sample(stream: RandomStream, dimension: number, out: Float64Array, offset: number): void;
}
