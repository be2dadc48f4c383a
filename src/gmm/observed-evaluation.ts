/**
 * Log-densities and responsibilities of rows with missing values, each through what is there of it:
 *
 *     p(x_o) = sum_k w_k N(x_o; mu_k,o, Sigma_k,oo)
 *
 * Each row's result depends on that row alone. A row without any value has p = 1 and the weights as responsibilities.
 *
 * Reference: Ghahramani & Jordan (1994), *Supervised learning from incomplete data via an EM approach*, section 3.
 *
 * @module
 */
import { allocateSamples } from '../core/estimator.js';
import { Samples } from '../core/samples.js';
import { logSumExp } from '../core/special-functions.js';
import { logDensities, logResponsibilities, responsibilities } from './evaluation.js';
import type { MixtureParts } from './gaussian-mixture-distribution.js';
import { logTerms, type MarginalMixture, marginalAt, nearestFromAfar, shareRow } from './marginal.js';
import { hasMissing, observedOf, patternsOf } from './patterns.js';

/** log p of what is there of each row. Cost: O(n K d^2), and O(K d^3) for each pattern of missing values. */
export function observedLogDensities(parts: MixtureParts, rows: Samples): Float64Array {
  if (!hasMissing(rows)) return logDensities(parts.whitened, rows);
  const result = new Float64Array(rows.rows);
  const terms = new Float64Array(parts.parameters.components);
  eachPattern(parts, rows, {
    // Without a value the density is 1: the result is 0 already.
    nothing: () => {},
    complete: (observed, row) => {
      logDensities(parts.whitened, observed).forEach((value, i) => {
        result[row(i)] = value;
      });
    },
    partial: (marginal, x, at, row) => {
      logTerms(marginal, x, at, terms);
      result[row] = logSumExp(terms);
    },
  });
  return result;
}

/** n x K responsibilities for what is there of each row. Cost: as {@link observedLogDensities}. */
export function observedResponsibilities(parts: MixtureParts, rows: Samples): Samples {
  if (!hasMissing(rows)) return responsibilities(parts.whitened, rows);
  return sharesOf(parts, rows, parts.parameters.weights, responsibilities, shareRow);
}

/** Their logarithms. */
export function observedLogResponsibilities(parts: MixtureParts, rows: Samples): Samples {
  if (!hasMissing(rows)) return logResponsibilities(parts.whitened, rows);
  return sharesOf(parts, rows, parts.parameters.weights.map(Math.log), logResponsibilities, logShareRow);
}

function logShareRow(marginal: MarginalMixture, x: Float64Array, at: number, out: Float64Array): void {
  logTerms(marginal, x, at, out);
  const total = logSumExp(out);
  if (total > Number.NEGATIVE_INFINITY) for (let k = 0; k < out.length; k++) out[k] -= total;
  else out[nearestFromAfar(marginal, x, at)] = 0;
}

function sharesOf(
  parts: MixtureParts,
  rows: Samples,
  ofNothing: Float64Array,
  complete: typeof responsibilities,
  share: (marginal: MarginalMixture, x: Float64Array, at: number, out: Float64Array) => void,
): Samples {
  const { components } = parts.parameters;
  const result = allocateSamples('GaussianMixtureModel.responsibilities', rows.rows, components);
  const of = (row: number) => result.subarray(row * components, (row + 1) * components);
  eachPattern(parts, rows, {
    nothing: (row) => of(row).set(ofNothing),
    complete: (observed, row) => {
      const shares = complete(parts.whitened, observed);
      for (let i = 0; i < observed.rows; i++) of(row(i)).set(shares.row(i));
    },
    partial: (marginal, x, at, row) => share(marginal, x, at, of(row)),
  });
  return new Samples(result, rows.rows, components);
}

/** What to do with rows, by how much of them is there. */
interface PatternVisitor {
  nothing(row: number): void;
  /** Rows that have all columns; `row(i)` is the number of the i-th. */
  complete(observed: Samples, row: (i: number) => number): void;
  /** A row of which a part is there, at `x[at]`. */
  partial(marginal: MarginalMixture, x: Float64Array, at: number, row: number): void;
}

function eachPattern(parts: MixtureParts, rows: Samples, visitor: PatternVisitor): void {
  for (const pattern of patternsOf(rows)) {
    const q = pattern.observed.length;
    if (q === 0) {
      pattern.rows.forEach(visitor.nothing);
      continue;
    }
    const observed = observedOf(rows, pattern);
    if (q === rows.columns) {
      visitor.complete(observed, (i) => pattern.rows[i]);
      continue;
    }
    const marginal = marginalAt(parts, pattern.observed);
    pattern.rows.forEach((row, i) => {
      visitor.partial(marginal, observed.data, i * q, row);
    });
  }
}
