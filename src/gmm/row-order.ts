/**
 * One order for rows, whatever order they came in.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { inStretches } from './stretches.js';

/** Rows to be put in order, with what goes along with them. */
export interface SortableRows {
  /** N x d, row-major. */
  readonly data: Float64Array;
  /** d. */
  readonly columns: number;
  /** N, where rows have weights. */
  readonly weights?: Float64Array | undefined;
}

/** How many entries are handled between two looks at the clock. */
const PER_LOOK = 1 << 12;

/** Bits of a digit, digits of a double, and values of a digit. */
const DIGIT_BITS = 16;
const DIGITS = 4;
const VALUES = 1 << DIGIT_BITS;

/** Fewer rows are merged: counting all values of a digit takes as long as merging this many. */
const RADIX_ROWS = 16_384;

/** No more rows are inserted one after the other. */
const INSERTED_ROWS = 8;

/** The digit before the first of a double: where a number of the first column lies between its least and its largest. */
const PLACE = -1;

/** Where a double's low word stands: first on little-endian machines. */
const LOW = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 0 : 1;

/** Rows that agree in the digits before this one. */
interface Segment {
  readonly start: number;
  readonly end: number;
  readonly digit: number;
}

/**
 * Puts rows in order by their first column, then the second, and so on, equal rows by their weights; negative zeros become
 * zeros. Gives way to the event loop.
 *
 * Many rows are dealt out, each to its place in the array itself: by where they lie between the least and the largest number of
 * the first column, and what is still many by the bits of doubles, most significant digit first. What then agrees in a
 * digit and is few is merged, or inserted where it is very few. A million rows of two columns take 0.16 s, of which chance
 * accesses to memory are the most.
 *
 * Cost: O(N log N) at most for rows of which no 16,384 agree in much, else O(N d). Memory: 1 MB, whatever N.
 *
 * Reference: McIlroy, Bostic & McIlroy (1993), *Engineering radix sort*, for dealing out in place.
 */
export async function sortRows(rows: SortableRows, pacer: Pacer): Promise<void> {
  const { data, columns } = rows;
  await inStretches(data.length, pacer, (start, end) => dropSigns(data, start, end));
  const count = data.length / columns;
  if (count < RADIX_ROWS) await mergeRows(rows, new Scratch(count, columns), pacer);
  else await new Dealer(rows, pacer).run(count);
}

/** Makes zeros of negative zeros. */
function dropSigns(data: Float64Array, start: number, end: number): void {
  for (let at = start; at < end; at++) data[at] += 0;
}

/** Sorts many rows. */
class Dealer {
  readonly #rows: SortableRows;
  /** The bits of the rows. */
  readonly #words: Uint32Array;
  readonly #pacer: Pacer;
  readonly #segments: Segment[] = [];
  /** For each value of a digit, where its next row goes and where its rows end. */
  readonly #places = new Uint32Array(VALUES);
  readonly #ends = new Uint32Array(VALUES);
  readonly #scratch: Scratch;
  #moves = 0;
  /** The least number of the first column, and values of a digit for each unit above it. */
  #least = 0;
  #valuesPerUnit = 0;

  constructor(rows: SortableRows, pacer: Pacer) {
    this.#rows = rows;
    this.#words = new Uint32Array(rows.data.buffer, rows.data.byteOffset, 2 * rows.data.length);
    this.#pacer = pacer;
    this.#scratch = new Scratch(RADIX_ROWS, rows.columns);
  }

  async run(count: number): Promise<void> {
    const { columns, weights } = this.#rows;
    await this.#sort({ start: 0, end: count, digit: (await this.#findRange(count)) ? PLACE : 0 });
    for (let segment = this.#segments.pop(); segment; segment = this.#segments.pop()) {
      const { start, end, digit } = segment;
      if (digit < DIGITS * columns) await this.#sort(segment);
      else weights?.subarray(start, end).sort();
    }
  }

