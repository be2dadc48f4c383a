/**
 * The mixture of some columns, given the values of the others.
 *
 *     p(x_a | x_b) = sum_k r_k N(x_a; mu_k,a + R_ab R_bb^-1 (x_b - mu_k,b), R_aa R_aa^T)
 *     r_k          = w_k N(x_b; mu_k,b, Sigma_k,bb) / p(x_b)
 *
 * with R as in `split.ts`. It is a mixture of the same covariance type.
 *
 * Reference: Sung (2004), *Gaussian Mixture Regression and Classification*, section 2.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { type GivenColumns, readGivenColumns } from '../core/given.js';
import { type FactoredMixture, shareRow } from './marginal.js';
import { covarianceOf, emptyParameters, type MixtureParameters } from './parameters.js';
import { conditionalCovariance, conditionalShift, splitAt } from './split.js';

/** Values of some columns, as `conditional` is given them. */
export type Given = GivenColumns;

/** Columns with a value for each. */
export interface GivenValues {
  readonly columns: readonly number[];
  readonly values: Float64Array;
}

/** Reads the argument of `conditional`. */
export function readGiven(owner: string, argument: unknown, dimension: number): GivenValues {
  const given = readGivenColumns(owner, argument, dimension);
  return { columns: [...given.keys()], values: Float64Array.from(given.values()) };
}

/**
 * The parameters of the conditional mixture over the columns that are not given, ascending.
 *
 * However far the values lie, the weights are finite and sum to 1.
 *
 * @throws ModelError `invalid-data` for values so far away that a conditional mean overflows.
 */
export function conditionalParameters(
  owner: string,
  mixture: FactoredMixture,
  { columns, values }: GivenValues,
): MixtureParameters {
  const { components, dimension: d, means } = mixture.parameters;
  const split = splitAt(mixture, columns);
  const p = split.rest.length;
  const result = emptyParameters(components, p);
  shareRow(split.marginal, values, 0, result.weights);
  const shift = new Float64Array(p);
  const y = new Float64Array(columns.length);
  for (let k = 0; k < components; k++) {
    conditionalShift(split, k, values, 0, shift, y);
    split.rest.forEach((column, i) => {
      result.means[k * p + i] = means[k * d + column] + shift[i];
    });
    covarianceOf(result, k).set(conditionalCovariance(split, k));
  }
  if (!result.means.every(Number.isFinite)) {
    const must = 'option "given" must be near enough that conditional means do not overflow';
    throw modelError('invalid-data', { owner, must, got: Array.from(values) });
  }
  return result;
}
