/**
 * What the choice of a mixture may be told.
 *
 * @module
 */
import { checkPool } from '../core/jobs.js';
import {
  type Checked,
  checkOptions,
  integer,
  listOf,
  type OptionTable,
  oneOf,
  option,
  type Rule,
  readOptions,
} from '../core/options.js';

import { alternatives } from '../core/text.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import type { MixtureFitOptions } from './gaussian-mixture.js';
import { checkMixtureOptions, GAUSSIAN_MIXTURE_OPTIONS, type GaussianMixtureOptions } from './options.js';

const CRITERIA = ['bic', 'icl', 'aic', 'cross-validation'] as const;

/**
 * What mixtures are chosen by.
 *
 * - `'bic'`: the Bayesian information criterion, consistent for the number of components under mild conditions;
 * - `'icl'`: BIC and a penalty for components that overlap, for clusters that are told apart;
 * - `'aic'`: Akaike's criterion, which tends to more components;
 * - `'cross-validation'`: the mean log-density of rows left out, for the best density.
 */
export type SelectionCriterion = (typeof CRITERIA)[number];

/** Options of the grid and of how its mixtures are compared. */
interface GridOptions {
  /** Numbers of components to try; 1 to 9 unless told otherwise. */
  readonly components?: ArrayLike<number>;
  /** Covariance types to try; all six unless told otherwise. */
  readonly covariances?: readonly CovarianceType[];
  /** What decides; `'bic'` unless told otherwise. */
  readonly criterion?: SelectionCriterion;
  /** Folds of cross-validation; 5 unless told otherwise. */
  readonly folds?: number;
}

/** Options of {@link selectGaussianMixture}: of the grid, and for all fits those of `GaussianMixture` and of `fit`. */
export interface SelectionOptions
  extends GridOptions,
    MixtureFitOptions,
    Omit<GaussianMixtureOptions, 'components' | 'covariance' | 'frozen'> {}

const covarianceList: Rule<readonly CovarianceType[]> = {
  words: `an array of one or more of ${alternatives(COVARIANCE_TYPES)}`,
  accepts: (value): value is readonly CovarianceType[] =>
    Array.isArray(value) && value.length > 0 && value.every((type) => COVARIANCE_TYPES.includes(type)),
  inside: [['full'], [...COVARIANCE_TYPES]],
  outside: [[], ['round'], 'full', null],
  copy: (value) => Object.freeze([...value]),
};

/** The options of the grid, with their rules and defaults. */
export const SELECTION_OPTIONS: OptionTable<GridOptions> = {
  // As mclust has it.
  components: option(listOf(integer(1)), Object.freeze([1, 2, 3, 4, 5, 6, 7, 8, 9])),
  covariances: option(covarianceList, COVARIANCE_TYPES),
  criterion: option<SelectionCriterion>(oneOf(...CRITERIA), 'bic'),
  folds: option(integer(2), 5),
};

const FIT_OPTIONS = ['weights', 'signal', 'onProgress', 'pool'];

/** Checked options, by whom they are for. */
export interface CheckedSelection {
  readonly grid: Checked<GridOptions>;
  readonly mixture: GaussianMixtureOptions;
  readonly fit: MixtureFitOptions;
}

/** Checks all options, those of the mixtures too, before anything is fitted. */
export function checkSelection(owner: string, options: unknown): CheckedSelection {
  const ofGrid = Object.keys(SELECTION_OPTIONS);
  const ofMixture = Object.keys(GAUSSIAN_MIXTURE_OPTIONS).filter(
    (name) => !['components', 'covariance', 'frozen'].includes(name),
  );
  const given = readOptions(owner, options, [...ofGrid, ...ofMixture, ...FIT_OPTIONS]);
  const part = (names: readonly string[]) =>
    Object.fromEntries([...given].filter(([name, value]) => names.includes(name) && value !== undefined));
  const grid = checkOptions<GridOptions>(owner, SELECTION_OPTIONS, part(ofGrid)) as Checked<GridOptions>;
  const mixture = part(ofMixture) as GaussianMixtureOptions;
  for (const covariance of grid.covariances) {
    for (const components of Array.from(grid.components)) {
      checkMixtureOptions(owner, { ...mixture, components, covariance });
    }
  }
  const fit = part(FIT_OPTIONS) as MixtureFitOptions;
  checkPool(owner, fit.pool);
  return { grid, mixture, fit };
}
