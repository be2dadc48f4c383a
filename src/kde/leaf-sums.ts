/**
 * Sums of w u^n over all rows up to each leaf of a tree of one column, in double-double: each number is the sum of two doubles,
 * the second at most half a unit in the last place of the first.
 *
 *     u = (p - c) unit,    |u| <= 1,
 *
 * with c the middle of all rows and the unit a power of two, so that neither costs a digit. A leaf is summed in doubles, about
 * its own middle, and moved to c.
 *
 * Cost: some milliseconds for a million rows, once for a tree; 16 bytes for each leaf and moment, 1 MB for those of
 * a million rows under the triweight kernel.
 *
 * @module
 */
import { centre } from './moments.js';
import type { Tree } from './tree.js';

/** Splits a double into two halves of 26 bits: Dekker's constant. */
const SPLITTER = 2 ** 27 + 1;

const known = new WeakMap<Tree, LeafSums[]>();

/** The sums of a tree up to some power, shared by all who ask. */
export function leafSumsOf(tree: Tree, degree: number): LeafSums {
  const found = known.get(tree) ?? [];
  known.set(tree, found);
  found[degree] ??= new LeafSums(tree, degree);
  return found[degree];
}

/** Prefix sums, and a register for moments over some leaves. */
export class LeafSums {
  /** What a length of 1 counts. */
  readonly unit: number;
  readonly #centre: number;
  readonly #size: number;
  /** The sums over the leaves before leaf k start at k times the size. */
  readonly #high: Float64Array;
  readonly #low: Float64Array;
  /** The register. */
  readonly #moments: Float64Array;
  readonly #rests: Float64Array;

  constructor(tree: Tree, degree: number) {
    const leaves = tree.firstLeaf + 1;
    this.#centre = centre(tree, 0, 0);
    this.unit = 2 ** -(Math.floor(Math.log2(Math.max(tree.boxes[1] - this.#centre, this.#centre - tree.boxes[0]))) + 1);
    if (!(this.unit > 2 ** -900 && this.unit < 2 ** 900)) this.unit = 1;
    this.#size = degree + 1;
    this.#high = new Float64Array((leaves + 1) * this.#size);
    this.#low = new Float64Array((leaves + 1) * this.#size);
    this.#moments = new Float64Array(this.#size);
    this.#rests = new Float64Array(this.#size);
    for (let leaf = 0; leaf < leaves; leaf++) {
      this.#sumLeaf(tree, tree.firstLeaf + leaf);
      const at = leaf * this.#size;
      for (let n = 0; n < this.#size; n++) {
        this.#put(n, this.#high[at + n], this.#low[at + n], 1);
        this.#high[at + this.#size + n] = this.#moments[n];
        this.#low[at + this.#size + n] = this.#rests[n];
      }
    }
  }

  /** Empties the register. */
  clear(): void {
    this.#moments.fill(0);
    this.#rests.fill(0);
  }

  /** Adds the moments about c over the leaves `from` to `to - 1` to the register. */
  add(from: number, to: number): void {
    for (let n = 0; n < this.#size; n++) {
      this.#put(n, this.#high[to * this.#size + n], this.#low[to * this.#size + n], 1);
      this.#put(n, this.#high[from * this.#size + n], this.#low[from * this.#size + n], -1);
    }
  }

  /** What the register holds: moments about c, or about where they were moved to. */
  moment(n: number): number {
    return this.#moments[n];
  }

  /** Moves the moments of the register from c to x, and returns x as u. */
  moveTo(x: number): number {
    const away = this.#centre - x;
    this.#move(away * this.unit, differenceRest(this.#centre, x, away) * this.unit);
    return -away * this.unit;
  }

  /** The moments of a leaf, about c. */
  #sumLeaf(tree: Tree, leaf: number): void {
    const { coordinates, weights, starts, ends } = tree;
    const middle = centre(tree, leaf, 0);
    const moments = this.#moments;
    this.clear();
    for (let i = starts[leaf]; i < ends[leaf]; i++) {
      const u = (coordinates[i] - middle) * this.unit;
      let power = weights === undefined ? 1 : weights[i];
      for (let n = 0; n < moments.length; n++) {
        moments[n] += power;
        power *= u;
      }
    }
    const away = middle - this.#centre;
    this.#move(away * this.unit, differenceRest(middle, this.#centre, away) * this.unit);
  }

  /** Adds a number times a sign of 1 or -1 to moment n of the register. */
  #put(n: number, high: number, low: number, sign: number): void {
    const a = this.#moments[n];
    const b = sign * high;
    const sum = a + b;
    const back = sum - a;
    const rest = a - (sum - back) + (b - back) + (this.#rests[n] + sign * low);
    this.#moments[n] = sum + rest;
    this.#rests[n] = rest - (this.#moments[n] - sum);
  }

  /**
   * Moments about a point by -e farther on: M_n becomes sum_k C(n, k) e^(n - k) M_k, by passes of M_n + e M_(n - 1), e being
   * `high + low`.
   */
  #move(high: number, low: number): void {
    const moments = this.#moments;
    const rests = this.#rests;
    const split = SPLITTER * high;
    const front = split - (split - high);
    const back = high - front;
    for (let pass = 1; pass < moments.length; pass++) {
      for (let n = moments.length - 1; n >= pass; n--) {
        const m = moments[n - 1];
        const splitM = SPLITTER * m;
        const frontM = splitM - (splitM - m);
        const backM = m - frontM;
        const product = high * m;
        const productRest =
          front * frontM - product + front * backM + back * frontM + back * backM + (high * rests[n - 1] + low * m);
        this.#put(n, product, productRest, 1);
      }
    }
  }
}

/** What a - b is more than its rounded value: exact. */
function differenceRest(a: number, b: number, difference: number): number {
  const back = difference - a;
  return a - (difference - back) + (-b - back);
}
