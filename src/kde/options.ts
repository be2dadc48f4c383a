/**
 * The options of kernel density estimation.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { cholesky } from '../core/linalg.js';
import {
  checkOptions,
  either,
  integer,
  listOf,
  number,
  type OptionTable,
  oneOf,
  option,
  optional,
  type Rule,
} from '../core/options.js';
import { type KernelName, kernelNames } from '../kernels/index.js';
import type { GivenBandwidth } from './bandwidth.js';
import { type Bounds, boundsRule } from './bounds.js';

/** The names of the ways to choose a bandwidth from the rows. */
export const bandwidthRules = [
  'scott',
  'silverman',
  'normal-reference',
  'improved-sheather-jones',
  'cross-validation',
  'least-squares-cross-validation',
] as const;

/** A way to choose a bandwidth from the rows. */
export type BandwidthRule = (typeof bandwidthRules)[number];

/** What a rule chooses: one number for all columns, one for each, or a matrix. */
export type BandwidthShape = 'scalar' | 'diagonal' | 'full';

/** Options of {@link KernelDensity}. */
export interface KernelDensityOptions {
  /** The smoothing kernel. Default: `'gaussian'`. */
  readonly kernel?: KernelName;
  /**
   * The bandwidth h in the kernel's own scale: one number for all columns, one for each, the rows of a matrix H of
   * *squared* scales (its diagonal is h_j^2), or how to choose it from the rows. Default: `'scott'`.
   *
   * - `'scott'` and `'silverman'` are best for normal data, by the standard deviation.
   * - `'normal-reference'` is Silverman's with the smaller of standard deviation and interquartile range / 1.349.
   * - `'improved-sheather-jones'` (Botev's) assumes no normal distribution and keeps modes apart, axis by axis.
   * - `'cross-validation'` makes left-out rows most probable.
   * - `'least-squares-cross-validation'` makes the integrated squared error least.
   */
  readonly bandwidth?: number | ArrayLike<number> | readonly ArrayLike<number>[] | BandwidthRule;
  /**
   * What a rule is to choose: `'scalar'`, one number; `'diagonal'`, one per column; or `'full'`, a matrix that follows the
   * covariance. A bandwidth given in numbers has its own shape. Default: `'diagonal'`.
   */
  readonly bandwidthShape?: BandwidthShape;
  /**
   * What a cross-validation varies: `'common'`, one factor to Scott's bandwidths, or `'per-column'`, each column's
   * bandwidth on its own, at many times the cost. Default: `'common'`.
   */
  readonly bandwidthSearch?: 'common' | 'per-column';
  /**
   * How much the bandwidth follows the density: row i has h (f(x_i) / g)^-adaptation, f being the density of fixed h and g
   * its geometric mean. 0 for one bandwidth everywhere; 0.5 is Abramson's square root law. Default: 0.
   */
  readonly adaptation?: number;
  /** Where columns end, and what to do there: one entry per column, `null` for columns without bounds. */
  readonly bounds?: Bounds;
  /**
   * How far a density may be off, as a share of itself, at any point. 0 asks for all digits that rounding leaves.
   * Default: 1e-8.
   */
  readonly relativeTolerance?: number;
  /** Most rows in a leaf of the tree: a matter of speed only. Default: 128, best or within a few percent of it for
   * 1,000 to 1,000,000 rows in 1 to 6 columns. */
  readonly leafSize?: number;
}

const positive = number({ above: 0 });

/** The rows of a symmetric positive definite matrix. */
const matrixRule: Rule<readonly ArrayLike<number>[]> = {
  words: 'a symmetric positive definite matrix as an array of rows',
  accepts: (value): value is readonly ArrayLike<number>[] => {
    if (!Array.isArray(value)) return false;
    const d = value.length;
    if (!(d > 0 && value.every((row) => (Array.isArray(row) || ArrayBuffer.isView(row)) && lengthOf(row) === d))) {
      return false;
    }
    const flat = value.flatMap((row) => Array.from(row as ArrayLike<number>));
    if (!flat.every((entry) => typeof entry === 'number' && Number.isFinite(entry))) return false;
    return isSymmetric(flat, d) && cholesky(flat, d) !== undefined;
  },
  inside: [
    [[2]],
    [
      [2, 1],
      [1, 3],
    ],
  ],
  outside: [
    [[]],
    [[1, 0]],
    [
      [1, 2],
      [2, 1],
    ],
    [
      [1, 0.5],
      [0, 1],
    ],
    [[Number.NaN]],
  ],
  copy: (value) => Object.freeze(Array.from(value, (row) => Object.freeze(Array.from(row)))),
};

function lengthOf(value: ArrayLike<unknown> | ArrayBufferView): number {
  return 'length' in value ? value.length : -1;
}

/** To the rounding of a product of two deviations. */
function isSymmetric(flat: readonly number[], d: number): boolean {
  return flat.every((entry, i) => {
    const [row, column] = [Math.floor(i / d), i % d];
    const unit = Math.sqrt(flat[row * (d + 1)]) * Math.sqrt(flat[column * (d + 1)]);
    return Math.abs(entry - flat[column * d + row]) <= 1e-12 * unit;
  });
}

const givenRule = either(either(positive, listOf(positive)), matrixRule);

/**
 * A bandwidth given in numbers, checked and copied.
 *
 * @throws ModelError `invalid-option`.
 */
export function checkBandwidth(given: unknown, owner: string): GivenBandwidth {
  const table: OptionTable<{ bandwidth: GivenBandwidth }> = { bandwidth: { rule: givenRule, default: undefined } };
  const { bandwidth } = checkOptions(owner, table, { bandwidth: given as GivenBandwidth });
  if (bandwidth !== undefined) return bandwidth;
  throw modelError('invalid-option', { owner, must: `option "bandwidth" must be ${givenRule.words}`, got: given });
}

/** Checks and defaults of {@link KernelDensityOptions}. */
export const KERNEL_DENSITY_OPTIONS: OptionTable<KernelDensityOptions> = {
  kernel: option(oneOf(...kernelNames), 'gaussian'),
  bandwidth: option(either(givenRule, oneOf(...bandwidthRules)), 'scott'),
  bandwidthShape: option(oneOf('scalar', 'diagonal', 'full'), 'diagonal'),
  bandwidthSearch: option(oneOf('common', 'per-column'), 'common'),
  adaptation: option(number({ least: 0, most: 1 }), 0),
  bounds: optional(boundsRule),
  relativeTolerance: option(number({ least: 0, below: 1 }), 1e-8),
  leafSize: option(integer(2, 2 ** 20), 128),
};
