/**
 * Gaussian mixture models.
 *
 * @module
 */

export type { BatchMethod } from './batch-fit.js';
export type { Batches, BatchSource } from './batches.js';
export { BayesianGaussianMixture } from './bayesian-gaussian-mixture.js';
export { BayesianGaussianMixtureModel } from './bayesian-gaussian-mixture-model.js';
export type { BayesianGaussianMixtureOptions, MeanAndCovariancePrior } from './bayesian-options.js';
export type { Given } from './conditional.js';
export type { CovarianceType } from './covariance-type.js';
export type { MixtureDescription } from './description.js';
export type { Ellipse, EllipseOptions } from './ellipses.js';
export type { EntropyBounds } from './entropy-bounds.js';
export type { Clustering } from './entropy-merging.js';
export { type BatchFitOptions, GaussianMixture, type MixtureFitOptions } from './gaussian-mixture.js';
export { GaussianMixtureModel } from './gaussian-mixture-model.js';
export type { GivenInitialization, Initialization } from './given-initialization.js';
export type { ImputeOptions } from './imputation.js';
export type { Divergence, SimulationOptions } from './kl-divergence.js';
export type { MergeOptions } from './merging.js';
export type { MissingRule, RowOptions } from './missing-rule.js';
export type { Acceleration, GaussianMixtureOptions } from './options.js';
export type { ReferenceOptions, ThresholdOptions } from './outliers.js';
export type { PriorChoice, PriorOptions } from './prior-options.js';
export type { Regression, RegressionOptions } from './regression.js';
export type { LabelledSamples } from './sampling.js';
export { type Selection, type SelectionRow, selectGaussianMixture } from './select-gaussian-mixture.js';
export type { SelectionCriterion, SelectionOptions } from './selection-options.js';
export type { MixturePart, Objective } from './state.js';
export type { WeightPrior } from './stick-breaking.js';
export type { UpdateOptions } from './update.js';
