/**
 * What a Gaussian mixture may be told.
 *
 * @module
 */
import { type ModelError, modelError, reading } from '../core/errors.js';
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
import { readSamples, type SamplesLike } from '../core/samples.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import { checkParameters, emptyParameters } from './parameters.js';

/** Where EM starts, in the data's units. */
export interface GivenInitialization {
  /** K x d. */
  readonly means: SamplesLike;
  /** K weights that sum to 1. Left out, each component gets the share of the rows that lie nearest its mean. */
  readonly weights?: ArrayLike<number>;
  /**
   * K matrices of d x d, whatever the covariance type, which they must follow. Left out, they are those of the rows
   * nearest each mean.
   */
  readonly covariances?: readonly SamplesLike[];
}

/** The initialisations that look at the data. */
const INITIALIZATION_NAMES = ['k-means++', 'random'] as const;

/**
 * How EM starts.
 *
 * - `'k-means++'`: rows far from each other as centres (Arthur & Vassilvitskii 2007, the best of a few candidates each
 *   time), then weights, means and covariances of the rows nearest each centre;
 * - `'random'`: the same from centres drawn at random;
 * - parameters of your own; then components keep the order in which they were given.
 */
export type Initialization = (typeof INITIALIZATION_NAMES)[number] | GivenInitialization;

/** Options of {@link GaussianMixture}. */
export interface GaussianMixtureOptions {
  /** Number of Gaussians, K; 1 unless told otherwise. */
  readonly components?: number;
  /** Constraint on the covariance matrices; `'full'` unless told otherwise. */
  readonly covariance?: CovarianceType;
  /** Where EM starts; `'k-means++'` unless told otherwise. */
  readonly initialization?: Initialization;
  /**
   * How many starts are tried; the likeliest fit is kept, those with a collapsed component last. 3 unless told
   * otherwise. A given initialisation and a single component have one start.
   */
  readonly restarts?: number;
  /** Most EM iterations of one start; 1000 unless told otherwise. 0 evaluates the initialisation. */
  readonly maxIterations?: number;
  /**
   * EM stops once the mean log-density per row is expected to rise by less than this much in all further iterations
   * together (Aitken's extrapolation), relative to its own size for standardised rows; 1e-8 unless told otherwise.
   * With 0 it goes on to `maxIterations` or until nothing changes any more.
   */
  readonly tolerance?: number;
  /**
   * Added to each variance in every iteration, as a fraction of the column's variance over all rows (for spherical
   * covariances, of the mean of these); 1e-6 unless told otherwise. It keeps components from collapsing onto few rows.
   */
  readonly regularization?: number;
  /** Keeps all weights at 1 / K; false unless told otherwise. */
  readonly equalWeights?: boolean;
  /** Fixes the random draws of the initialisation: same rows, same seed, same bits. */
  readonly seed?: Seed;
}

/** Options with defaults filled in; only the seed may be absent. */
export type CheckedOptions = Omit<Checked<GaussianMixtureOptions>, 'seed' | 'initialization'> & {
  readonly seed?: Seed;
  readonly initialization: (typeof INITIALIZATION_NAMES)[number] | FrozenInitialization;
};

/** A given initialisation, checked, copied and frozen. */
export interface FrozenInitialization extends GivenInitialization {
  readonly means: readonly (readonly number[])[];
  readonly weights?: readonly number[];
  readonly covariances?: readonly (readonly (readonly number[])[])[];
}

const initialization: Rule<Initialization> = {
  words: '"k-means++", "random" or { means, weights?, covariances? }',
  accepts: (value): value is Initialization => {
    if (typeof value === 'string') return (INITIALIZATION_NAMES as readonly string[]).includes(value);
    try {
      readInitialization(value, 'GaussianMixture');
      return true;
    } catch {
      return false;
    }
  },
  inside: [...INITIALIZATION_NAMES, { means: [[0]] }, { means: [[0]], weights: [1], covariances: [[[1]]] }],
  outside: [
    'kmeans',
    '',
    0,
    null,
    [],
    {},
    { means: [] },
    { means: [[Number.NaN]] },
    { means: [[0]], weights: [0.5] },
    { means: [[0]], covariances: [[[0]]] },
    { means: [[0]], precisions: [[[1]]] },
  ],
  copy: (value) => (typeof value === 'string' ? value : readInitialization(value, 'GaussianMixture')),
};

/** All options, with their rules and defaults. */
export const GAUSSIAN_MIXTURE_OPTIONS: OptionTable<GaussianMixtureOptions> = {
  components: option(integer(1), 1),
  covariance: option<CovarianceType>(oneOf(...COVARIANCE_TYPES), 'full'),
  initialization: option(initialization, 'k-means++'),
  restarts: option(integer(1), 3),
  maxIterations: option(integer(0), 1000),
  tolerance: option(number({ least: 0 }), 1e-8),
  regularization: option(number({ least: 0 }), 1e-6),
  equalWeights: option(flag(), false),
  seed: optional(seed()),
};

