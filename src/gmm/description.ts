/**
 * A mixture described by hand.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { COVARIANCE_TYPES, type CovarianceType, isSpherical, isTied } from './covariance-type.js';
import { checkParameters, covarianceOf, emptyParameters, type MixtureParameters } from './parameters.js';
import { type FitReport, unfitted } from './state.js';

/** The parameters of a mixture, to build one by hand. */
export interface MixtureDescription {
  /** K numbers >= 0 that sum to 1. */
  readonly weights: ArrayLike<number>;
  /** K x d. */
  readonly means: SamplesLike;
  /** K symmetric positive definite matrices of d x d, whatever the type. */
  readonly covariances: readonly SamplesLike[];
  /** What type the matrices are of, which decides `degreesOfFreedom`; `'full'` if left out. */
  readonly covariance?: CovarianceType;
}

/** Deviations that the rounding of a caller's own arithmetic explains. */
const ROUNDING = 1e-9;

/** Reads a description with every check. */
export function readDescription(description: unknown, owner: string): [MixtureParameters, FitReport] {
  return reading('invalid-data', owner, 'parameters', () => readParts(description, owner));
}

function readParts(description: unknown, owner: string): [MixtureParameters, FitReport] {
  if (typeof description !== 'object' || description === null) {
    throw modelError('invalid-data', {
      owner,
      must: 'parameters must be { weights, means, covariances }',
      got: description,
    });
  }
  const { weights, means, covariances, covariance = 'full' } = description as MixtureDescription;
  if (!COVARIANCE_TYPES.includes(covariance)) {
    const must = `covariance must be one of ${COVARIANCE_TYPES.join(', ')}`;
    throw modelError('invalid-option', { owner, must, got: covariance });
  }
  const centres = readSamples(means, { owner, name: 'means' });
  const shares = readSamples([weights], { owner, name: 'weights' });
  const [components, d] = [centres.rows, centres.columns];
  if (shares.columns !== components) {
    const must = `weights must hold ${components} numbers, one per row of means`;
    throw modelError('shape-mismatch', { owner, must, got: shares.columns });
  }
  if (!Array.isArray(covariances) || covariances.length !== components) {
    const must = `covariances must be an array of ${components} matrices, one per row of means`;
    throw modelError('shape-mismatch', { owner, must, got: covariances });
  }
  const parameters = emptyParameters(components, d);
  parameters.weights.set(shares.data);
  parameters.means.set(centres.data);
  covariances.forEach((given, k) => {
    const matrix = readSamples(given, { owner, name: `covariance ${k}` });
    if (matrix.rows !== d || matrix.columns !== d) {
      throw modelError('shape-mismatch', {
        owner,
        must: `covariance ${k} must be ${d} x ${d}`,
        got: [matrix.rows, matrix.columns],
      });
    }
    covarianceOf(parameters, k).set(matrix.data);
  });
  checkParameters(parameters, covariance, ROUNDING, (must, ...got) =>
    modelError('invalid-data', { owner, must, ...(got.length > 0 && { got: got[0] }) }),
  );
  return [settle(parameters, covariance), unfitted(covariance)];
}

/** Takes the rounding out: weights that sum to 1, matrices that are symmetric and of their type to the bit. */
function settle(parameters: MixtureParameters, type: CovarianceType): MixtureParameters {
  const { components, dimension: d, weights } = parameters;
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let k = 0; k < components; k++) {
    weights[k] /= total;
    const covariance = covarianceOf(parameters, k);
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) {
        const entry = 0.5 * (covariance[i * d + j] + covariance[j * d + i]);
        covariance[i * d + j] = entry;
        covariance[j * d + i] = entry;
      }
      if (isSpherical(type)) covariance[i * d + i] = covariance[0];
    }
    if (isTied(type)) covariance.set(covarianceOf(parameters, 0));
  }
  return parameters;
}
