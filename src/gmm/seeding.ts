/**
 * Rows drawn as centres: where most starts begin.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import type { WeightedRows } from './expectation.js';
import { distancesOf, type Search } from './seeding-distances.js';

/** Centres, and where it is known the number of the centre nearest each row. */
export interface Centres {
  /** K x d. */
  readonly centres: Float64Array;
  /** N, the first of equals. */
  readonly labels?: Uint32Array;
}

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

/** Most searches that go on side by side: each holds some distances from every row. */
const MOST_SEARCHES = 4;

/**
 * Centres by greedy k-means++, one choice of them for each stream: each next centre is a row drawn with probability
 * proportional to its squared distance from the nearest centre so far, the best of 2 + floor(log K) draws.
 *
 * Rows are in lexicographic order and drawn through their cumulative weights, so that equal data give equal draws
 * whatever order they came in, and a weight of 2 draws like two rows.
 *
 * Cost: O(N K d log K) for each; some at a time share their passes over the rows.
 * Reference: Arthur & Vassilvitskii (2007), *k-means++: the advantages of careful seeding*.
 */
export async function plusPlusCentres(
  rows: WeightedRows,
  components: number,
  streams: readonly RandomStream[],
  pacer: Pacer,
): Promise<Required<Centres>[]> {
  const draws = 2 + Math.floor(Math.log(components));
  const distances = distancesOf(rows);
  const found: Search[] = [];
  for (let first = 0; first < streams.length; first += MOST_SEARCHES) {
    const some = streams.slice(first, first + MOST_SEARCHES).map((stream) => ({
      stream,
      centres: new Float64Array(components * rows.columns),
      count: 0,
      labels: new Uint32Array(rows.rows),
      nearest: new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY),
      potential: 0,
      drawn: [rowAtMass(rows, undefined, stream.uniform() * rows.total)],
      potentials: new Float64Array(draws),
    }));
    for (let k = 0; k < components; k++) {
      for (const search of some) if (k > 0) drawRows(rows, search, draws);
      await distances.measure(some, pacer);
      for (const search of some) distances.take(search, bestOf(search));
    }
    found.push(...some);
  }
  return found;
}

/** Draws rows by their distances from the centres. */
function drawRows(
  rows: WeightedRows,
  search: Search & { drawn: readonly number[]; readonly stream: RandomStream },
  draws: number,
): void {
  const { nearest, potential, stream } = search;
  // No distance left means that every row is a centre already.
  const byDistance = potential > 0;
  search.drawn = Array.from({ length: draws }, () => {
    const target = stream.uniform() * (byDistance ? potential : rows.total);
    return rowAtMass(rows, byDistance ? nearest : undefined, target);
  });
  search.potentials.fill(0);
}

/** The number of the row that lowers the potential most, the first of equals. */
function bestOf({ drawn, potentials }: Search): number {
  let best = 0;
  for (let t = 1; t < drawn.length; t++) if (potentials[t] < potentials[best]) best = t;
  return best;
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
