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
import { observedOf, type Pattern, PatternIndex } from './patterns.js';
import { sortRows } from './row-order.js';
import { conditionalShift, splitAt } from './split.js';
import {
  applyTo,
  type ColumnMoments,
  columnMoments,
  type Standardization,
  type StandardizedRows,
  standardizationOf,
} from './standardization.js';
import { inStretches } from './stretches.js';

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
  const total = weights ? weights.reduce((sum, weight) => sum + weight, 0) : samples.rows;
  const rows = await sortedRows(samples, weights, owner, pacer);
  const { data, columns } = rows;
  const moments: ColumnMoments[] = [];
  for (let j = 0; j < columns; j++) moments.push(...(await columnMoments(await valuesOf(rows, j, pacer), pacer)));
  const map = standardizationOf(moments, spherical, owner);
  await inStretches(rows.rows, pacer, (start, end) => applyTo(rows, map, start, end));
  const index = new PatternIndex(new Samples(data, rows.rows, columns));
  await inStretches(rows.rows, pacer, (start, end) => index.add(start, end));
  const patterns: PatternRows[] = [];
  for (const pattern of index.patterns) {
    patterns.push(weightedRows(rows, pattern));
    if (pacer.isDue) await pacer.breathe();
  }
  const one = await fitOneGaussian(patterns, columns, pacer);
  for (const pattern of index.patterns) await fillIn(rows, pattern, one, pacer);
  const logVolume = meanLogVolume(patterns, map, total);
  return { rows: { ...rows, incomplete: { patterns, total, logVolume, overall: one.covariances } }, map };
}

/** Rows with a weight and a value, in place and in lexicographic order, missing values last. */
async function sortedRows(
  { data, rows, columns }: Samples,
  weights: Float64Array | undefined,
  owner: string,
  pacer: Pacer,
): Promise<WeightedRows> {
  let kept = 0;
  const seen = new Uint8Array(columns);
  await inStretches(rows, pacer, (start, end) => {
    for (let i = start; i < end; i++) {
      if (weights?.[i] === 0 || !hasValue({ data, columns }, i)) continue;
      if (weights) weights[kept] = weights[i];
      for (let j = 0; j < columns; j++) {
        const x = data[i * columns + j];
        if (!Number.isNaN(x)) seen[j] = 1;
        // Infinities do not come in rows, and unlike NaN they can be put in order.
        data[kept * columns + j] = Number.isNaN(x) ? Number.POSITIVE_INFINITY : x;
      }
      kept++;
    }
  });
  if (seen.includes(0)) throw emptyColumn(owner, seen.indexOf(0));
  const own = new Samples(data.subarray(0, kept * columns), kept, columns);
  const ownWeights = weights?.subarray(0, kept);
  await sortRows({ data: own.data, columns, weights: ownWeights }, pacer);
  await inStretches(own.data.length, pacer, (start, end) => {
    for (let at = start; at < end; at++) if (own.data[at] === Number.POSITIVE_INFINITY) own.data[at] = Number.NaN;
  });
  const total = ownWeights ? ownWeights.reduce((sum, weight) => sum + weight, 0) : kept;
  return { data: own.data, rows: kept, columns, weights: ownWeights, total };
}

/** Whether a row has any value. */
export function hasValue({ data, columns }: Pick<Samples, 'data' | 'columns'>, row: number): boolean {
  for (let j = 0; j < columns; j++) if (!Number.isNaN(data[row * columns + j])) return true;
  return false;
}

function emptyColumn(owner: string, column: number): Error {
  const must = `column ${column} must hold at least one value`;
  return modelError('degenerate-data', { owner, must, remedy: 'Leave the column out' });
}

/** The values of a column that are there, as rows of one column. */
async function valuesOf(rows: WeightedRows, column: number, pacer: Pacer): Promise<WeightedRows> {
  const { data, columns, weights } = rows;
  const values = new Float64Array(rows.rows);
  const own = weights && new Float64Array(rows.rows);
  let [count, total] = [0, 0];
  await inStretches(rows.rows, pacer, (start, end) => {
    for (let i = start; i < end; i++) {
      const x = data[i * columns + column];
      if (Number.isNaN(x)) continue;
      if (own && weights) own[count] = weights[i];
      total += weights?.[i] ?? 1;
      values[count++] = x;
    }
  });
  return { data: values.subarray(0, count), rows: count, columns: 1, weights: own?.subarray(0, count), total };
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

/** Fills the gaps of a pattern with their conditional means, in place. */
async function fillIn(
  { data, columns: d }: WeightedRows,
  { observed, rows }: Pattern,
  one: MixtureParameters,
  pacer: Pacer,
): Promise<void> {
  const q = observed.length;
  if (q === d) return;
  const factor = cholesky(one.covariances, d);
  const split = factor && splitAt({ parameters: one, factors: [factor] }, observed);
  const [x, y, shift] = [new Float64Array(q), new Float64Array(q), new Float64Array(d - q)];
  const rest = Array.from({ length: d }, (_, j) => j).filter((j) => !observed.includes(j));
  await inStretches(rows.length, pacer, (start, end) => {
    for (let i = start; i < end; i++) {
      const at = rows[i] * d;
      for (let j = 0; j < q; j++) x[j] = data[at + observed[j]];
      if (split) conditionalShift(split, 0, x, 0, shift, y);
      for (let j = 0; j < rest.length; j++) data[at + rest[j]] = one.means[rest[j]] + shift[j];
    }
  });
}
