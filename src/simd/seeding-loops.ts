/**
 * Squared distances of rows from some of them, for k-means++: compiled where it can be, plain elsewhere.
 *
 * Some searches for centres go on side by side. Each tries some rows as its next centre: how much is left of the sum of squared
 * distances from the nearest centre, its potential. One of them is then taken.
 *
 * Milliseconds for three searches side by side, N x d rows and K centres, on one core (AMD EPYC, Node 20):
 *
 * | N, d, K | compiled | plain |
 * |---|---|---|
 * | 4,000, 2, 8 | 1.1 | 4.2 |
 * | 4,000, 2, 32 | 3.2 | 18 |
 * | 1,797, 16, 10 | 1.0 | 7.3 |
 * | 1,797, 61, 10 | 2.3 | 23 |
 * | 8,000, 50, 8 | 7.3 | 68 |
 *
 * @module
 */
import { bytes } from './seeding.generated.js';
import { instantiate } from './webassembly.js';

/** What searches are made for. */
export interface SeedingShape {
  /** N. */
  readonly count: number;
  /** d. */
  readonly columns: number;
  readonly searches: number;
  /** Most rows that a search tries at a time. */
  readonly tries: number;
}

/** Searches, side by side. */
export interface SeedingLoops {
  /** N x d, row-major: yours to write, and to call {@link prepare} then. */
  readonly rows: Float64Array;
  /** N, 1 until written. */
  readonly weights: Float64Array;
  prepare(): void;
  /** Chooses the rows that each search tries, as many for each. */
  tryRows(tried: readonly (readonly number[])[]): void;
  /** Adds what the rows from `first` to before `end` give to potentials; `first` is a multiple of {@link BLOCK_ROWS}. */
  measure(first: number, end: number): void;
  /** The potential of a search with number t of those that it tries as one more centre, once all rows are measured. */
  potentialOf(search: number, t: number): number;
  /** Makes number t of those that a search tries its next centre; returns its potential. */
  take(search: number, t: number): number;
  /** The number of the centre nearest each row, the first of equals. */
  labelsOf(search: number): Float64Array;
  /** Squared distances from it. */
  distancesOf(search: number): Float64Array;
  /** The parts of a search's potential that are due to each {@link BLOCK_ROWS} rows. */
  sumsOf(search: number): Float64Array;
}

/** Rows whose distances are summed on their own. */
export const BLOCK_ROWS = 64;

/** Fewer numbers than this are gone through before an instance is made. */
const LEAST_COMPILED = 2000;

/** Loops for so many rows, in so many searches. */
export function makeSeedingLoops(shape: SeedingShape): SeedingLoops {
  const isLarge = shape.count * shape.columns >= LEAST_COMPILED;
  return (isLarge ? CompiledSeedingLoops.tryFor(shape) : undefined) ?? new PlainSeedingLoops(shape);
}

/** What assembly/seeding.ts exports. */
interface Exports {
  configure(count: number, columns: number, addresses: number): void;
  prepare(count: number): void;
  measure(first: number, end: number, searches: number, tries: number, outputs: number): void;
  take(search: number, place: number, row: number, label: number, count: number, outputs: number): number;
}

function inFours(count: number): number {
  return 4 * Math.ceil(count / 4);
}

class CompiledSeedingLoops implements SeedingLoops {
  readonly rows: Float64Array;
  readonly weights: Float64Array;
  readonly #shape: SeedingShape;
  readonly #exports: Exports;
  readonly #arrays: readonly Float64Array[];
  /** Rows in blocks. */
  readonly #room: number;
  #tried: readonly (readonly number[])[] = [];
  readonly #centres: number[];

  static tryFor(shape: SeedingShape): SeedingLoops | undefined {
    const { count, columns, searches, tries } = shape;
    const room = BLOCK_ROWS * Math.ceil(count / BLOCK_ROWS);
    const outputs = inFours(searches * tries);
    const loaded = instantiate<Exports>(bytes, [
      room * columns,
      room,
      room,
      outputs,
      outputs * columns,
      // Potentials are found of four rows that are tried at a time: those behind the last mean nothing.
      room * outputs + 4,
      searches * room,
      searches * room,
      searches * inFours(tries),
      (searches * room) / BLOCK_ROWS,
      10,
    ]);
    return loaded && new CompiledSeedingLoops(shape, room, loaded.exports, loaded.arrays);
  }

  private constructor(shape: SeedingShape, room: number, exports: Exports, arrays: readonly Float64Array[]) {
    const { count, columns, searches } = shape;
    this.#shape = shape;
    this.#room = room;
    this.#exports = exports;
    this.#arrays = arrays;
    this.#centres = Array<number>(searches).fill(0);
    this.rows = arrays[0].subarray(0, count * columns);
    this.weights = arrays[2].subarray(0, count).fill(1);
    for (let s = 0; s < searches; s++) this.distancesOf(s).fill(Number.POSITIVE_INFINITY);
    const addresses = arrays[10];
    addresses.set(arrays.slice(0, 10).map((array) => array.byteOffset));
    exports.configure(room, columns, addresses.byteOffset);
  }

