/**
 * The four families of covariance matrices, and what each leaves free.
 *
 * @module
 */

/** The names, from the most constrained to the freest. */
export const COVARIANCE_TYPES = ['spherical', 'diagonal', 'tied', 'full'] as const;

/**
 * How the covariances of a mixture are constrained.
 *
 * - `'spherical'`: Sigma_k = v_k I, one variance per component.
 * - `'diagonal'`: Sigma_k = diag(v_k1, ..., v_kd).
 * - `'tied'`: Sigma_k = Sigma, one full matrix shared by all components.
 * - `'full'`: each component has its own full matrix.
 */
export type CovarianceType = (typeof COVARIANCE_TYPES)[number];

/** Whether matrices of this type have zeros off the diagonal. */
export function isDiagonal(type: CovarianceType): boolean {
  return type === 'spherical' || type === 'diagonal';
}

/** Number of free parameters in the covariances of K components in d dimensions. */
export function covarianceParameters(type: CovarianceType, components: number, dimension: number): number {
  const full = (dimension * (dimension + 1)) / 2;
  switch (type) {
    case 'spherical':
      return components;
    case 'diagonal':
      return components * dimension;
    case 'tied':
      return full;
    case 'full':
      return components * full;
  }
}

/**
 * Projects one component's d x d covariance in place onto its type: off-diagonal entries are dropped, and the spherical
 * variance is the mean of the diagonal. These are the maxima of the likelihood under the constraint.
 */
export function constrain(type: CovarianceType, covariance: Float64Array, d: number): void {
  if (!isDiagonal(type)) return;
  let trace = 0;
  for (let i = 0; i < d; i++) {
    trace += covariance[i * d + i];
    for (let j = 0; j < d; j++) if (j !== i) covariance[i * d + j] = 0;
  }
  if (type === 'spherical') for (let i = 0; i < d; i++) covariance[i * d + i] = trace / d;
}

/**
 * What a set of K flat d x d covariances lacks to be of a type, in words; `undefined` when all is well.
 *
 * @param slack - Allowed deviation, relative to the variances; 0 asks for exact equality.
 */
export function typeViolation(
  type: CovarianceType,
  covariances: Float64Array,
  components: number,
  d: number,
  slack: number,
): string | undefined {
  const size = d * d;
  for (let k = 0; k < components; k++) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) {
        const entry = covariances[k * size + i * d + j];
        const scale = Math.sqrt(covariances[k * size + i * d + i]) * Math.sqrt(covariances[k * size + j * d + j]);
        const where = `covariance ${k}`;
        if (isDiagonal(type) && i !== j && entry !== 0) return `${where} must be diagonal`;
        if (type === 'spherical' && i === j && Math.abs(entry - covariances[k * size]) > slack * scale) {
          return `${where} must have equal variances`;
        }
        if (type === 'tied' && Math.abs(entry - covariances[i * d + j]) > slack * scale) {
          return `${where} must equal covariance 0`;
        }
      }
    }
  }
  return undefined;
}
