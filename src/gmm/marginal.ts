/**
 * The mixture of some of the columns.
 *
 *     p(x_b) = sum_k w_k N(x_b; mu_k,b, Sigma_k,bb)
 *
 * Its loops are plain: they serve single rows and patterns of missing values, of which there may be thousands with a few
 * rows each.
 *
 * @module
 */
import { type Cholesky, invertLower } from '../core/linalg.js';
import { LOG_2PI } from '../core/special-functions.js';
import { lowerFactor } from './lower-factor.js';
import { covarianceOf, emptyParameters, type MixtureParameters } from './parameters.js';

/** Parameters with the Cholesky factor of each covariance; tied covariances share one object. */
export interface FactoredMixture {
  readonly parameters: MixtureParameters;
  readonly factors: readonly Cholesky[];
}

/** The mixture of q columns, made ready for evaluation. */
export interface MarginalMixture {
  readonly components: number;
  /** q. */
  readonly dimension: number;
  /** K x q. */
  readonly means: Float64Array;
  /** The inverse of the Cholesky factor of each Sigma_k,bb, q x q. */
  readonly inverses: readonly Float64Array[];
  /** log w_k - log |Sigma_k,bb| / 2 - q/2 log(2 pi). */
  readonly constants: Float64Array;
}

/** The parameters of chosen columns, in the order chosen. */
export function parametersOfColumns(parameters: MixtureParameters, columns: readonly number[]): MixtureParameters {
  const { components, dimension: d, weights } = parameters;
  const q = columns.length;
  const chosen = emptyParameters(components, q);
  chosen.weights.set(weights);
  chosen.means.set(meansOfColumns(parameters, columns));
  for (let k = 0; k < components; k++) {
    const covariance = covarianceOf(parameters, k);
    columns.forEach((row, i) => {
      columns.forEach((column, j) => {
        chosen.covariances[(k * q + i) * q + j] = covariance[row * d + column];
      });
    });
  }
  return chosen;
}

function meansOfColumns(
  { components, dimension: d, means }: MixtureParameters,
  columns: readonly number[],
): Float64Array {
  const q = columns.length;
  return Float64Array.from({ length: components * q }, (_, at) => means[Math.floor(at / q) * d + columns[at % q]]);
}

/** The Cholesky factor of the chosen rows and columns of Sigma = L L^T, in the order chosen. Cost: O(q d^2). */
export function factorOfColumns(lower: Float64Array, d: number, columns: readonly number[]): Cholesky {
  const chosen = new Float64Array(columns.length * d);
  columns.forEach((column, i) => {
    chosen.set(lower.subarray(column * d, (column + 1) * d), i * d);
  });
  return lowerFactor(chosen, columns.length, d);
}

/** The mixture of chosen columns. Cost: O(K d^3), O(d^3) if tied. */
export function marginalAt(mixture: FactoredMixture, columns: readonly number[]): MarginalMixture {
  const { parameters, factors } = mixture;
  const q = columns.length;
  const chosen = mapFactors(factors, ({ lower }) => {
    const factor = factorOfColumns(lower, parameters.dimension, columns);
    return { inverse: invertLower(factor.lower, q), logDeterminant: factor.logDeterminant };
  });
  return marginalOf(parameters, columns, chosen);
}

/** The mixture of chosen columns, whose factors are known already. */
export function marginalOf(
  parameters: MixtureParameters,
  columns: readonly number[],
  chosen: readonly { readonly inverse: Float64Array; readonly logDeterminant: number }[],
): MarginalMixture {
  const { components, weights } = parameters;
  const q = columns.length;
  return {
    components,
    dimension: q,
    means: meansOfColumns(parameters, columns),
    inverses: chosen.map(({ inverse }) => inverse),
    constants: weights.map((weight, k) => Math.log(weight) - 0.5 * chosen[k].logDeterminant - 0.5 * q * LOG_2PI),
  };
}

/** Maps each factor once, however many components share it. */
export function mapFactors<T>(factors: readonly Cholesky[], map: (factor: Cholesky) => T): T[] {
  const mapped: T[] = [];
  for (const [k, factor] of factors.entries()) {
    mapped.push(k > 0 && factor === factors[k - 1] ? mapped[k - 1] : map(factor));
  }
  return mapped;
}

/** Writes log w_k + log N(x_b; mu_k,b, Sigma_k,bb) for the row at `x[at]` to `out`; `-Infinity` where that overflows. */
export function logTerms(marginal: MarginalMixture, x: Float64Array, at: number, out: Float64Array): void {
  for (let k = 0; k < marginal.components; k++) {
    const term = marginal.constants[k] - 0.5 * squaredDistance(marginal, k, x, at, 1);
    out[k] = Number.isNaN(term) ? Number.NEGATIVE_INFINITY : term;
  }
}

/** |A_k (x - mu_k)|^2, with x and mu_k multiplied by `unit`. */
function squaredDistance(marginal: MarginalMixture, k: number, x: Float64Array, at: number, unit: number): number {
  const { dimension: q, means } = marginal;
  const inverse = marginal.inverses[k];
  let squares = 0;
  for (let i = 0; i < q; i++) {
    let y = 0;
    for (let j = 0; j <= i; j++) y += inverse[i * q + j] * (x[at + j] * unit - means[k * q + j] * unit);
    squares += y * y;
  }
  return squares;
}

/**
 * Writes the responsibilities for the row at `x[at]` to `out`, and returns log p(x_b). They sum to 1 however far off the
 * row is: where all densities underflow, the nearest component has it.
 */
export function shareRow(marginal: MarginalMixture, x: Float64Array, at: number, out: Float64Array): number {
  logTerms(marginal, x, at, out);
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < out.length; k++) if (out[k] > largest) largest = out[k];
  if (largest === Number.NEGATIVE_INFINITY) {
    out.fill(0);
    out[nearestFromAfar(marginal, x, at)] = 1;
    return largest;
  }
  let sum = 0;
  for (let k = 0; k < out.length; k++) {
    out[k] = Math.exp(out[k] - largest);
    sum += out[k];
  }
  for (let k = 0; k < out.length; k++) out[k] /= sum;
  return largest + Math.log(sum);
}

/** By what far rows are shrunk, an exact power of two: the square root of the largest double is 2^512. */
const SHRINK = 2 ** -560;

/** The component at the least Mahalanobis distance, beside which log-weights are nothing. */
export function nearestFromAfar(marginal: MarginalMixture, x: Float64Array, at: number): number {
  let [best, least] = [-1, Number.POSITIVE_INFINITY];
  for (let k = 0; k < marginal.components; k++) {
    if (marginal.constants[k] === Number.NEGATIVE_INFINITY) continue;
    const distance = squaredDistance(marginal, k, x, at, SHRINK);
    if (best < 0 || distance < least) [best, least] = [k, distance];
  }
  return best;
}
