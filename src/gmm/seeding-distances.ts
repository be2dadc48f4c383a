/**
 * Squared distances of rows from some of them, for k-means++.
 *
 * Of few columns they are found one by one, and of rows for which the triangle inequality leaves a choice. Of many, one product
 * of matrices finds the distances from all rows that several searches try:
 *
 *     |x - c|^2 = |x|^2 - 2 x . c + |c|^2
 *
 * Rows are standardised, so that what cancels is what lies near, beside its distance from the middle of all. Sums over all rows
 * lose nothing by that; distances that are kept are found from differences where they are small.
 *
 * Reference: Elkan (2003), *Using the triangle inequality to accelerate k-means*, lemma 1.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { DenseProduct } from '../simd/index.js';
import type { WeightedRows } from './expectation.js';

/** Centres as they grow in number, and rows that are tried as one more. */
export interface Search {
  /** K x d, of which {@link count} are found. */
  readonly centres: Float64Array;
  count: number;
  /** The number of the centre nearest each row, and the squared distance from it. */
  readonly labels: Uint32Array;
  readonly nearest: Float64Array;
  /** The sum of distances by weight. */
  potential: number;
  /** Rows of which one is to be the next centre. */
  readonly drawn: readonly number[];
  /** For each of them, the potential with it as one more centre. */
  readonly potentials: Float64Array;
}

/** Distances of some rows. */
export interface Distances {
  /** Fills the potentials of searches. */
  measure(searches: readonly Search[], pacer: Pacer): Promise<void>;
  /** Makes row number t of those that a search has just tried its next centre. */
  take(search: Search, t: number): void;
}

/** From this many columns on products find distances. */
const PRODUCT_COLUMNS = 5;

/** The distances of these rows. */
export function distancesOf(rows: WeightedRows): Distances {
  return rows.columns < PRODUCT_COLUMNS ? new SingleDistances(rows) : new ProductDistances(rows);
}

/** How many distances plain loops find between two looks at the clock. */
const PER_LOOK = 2 ** 14;

/** Distances one by one. */
class SingleDistances implements Distances {
  readonly #rows: WeightedRows;

  constructor(rows: WeightedRows) {
    this.#rows = rows;
  }

