/**
 * Jensen-Shannon divergence of two samples on a grid.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions, integer, type OptionTable, option, optional, type Rule } from '../core/options.js';
import type { SamplesLike } from '../core/samples.js';
import { type PooledRows, readPair, timesPower } from './two-samples.js';

/** The ends of the grid along one column. */
export type GridRange = readonly [low: number, high: number];

/** Options of {@link jensenShannonOnGrid}. */
export interface JensenShannonOnGridOptions {
  /** Cells along each column; 20 unless told otherwise. */
  readonly cells?: number;
  /**
   * Ends of the grid, [low, high] for each column; those of all rows together unless told otherwise. Rows beyond them share one
   * more cell.
   */
  readonly range?: readonly GridRange[];
}

/** What {@link jensenShannonOnGrid} finds. */
export interface JensenShannonOnGrid {
  /** Jensen-Shannon divergence of the two histograms, in nats: 0 to log 2. */
  readonly divergence: number;
  /** Its standard error. */
  readonly standardError: number;
  /** How much of it chance alone makes: its expectation where the distributions agree. */
  readonly bias: number;
  /** Cells that hold a row. */
  readonly occupied: number;
}

/** The option table of {@link jensenShannonOnGrid}. */
export const JENSEN_SHANNON_ON_GRID_OPTIONS: OptionTable<JensenShannonOnGridOptions> = {
  // 4,096^2 counters of two samples are 268 MB.
  cells: option(integer(1, 4096), 20),
  range: optional(rangeRule()),
};

/**
 * Jensen-Shannon divergence between two samples of one or two columns, as histograms on a common grid.
 *
 *     JSD = (sum_c p_c log(p_c / m_c) + sum_c q_c log(q_c / m_c)) / 2,     m_c = (p_c + q_c) / 2
 *     standard error  s^2 = Var_p[log(p / m)] / (4 n) + Var_q[log(q / m)] / (4 m') + 2 (K - 1) b^2
 *     bias            (K - 1) b,     b = (1 / n + 1 / m') / 8
 *
 * for n and m' rows in K occupied cells. A grid cannot see differences within a cell, so that its divergence is below that of
 * the distributions; chance puts it above, by about `bias`. Choose cells such that the bias is small beside what matters.
 *
 * Shapes: n x d and m' x d rows, d = 1 or 2. Units: nats. Cost: O((n + m') d + cells^d).
 *
 * References: Lin (1991), doi:10.1109/18.61115, on the divergence; the bias and the last term of the error are those of the
 * chi-squared law with K - 1 degrees of freedom, which JSD / b follows where the distributions agree (Wilks 1938,
 * doi:10.1214/aoms/1177732360).
 *
 * @param first - At least one row.
 * @param second - At least one row of the same width.
 * @throws ModelError for rows or options that will not do.
 * @example
 * const { divergence } = jensenShannonOnGrid([[0, 0], [0, 1]], [[0, 0], [1, 1]], { cells: 2 });
 * divergence; // 0.34657359
 */
export function jensenShannonOnGrid(
  first: SamplesLike,
  second: SamplesLike,
  options?: JensenShannonOnGridOptions,
): JensenShannonOnGrid {
  const owner = 'jensenShannonOnGrid';
  const checked = checkOptions(owner, JENSEN_SHANNON_ON_GRID_OPTIONS, options);
  const pool = readPair(owner, first, second, 1);
  if (pool.columns > 2) {
    const remedy = 'For more columns, use jensenShannonEstimate';
    throw modelError('shape-mismatch', { owner, must: 'rows must have 1 or 2 columns', got: pool.columns, remedy });
  }
  const { range } = checked;
  if (range !== undefined && range.length !== pool.columns) {
    const must = `option "range" must hold one pair per column, ${pool.columns}`;
    throw modelError('shape-mismatch', { owner, must, got: range.length });
  }
  const cells = checked.cells as number;
  const cellOf = makeGrid(pool, cells, range ?? boxOf(pool));
  const p = new Float64Array(cells ** pool.columns + 1);
  const q = new Float64Array(p.length);
  for (let i = 0; i < pool.first; i++) p[cellOf(i)]++;
  for (let i = pool.first; i < pool.first + pool.second; i++) q[cellOf(i)]++;
  return compareHistograms(p, q, pool.first, pool.second);
}

