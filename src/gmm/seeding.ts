/**
 * Rows drawn as centres: where most starts begin.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { BLOCK_ROWS, type ClusterSums, makeSeedingLoops, type SeedingLoops } from '../simd/index.js';
import type { WeightedRows } from './expectation.js';

/** Centres, and where they are known the rows nearest each. */
export interface Centres {
  /** K x d. */
  readonly centres: Float64Array;
  readonly clusters?: Clusters;
}

/** The rows nearest each centre. */
interface Clusters extends ClusterSums {
  /** For each row the number of its centre, the first of equals. */
  readonly labels: Float64Array;
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
    const at = rowByWeight(rows, stream.uniform()) * d;
    const row = data.subarray(at, at + d);
    let isNew = true;
    for (let k = 0; k < taken.length; k += d) if (row.every((x, j) => x === taken[k + j])) isNew = false;
    if (isNew || draw === MOST_REDRAWS) return row;
  }
}

/** Most searches that go on side by side: each holds some distances from every row. */
const MOST_SEARCHES = 8;

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
  const found: Required<Centres>[] = [];
  for (let first = 0; first < streams.length; first += MOST_SEARCHES) {
    found.push(...(await searchTogether(rows, components, streams.slice(first, first + MOST_SEARCHES), pacer)));
  }
  return found;
}

async function searchTogether(
  rows: WeightedRows,
  components: number,
  streams: readonly RandomStream[],
  pacer: Pacer,
): Promise<Required<Centres>[]> {
  const [searches, tries] = [streams.length, 2 + Math.floor(Math.log(components))];
  const loops = seedingLoops(rows, components, searches, tries);
  loops.prepare();
  const potentials = streams.map(() => 0);
  for (let k = 0; k < components; k++) {
    // No distance left means that every row is a centre already, or none is yet.
    const tried = streams.map((stream, s) =>
      Array.from({ length: k === 0 ? 1 : tries }, () =>
        potentials[s] > 0
          ? rowByDistance(loops, s, stream.uniform() * potentials[s])
          : rowByWeight(rows, stream.uniform()),
      ),
    );
    loops.tryRows(tried);
    const points = searches * tried[0].length;
    await inBlocks(rows, points, pacer, (first, end) => loops.measure(first, end));
    for (const s of streams.keys()) potentials[s] = loops.take(s, bestOf(loops, s, tried[s].length));
  }
  // Copies: the loops' memory, of the rows themselves among others, would be kept with any part of it.
  return streams.map((_, s) => {
    const { mass, shift, squares } = loops.clustersOf(s);
    const clusters = {
      labels: loops.labelsOf(s).slice(),
      mass: mass.slice(),
      shift: shift.slice(),
      squares: squares.slice(),
    };
    return { centres: loops.centresOf(s).slice(), clusters };
  });
}

/** Loops that hold some rows. */
export function seedingLoops(rows: WeightedRows, components: number, searches: number, tries: number): SeedingLoops {
  const loops = makeSeedingLoops({ components, count: rows.rows, columns: rows.columns, searches, tries });
  loops.rows.set(rows.data);
  if (rows.weights) loops.weights.set(rows.weights);
  return loops;
}

/** Multiplications between two looks at the clock: some milliseconds. */
const MULTIPLICATIONS_PER_LOOK = 2 ** 24;

/**
 * Calls `visit(first, end)` for blocks of rows, and gives way between them.
 *
 * @param points - How many points each row's distance is found from.
 */
export async function inBlocks(
  { columns, rows }: WeightedRows,
  points: number,
  pacer: Pacer,
  visit: (first: number, end: number) => void,
): Promise<void> {
  const size = BLOCK_ROWS * Math.ceil(MULTIPLICATIONS_PER_LOOK / (BLOCK_ROWS * columns * points));
  for (let first = 0; first < rows; first += size) {
    visit(first, Math.min(first + size, rows));
    if (pacer.isDue) await pacer.breathe();
  }
}

/** The number of the row that lowers a search's potential most, the first of equals. */
function bestOf(loops: SeedingLoops, search: number, tries: number): number {
  let best = 0;
  for (let t = 1; t < tries; t++) if (loops.potentialOf(search, t) < loops.potentialOf(search, best)) best = t;
  return best;
}

/** The row at which the running sum of weights passes a part of their total. */
function rowByWeight({ rows, total, weights }: WeightedRows, part: number): number {
  let rest = part * total;
  if (weights === undefined) return Math.min(Math.floor(rest), rows - 1);
  for (let i = 0; i < rows; i++) {
    rest -= weights[i];
    if (rest < 0) return i;
  }
  return rows - 1;
}

/** The row at which the running sum of squared distances by weight passes the target. */
function rowByDistance(loops: SeedingLoops, search: number, target: number): number {
  const [{ weights }, distances, sums] = [loops, loops.distancesOf(search), loops.sumsOf(search)];
  let rest = target;
  let block = -1;
  for (let b = 0; b < sums.length && !(block >= 0 && rest < sums[block]); b++) {
    if (sums[b] === 0) continue;
    if (block >= 0) rest -= sums[block];
    block = b;
  }
  let last = BLOCK_ROWS * block;
  for (let i = last; i < Math.min(BLOCK_ROWS * (block + 1), distances.length); i++) {
    const mass = weights[i] * distances[i];
    if (mass === 0) continue;
    last = i;
    rest -= mass;
    if (rest < 0) return i;
  }
  return last;
}