  prepare(): void {
    this.#exports.prepare(this.#shape.count);
  }

  tryRows(tried: readonly (readonly number[])[]): void {
    const { columns: d } = this.#shape;
    const [rows, norms, , biases, panels] = this.#arrays;
    this.#tried = tried;
    tried.flat().forEach((row, output) => {
      biases[output] = norms[row];
      // Panels of four outputs, one after another.
      const panel = (output - (output % 4)) * d + (output % 4);
      for (let j = 0; j < d; j++) panels[panel + 4 * j] = -2 * rows[row * d + j];
    });
    this.#arrays[8].fill(0);
  }

  measure(first: number, end: number): void {
    this.#exports.measure(first, inFours(end), this.#tried.length, this.#tried[0].length, this.#outputs);
  }

  get #outputs(): number {
    return inFours(this.#tried.length * this.#tried[0].length);
  }

  potentialOf(search: number, t: number): number {
    return this.#arrays[8][search * inFours(this.#tried[0].length) + t];
  }

  take(search: number, t: number): number {
    const place = search * this.#tried[0].length + t;
    const label = this.#centres[search]++;
    return this.#exports.take(search, place, this.#tried[search][t], label, inFours(this.#shape.count), this.#outputs);
  }

  labelsOf(search: number): Float64Array {
    return this.#arrays[7].subarray(search * this.#room, search * this.#room + this.#shape.count);
  }

  distancesOf(search: number): Float64Array {
    return this.#arrays[6].subarray(search * this.#room, search * this.#room + this.#shape.count);
  }

  sumsOf(search: number): Float64Array {
    const blocks = this.#room / BLOCK_ROWS;
    return this.#arrays[9].subarray(search * blocks, (search + 1) * blocks);
  }
}

/** One search of the plain loops. */
interface Search {
  readonly labels: Float64Array;
  readonly distances: Float64Array;
  readonly sums: Float64Array;
  readonly potentials: Float64Array;
  tried: readonly number[];
  centres: number;
}

/** See {@link SeedingLoops}. All distances are found from differences. */
export class PlainSeedingLoops implements SeedingLoops {
  readonly rows: Float64Array;
  readonly weights: Float64Array;
  readonly #columns: number;
  readonly #searches: readonly Search[];

  constructor({ count, columns, searches, tries }: SeedingShape) {
    this.rows = new Float64Array(count * columns);
    this.weights = new Float64Array(count).fill(1);
    this.#columns = columns;
    this.#searches = Array.from({ length: searches }, () => ({
      labels: new Float64Array(count),
      distances: new Float64Array(count).fill(Number.POSITIVE_INFINITY),
      sums: new Float64Array(Math.ceil(count / BLOCK_ROWS)),
      potentials: new Float64Array(tries),
      tried: [],
      centres: 0,
    }));
  }

  prepare(): void {}

  tryRows(tried: readonly (readonly number[])[]): void {
    for (const [s, search] of this.#searches.entries()) {
      search.tried = tried[s];
      search.potentials.fill(0);
    }
  }

  measure(first: number, end: number): void {
    const { rows, weights } = this;
    const d = this.#columns;
    for (const { tried, potentials, distances } of this.#searches) {
      for (let t = 0; t < tried.length; t++) {
        let potential = 0;
        for (let i = first; i < end; i++) {
          const distance = squaredDistance(rows, d, i, tried[t]);
          potential += weights[i] * (distance < distances[i] ? distance : distances[i]);
        }
        potentials[t] += potential;
      }
    }
  }

  potentialOf(search: number, t: number): number {
    return this.#searches[search].potentials[t];
  }

  take(search: number, t: number): number {
    const { rows, weights } = this;
    const d = this.#columns;
    const found = this.#searches[search];
    const { distances, labels, sums, tried } = found;
    const label = found.centres++;
    sums.fill(0);
    for (let i = 0; i < distances.length; i++) {
      const distance = squaredDistance(rows, d, i, tried[t]);
      if (distance < distances[i]) {
        distances[i] = distance;
        labels[i] = label;
      }
      sums[Math.floor(i / BLOCK_ROWS)] += weights[i] * distances[i];
    }
    return sums.reduce((potential, sum) => potential + sum, 0);
  }

  labelsOf(search: number): Float64Array {
    return this.#searches[search].labels;
  }

  distancesOf(search: number): Float64Array {
    return this.#searches[search].distances;
  }

  sumsOf(search: number): Float64Array {
    return this.#searches[search].sums;
  }
}

function squaredDistance(rows: Float64Array, d: number, i: number, row: number): number {
  let sum = 0;
  for (let j = 0, at = i * d, centre = row * d; j < d; j++, at++, centre++) {
    const step = rows[at] - rows[centre];
    sum += step * step;
  }
  return sum;
}
