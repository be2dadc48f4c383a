/**
 * Smoothing kernels: profile, normaliser, variance and exact sampler in any number of dimensions.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { alternatives } from '../core/text.js';
import { cosine } from './cosine.js';
import { exponential } from './exponential.js';
import { gaussian } from './gaussian.js';
import { type Kernel, type KernelName, kernelNames } from './kernel.js';
import { linear } from './linear.js';
import { biweight, epanechnikov, tophat, triweight } from './polynomial.js';

export { type Kernel, type KernelName, kernelNames };

const KERNELS: Readonly<Record<KernelName, Kernel>> = {
  gaussian: Object.freeze(gaussian),
  epanechnikov: Object.freeze(epanechnikov),
  tophat: Object.freeze(tophat),
  exponential: Object.freeze(exponential),
  linear: Object.freeze(linear),
  cosine: Object.freeze(cosine),
  biweight: Object.freeze(biweight),
  triweight: Object.freeze(triweight),
};

/**
 * The kernel of a name.
 *
 * @throws ModelError `invalid-option` for a name that is none of {@link kernelNames}.
 * @example
 * import { kernelNamed } from 'generative-models/kernels';
 * Math.exp(-kernelNamed('epanechnikov').logNormalizer(1)); // 0.75
 */
export function kernelNamed(name: KernelName): Kernel {
  if (typeof name === 'string' && Object.hasOwn(KERNELS, name)) return KERNELS[name];
  const must = `name must be one of ${alternatives(kernelNames)}`;
  throw modelError('invalid-option', { owner: 'kernelNamed', must, got: name });
}
