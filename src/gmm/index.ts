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
export type { GivenInitialization, Initialization } from './given-initialization.js';
export type { Acceleration, GaussianMixtureOptions } from './options.js';
export type { PriorChoice, PriorOptions } from './prior-options.js';
export type { MixturePart, Objective } from './state.js';
