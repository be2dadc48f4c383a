/**
 * Selection: the k-th smallest without sorting. The compiled growth of trees, src/simd/assembly/tree-growth.ts, takes the same
 * steps.
 *
 * @module
 */

/** Rows from which on pivots come from a sample of the rows: below, the median of three is as good. */
const SAMPLED_FROM = 600;

/** Rows that are split by their order along one column: all columns move together. */
export class Selection {
  readonly #columns: readonly Float64Array[];
  readonly #order: Uint32Array;
  #keys: Float64Array;
  #low = 0;
  #high = -1;
  #k = 0;

  /**
   * @param columns - Coordinates, one array per column; rows are moved within them.
   * @param order - Moved along with the rows.
   */
  constructor(columns: readonly Float64Array[], order: Uint32Array) {
    this.#columns = columns;
    this.#order = order;
    this.#keys = columns[0];
  }

  /**
   * Begins to reorder the rows `from` to `to - 1` so that the one at `k` is the one that sorting by a column would put
   * there, none before it being greater along that column and none behind it smaller.
   */
  begin(column: number, from: number, to: number, k: number): void {
    this.#keys = this.#columns[column];
    this.#low = from;
    this.#high = to - 1;
    this.#k = k;
  }

  /** Whether the rows are in order. */
  get isDone(): boolean {
    return this.#low >= this.#high;
  }

  /**
   * One pass over the rows still in question.
   *
   * Hoare's quickselect, scanning from both ends and swapping equal keys, which keeps it linear for duplicates, sorted
   * and reversed input. Large runs take their pivot from a sample, a little to the far side of the place that `k` has in it,
   * so that the second pass has few rows left: about 1.5 comparisons per row in all.
   *
   * Reference: Hoare (1961), *Algorithm 65: Find*, doi:10.1145/366622.366647; Floyd & Rivest (1975), *Expected time bounds
   * for selection*, doi:10.1145/360680.360691; Sedgewick (1978), doi:10.1145/359619.359631, on equal keys.
   */
  narrow(): void {
    const keys = this.#keys;
    const k = this.#k;
    const pivot = this.#pivot(this.#low, this.#high);
    let i = this.#low;
    let j = this.#high;
    while (i <= j) {
      while (keys[i] < pivot) i++;
      while (keys[j] > pivot) j--;
      if (i <= j) this.#swap(i++, j--);
    }
    // Now [low, j] holds no key above the pivot, [i, high] none below it, and what lies between equals it.
    if (k <= j) this.#high = j;
    else if (k >= i) this.#low = i;
    else this.#high = this.#low;
  }

  #pivot(low: number, high: number): number {
    const keys = this.#keys;
    const rows = high - low + 1;
    if (rows < SAMPLED_FROM) return medianOfThree(keys[low], keys[(low + high) >> 1], keys[high]);
    // As in Floyd & Rivest: a sample of n^(2/3) rows, and one standard deviation of the place.
    const size = sampleSize(rows);
    const sample = Float64Array.from({ length: size }, (_, i) => keys[low + Math.floor(((i + 0.5) * rows) / size)]);
    sample.sort();
    const share = (this.#k - low + 0.5) / rows;
    const margin = Math.sqrt(size * share * (1 - share));
    const place = share * size + (share < 0.5 ? margin : -margin);
    return sample[Math.min(size - 1, Math.max(0, Math.floor(place)))];
  }

  #swap(i: number, j: number): void {
    for (const column of this.#columns) {
      const held = column[i];
      column[i] = column[j];
      column[j] = held;
    }
    const held = this.#order[i];
    this.#order[i] = this.#order[j];
    this.#order[j] = held;
  }
}

/** The greatest s with 8 s^3 <= n^2: half of n^(2/3), in steps that the compiled twin takes alike. */
function sampleSize(rows: number): number {
  let [least, most] = [0, rows];
  while (most - least > 1) {
    const s = (least + most) >> 1;
    if (8 * s * s * s <= rows * rows) least = s;
    else most = s;
  }
  return least;
}

function medianOfThree(a: number, b: number, c: number): number {
  return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
}
