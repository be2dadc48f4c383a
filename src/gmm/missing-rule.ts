/**
 * What a mixture does with missing values.
 *
 * @module
 */
import { checkOptions, type OptionTable, oneOf, optional } from '../core/options.js';

/** The names. */
export const MISSING_RULES = ['refuse', 'marginalize'] as const;

/**
 * What a mixture does with `NaN` in rows.
 *
 * - `'refuse'`: it is an error, as in every other estimator;
 * - `'marginalize'`: the value is missing at random, and each row counts through what is there of it,
 *   p(x_observed) = sum_k w_k N(x_observed; mu_k,observed, Sigma_k,observed).
 *
 * A row without any value has density 1, and the weights for responsibilities.
 */
export type MissingRule = (typeof MISSING_RULES)[number];

/** Options of methods that take rows. */
export interface RowOptions {
  /** What to do with `NaN` in these rows; the model's own rule unless told otherwise. */
  readonly missing?: MissingRule;
}

/** The rule that a call asks for, if it does. */
export function readMissingRule(owner: string, options: unknown): MissingRule | undefined {
  return checkOptions<RowOptions>(owner, ROW_OPTIONS, options as RowOptions).missing;
}

const ROW_OPTIONS: OptionTable<RowOptions> = { missing: optional<MissingRule>(oneOf(...MISSING_RULES)) };
