/**
 * What the loops of k-means++ work on: sizes, and their interface.
 *
 * @module
 */

/** What searches are made for. */
export interface SeedingShape {
  /** N. */
  readonly count: number;
  /** d. */
  readonly columns: number;
  readonly searches: number;
  /** K: centres that each search finds. */
  readonly components: number;
  /** Most rows that a search tries at a time. */
  readonly tries: number;
}

/** What is summed over the rows x nearest each centre c, by their weights w. */
export interface ClusterSums {
  /** sum w, K. */
  readonly mass: Float64Array;
  /** sum w (x - c), K x d. */
  readonly shift: Float64Array;
  /** sum w (x_j - c_j)^2, K x d. */
  readonly squares: Float64Array;
}

/** Searches, side by side. */
export interface SeedingLoops {
  /** N x d, row-major: yours to write, and to call {@link prepare} before any are tried. */
  readonly rows: Float64Array;
  /** N, 1 until written. */
  readonly weights: Float64Array;
  prepare(): void;
  /** Chooses the rows that each search tries, as many for each. */
  tryRows(tried: readonly (readonly number[])[]): void;
  /** Adds what the rows from `first` to before `end` give to potentials; `first` is a multiple of {@link BLOCK_ROWS}. */
  measure(first: number, end: number): void;
  /** The potential of a search with number t of those that it tries as one more centre, once all rows are measured. */
  potentialOf(search: number, t: number): number;
  /** Makes number t of those that a search tries its next centre; returns its potential. */
  take(search: number, t: number): number;
  /** K x d; those found so far. */
  centresOf(search: number): Float64Array;
  /** Sums over the rows nearest each centre, once all are found. */
  clustersOf(search: number): ClusterSums;
  /** Gives a search other centres, K of them at most, instead of those that it found, for {@link assign}. */
  moveTo(search: number, centres: Float64Array): void;
  /**
   * Labels the rows from `first` to before `end` by the nearest of the centres that a search was moved to last; returns how many
   * labels are others than before. Distances are left as they were.
   */
  assign(search: number, first: number, end: number): number;
  /** The number of the centre nearest each row, the first of equals. */
  labelsOf(search: number): Float64Array;
  /** Squared distances from it. */
  distancesOf(search: number): Float64Array;
  /** The parts of a search's potential that are due to each {@link BLOCK_ROWS} rows. */
  sumsOf(search: number): Float64Array;
}

/** Rows whose distances are summed on their own. */
export const BLOCK_ROWS = 64;