  /** Finds the range of the first column; returns whether it divides. */
  async #findRange(count: number): Promise<boolean> {
    const { data, columns } = this.#rows;
    let least = Number.POSITIVE_INFINITY;
    let largest = Number.NEGATIVE_INFINITY;
    await inStretches(count, this.#pacer, (start, end) => {
      for (let at = start * columns; at < end * columns; at += columns) {
        if (data[at] < least) least = data[at];
        if (data[at] > largest) largest = data[at];
      }
    });
    this.#least = least;
    this.#valuesPerUnit = (VALUES - 1) / (largest - least);
    return this.#valuesPerUnit > 0 && this.#valuesPerUnit < Number.POSITIVE_INFINITY;
  }

  /** Deals out the rows of a segment by one digit, and sorts or puts off what then agrees in it. */
  async #sort(segment: Segment): Promise<void> {
    const { start, digit } = segment;
    const values = await this.#count(segment);
    if (values > 1) await this.#deal(segment);
    for (let value = 0, from = start; value < VALUES; from = this.#ends[value++]) {
      const to = this.#ends[value];
      if (to - from >= RADIX_ROWS) this.#segments.push({ start: from, end: to, digit: digit + 1 });
      else if (to - from <= INSERTED_ROWS) insertRows(this.#rows, from, to, this.#scratch.aside);
      else await mergeRows(part(this.#rows, from, to), this.#scratch, this.#pacer);
    }
  }

  /** Finds where the rows of each value begin and end; returns how many values there are. */
  async #count({ start, end, digit }: Segment): Promise<number> {
    const [places, ends] = [this.#places, this.#ends];
    ends.fill(0);
    await inStretches(end - start, this.#pacer, (from, to) => {
      for (let i = start + from; i < start + to; i++) ends[this.#digitOf(i, digit)]++;
    });
    let values = 0;
    let next = start;
    for (let value = 0; value < VALUES; value++) {
      if (ends[value] > 0) values++;
      places[value] = next;
      next += ends[value];
      ends[value] = next;
    }
    return values;
  }

  /** Moves each row that is not among those of its value to the next place there, and goes on with the row it finds. */
  async #deal({ digit }: Segment): Promise<void> {
    const [places, ends] = [this.#places, this.#ends];
    for (let value = 0; value < VALUES; value++) {
      while (places[value] < ends[value]) {
        const at = places[value];
        for (let found = this.#digitOf(at, digit); found !== value; found = this.#digitOf(at, digit)) {
          this.#swap(at, places[found]++);
        }
        places[value]++;
        if (++this.#moves % PER_LOOK === 0 && this.#pacer.isDue) await this.#pacer.breathe();
      }
    }
  }

  #swap(i: number, j: number): void {
    const { data, columns, weights } = this.#rows;
    for (let c = 0; c < columns; c++) {
      const x = data[i * columns + c];
      data[i * columns + c] = data[j * columns + c];
      data[j * columns + c] = x;
    }
    if (weights) [weights[i], weights[j]] = [weights[j], weights[i]];
  }

  /**
   * 16 bits of a double's rank among all doubles: its bits with the sign turned round, and for negative numbers all bits.
   * Digits are counted from the first of the first column, before which is {@link PLACE}.
   */
  #digitOf(row: number, digit: number): number {
    // Rounding keeps the order of differences and products.
    if (digit === PLACE)
      return Math.floor((this.#rows.data[row * this.#rows.columns] - this.#least) * this.#valuesPerUnit);
    const entry = 2 * (row * this.#rows.columns + (digit >> 2));
    const high = this.#words[entry + 1 - LOW];
    const word = digit & 2 ? this.#words[entry + LOW] : high ^ 0x80000000;
    const shown = high >>> 31 === 0 ? word : digit & 2 ? ~word : word ^ 0x7fffffff;
    return (shown >>> (digit & 1 ? 0 : DIGIT_BITS)) & (VALUES - 1);
  }
}

function part({ data, columns, weights }: SortableRows, start: number, end: number): SortableRows {
  return {
    data: data.subarray(start * columns, end * columns),
    columns,
    weights: weights?.subarray(start, end),
  };
}

/** What few rows are put in order with; one for all segments, as garbage of so many would pile up. */
class Scratch {
  readonly orders: readonly [Uint16Array, Uint16Array];
  /** One row. */
  readonly aside: Float64Array;

  constructor(rows: number, columns: number) {
    this.orders = [new Uint16Array(rows), new Uint16Array(rows)];
    this.aside = new Float64Array(columns);
  }
}

/** Puts the rows from `start` to `end` in order, each being inserted among those before it. */
function insertRows({ data, columns, weights }: SortableRows, start: number, end: number, aside: Float64Array): void {
  for (let i = start + 1; i < end; i++) {
    for (let j = 0; j < columns; j++) aside[j] = data[i * columns + j];
    const weight = weights?.[i] ?? 1;
    let to = i;
    while (to > start && isBefore(aside, weight, to - 1)) {
      data.copyWithin(to * columns, (to - 1) * columns, to * columns);
      if (weights) weights[to] = weights[to - 1];
      to--;
    }
    if (to === i) continue;
    data.set(aside, to * columns);
    if (weights) weights[to] = weight;
  }

  function isBefore(row: Float64Array, weight: number, other: number): boolean {
    for (let j = 0; j < columns; j++) {
      const x = data[other * columns + j];
      if (row[j] !== x) return row[j] < x;
    }
    return weights !== undefined && weight < weights[other];
  }
}

/** Puts few rows in order: their indices are merged bottom up, then the rows follow. */
async function mergeRows(rows: SortableRows, { orders, aside }: Scratch, pacer: Pacer): Promise<void> {
  const count = rows.data.length / rows.columns;
  let order = orders[0].subarray(0, count);
  let merged = orders[1].subarray(0, count);
  for (let i = 0; i < count; i++) order[i] = i;
  for (let width = 1; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) merge(rows, order, merged, start, width);
    [order, merged] = [merged, order];
    if (pacer.isDue) await pacer.breathe();
  }
  permute(rows, order, aside);
}

/** Merges the sorted runs of `width` entries at `start` and after it from `order` into `merged`. */
function merge(rows: SortableRows, order: Uint16Array, merged: Uint16Array, start: number, width: number): void {
  const middle = Math.min(start + width, order.length);
  const end = Math.min(start + 2 * width, order.length);
  let [left, right] = [start, middle];
  for (let to = start; to < end; to++) {
    const takeLeft = right >= end || (left < middle && !comesBefore(rows, order[right], order[left]));
    merged[to] = takeLeft ? order[left++] : order[right++];
  }
}

function comesBefore({ data, columns, weights }: SortableRows, a: number, b: number): boolean {
  for (let j = 0; j < columns; j++) {
    const x = data[a * columns + j];
    const y = data[b * columns + j];
    if (x !== y) return x < y;
  }
  return weights !== undefined && weights[a] < weights[b];
}

/**
 * Puts rows into the given order in place, and consumes the order: each cycle of the permutation is walked once, with its
 * first row set aside.
 */
function permute({ data, columns, weights }: SortableRows, order: Uint16Array, aside: Float64Array): void {
  for (let start = 0; start < order.length; start++) {
    if (order[start] === start) continue;
    for (let j = 0; j < columns; j++) aside[j] = data[start * columns + j];
    const weight = weights?.[start] ?? 1;
    let to = start;
    while (order[to] !== start) {
      const from = order[to];
      // Number by number, code that is new to the compiler would leave an object for each.
      data.copyWithin(to * columns, from * columns, (from + 1) * columns);
      if (weights) weights[to] = weights[from];
      order[to] = to;
      to = from;
    }
    data.set(aside, to * columns);
    if (weights) weights[to] = weight;
    order[to] = to;
  }
}
