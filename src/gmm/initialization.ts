/**
 * Where EM starts. All in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { type CovarianceType, constrain, isDiagonal, isTied } from './covariance-type.js';
import { expectation, totalScatter, type WeightedRows } from './expectation.js';
import { unitSpheres } from './log-joint.js';
import { centredCovariance, isEmpty, type MaximizationRules } from './maximization.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import { pooledScatter } from './pooled-scatter.js';
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
 * @param covariances - Where covariances go, if not into a new array; see {@link emptyParameters}.
 */
export async function startFromCentres(
  rows: WeightedRows,
  clusters: Centres,
  overall: Float64Array,
  rules: MaximizationRules,
  pacer: Pacer,
  keepCentres = false,
  covariances?: Float64Array,
): Promise<MixtureParameters> {
  const { columns: d } = rows;
  const { centres } = clusters;
  const components = centres.length / d;
  const diagonal = isDiagonal(rules.covariance);
  const statistics = await statisticsOf(rows, clusters, rules.covariance, pacer);
  if (keepCentres) statistics.shift.fill(0);
  const start = emptyParameters(components, d, covariances);
  const pooled = pooledCovariance(statistics, rows.total);
  const shared = pooled.map((entry, i) => entry + OVERALL * overall[i]);
  const own = new Float64Array(d * d);
  const step = diagonal ? d + 1 : 1;
  for (let k = 0; k < components; k++) {
    const share = statistics.mass[k] / rows.total;
    const common = SHARED / components;
    start.weights[k] = rules.equalWeights ? 1 / components : (share + common) / (1 + SHARED);
    const isShared = isTied(rules.covariance);
    if (!isShared) ownCovariance(statistics, k, own);
    const mean = meanOf(start, k);
    const covariance = covarianceOf(start, k);
    for (let j = 0; j < d; j++) {
      mean[j] = centres[k * d + j] + (share > 0 ? statistics.shift[k * d + j] / statistics.mass[k] : 0);
    }
    for (let i = 0; i < d * d; i += step) {
      covariance[i] = isShared ? shared[i] : (share * own[i] + common * shared[i]) / (share + common);
    }
    ridgeAndConstrain(covariance, d, rules);
  }
  return start;
}

/** From this many columns on compiled loops sum products sooner, though they look for the nearest centres again. */
const COMPILED_COLUMNS = 4;

/** The statistics of the rows nearest each centre, about it, as far as a type asks for them. */
async function statisticsOf(
  rows: WeightedRows,
  start: Centres,
  type: CovarianceType,
  pacer: Pacer,
): Promise<Statistics> {
  const { columns: d } = rows;
  const { centres, clusters } = start;
  const diagonal = isDiagonal(type);
  if (clusters) {
    const { labels, mass, shift, squares } = clusters;
    const known = { components: mass.length, dimension: d, diagonal, mass, shift, pooled: false, logDensity: 0 };
    if (diagonal) return { ...known, scatter: squares };
    // One matrix for all: the sum of scatters will do.
    const pooled = isTied(type) ? pooledScatter(known, centres, await totalScatter(rows, pacer)) : undefined;
    if (pooled) return { ...known, scatter: pooled, pooled: true };
    if (d < COMPILED_COLUMNS) {
      const scatter = new Float64Array((mass.length * d * (d + 1)) / 2);
      const add = (from: number, to: number) => addProducts(scatter, rows, centres, labels, from, to);
      await inStretches(rows.rows, pacer, add, d * d);
      return { ...known, scatter };
    }
  }
  return expectation(rows, unitSpheres(centres, d, diagonal), pacer, 'likeliest');
}

/** Adds the products of rows' differences from their centres, the lower triangle of each. */
function addProducts(
  scatter: Float64Array,
  { columns: d, data, weights }: WeightedRows,
  centres: Float64Array,
  labels: Float64Array,
  start: number,
  end: number,
): void {
  for (let i = start; i < end; i++) {
    const k = labels[i];
    const weight = weights === undefined ? 1 : weights[i];
    let next = (k * d * (d + 1)) / 2;
    for (let j = 0; j < d; j++) {
      const x = weight * (data[i * d + j] - centres[k * d + j]);
      for (let l = 0; l <= j; l++) scatter[next++] += x * (data[i * d + l] - centres[k * d + l]);
    }
  }
}

/** Writes the covariance of component k's rows, 0 where it has none; of a diagonal one, the diagonal alone. */
function ownCovariance(statistics: Statistics, k: number, out: Float64Array): void {
  const { diagonal, dimension: d, mass, scatter, shift } = statistics;
  if (isEmpty(statistics, k)) out.fill(0);
  else if (!diagonal) centredCovariance(statistics, k, out);
  else {
    for (let j = 0, at = k * d; j < d; j++, at++) {
      const delta = shift[at] / mass[k];
      out[j * (d + 1)] = scatter[at] / mass[k] - delta * delta;
    }
  }
}

/** The mean by mass of the components' covariances. */
function pooledCovariance(statistics: Statistics, total: number): Float64Array {
  const { components, diagonal, dimension: d, mass, pooled: isPooled } = statistics;
  const pooled = new Float64Array(d * d);
  const own = new Float64Array(d * d);
  if (isPooled) {
    const one = { components: 1, mass: Float64Array.of(total), shift: new Float64Array(d), pooled: false };
    centredCovariance({ ...statistics, ...one }, 0, pooled);
  }
  for (let k = 0; k < components; k++) {
    ownCovariance(statistics, k, own);
    const share = mass[k] / total;
    for (let i = 0; i < d * d; i += diagonal ? d + 1 : 1) pooled[i] += share * own[i];
  }
  return pooled;
}

/** The covariance matrix of all rows: their correlations, as they are standardised. */
export async function overallCovariance(rows: WeightedRows, pacer: Pacer): Promise<Float64Array> {
  const covariance = new Float64Array(rows.columns ** 2);
  centredCovariance(await totalScatter(rows, pacer), 0, covariance);
  return covariance;
}

function ridgeAndConstrain(covariance: Float64Array, d: number, { covariance: type, ridge }: MaximizationRules): void {
  constrain(type, covariance, d);
  for (let i = 0; i < d; i++) covariance[i * d + i] += ridge;
}
