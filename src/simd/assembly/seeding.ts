/**
 * Squared distances of rows from some of them, for k-means++: the entry of the module that ../seeding-loops.ts loads.
 *
 *     |x - c|^2 = |x|^2 + (|c|^2 - 2 x . c)
 *
 * One product of matrices finds what is in brackets for all rows that are tried. What cancels is what lies near, beside its
 * distance from the origin: sums over all rows lose nothing by that, and distances that are kept are found from differences
 * where they are small.
 *
 * Reference: Arthur & Vassilvitskii (2007), *k-means++: the advantages of careful seeding*.
 *
 * @module
 */
import { dense } from './dense.js';
import { across } from './vectors.js';

/** Where arrays lie. Rows are `rowSize` bytes apart, arrays of searches `apart`. */
let rows: usize = 0;
let norms: usize = 0;
let weights: usize = 0;
let biases: usize = 0;
let panels: usize = 0;
let products: usize = 0;
let nearest: usize = 0;
let labels: usize = 0;
let potentials: usize = 0;
let sums: usize = 0;
let centres: usize = 0;
let mass: usize = 0;
let shift: usize = 0;
let squares: usize = 0;
let columns: i32 = 0;
let rowSize: i32 = 0;
let apart: i32 = 0;

/** Rows whose distances are summed on their own. */
const BLOCK: i32 = 64;

/** What is left of |x|^2 + |c|^2 where distances are found from differences: else they are right to 1e-9 of themselves. */
const LEAST_LEFT: f64 = 9.5367431640625e-7;

/**
 * @param count - Rows that there is room for, a multiple of 64. What lies behind the last row are zeros, their weights too.
 * @param addresses - Of the arrays above in their order, as doubles.
 */
export function configure(count: i32, dimension: i32, addresses: usize): void {
  columns = dimension;
  rowSize = 8 * dimension;
  apart = 8 * count;
  rows = <usize>f64.load(addresses);
  norms = <usize>f64.load(addresses, 8);
  weights = <usize>f64.load(addresses, 16);
  biases = <usize>f64.load(addresses, 24);
  panels = <usize>f64.load(addresses, 32);
  products = <usize>f64.load(addresses, 40);
  nearest = <usize>f64.load(addresses, 48);
  labels = <usize>f64.load(addresses, 56);
  potentials = <usize>f64.load(addresses, 64);
  sums = <usize>f64.load(addresses, 72);
  centres = <usize>f64.load(addresses, 80);
  mass = <usize>f64.load(addresses, 88);
  shift = <usize>f64.load(addresses, 96);
  squares = <usize>f64.load(addresses, 104);
}

/** |x - c|^2 of two numbers after another at a time. */
function squaredDistance(x: usize, c: usize): f64 {
  let sum = f64x2.splat(0);
  const end = x + (rowSize & ~15);
  for (; x < end; x += 16, c += 16) {
    const step = f64x2.sub(v128.load(x), v128.load(c));
    sum = f64x2.add(sum, f64x2.mul(step, step));
  }
  if ((columns & 1) === 0) return across(sum);
  const last = f64.load(x) - f64.load(c);
  return across(sum) + last * last;
}

/** |x|^2 of the first rows. */
export function prepare(count: i32): void {
  for (let i = 0; i < count; i++) {
    let at = rows + i * rowSize;
    let sum = f64x2.splat(0);
    const end = at + (rowSize & ~15);
    for (; at < end; at += 16) {
      const x = v128.load(at);
      sum = f64x2.add(sum, f64x2.mul(x, x));
    }
    let norm = across(sum);
    if (columns & 1) norm += f64.load(at) * f64.load(at);
    f64.store(norms + 8 * i, norm);
  }
}

/** Adds what rows give to the potentials of four that a search tries, at `at` among the products of the first. */
/* @inline */ function addPotentials(at: usize, stride: i32, near: usize, norm: usize, count: i32, to: usize): void {
  let low = v128.load(to);
  let high = v128.load(to, 16);
  let weight = weights + (norm - norms);
  for (const end = norm + 8 * count; norm < end; norm += 8, near += 8, weight += 8, at += stride) {
    const square = v128.load64_splat(norm);
    const before = v128.load64_splat(near);
    const w = v128.load64_splat(weight);
    low = f64x2.add(low, f64x2.mul(w, f64x2.pmin(before, f64x2.add(square, v128.load(at)))));
    high = f64x2.add(high, f64x2.mul(w, f64x2.pmin(before, f64x2.add(square, v128.load(at, 16)))));
  }
  v128.store(to, low);
  v128.store(to, high, 16);
}

/**
 * Adds what the rows from `first` to before `end` give to the potentials of all rows that are tried.
 *
 * @param first - A multiple of 4, as are `end` and `outputs`.
 * @param tries - How many rows each search tries; all of them, filled up, are the outputs.
 */
export function measure(first: i32, end: i32, searches: i32, tries: i32, outputs: i32): void {
  const stride: i32 = 8 * outputs;
  const fours: i32 = 32 * ((tries + 3) / 4);
  for (; first < end; first += BLOCK) {
    const count = min(BLOCK, end - first);
    const from = products + first * stride;
    dense(rows + first * rowSize, panels, biases, from, count, columns, outputs);
    for (let s = 0; s < searches; s++) {
      for (let t = 0; t < tries; t += 4) {
        const near = nearest + s * apart + 8 * first;
        const at = from + 8 * (s * tries + t);
        addPotentials(at, stride, near, norms + 8 * first, count, potentials + s * fours + 8 * t);
      }
    }
  }
}

