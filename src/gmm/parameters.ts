/**
 * The parameters of a mixture, as flat arrays, with what makes them valid.
 *
 * @module
 */
import { type Cholesky, cholesky } from '../core/linalg.js';
import { type CovarianceType, isDiagonal, isTied, typeViolation } from './covariance-type.js';

/** Weights, means and covariances of K Gaussians in d dimensions. */
export interface MixtureParameters {
  /** K. */
  readonly components: number;
  /** d. */
  readonly dimension: number;
  /** K weights on the simplex. */
  readonly weights: Float64Array;
  /** K x d, row-major. */
  readonly means: Float64Array;
  /** K x d x d, row-major, symmetric, full matrices whatever the type. */
  readonly covariances: Float64Array;
}

/**
 * Parameters of the given size, all zero but covariances in a given array.
 *
 * @param covariances - Of matrices of the same size and type, that nobody reads any more.
 */
export function emptyParameters(
  components: number,
  dimension: number,
  covariances: Float64Array = new Float64Array(components * dimension * dimension),
): MixtureParameters {
  const weights = new Float64Array(components);
  return { components, dimension, weights, means: new Float64Array(components * dimension), covariances };
}

/** Arrays of covariances that a run has done with: each iteration would make new garbage of K d^2 numbers. */
export class SpareCovariances {
  readonly #arrays: Float64Array[] = [];

  take(): Float64Array | undefined {
    return this.#arrays.pop();
  }

  /** Of parameters that nobody reads any more. */
  give({ covariances }: MixtureParameters): void {
    this.#arrays.push(covariances);
  }
}

/** Component k's covariance, as a view. */
export function covarianceOf({ covariances, dimension: d }: MixtureParameters, k: number): Float64Array {
  return covariances.subarray(k * d * d, (k + 1) * d * d);
}

/** Component k's mean, as a view. */
export function meanOf({ means, dimension: d }: MixtureParameters, k: number): Float64Array {
  return means.subarray(k * d, (k + 1) * d);
}

/** The Cholesky factor of each covariance; `undefined` where a matrix is not positive definite. */
export function factorize(parameters: MixtureParameters, type: CovarianceType): (Cholesky | undefined)[] {
  const { components, dimension } = parameters;
  const factor = isDiagonal(type) ? diagonalCholesky : cholesky;
  if (isTied(type)) {
    const shared = factor(covarianceOf(parameters, 0), dimension);
    return Array.from({ length: components }, () => shared);
  }
  return Array.from({ length: components }, (_, k) => factor(covarianceOf(parameters, k), dimension));
}

/** The factor of a diagonal matrix, of which EM asks for nothing but the diagonal. */
export class DiagonalCholesky implements Cholesky {
  /** The square roots of the variances. */
  readonly deviations: Float64Array;
  readonly logDeterminant: number;
  #lower: Float64Array | undefined;

  constructor(deviations: Float64Array, logDeterminant: number) {
    this.deviations = deviations;
    this.logDeterminant = logDeterminant;
  }

  /** As a matrix, made when first asked for. */
  get lower(): Float64Array {
    const d = this.deviations.length;
    if (this.#lower) return this.#lower;
    this.#lower = new Float64Array(d * d);
    for (let i = 0; i < d; i++) this.#lower[i * (d + 1)] = this.deviations[i];
    return this.#lower;
  }
}

function diagonalCholesky(matrix: Float64Array, d: number): Cholesky | undefined {
  const deviations = new Float64Array(d);
  let logDeterminant = 0;
  let [last, deviation, log] = [1, 1, 0];
  for (let i = 0; i < d; i++) {
    const variance = matrix[i * (d + 1)];
    if (!(variance > 0 && variance < Number.POSITIVE_INFINITY)) return undefined;
    // Those of spheres are all the same.
    if (variance !== last) [last, deviation, log] = [variance, Math.sqrt(variance), Math.log(variance)];
    deviations[i] = deviation;
    logDeterminant += log;
  }
  return new DiagonalCholesky(deviations, logDeterminant);
}

/** How far weights may miss a sum of 1: their own rounding, with room for files that other programs wrote. */
const SIMPLEX_SLACK = 1e-9;

/**
 * Checks that finite arrays of the right sizes make a mixture: weights on the simplex, covariances symmetric, positive
 * definite and of the type.
 *
 * @param fault - Makes the error to throw from a rule and the value that broke it.
 * @param slack - Allowed asymmetry and deviation from the type, relative to the variances.
 */
export function checkParameters(
  parameters: MixtureParameters,
  type: CovarianceType,
  slack: number,
  fault: (must: string, got?: unknown) => Error,
): void {
  const { components, dimension: d, weights } = parameters;
  let total = 0;
  for (let k = 0; k < components; k++) {
    if (!(weights[k] >= 0)) throw fault(`weight ${k} must be >= 0`, weights[k]);
    total += weights[k];
  }
  if (!(Math.abs(total - 1) <= SIMPLEX_SLACK)) throw fault('weights must sum to 1', total);
  for (let k = 0; k < components; k++) {
    const where = asymmetry(covarianceOf(parameters, k), d, slack);
    if (where !== undefined) throw fault(`covariance ${k} must be symmetric`, where);
  }
  const violation = typeViolation(type, parameters.covariances, components, d, slack);
  if (violation !== undefined) throw fault(`${violation}, as the type is '${type}'`);
  const failed = factorize(parameters, type).indexOf(undefined);
  if (failed >= 0) throw fault(`covariance ${failed} must be positive definite`);
}

function asymmetry(a: Float64Array, d: number, slack: number): [number, number] | undefined {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const [lower, upper] = [a[i * d + j], a[j * d + i]];
      const scale = Math.sqrt(Math.abs(a[i * d + i])) * Math.sqrt(Math.abs(a[j * d + j]));
      if (!(Math.abs(lower - upper) <= slack * scale)) return [lower, upper];
    }
  }
  return undefined;
}

/** Weights this close count as equal when components are put in order: less is rounding. */
const WEIGHT_RESOLUTION = 1e9;

/** The order of components by decreasing weight, equal weights by their means, entry after entry. */
export function componentOrder({ components, dimension: d, weights, means }: MixtureParameters): number[] {
  const rank = Array.from(weights, (weight) => Math.round(weight * WEIGHT_RESOLUTION));
  return Array.from({ length: components }, (_, k) => k).sort((a, b) => {
    if (rank[a] !== rank[b]) return rank[b] - rank[a];
    for (let j = 0; j < d; j++) {
      if (means[a * d + j] !== means[b * d + j]) return means[a * d + j] - means[b * d + j];
    }
    return a - b;
  });
}

/** The same mixture with its components in the given order. */
export function reorder(parameters: MixtureParameters, order: readonly number[]): MixtureParameters {
  const { components, dimension } = parameters;
  const result = emptyParameters(components, dimension);
  order.forEach((from, to) => {
    result.weights[to] = parameters.weights[from];
    meanOf(result, to).set(meanOf(parameters, from));
    covarianceOf(result, to).set(covarianceOf(parameters, from));
  });
  return result;
}
