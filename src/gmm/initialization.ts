/**
 * Where EM starts. All in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { constrain, isTied } from './covariance-type.js';
import { expectation, type WeightedRows } from './expectation.js';
import { formOf, type WhitenedMixture } from './log-joint.js';
import { centredCovariance, isEmpty, type MaximizationRules } from './maximization.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';
import { inStretches } from './stretches.js';

/** Different rows drawn at random, by weight. */
export function randomCentres(rows: WeightedRows, components: number, stream: RandomStream): Float64Array {
  const { columns: d } = rows;
  const centres = new Float64Array(components * d);
  for (let k = 0; k < components; k++) centres.set(distinctRow(rows, centres.subarray(0, k * d), stream), k * d);
  return centres;
}

/** How often a row that was drawn before is drawn again, before it is taken all the same. */
const MOST_REDRAWS = 32;

/** A row by weight that differs from the given ones, unless the data hardly have another. */
function distinctRow(rows: WeightedRows, taken: Float64Array, stream: RandomStream): Float64Array {
  const { data, columns: d } = rows;
  for (let draw = 0; ; draw++) {
    const at = rowAtMass(rows, undefined, stream.uniform() * rows.total) * d;
    const row = data.subarray(at, at + d);
    let isNew = true;
    for (let k = 0; k < taken.length; k += d) if (row.every((x, j) => x === taken[k + j])) isNew = false;
    if (isNew || draw === MOST_REDRAWS) return row;
  }
}

/**
 * Centres by greedy k-means++: each next centre is a row drawn with probability proportional to its squared distance
 * from the nearest centre so far, the best of 2 + floor(log K) draws.
 *
 * Rows are in lexicographic order and drawn through their cumulative weights, so that equal data give equal draws
 * whatever order they came in, and a weight of 2 draws like two rows.
 *
 * Cost: O(N K d log K). Reference: Arthur & Vassilvitskii (2007), *k-means++: the advantages of careful seeding*.
 */
export async function plusPlusCentres(
  rows: WeightedRows,
  components: number,
  stream: RandomStream,
  pacer: Pacer,
): Promise<Float64Array> {
  const { columns: d, data } = rows;
  const centres = new Float64Array(components * d);
  const nearest = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  const candidates = 2 + Math.floor(Math.log(components));
  const first = rowAtMass(rows, undefined, stream.uniform() * rows.total);
  let potential = await approach(rows, first, nearest, pacer);
  centres.set(data.subarray(first * d, (first + 1) * d));
  for (let k = 1; k < components; k++) {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let trial = 0; trial < candidates; trial++) {
      // No distance left means that every row is a centre already.
      const byDistance = potential > 0;
      const target = stream.uniform() * (byDistance ? potential : rows.total);
      const candidate = rowAtMass(rows, byDistance ? nearest : undefined, target);
      const reached = await potentialWith(rows, candidate, nearest, pacer);
      if (reached < least) [best, least] = [candidate, reached];
    }
    potential = await approach(rows, best, nearest, pacer);
    centres.set(data.subarray(best * d, (best + 1) * d), k * d);
  }
  return centres;
}

/** The row at which the running sum of weight (times squared distance, where given) passes the target. */
function rowAtMass({ rows, weights }: WeightedRows, nearest: Float64Array | undefined, target: number): number {
  if (weights === undefined && nearest === undefined) return Math.min(Math.floor(target), rows - 1);
  let rest = target;
  let last = 0;
  for (let i = 0; i < rows; i++) {
    const mass = (weights === undefined ? 1 : weights[i]) * (nearest === undefined ? 1 : nearest[i]);
    if (mass === 0) continue;
    last = i;
    rest -= mass;
    if (rest < 0) return i;
  }
  return last;
}