/** Checks options one by one and against each other. */
export function checkMixtureOptions(owner: string, given: GaussianMixtureOptions | undefined): CheckedOptions {
  const values = readOptions(owner, given, Object.keys(GAUSSIAN_MIXTURE_OPTIONS));
  // A given initialisation is read first, so that its faults are named one by one.
  const start = values.get('initialization');
  if (typeof start === 'object' && start !== null) values.set('initialization', readInitialization(start, owner));
  const checked = checkOptions<GaussianMixtureOptions>(
    owner,
    GAUSSIAN_MIXTURE_OPTIONS,
    Object.fromEntries(values),
  ) as CheckedOptions;
  const { components, covariance, equalWeights, initialization } = checked;
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

/** Deviations from symmetry and type that rounding explains, relative to the variances. */
const TYPE_SLACK = 1e-9;

function readInitialization(value: unknown, owner: string): FrozenInitialization {
  return reading('invalid-option', owner, 'option "initialization"', () => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed(owner, value);
    const parts = readOptions(`${owner}: initialization`, value, ['means', 'weights', 'covariances']);
    const [means, weights, covariances] = ['means', 'weights', 'covariances'].map((name) => parts.get(name));
    if (means === undefined) throw malformed(owner, value);
    const centres = readSamples(means, { owner, name: 'initialization.means' });
    const read: FrozenInitialization = {
      means: freezeRows(centres.toArray()),
      ...(weights !== undefined && { weights: readNumbers(weights, centres.rows, owner) }),
      ...(covariances !== undefined && {
        covariances: readMatrices(covariances, centres.rows, centres.columns, owner),
      }),
    };
    checkGivenParameters(owner, read, 'full');
    return Object.freeze(read);
  });
}

function malformed(owner: string, got: unknown): ModelError {
  return modelError('invalid-option', { owner, must: `option "initialization" must be ${initialization.words}`, got });
}

function readNumbers(values: unknown, count: number, owner: string): readonly number[] {
  const isList = Array.isArray(values) || (ArrayBuffer.isView(values) && !(values instanceof DataView));
  const hasLength = isList && (values as ArrayLike<unknown>).length === count;
  const list = hasLength ? Array.from(values as ArrayLike<unknown>) : [];
  if (!hasLength || !list.every((entry) => typeof entry === 'number')) {
    const must = `initialization.weights must be ${count} numbers, one per row of means`;
    throw modelError('invalid-option', { owner, must, got: values });
  }
  return Object.freeze(list as number[]);
}

function readMatrices(
  values: unknown,
  count: number,
  d: number,
  owner: string,
): readonly (readonly (readonly number[])[])[] {
  if (!Array.isArray(values) || values.length !== count) {
    const must = `initialization.covariances must be ${count} matrices of ${d} x ${d}`;
    throw modelError('invalid-option', { owner, must, got: values });
  }
  const matrices = values.map((matrix, k) => {
    const name = `initialization.covariances[${k}]`;
    const read = readSamples(matrix, { owner, name });
    if (read.rows !== d || read.columns !== d) {
      throw modelError('shape-mismatch', {
        owner,
        must: `${name} must be ${d} x ${d}`,
        got: [read.rows, read.columns],
      });
    }
    return freezeRows(read.toArray());
  });
  return Object.freeze(matrices);
}

function freezeRows(rows: number[][]): readonly (readonly number[])[] {
  return Object.freeze(rows.map((row) => Object.freeze(row)));
}

/** Weights on the simplex, covariances positive definite and of the type; parts that are absent are not looked at. */
function checkGivenParameters(owner: string, given: FrozenInitialization, type: CovarianceType): void {
  const [components, dimension] = [given.means.length, given.means[0].length];
  const parameters = emptyParameters(components, dimension);
  parameters.weights.set(given.weights ?? new Float64Array(components).fill(1 / components));
  for (let k = 0; k < components; k++) {
    for (let i = 0; i < dimension; i++) {
      for (let j = 0; j < dimension; j++) {
        const entry = given.covariances ? given.covariances[k][i][j] : Number(i === j);
        parameters.covariances[(k * dimension + i) * dimension + j] = entry;
      }
    }
  }
  checkParameters(parameters, type, TYPE_SLACK, (must, ...got) =>
    modelError('invalid-option', { owner, must: `initialization: ${must}`, ...(got.length > 0 && { got: got[0] }) }),
  );
}