/** Two rows' products with one of the outputs. */
/* @inline */ function pairAt(at: usize, stride: i32): v128 {
  return v128.load64_lane(at + stride, v128.load64_zero(at), 1);
}

/**
 * Makes a row that was tried a centre of a search; returns the search's potential, and sums it by blocks.
 *
 * @param place - Of the row among those that were tried.
 * @param label - Of the new centre.
 * @param count - Of rows, a multiple of 4.
 */
export function take(search: i32, place: i32, row: i32, label: f64, count: i32, outputs: i32): f64 {
  const stride: i32 = 8 * outputs;
  const centre = rows + row * rowSize;
  const square = f64x2.splat(f64.load(norms + 8 * row));
  const mark = f64x2.splat(label);
  let near = nearest + search * apart;
  let own = labels + search * apart;
  let at = products + 8 * place;
  let potential: f64 = 0;
  for (let i = 0; i < count; i += BLOCK) {
    let sum = f64x2.splat(0);
    for (let r = i; r < min(i + BLOCK, count); r += 2, near += 16, own += 16, at += 2 * stride) {
      const norm = v128.load(norms + 8 * r);
      const product = pairAt(at, stride);
      const before = v128.load(near);
      let distance = f64x2.add(norm, product);
      let isNearer = f64x2.lt(distance, before);
      if (v128.any_true(isNearer)) {
        const isSmall = f64x2.lt(distance, f64x2.mul(f64x2.splat(LEAST_LEFT), f64x2.add(norm, square)));
        if (v128.any_true(isSmall)) {
          const from = rows + r * rowSize;
          const exact = f64x2.replace_lane(
            f64x2.splat(squaredDistance(from, centre)),
            1,
            squaredDistance(from + rowSize, centre),
          );
          distance = v128.bitselect(exact, distance, isSmall);
          isNearer = f64x2.lt(distance, before);
        }
        v128.store(own, v128.bitselect(mark, v128.load(own), isNearer));
        v128.store(near, v128.bitselect(distance, before, isNearer));
      }
      sum = f64x2.add(sum, f64x2.mul(v128.load(weights + 8 * r), v128.load(near)));
    }
    const total = across(sum);
    f64.store(sums + search * (apart / BLOCK) + (i / BLOCK) * 8, total);
    potential += total;
  }
  return potential;
}

/**
 * Labels the rows from `first` to before `end` by the nearest of some centres, the first of equals, of which the panels hold -2 c
 * and the biases |c|^2; returns how many labels are others than before.
 *
 * @param first - A multiple of 4, as is `outputs`, the centres filled up.
 */
export function assign(search: i32, first: i32, end: i32, components: i32, outputs: i32): i32 {
  const stride: i32 = 8 * outputs;
  let own = labels + search * apart + 8 * first;
  let changed = 0;
  for (; first < end; first += BLOCK) {
    const size = min(BLOCK, end - first);
    // In fours, the last of them filled up.
    dense(rows + first * rowSize, panels, biases, products, (size + 3) & ~3, columns, outputs);
    let at = products;
    for (const last = own + 8 * size; own < last; own += 16, at += 2 * stride) {
      let least = pairAt(at, stride);
      let label = f64x2.splat(0);
      for (let k = 1; k < components; k++) {
        const other = pairAt(at + 8 * k, stride);
        label = v128.bitselect(f64x2.splat(k), label, f64x2.lt(other, least));
        least = f64x2.pmin(least, other);
      }
      const differ = i64x2.bitmask(f64x2.ne(label, v128.load(own)));
      changed += popcnt(last - own === 8 ? differ & 1 : differ);
      v128.store(own, label);
    }
  }
  return changed;
}

/** Adds a number's difference from its centre, times its weight, to shifts, and its square to squares. */
/* @inline */ function addDifference(w: f64, x: usize, c: usize, to: usize, toSquares: usize): void {
  const difference = f64.load(x) - f64.load(c);
  f64.store(to, f64.load(to) + w * difference);
  f64.store(toSquares, f64.load(toSquares) + w * difference * difference);
}

/**
 * Adds rows to what is known of a search's clusters: their mass, and sums of differences from the centre and of their squares.
 *
 * @param components - Centres of each search.
 */
export function summarize(search: i32, components: i32, count: i32): void {
  const all = search * components;
  let x = rows;
  let label = labels + search * apart;
  for (let i = 0; i < count; i++, label += 8) {
    const k = all + <i32>f64.load(label);
    const w = f64.load(weights + 8 * i);
    const ws = f64x2.splat(w);
    f64.store(mass + 8 * k, f64.load(mass + 8 * k) + w);
    let at = k * rowSize;
    for (const end = x + (rowSize & ~15); x < end; x += 16, at += 16) {
      const difference = f64x2.sub(v128.load(x), v128.load(centres + at));
      const step = f64x2.mul(ws, difference);
      v128.store(shift + at, f64x2.add(v128.load(shift + at), step));
      v128.store(squares + at, f64x2.add(v128.load(squares + at), f64x2.mul(step, difference)));
    }
    if ((columns & 1) === 0) continue;
    addDifference(w, x, centres + at, shift + at, squares + at);
    x += 8;
  }
}
