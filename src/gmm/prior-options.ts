/**
 * How a prior is told.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { cholesky } from '../core/linalg.js';
import { number, type Rule, readOptions } from '../core/options.js';
import { readSamples } from '../core/samples.js';

/**
 * A conjugate prior in the data's units; what is left out follows the data.
 *
 *     w ~ Dirichlet(weightConcentration, ...),   mu_k | Sigma_k ~ N(mean, Sigma_k / meanPrecision),
 *     Sigma_k ~ inverse Wishart(degreesOfFreedom, scale)
 */
export interface PriorOptions {
  /** From 1 on; 1, a flat prior, unless told otherwise. */
  readonly weightConcentration?: number;
  /** d numbers; the mean of the rows unless told otherwise. */
  readonly mean?: ArrayLike<number>;
  /** How many rows the prior mean counts for, above 0; 0.01 unless told otherwise. */
  readonly meanPrecision?: number;
  /** Above d - 1; d + 2 unless told otherwise. */
  readonly degreesOfFreedom?: number;
  /**
   * d x d, symmetric and positive definite, of which diagonal and spherical types take the diagonal and its mean; the
   * covariance of the rows by K^(2/d) unless told otherwise.
   */
  readonly scale?: readonly ArrayLike<number>[];
}

/** A prior, checked, copied and frozen. */
export interface FrozenPrior extends PriorOptions {
  readonly mean?: readonly number[];
  readonly scale?: readonly (readonly number[])[];
}

/** No prior, one that follows the data altogether, or one of the caller's. */
export type PriorChoice = 'none' | 'conjugate' | PriorOptions;

type NumberName = 'weightConcentration' | 'meanPrecision' | 'degreesOfFreedom';

const NUMBERS: Readonly<Record<NumberName, Rule<number>>> = {
  weightConcentration: number({ least: 1 }),
  meanPrecision: number({ above: 0 }),
  degreesOfFreedom: number({ above: 0 }),
};

/** The rule of the option. */
export const priorRule: Rule<PriorChoice> = {
  words: '"none", "conjugate" or { weightConcentration?, mean?, meanPrecision?, degreesOfFreedom?, scale? }',
  accepts: (value): value is PriorChoice => {
    if (typeof value === 'string') return value === 'none' || value === 'conjugate';
    try {
      readPrior(value, 'GaussianMixture');
      return true;
    } catch {
      return false;
    }
  },
  inside: ['none', 'conjugate', { meanPrecision: 1 }, { mean: [0], degreesOfFreedom: 3, scale: [[1]] }],
  outside: ['flat', '', 0, null, [], { meanPrecision: 0 }, { scale: [[0]] }, { mean: [] }, { shrinkage: 0.01 }],
  copy: (value) => (typeof value === 'string' ? value : readPrior(value, 'GaussianMixture')),
};

/**
 * Reads a prior with every check that needs no rows.
 *
 * @throws ModelError `invalid-option`, naming the part.
 */
export function readPrior(
  value: unknown,
  owner: string,
  numbers: readonly NumberName[] = ['weightConcentration', 'meanPrecision', 'degreesOfFreedom'],
): FrozenPrior {
  return reading('invalid-option', owner, 'option "prior"', () => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw modelError('invalid-option', { owner, must: `option "prior" must be ${priorRule.words}`, got: value });
    }
    const parts = readOptions(`${owner}: prior`, value, [...numbers, 'mean', 'scale']);
    const read: Record<string, unknown> = {};
    for (const name of numbers) {
      const rule = NUMBERS[name];
      const part = parts.get(name);
      if (part === undefined) continue;
      if (!rule.accepts(part)) {
        throw modelError('invalid-option', { owner, must: `prior.${name} must be ${rule.words}`, got: part });
      }
      read[name] = part;
    }
    const [mean, scale] = [parts.get('mean'), parts.get('scale')];
    if (mean !== undefined) {
      read.mean = Object.freeze(readSamples([mean] as never, { owner, name: 'prior.mean' }).toArray()[0]);
    }
    if (scale !== undefined) read.scale = readScale(scale, owner);
    return Object.freeze(read) as FrozenPrior;
  });
}

function readScale(value: unknown, owner: string): readonly (readonly number[])[] {
  const matrix = readSamples(value as never, { owner, name: 'prior.scale' });
  const d = matrix.columns;
  const must = 'prior.scale must be symmetric and positive definite';
  if (matrix.rows !== d) throw modelError('invalid-option', { owner, must, got: [matrix.rows, d] });
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const [a, b] = [matrix.get(i, j), matrix.get(j, i)];
      if (a !== b) throw modelError('invalid-option', { owner, must, got: [a, b] });
    }
  }
  if (!cholesky(matrix.data, d)) throw modelError('invalid-option', { owner, must });
  return Object.freeze(matrix.toArray().map((row) => Object.freeze(row)));
}

/**
 * Checks a prior against the width of the rows.
 *
 * @throws ModelError `shape-mismatch` or `invalid-option`.
 */
export function checkPriorWidth(prior: PriorOptions, columns: number, owner: string): void {
  for (const part of ['mean', 'scale'] as const) {
    const given = prior[part];
    if (given !== undefined && given.length !== columns) {
      throw modelError('shape-mismatch', {
        owner,
        must: `prior.${part} must have ${columns} columns, as the rows`,
        got: given.length,
      });
    }
  }
  const least = columns - 1;
  if (prior.degreesOfFreedom !== undefined && !(prior.degreesOfFreedom > least)) {
    const must = `prior.degreesOfFreedom must be > ${least}, one less than the columns of the rows`;
    throw modelError('invalid-option', { owner, must, got: prior.degreesOfFreedom });
  }
}
