/**
 * How good a model is: rows set aside, mean held-out log-density, cross-validation.
 *
 * @module
 */
export {
  type CrossValidateOptions,
  type CrossValidation,
  crossValidate,
  type Fold,
} from './cross-validate.js';
export { type MeanLogDensity, type MeanLogDensityOptions, meanLogDensity } from './mean-log-density.js';
export { type Split, type SplitRowsOptions, splitRows, type WeightedSplit } from './split-rows.js';
