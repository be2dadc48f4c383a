/**
 * Rows made ready for EM: in one order, centred, and in units of their own spread.
 *
 *     z_ij = (x_ij - c_j) / s_j
 *
 * c is the weighted mean and s_j the standard deviation of column j; spherical mixtures, which other units per column
 * would change, share one s, the root mean square of the columns' deviations. EM is equivariant under this map, so that
 * offsets and units of the data change nothing but the offsets and units of the result, and every tolerance means the
 * same for all data.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import { Samples } from '../core/samples.js';
import type { WeightedRows } from './expectation.js';
import { covarianceOf, emptyParameters, type MixtureParameters } from './parameters.js';
import { sortRows } from './row-order.js';
import { inStretches } from './stretches.js';

/** The map from the data's units to standardised ones. */
export interface Standardization {
  /** c, one per column. */
  readonly centres: Float64Array;
  /** s, one per column. */
  readonly scales: Float64Array;
  /** The variances of standardised columns: 1, but for spherical mixtures. */
  readonly variances: Float64Array;
}

/** Rows beside the map that standardised them. */
export interface StandardizedRows {
  readonly rows: WeightedRows;
  readonly map: Standardization;
}

/** Spreads whose squares a double holds with all its digits. */
const SPREADS = { least: 1e-150, most: 1e150 };

/**
 * Standardises rows in place: `samples` and `weights` must be ours to overwrite.
 *
 * Rows without weight are dropped, the rest put in lexicographic order: the fit then does not depend on the order in
 * which the rows came, and an integer weight draws like that many equal rows.
 *
 * Memory beyond the rows: 1 MB, however many there are.
 *
 * @throws ModelError `degenerate-data` for a column without spread, `invalid-data` for one beyond all bounds.
 */
export async function standardize(
  samples: Samples,
  weights: Float64Array | undefined,
  spherical: boolean,
  owner: string,
  pacer: Pacer,
): Promise<StandardizedRows> {
  const kept = weights === undefined ? samples : dropWeightless(samples, weights);
  const { columns, data } = kept;
  const keptWeights = weights?.subarray(0, kept.rows);
  await sortRows({ data, columns, weights: keptWeights }, pacer);
  const total = keptWeights ? keptWeights.reduce((sum, weight) => sum + weight, 0) : kept.rows;
  const rows: WeightedRows = { data, rows: kept.rows, columns, weights: keptWeights, total };
  const map = await centreAndScale(rows, spherical, owner, pacer);
  await inStretches(rows.rows, pacer, (start, end) => applyTo(rows, map, start, end));
  return { rows, map };
}

/** Moves rows of positive weight to the front, and their weights with them. */
function dropWeightless({ data, rows, columns }: Samples, weights: Float64Array): Samples {
  let kept = 0;
  for (let i = 0; i < rows; i++) {
    if (weights[i] === 0) continue;
    weights[kept] = weights[i];
    for (let j = 0; j < columns; j++) data[kept * columns + j] = data[i * columns + j];
    kept++;
  }
  return new Samples(data.subarray(0, kept * columns), kept, columns);
}

async function centreAndScale(
  rows: WeightedRows,
  spherical: boolean,
  owner: string,
  pacer: Pacer,
): Promise<Standardization> {
  return standardizationOf(await columnMoments(rows, pacer), spherical, owner);
}

/** The map that takes columns of these moments to mean 0 and, but for spherical mixtures, variance 1. */
export function standardizationOf(
  moments: readonly ColumnMoments[],
  spherical: boolean,
  owner: string,
): Standardization {
  const columns = moments.length;
  const centres = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (const [j, { mean, deviation, constant }] of moments.entries()) {
    if (constant && !spherical) throw constantColumn(owner, j);
    if (!constant && !(deviation >= SPREADS.least && deviation <= SPREADS.most)) throw boundless(owner, j, deviation);
    centres[j] = mean;
    scales[j] = deviation;
  }
  if (spherical) {
    const common = Math.hypot(...scales) / Math.sqrt(columns);
    if (common === 0) throw constantColumn(owner, undefined);
    scales.fill(common);
  }
  const variances = scales.map((scale, j) => (moments[j].deviation / scale) ** 2);
  return { centres, scales, variances };
}

/** What standardisation needs to know of a column. */
export interface ColumnMoments {
  readonly mean: number;
  readonly deviation: number;
  readonly constant: boolean;
}

/** Each column's mean and standard deviation in two passes, both about the first row, so that an offset costs no digits. */
export async function columnMoments(rows: WeightedRows, pacer: Pacer): Promise<ColumnMoments[]> {
  const { data, columns, total } = rows;
  const origin = data.slice(0, columns);
  const varies = new Uint8Array(columns);
  const none = new Float64Array(columns);
  const sums = new Float64Array(columns);
  const squares = new Float64Array(columns);
  await inStretches(rows.rows, pacer, (from, to) => markVarying(rows, origin, varies, from, to), columns);
  await inStretches(rows.rows, pacer, (from, to) => addMoments(rows, origin, none, sums, squares, from, to), columns);
  const shifts = sums.map((sum) => sum / total);
  squares.fill(0);
  await inStretches(rows.rows, pacer, (from, to) => addMoments(rows, origin, shifts, sums, squares, from, to), columns);
  return Array.from(origin, (first, j) =>
    varies[j] === 0
      ? { mean: first, deviation: 0, constant: true }
      : { mean: first + shifts[j], deviation: Math.sqrt(squares[j] / total), constant: false },
  );
}

