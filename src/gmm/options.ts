/**
 * What a Gaussian mixture may be told.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import {
  type Checked,
  checkOptions,
  flag,
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
import { alternatives } from '../core/text.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import {
  checkGivenParameters,
  type FrozenInitialization,
  type INITIALIZATION_NAMES,
  type Initialization,
  initializationRule,
  readInitialization,
  TYPE_SLACK,
} from './given-initialization.js';
import { MISSING_RULES, type MissingRule } from './missing-rule.js';
import { type FrozenPrior, type PriorChoice, priorRule, readPrior } from './prior-options.js';
import { MIXTURE_PARTS, type MixturePart } from './state.js';

const ACCELERATIONS = ['none', 'squared-steps'] as const;

/** How EM is hastened. */
export type Acceleration = (typeof ACCELERATIONS)[number];

/** Options of {@link GaussianMixture}. */
export interface GaussianMixtureOptions {
  /** Number of Gaussians, K; 1 unless told otherwise. */
  readonly components?: number;
  /** Constraint on the covariance matrices; `'full'` unless told otherwise. */
  readonly covariance?: CovarianceType;
  /** Where EM starts; `'k-means++'` unless told otherwise. */
  readonly initialization?: Initialization;
  /**
   * How many fits are made; the likeliest is kept, those with a collapsed component last unless all share a matrix. 1 unless
   * told otherwise. More are never worse. A given initialisation, splitting and a single component have one.
   */
  readonly restarts?: number;
  /**
   * How many starts each fit has to choose from: all are taken some steps by EM on a sample of the rows, and the likeliest
   * goes on (Biernacki, Celeux & Govaert 2003, doi:10.1016/S0167-9473(02)00163-9). Where there is one start there is no choice.
   *
   * Unless told otherwise 3, but 5 where components share their covariance, and of spherical ones up to 524,288 rows of the sample
   * x columns x components. Starts of full covariances but the first are settled by ten steps of k-means. Up to 16,384 rows x
   * columns x components there are 3, not settled, and as many again if no two agree on the best.
   */
  readonly shortRuns?: number;
  /** Most EM iterations of one start; 1000 unless told otherwise. 0 evaluates the initialisation. */
  readonly maxIterations?: number;
  /**
   * EM stops once the mean log-density per row is expected to rise by less than this much in all further iterations
   * together (Aitken's extrapolation), relative to its own size for standardised rows; 1e-5 unless told otherwise.
   * With 0 it goes on to `maxIterations` or until nothing changes any more.
   */
  readonly tolerance?: number;
  /**
   * Added to each variance in every iteration, as a fraction of the column's variance over all rows (for spherical
   * covariances, of the mean of these); 1e-6 unless told otherwise. It keeps components from collapsing onto few rows.
   */
  readonly regularization?: number;
  /**
   * What is known of the parameters before the data are: nothing (`'none'`, unless told otherwise), `'conjugate'` for a
   * prior that follows the scale of the data, or one of your own. A prior keeps components from collapsing; the fit is
   * then the maximum of the posterior, and `regularization` is part of the prior's scale. Weights of rows count as rows.
   */
  readonly prior?: PriorChoice;
  /**
   * The parts out of `'weights'`, `'means'` and `'covariances'` that stay as a given `initialization` has them; none
   * unless told otherwise.
   */
  readonly frozen?: readonly MixturePart[];
  /**
   * `'squared-steps'`, unless told otherwise, extrapolates EM (SQUAREM), taking a leap only where the objective does not
   * fall; `'none'` makes every iteration one of EM. Leaps reach the same tolerance in less than half the time on the
   * faithful and two-muon data, in as much on those of digits.
   */
  readonly acceleration?: Acceleration;
  /**
   * What to do with `NaN` in rows: `'refuse'` them, unless told otherwise, or `'marginalize'`: fit to what is there of
   * each row, as is right where values are missing at random (Rubin 1976). The model does the same with rows it is given.
   */
  readonly missing?: MissingRule;
  /** Keeps all weights at 1 / K; false unless told otherwise. */
  readonly equalWeights?: boolean;
  /** Fixes the random draws of the initialisation: same rows, same seed, same bits. */
  readonly seed?: Seed;
}

