/**
 * What a Bayesian Gaussian mixture may be told.
 *
 * @module
 */
import {
  type Checked,
  checkOptions,
  integer,
  number,
  type OptionTable,
  oneOf,
  option,
  optional,
  type Rule,
  readOptions,
  seed,
} from '../core/options.js';
import type { Seed } from '../core/random.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import { INITIALIZATION_NAMES } from './given-initialization.js';
import { type FrozenPrior, type PriorOptions, priorRule, readPrior } from './prior-options.js';
import { WEIGHT_PRIORS, type WeightPrior } from './stick-breaking.js';

/** A prior of means and covariances, as {@link PriorOptions}, but that its scale is the covariance of the rows by default. */
export type MeanAndCovariancePrior = Omit<PriorOptions, 'weightConcentration'>;

/** Options of {@link BayesianGaussianMixture}. */
export interface BayesianGaussianMixtureOptions {
  /** Most Gaussians, K, of which the fit uses as many as the data ask for; 10 unless told otherwise. */
  readonly components?: number;
  /** Constraint on the covariance matrices; `'full'` unless told otherwise. */
  readonly covariance?: CovarianceType;
  /**
   * Prior of the weights: a Dirichlet distribution, or a Dirichlet process by stick breaking, truncated at K;
   * `'dirichlet-process'` unless told otherwise.
   */
  readonly weightPrior?: WeightPrior;
  /** Concentration of that prior, above 0: the smaller, the fewer components; 1 / K unless told otherwise. */
  readonly weightConcentration?: number;
  /** Prior of means and covariances; `'conjugate'`, which follows the scale of the data, unless told otherwise. */
  readonly prior?: 'conjugate' | MeanAndCovariancePrior;
  /** Where inference starts; `'k-means++'` unless told otherwise. */
  readonly initialization?: (typeof INITIALIZATION_NAMES)[number];
  /** How many starts are tried; that with the highest bound is kept. 3 unless told otherwise. */
  readonly restarts?: number;
  /** Most iterations of one start; 2000 unless told otherwise. */
  readonly maxIterations?: number;
  /**
   * Inference stops once the evidence lower bound per row is expected to rise by less than this much in all further
   * iterations together, relative to its own size for standardised rows; 1e-7 unless told otherwise.
   */
  readonly tolerance?: number;
  /** Added to the variances of the prior's scale, as a fraction of each column's; 1e-6 unless told otherwise. */
  readonly regularization?: number;
  /** Fixes the random draws of the initialisation: same rows, same seed, same bits. */
  readonly seed?: Seed;
}

/** Options with defaults filled in. */
export type CheckedBayesianOptions = Omit<
  Checked<BayesianGaussianMixtureOptions>,
  'seed' | 'prior' | 'weightConcentration'
> & {
  readonly seed?: Seed;
  readonly weightConcentration?: number;
  readonly prior: 'conjugate' | FrozenPrior;
};

const ownPrior: Rule<'conjugate' | MeanAndCovariancePrior> = {
  words: '"conjugate" or { mean?, meanPrecision?, degreesOfFreedom?, scale? }',
  accepts: (value): value is 'conjugate' | MeanAndCovariancePrior =>
    value !== 'none' && priorRule.accepts(value) && !(typeof value === 'object' && 'weightConcentration' in value),
  inside: ['conjugate', { meanPrecision: 1 }, { mean: [0], degreesOfFreedom: 3, scale: [[1]] }],
  outside: ['none', '', 0, null, [], { meanPrecision: 0 }, { scale: [[0]] }, { weightConcentration: 1 }],
  copy: (value) => (typeof value === 'string' ? value : readPrior(value, OWNER)),
};

const OWNER = 'BayesianGaussianMixture';

/** All options, with their rules and defaults. */
export const BAYESIAN_GAUSSIAN_MIXTURE_OPTIONS: OptionTable<BayesianGaussianMixtureOptions> = {
  components: option(integer(1), 10),
  covariance: option<CovarianceType>(oneOf(...COVARIANCE_TYPES), 'full'),
  weightPrior: option<WeightPrior>(oneOf(...WEIGHT_PRIORS), 'dirichlet-process'),
  weightConcentration: optional(number({ above: 0 })),
  prior: option<'conjugate' | MeanAndCovariancePrior>(ownPrior, 'conjugate'),
  initialization: option(oneOf(...INITIALIZATION_NAMES), 'k-means++'),
  restarts: option(integer(1), 3),
  maxIterations: option(integer(0), 2000),
  tolerance: option(number({ least: 0 }), 1e-7),
  regularization: option(number({ least: 0 }), 1e-6),
  seed: optional(seed()),
};

/** Checks options one by one. */
export function checkBayesianOptions(given: BayesianGaussianMixtureOptions | undefined): CheckedBayesianOptions {
  const table = BAYESIAN_GAUSSIAN_MIXTURE_OPTIONS;
  const values = readOptions(OWNER, given, Object.keys(table));
  const prior = values.get('prior');
  // Read first, so that its faults are named one by one.
  if (typeof prior === 'object' && prior !== null) {
    values.set('prior', readPrior(prior, OWNER, ['meanPrecision', 'degreesOfFreedom']));
  }
  return checkOptions(OWNER, table, Object.fromEntries(values)) as CheckedBayesianOptions;
}
