/**
 * Where EM starts. All in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { constrain, isDiagonal, isTied } from './covariance-type.js';
import { expectation, totalScatter, type WeightedRows } from './expectation.js';
import { unitSpheres } from './log-joint.js';
import { centredCovariance, isEmpty, type MaximizationRules } from './maximization.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import type { Centres } from './seeding.js';
import type { Statistics } from './statistics.js';
import { inStretches } from './stretches.js';

/** How much of each starting component is shared by all: enough to keep one of few rows from collapsing at once. */
const SHARED = 0.1;
/** What all rows' covariance adds to the shared one: enough to keep it positive definite where clusters are points. */
const OVERALL = 0.01;

/**
 * The mixture of the rows nearest each centre. With p_k the share of rows at centre k, S_k their covariance, S the mean
 * of these and e = 0.1 / K,
 *
 *     w_k = (p_k + e) / (1 + K e)        Sigma_k = (p_k S_k + e (S + 0.01 cov(all rows))) / (p_k + e)
 *
 * @param keepCentres - Means stay at the centres, and covariances are taken about them.
 */
export async function startFromCentres(
  rows: WeightedRows,
  { centres, labels }: Centres,
  overall: Float64Array,
  rules: MaximizationRules,
  pacer: Pacer,
  keepCentres = false,
): Promise<MixtureParameters> {
  const { columns: d } = rows;
  const components = centres.length / d;
  const diagonal = isDiagonal(rules.covariance);
  // Plain loops are quick where there are few sums to a row.
  const statistics =
    labels && (diagonal || d < 4)
      ? await clusterStatistics(rows, centres, labels, diagonal, pacer)
      : await expectation(rows, unitSpheres(centres, d, diagonal), pacer, 'likeliest');
  if (keepCentres) statistics.shift.fill(0);
  const start = emptyParameters(components, d);
  const pooled = pooledCovariance(statistics, rows.total);
  const shared = pooled.map((entry, i) => entry + OVERALL * overall[i]);
  const own = new Float64Array(d * d);
  const step = diagonal ? d + 1 : 1;
  for (let k = 0; k < components; k++) {
    const share = statistics.mass[k] / rows.total;
    const common = SHARED / components;
    start.weights[k] = rules.equalWeights ? 1 / components : (share + common) / (1 + SHARED);
    own.fill(0);
    if (!isEmpty(statistics, k)) centredCovariance(statistics, k, own);
    const mean = meanOf(start, k);
    const covariance = covarianceOf(start, k);
    for (let j = 0; j < d; j++) {
      mean[j] = centres[k * d + j] + (share > 0 ? statistics.shift[k * d + j] / statistics.mass[k] : 0);
    }
    for (let i = 0; i < d * d; i += step) {
      covariance[i] = isTied(rules.covariance) ? shared[i] : (share * own[i] + common * shared[i]) / (share + common);
    }
    ridgeAndConstrain(covariance, d, rules);
  }
  return start;
}

/** The statistics of clusters about their centres; without labels all rows are one. */
async function clusterStatistics(
  rows: WeightedRows,
  centres: Float64Array,
  labels: Uint32Array | undefined,
  diagonal: boolean,
  pacer: Pacer,
): Promise<Statistics> {
  const { columns: d } = rows;
  const components = centres.length / d;
  const size = diagonal ? d : (d * (d + 1)) / 2;
  const statistics: Statistics = {
    components,
    dimension: d,
    diagonal,
    mass: new Float64Array(components),
    shift: new Float64Array(components * d),
    scatter: new Float64Array(components * size),
    pooled: false,
    logDensity: 0,
  };
  const add = diagonal ? addSquares : addProducts;
  await inStretches(rows.rows, pacer, (start, end) => add(statistics, rows, centres, labels, start, end), size);
  return statistics;
}

/** Adds rows to the statistics of diagonal matrices. */
function addSquares(
  { mass, shift, scatter }: Statistics,
  { columns: d, data, weights }: WeightedRows,
  centres: Float64Array,
  labels: Uint32Array | undefined,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const k = labels === undefined ? 0 : labels[i];
    const weight = weights === undefined ? 1 : weights[i];
    mass[k] += weight;
    for (let j = 0, at = i * d, to = k * d; j < d; j++, at++, to++) {
      const x = data[at] - centres[to];
      shift[to] += weight * x;
      scatter[to] += weight * x * x;
    }
  }
}

/** The same for full matrices. */
function addProducts(
  { mass, shift, scatter }: Statistics,
  { columns: d, data, weights }: WeightedRows,
  centres: Float64Array,
  labels: Uint32Array | undefined,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const k = labels === undefined ? 0 : labels[i];
    const weight = weights === undefined ? 1 : weights[i];
    mass[k] += weight;
    let next = (k * d * (d + 1)) / 2;
    for (let j = 0; j < d; j++) {
      const x = weight * (data[i * d + j] - centres[k * d + j]);
      shift[k * d + j] += x;
      for (let l = 0; l <= j; l++) scatter[next++] += x * (data[i * d + l] - centres[k * d + l]);
    }
  }
}

/** The mean by mass of the components' covariances. */
function pooledCovariance(statistics: Statistics, total: number): Float64Array {
  const d = statistics.dimension;
  const pooled = new Float64Array(d * d);
  const own = new Float64Array(d * d);
  for (let k = 0; k < statistics.components; k++) {
    if (isEmpty(statistics, k)) continue;
    centredCovariance(statistics, k, own);
    const share = statistics.mass[k] / total;
    for (let i = 0; i < d * d; i += statistics.diagonal ? d + 1 : 1) pooled[i] += share * own[i];
  }
  return pooled;
}

/**
 * The covariance matrix of all rows: their correlations, as they are standardised.
 *
 * @param diagonal - Whether the diagonal is enough: the rest is then 0.
 */
export async function overallCovariance(rows: WeightedRows, pacer: Pacer, diagonal = false): Promise<Float64Array> {
  const { columns: d } = rows;
  const covariance = new Float64Array(d * d);
  const total =
    diagonal && !rows.batches
      ? await clusterStatistics(rows, new Float64Array(d), undefined, true, pacer)
      : await totalScatter(rows, pacer);
  centredCovariance(total, 0, covariance);
  return covariance;
}

function ridgeAndConstrain(covariance: Float64Array, d: number, { covariance: type, ridge }: MaximizationRules): void {
  constrain(type, covariance, d);
  for (let i = 0; i < d; i++) covariance[i * d + i] += ridge;
}