function compareHistograms(p: Float64Array, q: Float64Array, n: number, m: number): JensenShannonOnGrid {
  let occupied = 0;
  const [ofFirst, ofSecond] = [new Moments(), new Moments()];
  for (let c = 0; c < p.length; c++) {
    if (p[c] + q[c] === 0) continue;
    occupied++;
    const [share, other] = [p[c] / n, q[c] / m];
    const middle = (share + other) / 2;
    if (share > 0) ofFirst.add(share, Math.log(share / middle));
    if (other > 0) ofSecond.add(other, Math.log(other / middle));
  }
  const b = (1 / n + 1 / m) / 8;
  const variance = ofFirst.variance / (4 * n) + ofSecond.variance / (4 * m) + 2 * (occupied - 1) * b * b;
  return {
    divergence: Math.max(0, (ofFirst.mean + ofSecond.mean) / 2),
    standardError: Math.sqrt(variance),
    bias: (occupied - 1) * b,
    occupied,
  };
}

/** Mean and variance of values that come with probabilities, by West's updates (1979, doi:10.1145/359146.359153). */
class Moments {
  mean = 0;
  #weight = 0;
  #squares = 0;

  add(weight: number, value: number): void {
    this.#weight += weight;
    const step = value - this.mean;
    this.mean += (step * weight) / this.#weight;
    this.#squares += weight * step * (value - this.mean);
  }

  get variance(): number {
    return this.#squares / this.#weight;
  }
}

/** The cell of each row of a pool; the last one for rows beyond the range. */
function makeGrid(pool: PooledRows, cells: number, range: readonly GridRange[]): (row: number) => number {
  const { data, columns, exponent } = pool;
  const lows = range.map(([low]) => timesPower(low, -exponent));
  const highs = range.map(([, high]) => timesPower(high, -exponent));
  return (row) => {
    let cell = 0;
    for (let j = 0; j < columns; j++) {
      const x = data[row * columns + j];
      if (x < lows[j] || x > highs[j]) return cells ** columns;
      const width = highs[j] - lows[j];
      const at = width > 0 ? Math.floor(((x - lows[j]) / width) * cells) : 0;
      // The upper end belongs to the last cell.
      cell = cell * cells + Math.min(at, cells - 1);
    }
    return cell;
  };
}

/** The ends of all rows together. */
function boxOf({ data, columns, exponent }: PooledRows): GridRange[] {
  return Array.from({ length: columns }, (_, j) => {
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = j; i < data.length; i += columns) {
      if (data[i] < low) low = data[i];
      if (data[i] > high) high = data[i];
    }
    return [timesPower(low, exponent), timesPower(high, exponent)];
  });
}

function rangeRule(): Rule<readonly GridRange[]> {
  const isRange = (pair: unknown): pair is GridRange => {
    if (!Array.isArray(pair) || pair.length !== 2) return false;
    const [low, high] = pair as unknown[];
    return Number.isFinite(low) && Number.isFinite(high) && (low as number) < (high as number);
  };
  return {
    words: 'an array of pairs [low, high] of finite numbers, low < high',
    accepts: (value): value is readonly GridRange[] =>
      Array.isArray(value) && value.length > 0 && value.length <= 2 && Array.from(value).every(isRange),
    inside: [
      [[0, 1]],
      [
        [-1, 1],
        [0, 5],
      ],
    ],
    outside: [[], [0, 1], [[1, 0]], [[0, 0]], [[0, Number.POSITIVE_INFINITY]], [[0, 1, 2]], {}, null, '[0, 1]'],
    copy: (value) => Object.freeze(Array.from(value, ([low, high]): GridRange => Object.freeze([low, high] as const))),
  };
}
