/**
 * Rows drawn as centres: where most starts begin.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { type MixtureLoops, makeMixtureLoops } from '../simd/index.js';
import type { WeightedRows } from './expectation.js';

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

/**
 * Centres by greedy k-means++: each next centre is a row drawn with probability proportional to its squared distance
 * from the nearest centre so far, the best of 2 + floor(log K) draws.
 *
 * Rows are in lexicographic order and drawn through their cumulative weights, so that equal data give equal draws
 * whatever order they came in, and a weight of 2 draws like two rows.
 *
 * Cost: O(N K d log K); of few columns, rows are skipped where the triangle inequality rules a draw out as their nearest.
 * Reference: Arthur & Vassilvitskii (2007), *k-means++: the advantages of careful seeding*; Elkan (2003), *Using the
 * triangle inequality to accelerate k-means*, lemma 1.
 */
export async function plusPlusCentres(
  rows: WeightedRows,
  components: number,
  stream: RandomStream,
  pacer: Pacer,
): Promise<Required<Centres>> {
  const draws = 2 + Math.floor(Math.log(components));
  const search = new Search(rows, components, draws);
  await search.tryRows([rowAtMass(rows, undefined, stream.uniform() * rows.total)], pacer);
  for (let k = 1; k < components; k++) {
    // No distance left means that every row is a centre already.
    const byDistance = search.potential > 0;
    const drawn = Array.from({ length: draws }, () => {
      const target = stream.uniform() * (byDistance ? search.potential : rows.total);
      return rowAtMass(rows, byDistance ? search.nearest : undefined, target);
    });
    await search.tryRows(drawn, pacer);
  }
  return search;
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

/** From this many columns on compiled loops find distances; below, making them takes longer than they save. */
const COMPILED_COLUMNS = 5;
/** How many distances plain loops find between two looks at the clock. */
const PER_LOOK = 2 ** 14;

/** Loops that were used on some rows: each search makes the same. */
const KEPT = new WeakMap<WeightedRows, MixtureLoops>();

/** Centres as they grow in number. */
class Search implements Required<Centres> {
  readonly centres: Float64Array;
  readonly labels: Uint32Array;
  /** Squared distance of each row from its nearest centre. */
  nearest: Float64Array;
  /** Their sum by weight. */
  potential = 0;
  readonly #rows: WeightedRows;
  /** How many centres there are. */
  #count = 0;
  /** For each row that is tried, what {@link nearest} would be with it as one more centre. */
  readonly #trials: Float64Array[];
  /** A quarter of the squared distances of the row that is tried from the centres. */
  readonly #quarters: Float64Array;

  constructor(rows: WeightedRows, components: number, draws: number) {
    this.centres = new Float64Array(components * rows.columns);
    this.labels = new Uint32Array(rows.rows);
    this.nearest = new Float64Array(rows.rows).fill(Number.POSITIVE_INFINITY);
    this.#trials = Array.from({ length: draws }, () => new Float64Array(rows.rows));
    this.#quarters = new Float64Array(components);
    this.#rows = rows;
  }

  /** Takes the row that lowers the potential most, the first of equals, as one more centre. */
  async tryRows(drawn: readonly number[], pacer: Pacer): Promise<void> {
    const { columns, data, rows } = this.#rows;
    const potentials = new Float64Array(drawn.length);
    if (columns < COMPILED_COLUMNS) {
      for (const [c, row] of drawn.entries()) {
        const centre = data.subarray(row * columns, (row + 1) * columns);
        this.#setQuarters(centre);
        for (let start = 0; start < rows; start += PER_LOOK) {
          potentials[c] += this.#measure(centre, c, start, Math.min(start + PER_LOOK, rows));
          if (pacer.isDue) await pacer.breathe();
        }
      }
    } else await this.#measureAll(drawn, potentials, pacer);
    let best = 0;
    for (let c = 1; c < drawn.length; c++) if (potentials[c] < potentials[best]) best = c;
    this.potential = potentials[best];
    this.#take(drawn[best], best);
  }

  #setQuarters(centre: Float64Array): void {
    const d = centre.length;
    for (let k = 0; k < this.#count; k++) this.#quarters[k] = 0.25 * squaredDistance(this.centres, k * d, centre);
  }

  /** Writes rows' squared distances from the nearest centre with one more; returns their sum by weight. */
  #measure(centre: Float64Array, c: number, start: number, end: number): number {
    const { data, columns: d, weights } = this.#rows;
    const [labels, nearest, quarters, trial] = [this.labels, this.nearest, this.#quarters, this.#trials[c]];
    let potential = 0;
    for (let i = start; i < end; i++) {
      let distance = nearest[i];
      // Else nearer to its centre than half the way from there to the new one.
      if (distance > quarters[labels[i]]) distance = Math.min(distance, squaredDistance(data, i * d, centre));
      trial[i] = distance;
      potential += weights === undefined ? distance : weights[i] * distance;
    }
    return potential;
  }

  /** The same for all rows that are tried at once. */
  async #measureAll(drawn: readonly number[], potentials: Float64Array, pacer: Pacer): Promise<void> {
    const { columns: d, data, rows, weights } = this.#rows;
    const components = this.#trials.length;
    const kept = KEPT.get(this.#rows);
    const isFit = kept?.mass.length === components;
    const loops = isFit ? kept : makeMixtureLoops({ components, dimension: d, form: 'spherical' });
    KEPT.set(this.#rows, loops);
    const { shares, stride } = loops;
    drawn.forEach((row, c) => {
      loops.means.set(data.subarray(row * d, (row + 1) * d), c * d);
    });
    loops.factors.fill(1);
    loops.prepare();
    for (let first = 0; first < rows; first += loops.blockRows) {
      const count = Math.min(loops.blockRows, rows - first);
      loops.rows.set(data.subarray(first * d, (first + count) * d));
      loops.joint(count);
      for (let c = 0; c < drawn.length; c++) {
        const terms = shares.subarray(c * stride, c * stride + count);
        potentials[c] += keepLess(terms, this.nearest, this.#trials[c], weights, first);
      }
      if (pacer.isDue) await pacer.breathe();
    }
  }

  /** Makes a row the next centre: the one that was tried at number c. */
  #take(row: number, c: number): void {
    const { data, columns: d, rows } = this.#rows;
    const [labels, nearest, trial] = [this.labels, this.nearest, this.#trials[c]];
    for (let i = 0; i < rows; i++) if (trial[i] < nearest[i]) labels[i] = this.#count;
    this.nearest = trial;
    this.#trials[c] = nearest;
    this.centres.set(data.subarray(row * d, (row + 1) * d), this.#count * d);
    this.#count++;
  }
}

/**
 * Writes the less of each row's distances, as it is and as the terms of a block tell, to `trial`; returns their sum by weight.
 *
 * @param terms - Terms of a unit sphere, -1/2 |x - centre|^2.
 */
function keepLess(
  terms: Float64Array,
  nearest: Float64Array,
  trial: Float64Array,
  weights: Float64Array | undefined,
  first: number,
): number {
  let potential = 0;
  for (let i = 0; i < terms.length; i++) {
    const found = -2 * terms[i];
    const before = nearest[first + i];
    const distance = found < before ? found : before;
    trial[first + i] = distance;
    potential += weights === undefined ? distance : weights[first + i] * distance;
  }
  return potential;
}

/** |x - centre|^2 for the row x at `data[at]`. */
function squaredDistance(data: Float64Array, at: number, centre: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < centre.length; j++) {
    const x = data[at + j] - centre[j];
    sum += x * x;
  }
  return sum;
}
