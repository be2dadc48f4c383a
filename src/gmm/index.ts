/**
 * Gaussian mixture models.
 *
 * @module
 */
export type { CovarianceType } from './covariance-type.js';
export type { MixtureDescription } from './description.js';
export { GaussianMixture } from './gaussian-mixture.js';
export type { LabelledSamples } from './gaussian-mixture-distribution.js';
export { GaussianMixtureModel } from './gaussian-mixture-model.js';
export type { GaussianMixtureOptions, GivenInitialization, Initialization } from './options.js';
