/**
 * Rows with missing values made ready for EM: as in `standardization.ts`, but each column by the values that are there.
 *
 * For what needs complete rows, which is only where EM starts, gaps are filled with their conditional means under one
 * Gaussian, itself fitted by EM to what is there.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import type { WeightedRows } from './expectation.js';
import { incompleteExpectation } from './incomplete-expectation.js';
import { centredCovariance } from './maximization.js';
import { emptyParameters, type MixtureParameters } from './parameters.js';
import { observedOf, type Pattern, patternsOf } from './patterns.js';
import { lexicographicOrder, permuteRows } from './row-order.js';
import { conditionalShift, splitAt } from './split.js';
import {
  applyTo,
  type ColumnMoments,
  columnMoments,
  type Standardization,
  type StandardizedRows,
  standardizationOf,
} from './standardization.js';

/** Rows that have the same columns, with their weights. */
export interface PatternRows {
  /** The columns that are there, ascending: at least one. */
  readonly observed: readonly number[];
  /** What is there, n x q, with weights. */
  readonly rows: WeightedRows;
}

/** What is really there of rows whose gaps were filled in. */
export interface IncompleteRows {
  readonly patterns: readonly PatternRows[];
  /** Sum of the weights of all rows, those without any value included. */
  readonly total: number;
  /** What mean log-densities per row are higher by in standardised units than in the data's. */
  readonly logVolume: number;
  /** The covariance of one Gaussian fitted to the rows, d x d. */
  readonly overall: Float64Array;
}

/**
 * Standardises rows in place: `samples` and `weights` must be ours to overwrite.
 *
 * Rows without weight and rows without any value are dropped: they say nothing of the parameters.
 *
 * @throws ModelError `degenerate-data` for a column without values or without spread, `invalid-data` for one beyond all
 * bounds or for too few rows.
 */
export async function standardizeIncomplete(
  samples: Samples,
  weights: Float64Array | undefined,
  spherical: boolean,
  owner: string,
  pacer: Pacer,
): Promise<StandardizedRows> {
  const all = weights ?? new Float64Array(samples.rows).fill(1);
  const total = all.reduce((sum, weight) => sum + weight, 0);
  const usable = Array.from(all.keys()).filter((i) => all[i] > 0 && hasValue(samples, i));
  const { data, rows: n, columns } = samples.select(usable);
  checkColumns(owner, data, columns);
  const order = await orderOf(data, n, columns, pacer);
  const ordered = Float64Array.from(order, (from) => all[usable[from]]);
  await permuteRows(data, columns, order, pacer);
  const rows: WeightedRows = {
    data,
    rows: n,
    columns,
    weights: weights && ordered,
    total: ordered.reduce((sum, weight) => sum + weight, 0),
  };
  const moments: ColumnMoments[] = [];
  for (let j = 0; j < columns; j++) moments.push(await columnMoments(valuesOf(rows, j), 0, pacer));
  const map = standardizationOf(moments, spherical, owner);
  applyTo(rows, map, 0, n);
  const patterns = patternsOf(new Samples(data, n, columns));
  const parts = patterns.map((pattern) => weightedRows(rows, pattern));
  const overall = await fitOneGaussian(parts, columns, pacer);
  fillIn(rows, patterns, overall);
  const incomplete = {
    patterns: parts,
    total,
    logVolume: meanLogVolume(parts, map, total),
    overall: overall.covariances,
  };
  return { rows: { ...rows, incomplete }, map };
}

/** Whether a row has any value. */
export function hasValue({ data, columns }: Samples, row: number): boolean {
  for (let j = 0; j < columns; j++) if (!Number.isNaN(data[row * columns + j])) return true;
  return false;
}

function checkColumns(owner: string, data: Float64Array, columns: number): void {
  for (let j = 0; j < columns; j++) {
    let at = j;
    while (at < data.length && Number.isNaN(data[at])) at += columns;
    if (at < data.length) continue;
    const must = `column ${j} must hold at least one value`;
    throw modelError('degenerate-data', { owner, must, remedy: 'Leave the column out' });
  }
}