// Functions of their own: as closures, which the compiler sees anew in each fit, they took three times as long.

/**
 * Adds the sums of x - origin - shift, and of their squares, over some rows, each stretch of them summed on its own. Two
 * columns at a time, their sums in registers; both sums, as a choice would have the compiler begin anew with the second pass.
 */
function addMoments(
  { data, columns, weights }: WeightedRows,
  origin: Float64Array,
  shifts: Float64Array,
  sums: Float64Array,
  squares: Float64Array,
  start: number,
  end: number,
): void {
  for (let j = 0; j < columns; j += 2) {
    // The last of an odd number stands beside itself.
    const other = Math.min(j + 1, columns - 1);
    const [o, p, m, n] = [origin[j], origin[other], shifts[j], shifts[other]];
    const apart = other - j;
    let [s, t, u, v] = [0, 0, 0, 0];
    for (let i = start, at = start * columns + j; i < end; i++, at += columns) {
      const weight = weights === undefined ? 1 : weights[i];
      const x = data[at] - o - m;
      const y = data[at + apart] - p - n;
      s += weight * x;
      t += weight * y;
      u += weight * x * x;
      v += weight * y * y;
    }
    sums[j] += s;
    squares[j] += u;
    if (apart === 0) continue;
    sums[other] += t;
    squares[other] += v;
  }
}

/** Marks the columns that hold another value than the first; those that are marked are not looked at again. */
function markVarying(
  { data, columns }: WeightedRows,
  origin: Float64Array,
  varies: Uint8Array,
  start: number,
  end: number,
): void {
  for (let j = 0; j < columns; j++) {
    for (let at = start * columns + j; varies[j] === 0 && at < end * columns; at += columns) {
      if (data[at] !== origin[j]) varies[j] = 1;
    }
  }
}

function constantColumn(owner: string, column: number | undefined): Error {
  const must = column === undefined ? 'rows must not all be equal' : `column ${column} must hold more than one value`;
  const remedy =
    column === undefined
      ? 'A Gaussian needs a variance'
      : `A Gaussian needs a variance: leave the column out, or set "covariance" to "spherical"`;
  return modelError('degenerate-data', { owner, must, remedy });
}

function boundless(owner: string, column: number, deviation: number): Error {
  return modelError('invalid-data', {
    owner,
    must: `standard deviation of column ${column} must lie between ${SPREADS.least} and ${SPREADS.most}`,
    got: deviation,
    remedy: 'Change the units of the column',
  });
}

/** Maps the rows from `start` to before `end` in place. */
export function applyTo(
  { data, columns }: Pick<WeightedRows, 'data' | 'columns'>,
  { centres, scales }: Standardization,
  start: number,
  end: number,
): void {
  for (let i = start, at = start * columns; i < end; i++) {
    for (let j = 0; j < centres.length; j++, at++) data[at] = (data[at] - centres[j]) / scales[j];
  }
}

/** The mixture of standardised rows that is `parameters` in the data's units. */
export function toStandard(parameters: MixtureParameters, { centres, scales }: Standardization): MixtureParameters {
  return mapParameters(
    parameters,
    (mean, j) => (mean - centres[j]) / scales[j],
    (entry, i, j) => entry / scales[i] / scales[j],
  );
}

/**
 * The mixture in the data's units that is `parameters` for standardised rows.
 *
 * @param covariances - Where covariances go, if not into a new array; see {@link emptyParameters}.
 */
export function toDataUnits(
  parameters: MixtureParameters,
  { centres, scales }: Standardization,
  covariances?: Float64Array,
): MixtureParameters {
  return mapParameters(
    parameters,
    (mean, j) => centres[j] + mean * scales[j],
    (entry, i, j) => entry * (scales[i] * scales[j]),
    covariances,
  );
}

function mapParameters(
  parameters: MixtureParameters,
  mapMean: (mean: number, j: number) => number,
  mapCovariance: (entry: number, i: number, j: number) => number,
  covariances?: Float64Array,
): MixtureParameters {
  const { components, dimension: d } = parameters;
  const result = emptyParameters(components, d, covariances);
  result.weights.set(parameters.weights);
  for (let k = 0; k < components; k++) {
    for (let j = 0; j < d; j++) result.means[k * d + j] = mapMean(parameters.means[k * d + j], j);
    const [from, to] = [covarianceOf(parameters, k), covarianceOf(result, k)];
    for (let i = 0; i < d; i++) {
      for (let j = 0; j <= i; j++) {
        to[i * d + j] = mapCovariance(from[i * d + j], i, j);
        to[j * d + i] = to[i * d + j];
      }
    }
  }
  return result;
}

/** log |dx/dz| = sum_j log s_j: what a log-density of standardised rows exceeds that of the data by. */
export function logVolume({ scales }: Standardization): number {
  return scales.reduce((sum, scale) => sum + Math.log(scale), 0);
}