  async measure(searches: readonly Search[], pacer: Pacer): Promise<void> {
    const { rows } = this.#rows;
    for (const search of searches) {
      for (const [t, row] of search.drawn.entries()) {
        const centre = rowOf(this.#rows, row);
        const quarters = quartersTo(search, centre);
        for (let start = 0; start < rows; start += PER_LOOK) {
          const end = Math.min(start + PER_LOOK, rows);
          search.potentials[t] += potentialWith(this.#rows, search, centre, quarters, start, end);
          if (pacer.isDue) await pacer.breathe();
        }
      }
    }
  }

  take(search: Search, t: number): void {
    const { columns: d, data, rows } = this.#rows;
    const { count, labels, nearest } = search;
    const centre = rowOf(this.#rows, search.drawn[t]);
    const quarters = quartersTo(search, centre);
    for (let i = 0; i < rows; i++) {
      if (nearest[i] <= quarters[labels[i]]) continue;
      const distance = squaredDistance(data, i * d, centre);
      if (!(distance < nearest[i])) continue;
      nearest[i] = distance;
      labels[i] = count;
    }
    search.potential = search.potentials[t];
    search.centres.set(centre, count * d);
    search.count++;
  }
}

/** A quarter of the squared distances of a row from the centres: a row that is nearer to its centre is nearer to it. */
function quartersTo({ centres, count }: Search, centre: Float64Array): Float64Array {
  const quarters = new Float64Array(Math.max(1, count));
  for (let k = 0; k < count; k++) quarters[k] = 0.25 * squaredDistance(centres, k * centre.length, centre);
  return quarters;
}

/** The part of the potential with one more centre that is due to the rows from `start` to before `end`. */
function potentialWith(
  { columns: d, data, weights }: WeightedRows,
  { labels, nearest }: Search,
  centre: Float64Array,
  quarters: Float64Array,
  start: number,
  end: number,
): number {
  let potential = 0;
  for (let i = start; i < end; i++) {
    let distance = nearest[i];
    if (distance > quarters[labels[i]]) distance = Math.min(distance, squaredDistance(data, i * d, centre));
    potential += weights === undefined ? distance : weights[i] * distance;
  }
  return potential;
}

/** What is left of |x|^2 + |c|^2 where distances are found from differences: else they are right to 1e-9 of themselves. */
const LEAST_LEFT = 2 ** -20;
/** Multiplications between two looks at the clock: some milliseconds. */
const MULTIPLICATIONS_PER_LOOK = 2 ** 24;

/** Distances by products. Cost: N d for each row that is tried. */
class ProductDistances implements Distances {
  readonly #rows: WeightedRows;
  /** |x|^2. */
  readonly #norms: Float64Array;
  /** |c|^2 - 2 x . c for row i and the row c that is tried at number t in all, at `i * stride + t`. */
  #products = new Float64Array(0);
  #stride = 0;
  /** At which number the rows begin that a search tries. */
  readonly #places = new Map<Search, number>();

  constructor(rows: WeightedRows) {
    this.#rows = rows;
    this.#norms = normsOf(rows);
  }

  async measure(searches: readonly Search[], pacer: Pacer): Promise<void> {
    const { columns: d, data, rows } = this.#rows;
    const drawn = searches.flatMap((search) => search.drawn);
    // In fours, as products come.
    const stride = 4 * Math.ceil(drawn.length / 4);
    this.#stride = stride;
    // Sums look at up to three more.
    if (this.#products.length < rows * stride + 4) this.#products = new Float64Array(rows * stride + 4);
    const product = productWith(this.#rows, this.#norms, drawn, stride);
    const size = 4 * Math.ceil(MULTIPLICATIONS_PER_LOOK / (4 * d * stride));
    for (let first = 0; first < rows; first += size) {
      const end = Math.min(first + size, rows);
      product.apply(data.subarray(first * d, end * d), end - first, this.#products.subarray(first * stride));
      let place = 0;
      for (const search of searches) {
        this.#places.set(search, place);
        addPotentials(this.#rows, this.#norms, this.#products, stride, place, search, first, end);
        place += search.drawn.length;
      }
      if (pacer.isDue) await pacer.breathe();
    }
  }

  take(search: Search, t: number): void {
    const { columns: d, data, rows, weights } = this.#rows;
    const { count, labels, nearest } = search;
    const [norms, products, stride] = [this.#norms, this.#products, this.#stride];
    const row = search.drawn[t];
    const centre = rowOf(this.#rows, row);
    const norm = norms[row];
    let potential = 0;
    for (let i = 0, at = (this.#places.get(search) as number) + t; i < rows; i++, at += stride) {
      let distance = norms[i] + products[at];
      if (distance < nearest[i]) {
        if (distance < LEAST_LEFT * (norms[i] + norm)) distance = squaredDistance(data, i * d, centre);
        if (distance < nearest[i]) {
          nearest[i] = distance;
          labels[i] = count;
        }
      }
      potential += weights === undefined ? nearest[i] : weights[i] * nearest[i];
    }
    search.potential = potential;
    search.centres.set(centre, count * d);
    search.count++;
  }
}

/** What makes |c|^2 - 2 x . c for some rows c, filled up to so many by zeros. */
function productWith(
  { columns: d, data }: WeightedRows,
  norms: Float64Array,
  drawn: readonly number[],
  stride: number,
): DenseProduct {
  const factors = new Float64Array(stride * d);
  const squares = new Float64Array(stride);
  drawn.forEach((row, t) => {
    for (let j = 0; j < d; j++) factors[t * d + j] = -2 * data[row * d + j];
    squares[t] = norms[row];
  });
  return new DenseProduct(factors, squares);
}

/** Adds the part of a search's potentials that is due to the rows from `first` to before `end`. */
function addPotentials(
  { weights }: WeightedRows,
  norms: Float64Array,
  products: Float64Array,
  stride: number,
  place: number,
  { nearest, potentials, drawn }: Search,
  first: number,
  end: number,
): void {
  // Four sums in registers share what is known of a row; what is beside those that are asked for means nothing.
  for (let t = 0; t < drawn.length; t += 4) {
    let p0 = 0;
    let p1 = 0;
    let p2 = 0;
    let p3 = 0;
    for (let i = first, at = first * stride + place + t; i < end; i++, at += stride) {
      const norm = norms[i];
      const before = nearest[i];
      const weight = weights === undefined ? 1 : weights[i];
      // Comparisons take half the time of the least of two, which looks for zeros with a sign.
      const d0 = norm + products[at];
      const d1 = norm + products[at + 1];
      const d2 = norm + products[at + 2];
      const d3 = norm + products[at + 3];
      p0 += weight * (d0 < before ? d0 : before);
      p1 += weight * (d1 < before ? d1 : before);
      p2 += weight * (d2 < before ? d2 : before);
      p3 += weight * (d3 < before ? d3 : before);
    }
    const sums = [p0, p1, p2, p3];
    for (let s = 0; s < 4 && t + s < drawn.length; s++) potentials[t + s] += sums[s];
  }
}

/** |x|^2 of each row. */
function normsOf({ columns: d, data, rows }: WeightedRows): Float64Array {
  const norms = new Float64Array(rows);
  for (let i = 0, at = 0; i < rows; i++) {
    let sum = 0;
    for (const end = at + d; at < end; at++) sum += data[at] * data[at];
    norms[i] = sum;
  }
  return norms;
}

function rowOf({ columns: d, data }: WeightedRows, row: number): Float64Array {
  return data.subarray(row * d, (row + 1) * d);
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
