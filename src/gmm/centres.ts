/**
 * Centres for EM to start from, other than rows as they are.
 *
 * @module
 */
import { symmetricEigen } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import type { SeedingLoops } from '../simd/index.js';
import { type CovarianceType, isSpherical } from './covariance-type.js';
import { expectation, type WeightedRows } from './expectation.js';
import { unitSpheres } from './log-joint.js';
import { centredCovariance, isEmpty } from './maximization.js';
import { inBlocks, seedingLoops } from './seeding.js';
import type { Statistics } from './statistics.js';

/**
 * A start is sought on no more rows than this, or so many per number in the means: each covariance asks for d of them. One number
 * for each component does not: spherical fits to 20,000 to 50,000 rows of 20 to 64 columns, 8 to 25 components, end as high from
 * fewer rows, after three quarters of the time, but diagonal ones 0.08 to 0.4 nats a row lower.
 */
const SEEDING_ROWS = 4000;
const SEEDING_ROWS_PER_MEAN = 20;
const SEEDING_ROWS_PER_SPHERE = 50;

/**
 * The rows themselves, or, where there are many, a sample of them: every (total / size)th by cumulative weight from a
 * random start. As rows are in lexicographic order, the sample is spread as they are.
 */
export function seedingRows(
  rows: WeightedRows,
  components: number,
  covariance: CovarianceType,
  stream: RandomStream,
): WeightedRows {
  const { data, columns: d, weights, total } = rows;
  const each = isSpherical(covariance) ? SEEDING_ROWS_PER_SPHERE : SEEDING_ROWS_PER_MEAN * d;
  const size = Math.max(SEEDING_ROWS, each * components);
  if (rows.rows <= size) return rows;
  const step = total / size;
  const sample = new Float64Array(size * d);
  let next = step * stream.uniform();
  let mass = 0;
  let taken = 0;
  for (let i = 0; i < rows.rows && taken < size; i++) {
    mass += weights === undefined ? 1 : weights[i];
    for (; mass > next && taken < size; next += step) {
      sample.set(data.subarray(i * d, (i + 1) * d), taken++ * d);
    }
  }
  const kept = sample.subarray(0, taken * d);
  return { data: kept, rows: taken, columns: d, weights: undefined, total: taken };
}

/** Iterations of k-means: what is left to gain after these is EM's to find. */
const LLOYD_STEPS = 30;
/** Fewer between two splits. */
const STEPS_PER_SPLIT = 4;

/**
 * The centres of k-means (Lloyd 1982, doi:10.1109/TIT.1982.1056489) from each of some others.
 *
 * @param steps - Most steps from each; it ends where no row goes to another centre.
 */
export async function kMeansCentres(
  rows: WeightedRows,
  starts: readonly Float64Array[],
  pacer: Pacer,
  steps: number = LLOYD_STEPS,
): Promise<Float64Array[]> {
  if (starts.length === 0) return [];
  const loops = seedingLoops(rows, starts[0].length / rows.columns, 1, 1);
  const found: Float64Array[] = [];
  for (const start of starts) found.push(await lloyd(loops, rows, start, steps, pacer));
  return found;
}

async function lloyd(
  loops: SeedingLoops,
  rows: WeightedRows,
  start: Float64Array,
  steps: number,
  pacer: Pacer,
): Promise<Float64Array> {
  const d = rows.columns;
  const centres = start.slice();
  for (let step = 0; step < steps; step++) {
    loops.moveTo(0, centres);
    let changed = 0;
    await inBlocks(rows, centres.length / d, pacer, (first, end) => {
      changed += loops.assign(0, first, end);
    });
    if (changed === 0 && step > 0) break;
    const { mass, shift } = loops.clustersOf(0);
    for (let at = 0; at < centres.length; at++) {
      const share = mass[Math.floor(at / d)];
      if (share > 0) centres[at] += shift[at] / share;
    }
  }
  return centres;
}

/**
 * Centres by splitting: beginning with the mean of all rows, the cluster with the most scatter along an axis is cut in two
 * along it, until there are K; k-means settles them after each cut. Nothing is drawn at random.
 *
 * Reference: Linde, Buzo & Gray (1980), doi:10.1109/TCOM.1980.1094577.
 */
export async function splitCentres(rows: WeightedRows, components: number, pacer: Pacer): Promise<Float64Array> {
  const d = rows.columns;
  const loops = seedingLoops(rows, components, 1, 1);
  let centres = await lloyd(loops, rows, new Float64Array(d), 1, pacer);
  for (let count = 1; count < components; count++) {
    const statistics = await expectation(rows, unitSpheres(centres, d), pacer, 'likeliest');
    const grown = new Float64Array((count + 1) * d);
    grown.set(centres);
    splitWidest(statistics, grown, count);
    centres = await lloyd(loops, rows, grown, STEPS_PER_SPLIT, pacer);
  }
  return lloyd(loops, rows, centres, LLOYD_STEPS, pacer);
}

/** Moves the widest cluster's centre one way, and puts the new one the other way. */
function splitWidest(statistics: Statistics, centres: Float64Array, count: number): void {
  const d = statistics.dimension;
  const covariance = new Float64Array(d * d);
  let widest = 0;
  let most = -1;
  let step = new Float64Array(d);
  for (let k = 0; k < count; k++) {
    if (isEmpty(statistics, k)) continue;
    centredCovariance(statistics, k, covariance);
    const { values, vectors } = symmetricEigen(covariance, d);
    const scatter = statistics.mass[k] * values[d - 1];
    if (!(scatter > most)) continue;
    [widest, most] = [k, scatter];
    step = vectors.subarray((d - 1) * d).map((entry) => entry * Math.sqrt(Math.max(0, values[d - 1])));
  }
  for (let j = 0; j < d; j++) {
    centres[count * d + j] = centres[widest * d + j] + step[j];
    centres[widest * d + j] -= step[j];
  }
}
