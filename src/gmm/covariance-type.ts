/**
 * The six families of covariance matrices, and what each leaves free.
 *
 * @module
 */

/** The names, from the most constrained to the freest. */
export const COVARIANCE_TYPES = ['tied-spherical', 'spherical', 'tied-diagonal', 'diagonal', 'tied', 'full'] as const;

/**
 * How the covariances of a mixture are constrained.
 *
 * | type | Sigma_k | free parameters | in mclust |
 * |---|---|---|---|
 * | `'tied-spherical'` | v I, one variance for all | 1 | EII |
 * | `'spherical'` | v_k I, one variance per component | K | VII |
 * | `'tied-diagonal'` | diag(v_1, ..., v_d), one for all | d | EEI |
 * | `'diagonal'` | diag(v_k1, ..., v_kd) | K d | VVI |
 * | `'tied'` | Sigma, one full matrix for all | d (d + 1) / 2 | EEE |
 * | `'full'` | a full matrix of each component's own | K d (d + 1) / 2 | VVV |
 */
export type CovarianceType = (typeof COVARIANCE_TYPES)[number];

/** What one matrix of a type looks like. */
type MatrixShape = 'spherical' | 'diagonal' | 'full';

/** Each type as the shape of its matrices, and whether all components share one. */
const TRAITS: Readonly<Record<CovarianceType, { readonly shape: MatrixShape; readonly tied: boolean }>> = {
  'tied-spherical': { shape: 'spherical', tied: true },
  spherical: { shape: 'spherical', tied: false },
  'tied-diagonal': { shape: 'diagonal', tied: true },
  diagonal: { shape: 'diagonal', tied: false },
  tied: { shape: 'full', tied: true },
  full: { shape: 'full', tied: false },
};

/** Whether matrices of this type have zeros off the diagonal. */
export function isDiagonal(type: CovarianceType): boolean {
  return TRAITS[type].shape !== 'full';
}

/** Whether matrices of this type are multiples of the identity. */
export function isSpherical(type: CovarianceType): boolean {
  return TRAITS[type].shape === 'spherical';
}

/** Whether all components share one matrix. */
export function isTied(type: CovarianceType): boolean {
  return TRAITS[type].tied;
}

/** Number of free parameters in the covariances of K components in d dimensions. */
export function covarianceParameters(type: CovarianceType, components: number, dimension: number): number {
  const { shape, tied } = TRAITS[type];
  const each = { spherical: 1, diagonal: dimension, full: (dimension * (dimension + 1)) / 2 }[shape];
  return tied ? each : components * each;
}

/**
 * Projects one component's d x d covariance in place onto the shape of its type: off-diagonal entries are dropped, and
 * the spherical variance is the mean of the diagonal. These are the maxima of the likelihood under the constraint.
 *
 * @param isClear - Whether there are no off-diagonal entries to drop.
 */
export function constrain(type: CovarianceType, covariance: Float64Array, d: number, isClear = false): void {
  if (!isDiagonal(type)) return;
  let trace = 0;
  for (let i = 0; i < d; i++) {
    const diagonal = covariance[i * d + i];
    trace += diagonal;
    if (!isClear) covariance.fill(0, i * d, (i + 1) * d);
    covariance[i * d + i] = diagonal;
  }
  if (isSpherical(type)) for (let i = 0; i < d; i++) covariance[i * d + i] = trace / d;
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
        if (isSpherical(type) && i === j && Math.abs(entry - covariances[k * size]) > slack * scale) {
          return `${where} must have equal variances`;
        }
        if (isTied(type) && Math.abs(entry - covariances[i * d + j]) > slack * scale) {
          return `${where} must equal covariance 0`;
        }
      }
    }
  }
  return undefined;
}