/** The values of a column that are there, as rows of one column. */
function valuesOf({ data, rows, columns, weights }: WeightedRows, column: number): WeightedRows {
  const present = Array.from({ length: rows }, (_, i) => i).filter((i) => !Number.isNaN(data[i * columns + column]));
  const own = weights && Float64Array.from(present, (i) => weights[i]);
  const total = own ? own.reduce((sum, weight) => sum + weight, 0) : present.length;
  const values = Float64Array.from(present, (i) => data[i * columns + column]);
  return { data: values, rows: present.length, columns: 1, weights: own, total };
}

/** Lexicographic order, missing values last. */
async function orderOf(data: Float64Array, rows: number, columns: number, pacer: Pacer): Promise<Uint32Array> {
  // Infinities do not come in rows, and unlike NaN they can be compared.
  const comparable = data.map((x) => (Number.isNaN(x) ? Number.POSITIVE_INFINITY : x));
  return lexicographicOrder(new Samples(comparable, rows, columns), pacer);
}

function weightedRows({ data, columns, rows, weights }: WeightedRows, pattern: Pattern): PatternRows {
  const { data: values, rows: n, columns: q } = observedOf(new Samples(data, rows, columns), pattern);
  const own = weights && Float64Array.from(pattern.rows, (row) => weights[row]);
  const total = own ? own.reduce((sum, weight) => sum + weight, 0) : n;
  return { observed: pattern.observed, rows: { data: values, rows: n, columns: q, weights: own, total } };
}

/** sum_i w_i sum over the columns there of log s_j, per weight. */
function meanLogVolume(patterns: readonly PatternRows[], { scales }: Standardization, total: number): number {
  let volume = 0;
  for (const { observed, rows } of patterns) {
    for (const column of observed) volume += (rows.total / total) * Math.log(scales[column]);
  }
  return volume;
}

/** Enough for a start: the missing values differ from their limit by less than that of data that are half missing. */
const MOST_ITERATIONS = 50;
/** EM for the filling ends once the mean log-density rises by less, in nats. */
const LEAST_RISE = 1e-4;
/** Keeps the one Gaussian from becoming singular where columns are collinear; the variance of a column is 1. */
const RIDGE = 1e-6;

/** One Gaussian by EM from independent columns, in standardised units. */
async function fitOneGaussian(patterns: readonly PatternRows[], d: number, pacer: Pacer): Promise<MixtureParameters> {
  const one = emptyParameters(1, d);
  one.weights[0] = 1;
  for (let i = 0; i < d; i++) one.covariances[i * d + i] = 1;
  let last = Number.NEGATIVE_INFINITY;
  for (let iteration = 0; iteration < MOST_ITERATIONS; iteration++) {
    const factor = cholesky(one.covariances, d);
    if (!factor) break;
    const statistics = await incompleteExpectation(patterns, one, [factor], 'triangular', pacer);
    for (let j = 0; j < d; j++) one.means[j] += statistics.shift[j] / statistics.mass[0];
    centredCovariance(statistics, 0, one.covariances);
    for (let i = 0; i < d; i++) one.covariances[i * d + i] += RIDGE;
    const reached = statistics.logDensity / statistics.mass[0];
    if (reached - last < LEAST_RISE) break;
    last = reached;
  }
  return one;
}

/** Fills each gap with its conditional mean, in place. */
function fillIn({ data, columns: d }: WeightedRows, patterns: readonly Pattern[], one: MixtureParameters): void {
  const factor = cholesky(one.covariances, d);
  for (const { observed, rows } of patterns) {
    const q = observed.length;
    if (q === d) continue;
    const split = factor && splitAt({ parameters: one, factors: [factor] }, observed);
    const [x, y, shift] = [new Float64Array(q), new Float64Array(q), new Float64Array(d - q)];
    const rest = Array.from({ length: d }, (_, j) => j).filter((j) => !observed.includes(j));
    for (const row of rows) {
      for (let j = 0; j < q; j++) x[j] = data[row * d + observed[j]];
      if (split) conditionalShift(split, 0, x, 0, shift, y);
      rest.forEach((column, j) => {
        data[row * d + column] = one.means[column] + shift[j];
      });
    }
  }
}