/** The sum of weighted squared distances to the nearest centre, were this row one more centre. */
async function potentialWith(rows: WeightedRows, centre: number, nearest: Float64Array, pacer: Pacer): Promise<number> {
  let potential = 0;
  await inStretches(rows.rows, pacer, (start, end) => {
    for (let i = start; i < end; i++) {
      const distance = Math.min(nearest[i], squaredDistance(rows, i, centre));
      potential += rows.weights === undefined ? distance : rows.weights[i] * distance;
    }
  });
  return potential;
}

/** Makes this row a centre: lowers `nearest`, and returns the sum that remains. */
async function approach(rows: WeightedRows, centre: number, nearest: Float64Array, pacer: Pacer): Promise<number> {
  let potential = 0;
  await inStretches(rows.rows, pacer, (start, end) => {
    for (let i = start; i < end; i++) {
      const distance = Math.min(nearest[i], squaredDistance(rows, i, centre));
      nearest[i] = distance;
      potential += rows.weights === undefined ? distance : rows.weights[i] * distance;
    }
  });
  return potential;
}

function squaredDistance({ data, columns: d }: WeightedRows, a: number, b: number): number {
  let sum = 0;
  for (let j = 0; j < d; j++) {
    const difference = data[a * d + j] - data[b * d + j];
    sum += difference * difference;
  }
  return sum;
}

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
  centres: Float64Array,
  overall: Float64Array,
  rules: MaximizationRules,
  pacer: Pacer,
  keepCentres = false,
): Promise<MixtureParameters> {
  const { columns: d } = rows;
  const components = centres.length / d;
  const statistics = await expectation(rows, unitSpheres(centres, components, d), pacer, 'likeliest');
  if (keepCentres) statistics.shift.fill(0);
  const start = emptyParameters(components, d);
  const pooled = pooledCovariance(statistics, rows.total);
  const shared = pooled.map((entry, i) => entry + OVERALL * overall[i]);
  const own = new Float64Array(d * d);
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
    for (let i = 0; i < d * d; i++) {
      covariance[i] = isTied(rules.covariance) ? shared[i] : (share * own[i] + common * shared[i]) / (share + common);
    }
    ridgeAndConstrain(covariance, d, rules);
  }
  return start;
}

/** Spheres of unit variance and weight at the centres: the likeliest is the nearest. Statistics of full matrices. */
export function unitSpheres(centres: Float64Array, components: number, d: number): WhitenedMixture {
  const form = formOf('tied', d);
  const triangle = (d * (d + 1)) / 2;
  const matrices = form === 'tied' ? 1 : components;
  const factors = new Float64Array(matrices * triangle);
  for (let k = 0; k < matrices; k++) {
    for (let i = 0, diagonal = 0; i < d; diagonal += ++i + 1) factors[k * triangle + diagonal] = 1;
  }
  return { components, dimension: d, form, means: centres, factors, constants: new Float64Array(components) };
}

/** The mean by mass of the components' covariances. */
function pooledCovariance(statistics: Statistics, total: number): Float64Array {
  const d = statistics.dimension;
  const pooled = new Float64Array(d * d);
  const own = new Float64Array(d * d);
  for (let k = 0; k < statistics.components; k++) {
    if (isEmpty(statistics, k)) continue;
    centredCovariance(statistics, k, own);
    for (let i = 0; i < d * d; i++) pooled[i] += (statistics.mass[k] / total) * own[i];
  }
  return pooled;
}

/** The covariance matrix of all rows: their correlations, as they are standardised. */
export async function overallCovariance(rows: WeightedRows, pacer: Pacer): Promise<Float64Array> {
  const { columns: d } = rows;
  const statistics = await expectation(rows, unitSpheres(new Float64Array(d), 1, d), pacer, 'likeliest');
  const covariance = new Float64Array(d * d);
  centredCovariance(statistics, 0, covariance);
  return covariance;
}

function ridgeAndConstrain(covariance: Float64Array, d: number, { covariance: type, ridge }: MaximizationRules): void {
  constrain(type, covariance, d);
  for (let i = 0; i < d; i++) covariance[i * d + i] += ridge;
}
