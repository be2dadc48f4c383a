/**
 * What the mixture loops work on: forms of covariance, sizes of arrays, and the interface of the loops.
 *
 * @module
 */

/** In the order of the compiled loops: mixture-state.ts in assembly/. */
export const COVARIANCE_FORMS: readonly ['triangular', 'diagonal', 'spherical', 'tied'] = [
  'triangular',
  'diagonal',
  'spherical',
  'tied',
];

/**
 * How {@link MixtureLoops.factors} hold A_k, and {@link MixtureLoops.scatter} the sums of products.
 *
 * | form | factors | scatter |
 * |---|---|---|
 * | triangular | rows of each lower triangle, K x d (d + 1) / 2 | the same |
 * | diagonal | reciprocal standard deviations, K x d | the diagonals, K x d |
 * | spherical | one reciprocal standard deviation each, K | the diagonals, K x d |
 * | tied | one triangle for all, d (d + 1) / 2 | K x d (d + 1) / 2 |
 */
export type CovarianceForm = (typeof COVARIANCE_FORMS)[number];

/** What mixture the loops are for. */
export interface MixtureShape {
  /** K. */
  readonly components: number;
  /** d. */
  readonly dimension: number;
  readonly form: CovarianceForm;
  /** Rows of a block, a multiple of 4; chosen for the first two levels of cache unless told otherwise. */
  readonly blockRows?: number;
  /**
   * How many rows {@link MixtureNumbers.rows} holds, a multiple of 4, no less than a block; those of one block unless told
   * otherwise.
   */
  readonly heldRows?: number;
}

/** Numbers that the owner writes (parameters, rows, weights) and reads (shares, log-densities, statistics). */
export interface MixtureNumbers {
  /** Most rows of a block. */
  readonly blockRows: number;
  /** Component k's share of row i is `shares[k * stride + i]`. */
  readonly stride: number;
  /** K x d. */
  readonly means: Float64Array;
  /** A_k; see {@link CovarianceForm}. */
  readonly factors: Float64Array;
  /** c_k: log w_k + log det A_k - d/2 log(2 pi), or `-Infinity` for a component of no weight. */
  readonly constants: Float64Array;
  /**
   * Rows: a block of them, or all that are held. Loops over a number of rows that is no multiple of 4 clear the next ones up
   * to there.
   */
  readonly rows: Float64Array;
  /** Their weights, >= 0; 1 until written. */
  readonly weights: Float64Array;
  /** Terms or shares: which, is up to the loop that ran last. */
  readonly shares: Float64Array;
  /** log p of each row. */
  readonly logDensities: Float64Array;
  /** Statistics, added to by {@link MixtureLoops.accumulate}; the owner clears them. K. */
  readonly mass: Float64Array;
  /** K x d. */
  readonly shift: Float64Array;
  /** See {@link CovarianceForm}. */
  readonly scatter: Float64Array;
}

/**
 * Loops over `count` rows of {@link MixtureNumbers.rows}, the first ones unless {@link MixtureLoops.turnTo} is called.
 * Overflow of squares means no density, never `NaN`.
 */
export interface MixtureLoops extends MixtureNumbers {
  /** Makes the rows from this number on, a multiple of 4, those of the loops that follow; shares and log-densities are theirs. */
  turnTo(first: number): void;
  /**
   * To be called whenever means, factors or constants have been written, before any other loop.
   *
   * @param typical - How many of the rows stand for those to come: the order in which squares are summed, and so the rounding,
   * is what suits them. None unless told otherwise: the order then hangs on the parameters alone.
   */
  prepare(typical?: number): void;
  /** Writes every l_k, in full, to `shares`. Cost: O(count K d^2), d for diagonal and spherical forms. */
  joint(count: number): void;
  /** Writes log p to `logDensities`; what then stands in `shares` has no meaning. */
  densities(count: number): void;
  /** Writes s_k to `shares` and log p to `logDensities`, and returns sum w log p over rows of positive weight. */
  share(count: number): number;
  /**
   * Adds to the statistics, with the `shares` that stand there: of the last {@link share}, or written by the owner after
   * {@link joint}. Rows are those of that call. Without `isScattered`, `scatter` is left as it is.
   */
  accumulate(count: number, isScattered?: boolean): void;
  /**
   * {@link share} and {@link accumulate} in one; what then stands in `logDensities` has no meaning. Of spherical components `scatter` has the trace alone: what a component's
   * entries sum to has a meaning, each on its own has none.
   */
  step(count: number, isScattered?: boolean): number;
}

/** Rows per block: the gathered block, centred and weighted, is to stay in the second-level cache. */
export function defaultBlockRows(dimension: number): number {
  return dimension <= 64 ? 256 : 128;
}

/** Lengths of `factors` and `scatter`. */
export function sizesOf({ components, dimension: d, form }: MixtureShape): { factors: number; scatter: number } {
  const triangle = (d * (d + 1)) / 2;
  switch (form) {
    case 'triangular':
      return { factors: components * triangle, scatter: components * triangle };
    case 'tied':
      return { factors: triangle, scatter: components * triangle };
    case 'diagonal':
      return { factors: components * d, scatter: components * d };
    case 'spherical':
      return { factors: components, scatter: components * d };
  }
}
