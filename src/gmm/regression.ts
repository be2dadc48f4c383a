/**
 * Regression on a mixture: mean and variance of some columns given the others, row by row.
 *
 *     m_k(x_b) = mu_k,a + R_ab R_bb^-1 (x_b - mu_k,b)          r_k = w_k N(x_b; mu_k,b, Sigma_k,bb) / p(x_b)
 *
 *     E[x_a | x_b]   = sum_k r_k m_k
 *     Var[x_a | x_b] = sum_k r_k (diag(R_aa R_aa^T) + (m_k - E[x_a | x_b])^2)
 *
 * with R as in `split.ts`; all moments of a row are taken about mu_0,a, so that offsets of the data cost no digits.
 *
 * Reference: Ghahramani & Jordan (1994), *Supervised learning from incomplete data via an EM approach*, section 4.
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { readOptions } from '../core/options.js';
import { Samples } from '../core/samples.js';
import { readColumns } from './columns.js';
import { type FactoredMixture, shareRow } from './marginal.js';
import { conditionalCovariance, conditionalShift, type Split, splitAt } from './split.js';

/** Options of `regress`. */
export interface RegressionOptions {
  /** The columns of the mixture that the rows hold, in the order in which they hold them. */
  readonly given: readonly number[];
}

/** Reads the columns that are given: at least one, and not all. */
export function readRegressors(owner: string, options: unknown, dimension: number): number[] {
  const given = readOptions(owner, options, ['given']).get('given');
  return readColumns(given, { owner, name: 'option "given"', dimension, most: dimension - 1 });
}

/** What `regress` finds for n rows and the p columns that were not given. */
export interface Regression {
  /** The p columns of the mixture that were predicted, ascending. */
  readonly columns: readonly number[];
  /** E[x_a | x_b], n x p. */
  readonly means: Samples;
  /** Var[x_a | x_b] of each column on its own, n x p. */
  readonly variances: Samples;
}

/** Conditional means and variances of the rest, for rows of the given columns. */
export function regress(owner: string, mixture: FactoredMixture, given: readonly number[], rows: Samples): Regression {
  const { components, means: mu } = mixture.parameters;
  const split = splitAt(mixture, given);
  const [p, n] = [split.rest.length, rows.rows];
  const means = allocateSamples(owner, n, p);
  const variances = allocateSamples(owner, n, p);
  const own = split.components.map((_, k) => diagonalOf(conditionalCovariance(split, k), p));
  const r = new Float64Array(components);
  const space = {
    y: new Float64Array(given.length),
    shift: new Float64Array(p),
    gaps: gapsToFirst(mixture, split.rest),
  };
  const shifts = new Float64Array(components * p);
  for (let i = 0; i < n; i++) {
    shareRow(split.marginal, rows.data, i * given.length, r);
    shiftsOfRow(split, r, rows.data, i * given.length, space, shifts);
    for (let j = 0; j < p; j++) {
      let mean = 0;
      for (let k = 0; k < components; k++) if (r[k] > 0) mean += r[k] * shifts[k * p + j];
      let variance = 0;
      for (let k = 0; k < components; k++) {
        const gap = r[k] === 1 ? 0 : shifts[k * p + j] - mean;
        if (r[k] > 0) variance += r[k] * (own[k][j] + gap * gap);
      }
      means[i * p + j] = mu[split.rest[j]] + mean;
      // Two means that both overflow are infinitely apart for all we know.
      variances[i * p + j] = Number.isNaN(variance) ? Number.POSITIVE_INFINITY : variance;
    }
  }
  const columns = Object.freeze([...split.rest]);
  return { columns, means: new Samples(means, n, p), variances: new Samples(variances, n, p) };
}

/** Room for intermediate results, with mu_k,a - mu_0,a. */
interface Space {
  readonly y: Float64Array;
  readonly shift: Float64Array;
  readonly gaps: Float64Array;
}

/** Writes m_k(x_b) - mu_0,a, K x p, for the components with a share in the row; the others may be infinitely far. */
function shiftsOfRow(
  split: Split,
  r: Float64Array,
  x: Float64Array,
  at: number,
  space: Space,
  out: Float64Array,
): void {
  const p = split.rest.length;
  for (let k = 0; k < r.length; k++) {
    if (r[k] === 0) continue;
    conditionalShift(split, k, x, at, space.shift, space.y);
    for (let j = 0; j < p; j++) out[k * p + j] = space.gaps[k * p + j] + space.shift[j];
  }
}

/** mu_k,a - mu_0,a, K x p. */
function gapsToFirst(
  { parameters: { components, dimension: d, means } }: FactoredMixture,
  rest: readonly number[],
): Float64Array {
  const p = rest.length;
  return Float64Array.from(
    { length: components * p },
    (_, at) => means[Math.floor(at / p) * d + rest[at % p]] - means[rest[at % p]],
  );
}

function diagonalOf(matrix: Float64Array, p: number): Float64Array {
  return Float64Array.from({ length: p }, (_, j) => matrix[j * p + j]);
}
