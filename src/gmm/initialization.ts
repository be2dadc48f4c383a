/**
 * Where EM starts. All in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { type MixtureLoops, makeMixtureLoops } from '../simd/index.js';
import { constrain, isDiagonal, isTied } from './covariance-type.js';
import { expectation, totalScatter, type WeightedRows } from './expectation.js';
import { unitSpheres } from './log-joint.js';
import { centredCovariance, isEmpty, type MaximizationRules } from './maximization.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

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
  let nearest: Float64Array = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
  const candidates = 2 + Math.floor(Math.log(components));
  const first = rowAtMass(rows, undefined, stream.uniform() * rows.total);
  const loops = makeMixtureLoops({ components: candidates, dimension: d, form: 'spherical' });
  let trial = await tryCentres(loops, rows, [first], nearest, pacer);
  nearest = trial.nearest;
  centres.set(data.subarray(first * d, (first + 1) * d));
  for (let k = 1; k < components; k++) {
    // No distance left means that every row is a centre already.
    const byDistance = trial.potential > 0;
    const drawn = Array.from({ length: candidates }, () => {
      const target = stream.uniform() * (byDistance ? trial.potential : rows.total);
      return rowAtMass(rows, byDistance ? nearest : undefined, target);
    });
    trial = await tryCentres(loops, rows, drawn, nearest, pacer);
    nearest = trial.nearest;
    centres.set(data.subarray(trial.centre * d, (trial.centre + 1) * d), k * d);
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

/** A row that would do as one more centre. */
interface Trial {
  readonly centre: number;
  /** Squared distance of each row to its nearest centre, and their weighted sum. */
  readonly nearest: Float64Array;
  readonly potential: number;
}

/** The best of the candidates, the first of equals, as one more centre. Squared distances come from the mixture loops. */
async function tryCentres(
  loops: MixtureLoops,
  rows: WeightedRows,
  candidates: readonly number[],
  before: Float64Array,
  pacer: Pacer,
): Promise<Trial> {
  const { data, columns: d, weights } = rows;
  candidates.forEach((row, c) => {
    loops.means.set(data.subarray(row * d, (row + 1) * d), c * d);
  });
  loops.factors.fill(1);
  loops.prepare();
  const { shares, stride } = loops;
  const nearest = candidates.map(() => new Float64Array(rows.rows));
  const potentials = new Float64Array(candidates.length);
  for (let first = 0; first < rows.rows; first += loops.blockRows) {
    const count = Math.min(loops.blockRows, rows.rows - first);
    loops.rows.set(data.subarray(first * d, (first + count) * d));
    loops.joint(count);
    for (let c = 0; c < candidates.length; c++) {
      let potential = 0;
      for (let i = 0; i < count; i++) {
        // The term of a unit sphere is -1/2 |x - centre|^2.
        const distance = Math.min(before[first + i], -2 * shares[c * stride + i]);
        nearest[c][first + i] = distance;
        potential += weights === undefined ? distance : weights[first + i] * distance;
      }
      potentials[c] += potential;
    }
    if (pacer.isDue) await pacer.breathe();
  }
  let best = 0;
  for (let c = 1; c < candidates.length; c++) if (potentials[c] < potentials[best]) best = c;
  return { centre: candidates[best], nearest: nearest[best], potential: potentials[best] };
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
  const spheres = unitSpheres(centres, d, isDiagonal(rules.covariance));
  const statistics = await expectation(rows, spheres, pacer, 'likeliest');
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
  const covariance = new Float64Array(d * d);
  centredCovariance(await totalScatter(rows, pacer), 0, covariance);
  return covariance;
}

function ridgeAndConstrain(covariance: Float64Array, d: number, { covariance: type, ridge }: MaximizationRules): void {
  constrain(type, covariance, d);
  for (let i = 0; i < d; i++) covariance[i * d + i] += ridge;
}
