/**
 * Discriminators: which of two samples does a row come from? Small classifiers that need no neural network.
 *
 * @module
 */
import { oneOf, type Rule } from '../core/options.js';
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { Samples } from '../core/samples.js';
import { fitLogistic } from './logistic.js';
import { NeighbourSearch } from './neighbours.js';
import { type PooledRows, selectRows } from './two-samples.js';

/**
 * How rows are told apart.
 *
 * - `'logistic'`: logistic regression on all products of up to two columns. Exact where the log-density ratio is quadratic, as
 *   between any two Gaussians; blind to what leaves means and covariances alone.
 * - `'nearest-neighbours'`: votes of the k = floor(sqrt(rows)) nearest rows, columns standardised. Sees any difference, in few
 *   columns with few rows, in many with many.
 */
export type ClassifierName = 'logistic' | 'nearest-neighbours';

/** The rule of an option that names a classifier. */
export function classifierName(): Rule<ClassifierName> {
  return oneOf('logistic', 'nearest-neighbours');
}

/** Training rows of a discriminator, standardised, with the transformation for others. */
export interface TrainingRows {
  readonly rows: Samples;
  /** 1 for rows of the first sample, 0 for the second. */
  readonly isFirst: Uint8Array;
  /** Rows of either sample among them; at least one each. */
  readonly first: number;
  readonly second: number;
}

/** Tells the two samples apart. */
export interface Discriminator {
  /** log D(x) / (1 - D(x)), where D(x) estimates p(x) / (p(x) + q(x)), whatever the sizes of the two samples. */
  logOdds(row: Float64Array): number;
}

/** The logits of held-out rows, in their order. */
export async function discriminate(
  pool: PooledRows,
  training: Uint32Array,
  held: Uint32Array,
  classifier: ClassifierName,
  pacer: Pacer,
): Promise<Float64Array> {
  const rows = standardize(pool, training, training);
  const isFirst = Uint8Array.from(training, (row) => (row < pool.first ? 1 : 0));
  const first = isFirst.reduce((sum, label) => sum + label, 0);
  const fitTo = classifier === 'logistic' ? fitLogistic : fitNeighbours;
  const discriminator = await fitTo({ rows, isFirst, first, second: training.length - first }, pacer);
  const queries = standardize(pool, held, training);
  const most = Math.log(training.length);
  const logits = new Float64Array(held.length);
  for (let i = 0; i < held.length; i++) {
    const logit = discriminator.logOdds(queries.row(i));
    // n rows cannot support odds beyond n to 1; without this end, one row far out could outweigh all others.
    logits[i] = Math.min(Math.max(logit, -most), most);
    if (pacer.isDue) await pacer.step({ phase: 'held-out rows', completed: i, total: held.length });
  }
  return logits;
}

/** Standardised columns further out than this are as good as this: where a quadratic is extrapolated, its square is not. */
const FARTHEST = 10;

/** Rows, with each column less its mean over the training rows, over its standard deviation there; 0 for a constant one. */
function standardize(pool: PooledRows, chosen: Uint32Array, training: Uint32Array): Samples {
  const { data, columns } = pool;
  const selected = selectRows(pool, chosen);
  for (let j = 0; j < columns; j++) {
    // About the first row, so that an offset does not swallow the digits.
    const origin = data[training[0] * columns + j];
    let sum = 0;
    for (const row of training) sum += data[row * columns + j] - origin;
    const mean = sum / training.length;
    let squares = 0;
    for (const row of training) squares += (data[row * columns + j] - origin - mean) ** 2;
    const deviation = Math.sqrt(squares / training.length);
    for (let i = j; i < selected.length; i += columns) {
      const z = deviation > 0 ? (selected[i] - origin - mean) / deviation : 0;
      selected[i] = Math.min(Math.max(z, -FARTHEST), FARTHEST);
    }
  }
  return new Samples(selected, chosen.length, columns);
}

/**
 * D(x) from the k nearest training rows: a of n rows of the first sample, b of m of the second.
 *
 *     D / (1 - D) = ((a + 1/2) / n) / ((b + 1/2) / m)
 *
 * k = floor(sqrt(n + m)), as Lopez-Paz & Oquab (2017) have it; half a row more on either side keeps the odds finite.
 */
async function fitNeighbours(training: TrainingRows, pacer: Pacer): Promise<Discriminator> {
  const { rows, isFirst, first, second } = training;
  const search = await NeighbourSearch.of(rows, pacer);
  const k = Math.max(1, Math.floor(Math.sqrt(rows.rows)));
  return {
    logOdds: (row) => {
      let count = 0;
      for (const neighbour of search.nearest(row, k).rows) count += isFirst[neighbour];
      return Math.log(((count + 0.5) * second) / ((k - count + 0.5) * first));
    },
  };
}

/** Row numbers of two samples, one after the other. */
export function join(first: Uint32Array, second: Uint32Array): Uint32Array {
  const joined = new Uint32Array(first.length + second.length);
  joined.set(first);
  joined.set(second, first.length);
  return joined;
}

/** Row numbers of two samples in random order, so that of equally near rows neither sample's come first. */
export function joinShuffled(first: Uint32Array, second: Uint32Array, stream: RandomStream): Uint32Array {
  const joined = join(first, second);
  return stream.permutation(joined.length).map((place) => joined[place]);
}
