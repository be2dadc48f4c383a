/**
 * Optimal transport on a line.
 *
 * @module
 */
import { FIRST, type Labels, SECOND } from './bins.js';

/**
 * W_p^p between the two samples that labels make of sorted numbers.
 *
 *     p = 1:   int |F(t) - G(t)| dt
 *     else:    int_0^1 |F^-1(t) - G^-1(t)|^p dt
 *
 * Cost: O(N) for each labeling.
 */
export class Transport {
  readonly #values: Float64Array;
  readonly #binAt: Uint32Array;
  readonly #order: number;
  /** Scratch space for the numbers of neither, the first and the second sample. */
  readonly #sides: Float64Array;

  /**
   * @param values - Sorted.
   * @param binAt - The bin of each of them.
   */
  constructor(values: Float64Array, binAt: Uint32Array, order: number) {
    this.#values = values;
    this.#binAt = binAt;
    this.#order = order;
    this.#sides = new Float64Array(order === 1 ? 0 : 3 * values.length);
  }

  cost(labels: Labels): number {
    return this.#order === 1 ? this.#area(labels) : this.#merge(labels);
  }

  /** n m int |F - G| dt = sum over gaps w |a m - c n|, with a of the n and c of the m numbers on the left. */
  #area(labels: Labels): number {
    const values = this.#values;
    const binAt = this.#binAt;
    let [n, m] = [0, 0];
    for (let k = 0; k < values.length; k++) {
      n += labels[binAt[k]] & 1;
      m += labels[binAt[k]] >> 1;
    }
    let excess = 0;
    let sum = 0;
    for (let k = 0; k + 1 < values.length; k++) {
      const label = labels[binAt[k]];
      excess += (label & 1) * m - (label >> 1) * n;
      sum += Math.abs(excess) * (values[k + 1] - values[k]);
    }
    return sum / n / m;
  }

  /** The cheapest plan moves the smallest to the smallest, and so on. */
  #merge(labels: Labels): number {
    const values = this.#values;
    const binAt = this.#binAt;
    const sides = this.#sides;
    const total = values.length;
    // One run for each label, where it starts in memory: absent rows, first sample, second sample.
    const ends = Uint32Array.of(0, total, 2 * total);
    for (let k = 0; k < total; k++) sides[ends[labels[binAt[k]]]++] = values[k];
    const n = ends[FIRST] - total;
    const m = ends[SECOND] - 2 * total;
    return n === m ? this.#mergeEqual(n) : this.#mergeUnequal(n, m);
  }

  #mergeEqual(n: number): number {
    const sides = this.#sides;
    const order = this.#order;
    const [x, y] = [this.#values.length, 2 * this.#values.length];
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const step = sides[x + i] - sides[y + i];
      sum += order === 2 ? step * step : Math.abs(step) ** order;
    }
    return sum / n;
  }

  /** Each of the n numbers carries m units of mass, each of the m numbers n: whole numbers, that meet without rounding. */
  #mergeUnequal(n: number, m: number): number {
    const sides = this.#sides;
    const order = this.#order;
    const [x, y] = [this.#values.length, 2 * this.#values.length];
    let [i, j, massX, massY] = [0, 0, m, n];
    let sum = 0;
    while (i < n && j < m) {
      const mass = massX < massY ? massX : massY;
      const step = Math.abs(sides[x + i] - sides[y + j]);
      sum += mass * (order === 2 ? step * step : step ** order);
      massX -= mass;
      massY -= mass;
      if (massX === 0) {
        i++;
        massX = m;
      }
      if (massY === 0) {
        j++;
        massY = n;
      }
    }
    return sum / n / m;
  }
}
