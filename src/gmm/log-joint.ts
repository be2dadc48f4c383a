/**
 * A mixture made ready for the loops of `src/simd`, through which every density and E-step goes:
 *
 *     log w_k + log N(x; mu_k, Sigma_k) = c_k - 1/2 |A_k (x - mu_k)|^2,
 *     c_k = log w_k + sum_i log A_k,ii - d/2 log(2 pi)
 *
 * with Sigma_k = L_k L_k^T and A_k = L_k^-1, so that nothing is decomposed in a loop over rows.
 *
 * @module
 */
import { type Cholesky, invertLower } from '../core/linalg.js';
import { LOG_2PI } from '../core/special-functions.js';
import { type CovarianceForm, type MixtureLoops, makeMixtureLoops, sizesOf } from '../simd/index.js';
import { type CovarianceType, isDiagonal, isSpherical, isTied } from './covariance-type.js';
import { DiagonalCholesky, type MixtureParameters } from './parameters.js';

/** A mixture made ready for evaluation. */
export interface WhitenedMixture {
  readonly components: number;
  readonly dimension: number;
  /** How {@link factors} hold A_k. */
  readonly form: CovarianceForm;
  /** K x d. */
  readonly means: Float64Array;
  /** See {@link CovarianceForm}. */
  readonly factors: Float64Array;
  /** c_k. */
  readonly constants: Float64Array;
}

/** The form in which matrices of a type are evaluated. */
export function formOf(type: CovarianceType, dimension: number): CovarianceForm {
  if (dimension === 1) return 'triangular';
  if (isSpherical(type)) return 'spherical';
  if (isDiagonal(type)) return 'diagonal';
  return isTied(type) ? 'tied' : 'triangular';
}

/** Prepares a mixture from its Cholesky factors. Cost: O(K d^3), once. */
export function whiten(
  parameters: MixtureParameters,
  factors: readonly Cholesky[],
  diagonalMatrices: boolean,
): WhitenedMixture {
  return whitenAs(formOf(diagonalMatrices ? 'diagonal' : 'full', parameters.dimension), parameters, factors);
}

/** The same in a form of one's choice, which the matrices must have. */
export function whitenAs(
  form: CovarianceForm,
  { components, dimension: d, weights, means }: MixtureParameters,
  factors: readonly Cholesky[],
): WhitenedMixture {
  const packed = new Float64Array(sizesOf({ components, dimension: d, form }).factors);
  const constants = new Float64Array(components);
  const size = form === 'tied' ? packed.length : packed.length / components;
  const scratch = new Float64Array(form === 'triangular' || form === 'tied' ? d * d : 0);
  for (let k = 0; k < components; k++) {
    constants[k] = Math.log(weights[k]) - 0.5 * factors[k].logDeterminant - 0.5 * d * LOG_2PI;
    if (form === 'tied' && k > 0) continue;
    const own = packed.subarray(k * size, (k + 1) * size);
    // Tied covariances share one factor.
    if (k > 0 && factors[k] === factors[k - 1]) own.set(packed.subarray((k - 1) * size, k * size));
    else pack(form, factors[k], d, own, scratch);
  }
  return { components, dimension: d, form, means, factors: packed, constants };
}

/** Writes L^-1 as a form has it. */
function pack(form: CovarianceForm, factor: Cholesky, d: number, to: Float64Array, scratch: Float64Array): void {
  if (form === 'spherical' || form === 'diagonal') {
    const isCompact = factor instanceof DiagonalCholesky;
    const [entries, step] = isCompact ? [factor.deviations, 1] : [factor.lower, d + 1];
    for (let i = 0; i < to.length; i++) to[i] = 1 / entries[i * step];
    return;
  }
  const inverse = invertLower(factor.lower, d, scratch);
  let next = 0;
  for (let i = 0; i < d; i++) for (let j = 0; j <= i; j++) to[next++] = inverse[i * d + j];
}

/**
 * Spheres of unit variance and weight at the centres: the likeliest is the nearest.
 *
 * @param diagonal - Whether statistics are to hold no more of scatters than their diagonals.
 */
export function unitSpheres(centres: Float64Array, d: number, diagonal = false): WhitenedMixture {
  const components = centres.length / d;
  const factors = new Float64Array(diagonal ? components : (d * (d + 1)) / 2);
  if (diagonal) factors.fill(1);
  else for (let i = 0, at = 0; i < d; at += ++i + 1) factors[at] = 1;
  const constants = new Float64Array(components);
  return { components, dimension: d, form: diagonal ? 'spherical' : 'tied', means: centres, factors, constants };
}

/**
 * Writes a mixture into loops that were made for its shape.
 *
 * @param typical - How many rows that stand there are like those to come: see {@link MixtureLoops.prepare}.
 */
export function load({ means, factors, constants }: WhitenedMixture, loops: MixtureLoops, typical = 0): void {
  loops.means.set(means);
  loops.factors.set(factors);
  loops.constants.set(constants);
  loops.prepare(typical);
}

const LOADED = new WeakMap<WhitenedMixture, MixtureLoops>();

/** Loops loaded with a mixture, made when first asked for and kept as long as the mixture is. */
export function loopsOf(mixture: WhitenedMixture): MixtureLoops {
  const known = LOADED.get(mixture);
  if (known) return known;
  const loops = makeMixtureLoops(mixture);
  load(mixture, loops);
  LOADED.set(mixture, loops);
  return loops;
}
