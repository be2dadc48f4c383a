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
import type { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import type { WeightedRows } from './expectation.js';
import { covarianceOf, emptyParameters, type MixtureParameters } from './parameters.js';
import { lexicographicOrder } from './row-order.js';

/** The map from the data's units to standardised ones. */
export interface Standardization {
  /** c, one per column. */
  readonly centres: Float64Array;
  /** s, one per column. */
  readonly scales: Float64Array;
}

/** Rows beside the map that standardised them. */
export interface StandardizedRows {
  readonly rows: WeightedRows;
  readonly map: Standardization;
}

/** Spreads whose squares a double holds with all its digits. */
const SPREADS = { least: 1e-150, most: 1e150 };

/**
 * Standardises rows; `samples` must be ours, and may be overwritten.
 *
 * Rows without weight are dropped, the rest put in lexicographic order: the fit then does not depend on the order in
 * which the rows came, and an integer weight draws like that many equal rows.
 *
 * @throws ModelError `degenerate-data` for a column without spread, `invalid-data` for one beyond all bounds.
 */
export async function standardize(
  samples: Samples,
  weights: RowWeights | undefined,
  spherical: boolean,
  owner: string,
  pacer: Pacer,
): Promise<StandardizedRows> {
  const { columns, data } = samples;
  const order = await lexicographicOrder(samples, weights?.values, pacer);
  const rows: WeightedRows = {
    data: permuteRows(data, columns, order),
    rows: order.length,
    columns,
    weights: weights && Float64Array.from(order, (from) => weights.values[from]),
    total: 0,
  };
  const total = rows.weights ? rows.weights.reduce((sum, weight) => sum + weight, 0) : rows.rows;
  const weighted = { ...rows, total };
  await pacer.breathe();
  const map = centreAndScale(weighted, spherical, owner);
  await pacer.breathe();
  apply(weighted, map);
  return { rows: weighted, map };
}

/** The rows in the given order; in their own array where they are in order already. */
function permuteRows(data: Float64Array, d: number, order: Uint32Array): Float64Array {
  if (order.every((from, to) => from === to)) return data.subarray(0, order.length * d);
  const result = new Float64Array(order.length * d);
  for (let to = 0; to < order.length; to++) {
    for (let j = 0; j < d; j++) result[to * d + j] = data[order[to] * d + j];
  }
  return result;
}

function centreAndScale(rows: WeightedRows, spherical: boolean, owner: string): Standardization {
  const { columns } = rows;
  const centres = new Float64Array(columns);
  const scales = new Float64Array(columns);
  for (let j = 0; j < columns; j++) {
    const { mean, deviation, constant } = columnMoments(rows, j);
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
  return { centres, scales };
}

interface ColumnMoments {
  readonly mean: number;
  readonly deviation: number;
  readonly constant: boolean;
}

/** Mean and standard deviation in two passes, both about the first row, so that an offset costs no digits. */
function columnMoments({ data, rows, columns, weights, total }: WeightedRows, j: number): ColumnMoments {
  const origin = data[j];
  let sum = 0;
  let constant = true;
  for (let i = 0, at = j; i < rows; i++, at += columns) {
    const x = data[at] - origin;
    if (x !== 0) constant = false;
    sum += weights === undefined ? x : weights[i] * x;
  }
  if (constant) return { mean: origin, deviation: 0, constant };
  const shift = sum / total;
  let squares = 0;
  for (let i = 0, at = j; i < rows; i++, at += columns) {
    const x = data[at] - origin - shift;
    squares += weights === undefined ? x * x : weights[i] * x * x;
  }
  return { mean: origin + shift, deviation: Math.sqrt(squares / total), constant };
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

function apply({ data, columns }: WeightedRows, { centres, scales }: Standardization): void {
  for (let at = 0; at < data.length; at += columns) {
    for (let j = 0; j < columns; j++) data[at + j] = (data[at + j] - centres[j]) / scales[j];
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

/** The mixture in the data's units that is `parameters` for standardised rows. */
export function toDataUnits(parameters: MixtureParameters, { centres, scales }: Standardization): MixtureParameters {
  return mapParameters(
    parameters,
    (mean, j) => centres[j] + mean * scales[j],
    (entry, i, j) => entry * (scales[i] * scales[j]),
  );
}

function mapParameters(
  parameters: MixtureParameters,
  mapMean: (mean: number, j: number) => number,
  mapCovariance: (entry: number, i: number, j: number) => number,
): MixtureParameters {
  const { components, dimension: d } = parameters;
  const result = emptyParameters(components, d);
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
