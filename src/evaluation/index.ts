/**
 * How good a model is: rows set aside, held-out log-density, cross-validation; and how close two sets of rows are.
 *
 * @module
 */
export {
  type ClassifierTwoSampleTest,
  type ClassifierTwoSampleTestOptions,
  classifierTwoSampleTest,
} from './classifier-two-sample-test.js';
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type Fold,
} from './cross-validate.js';
export type { ClassifierName } from './discriminator.js';
export { type EnergyDistance, type EnergyDistanceOptions, energyDistance } from './energy-distance.js';
export {
  type JensenShannonEstimate,
  type JensenShannonEstimateOptions,
  jensenShannonEstimate,
} from './jensen-shannon-estimate.js';
export {
  type GridRange,
  type JensenShannonOnGrid,
  type JensenShannonOnGridOptions,
  jensenShannonOnGrid,
} from './jensen-shannon-on-grid.js';
export {
  type MaximumMeanDiscrepancy,
  type MaximumMeanDiscrepancyOptions,
  maximumMeanDiscrepancy,
} from './maximum-mean-discrepancy.js';
export { type MeanLogDensity, type MeanLogDensityOptions, meanLogDensity } from './mean-log-density.js';
export { type KnownModes, type ModeCoverage, type ModeCoverageOptions, modeCoverage } from './mode-coverage.js';
export {
  type PrecisionAndRecall,
  type PrecisionAndRecallOptions,
  precisionAndRecall,
} from './precision-and-recall.js';
export {
  type SlicedWassersteinDistance,
  type SlicedWassersteinDistanceOptions,
  slicedWassersteinDistance,
} from './sliced-wasserstein-distance.js';
export { type Split, type SplitRowsOptions, splitRows, type WeightedSplit } from './split-rows.js';
export type { PermutationOptions } from './two-sample-options.js';
