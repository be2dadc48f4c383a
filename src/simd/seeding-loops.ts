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
import { PlainSeedingLoops } from './plain-seeding-loops.js';
import { bytes } from './seeding.generated.js';
import { BLOCK_ROWS, type ClusterSums, type SeedingLoops, type SeedingShape } from './seeding-shape.js';
import { instantiate } from './webassembly.js';

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
  assign(search: number, first: number, end: number, components: number, outputs: number): number;
  summarize(search: number, components: number, count: number): void;
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
  /** How many centres each search has found. */
  readonly #found: number[];

  static tryFor(shape: SeedingShape): SeedingLoops | undefined {
    const { components, count, columns, searches, tries } = shape;
    const room = BLOCK_ROWS * Math.ceil(count / BLOCK_ROWS);
    const outputs = inFours(Math.max(searches * tries, components));
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
      searches * components * columns,
      searches * components,
      searches * components * columns,
      searches * components * columns,
      14,
    ]);
    return loaded && new CompiledSeedingLoops(shape, room, loaded.exports, loaded.arrays);
  }

  private constructor(shape: SeedingShape, room: number, exports: Exports, arrays: readonly Float64Array[]) {
    const { count, columns, searches } = shape;
    this.#shape = shape;
    this.#room = room;
    this.#exports = exports;
    this.#arrays = arrays;
    this.#found = Array<number>(searches).fill(0);
    this.rows = arrays[0].subarray(0, count * columns);
    this.weights = arrays[2].subarray(0, count).fill(1);
    for (let s = 0; s < searches; s++) this.distancesOf(s).fill(Number.POSITIVE_INFINITY);
    const addresses = arrays[arrays.length - 1];
    addresses.set(arrays.slice(0, -1).map((array) => array.byteOffset));
    exports.configure(room, columns, addresses.byteOffset);
  }

  prepare(): void {
    this.#exports.prepare(this.#shape.count);
  }

  tryRows(tried: readonly (readonly number[])[]): void {
    this.#tried = tried;
    tried.flat().forEach((row, output) => {
      this.#measureFrom(this.rows, row, output);
    });
    this.#arrays[8].fill(0);
  }

  /** Makes one of some points the one that an output is for. */
  #measureFrom(points: Float64Array, at: number, output: number): void {
    const { columns: d } = this.#shape;
    const [, , , biases, panels] = this.#arrays;
    // Panels of four outputs, one after another.
    const panel = (output - (output % 4)) * d + (output % 4);
    let norm = 0;
    for (let j = 0; j < d; j++) {
      const x = points[at * d + j];
      panels[panel + 4 * j] = -2 * x;
      norm += x * x;
    }
    biases[output] = norm;
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
    const { columns: d, components, count } = this.#shape;
    const row = this.#tried[search][t];
    const label = this.#found[search]++;
    this.#arrays[10].set(this.rows.subarray(row * d, (row + 1) * d), (search * components + label) * d);
    const place = search * this.#tried[0].length + t;
    return this.#exports.take(search, place, row, label, inFours(count), this.#outputs);
  }

  centresOf(search: number): Float64Array {
    return this.#ofCentres(this.#arrays[10], search);
  }

  clustersOf(search: number): ClusterSums {
    const [mass, shift, squares] = this.#arrays.slice(11).map((array) => this.#ofCentres(array, search));
    for (const array of [mass, shift, squares]) array.fill(0);
    this.#exports.summarize(search, this.#shape.components, this.#shape.count);
    return { mass, shift, squares };
  }

  /** One search's part of an array of numbers for each centre. */
  #ofCentres(array: Float64Array, search: number): Float64Array {
    const size = array.length / this.#shape.searches;
    return array.subarray(search * size, (search + 1) * size);
  }

  moveTo(search: number, centres: Float64Array): void {
    this.centresOf(search).set(centres);
    this.#found[search] = centres.length / this.#shape.columns;
    for (let k = 0; k < this.#found[search]; k++) this.#measureFrom(centres, k, k);
  }

  assign(search: number, first: number, end: number): number {
    const components = this.#found[search];
    return this.#exports.assign(search, first, end, components, inFours(components));
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
