/**
 * Initialisations of EM, and how one of the caller's own is read.
 *
 * @module
 */
import { type ModelError, modelError, reading } from '../core/errors.js';
import { type Rule, readOptions } from '../core/options.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import type { CovarianceType } from './covariance-type.js';
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
export const INITIALIZATION_NAMES = ['k-means++', 'k-means', 'splitting', 'random'] as const;

/** Their names. */
export type InitializationName = (typeof INITIALIZATION_NAMES)[number];

/**
 * How EM starts.
 *
 * - `'k-means++'`: rows far from each other as centres (Arthur & Vassilvitskii 2007, the best of a few candidates each
 *   time), then weights, means and covariances of the rows nearest each centre;
 * - `'k-means'`: the same from the centres that k-means finds from there;
 * - `'splitting'`: from one centre, cutting the widest cluster in two until there are K; the same in every restart;
 * - `'random'`: from centres drawn at random;
 * - parameters of your own; then components keep the order in which they were given.
 */
export type Initialization = InitializationName | GivenInitialization;

/** A given initialisation, checked, copied and frozen. */
export interface FrozenInitialization extends GivenInitialization {
  readonly means: readonly (readonly number[])[];
  readonly weights?: readonly number[];
  readonly covariances?: readonly (readonly (readonly number[])[])[];
}

/** The rule of the option. */
export const initializationRule: Rule<Initialization> = {
  words: '"k-means++", "k-means", "splitting", "random" or { means, weights?, covariances? }',
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

/** Deviations from symmetry and type that rounding explains, relative to the variances. */
export const TYPE_SLACK = 1e-9;

/**
 * Reads an initialisation with every check that needs no rows and no other option.
 *
 * @throws ModelError naming the part.
 */
export function readInitialization(value: unknown, owner: string): FrozenInitialization {
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
  return modelError('invalid-option', {
    owner,
    must: `option "initialization" must be ${initializationRule.words}`,
    got,
  });
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
export function checkGivenParameters(owner: string, given: FrozenInitialization, type: CovarianceType): void {
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