/** Options with defaults filled in; only the seed and the number of starts may be absent. */
export type CheckedOptions = Omit<
  Checked<GaussianMixtureOptions>,
  'seed' | 'shortRuns' | 'initialization' | 'prior'
> & {
  readonly seed?: Seed;
  readonly shortRuns?: number;
  readonly prior: 'none' | 'conjugate' | FrozenPrior;
  readonly initialization: (typeof INITIALIZATION_NAMES)[number] | FrozenInitialization;
};

const frozenRule: Rule<readonly MixturePart[]> = {
  words: `an array of different names out of ${alternatives(MIXTURE_PARTS)}`,
  accepts: (value): value is readonly MixturePart[] =>
    Array.isArray(value) && value.every((part) => MIXTURE_PARTS.includes(part)) && new Set(value).size === value.length,
  inside: [[]],
  outside: ['means', ['mean'], ['means', 'means'], null, {}],
  copy: (value) => Object.freeze([...value]),
};

/** All options, with their rules and defaults. */
export const GAUSSIAN_MIXTURE_OPTIONS: OptionTable<GaussianMixtureOptions> = {
  components: option(integer(1), 1),
  covariance: option<CovarianceType>(oneOf(...COVARIANCE_TYPES), 'full'),
  initialization: option(initializationRule, 'k-means++'),
  restarts: option(integer(1), 1),
  shortRuns: optional(integer(1)),
  maxIterations: option(integer(0), 1000),
  tolerance: option(number({ least: 0 }), 1e-5),
  regularization: option(number({ least: 0 }), 1e-6),
  prior: option<PriorChoice>(priorRule, 'none'),
  frozen: option(frozenRule, []),
  acceleration: option<Acceleration>(oneOf(...ACCELERATIONS), 'squared-steps'),
  missing: option<MissingRule>(oneOf(...MISSING_RULES), 'refuse'),
  equalWeights: option(flag(), false),
  seed: optional(seed()),
};

/** Checks options one by one and against each other. */
export function checkMixtureOptions(owner: string, given: GaussianMixtureOptions | undefined): CheckedOptions {
  const values = readOptions(owner, given, Object.keys(GAUSSIAN_MIXTURE_OPTIONS));
  // A given initialisation is read first, so that its faults are named one by one.
  const start = values.get('initialization');
  if (typeof start === 'object' && start !== null) values.set('initialization', readInitialization(start, owner));
  const prior = values.get('prior');
  if (typeof prior === 'object' && prior !== null) values.set('prior', readPrior(prior, owner));
  const checked = checkOptions<GaussianMixtureOptions>(
    owner,
    GAUSSIAN_MIXTURE_OPTIONS,
    Object.fromEntries(values),
  ) as CheckedOptions;
  const { components, covariance, equalWeights, initialization } = checked;
  checkFrozen(owner, checked);
  if (typeof initialization === 'string') return checked;
  const { means, weights, covariances } = initialization;
  if (means.length !== components) {
    const must = `initialization.means must have ${components} rows, one per component`;
    throw modelError('invalid-option', { owner, must, got: means.length });
  }
  if (equalWeights && weights?.some((weight) => Math.abs(weight * components - 1) > TYPE_SLACK)) {
    const must = 'initialization.weights must be left out or equal, as equalWeights is set';
    throw modelError('invalid-option', { owner, must, got: weights });
  }
  if (covariances) checkGivenParameters(owner, initialization, covariance);
  return checked;
}

/** What is frozen must have been given. */
function checkFrozen(owner: string, { frozen, initialization }: CheckedOptions): void {
  for (const part of frozen) {
    if (typeof initialization !== 'string' && initialization[part]) continue;
    const must = `initialization.${part} must be given, as option "frozen" names "${part}"`;
    throw modelError('invalid-option', { owner, must });
  }
}
