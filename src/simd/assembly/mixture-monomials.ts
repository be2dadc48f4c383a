/**
 * Components with triangles of their own by products of vectors, for a moderate number of axes. About a point o in the middle of
 * the means, with y = x - o, nu_k = mu_k - o and Q_k = A_k^T A_k, terms are linear in the monomials of y of degree 1 and 2,
 *
 *     t_k = c_k - |A_k (y - nu_k)|^2 = (c_k - nu_k^T Q_k nu_k) + 2 nu_k^T Q_k y - sum_ij q_kij y_i y_j
 *
 * which are found once for all components, and so are their sums, from which the statistics follow:
 *
 *     sum s (x - mu_k)                  = sum s y - mass nu_k
 *     sum s (x - mu_k) (x - mu_k)^T     = sum s y y^T - nu_k (sum s y)^T - (sum s y) nu_k^T + mass nu_k nu_k^T
 *
 * What cancels is known beforehand. Where a row counts in component k, |y_i| is hardly above r_i = |nu_ki| + 6 sigma_ki, so that the
 * summands of t_k are at most sum_ij |q_kij| r_i r_j, and so is what the statistics lose beside the covariance. Where that is
 * above 2^14, fourteen bits of 53, terms and statistics are found otherwise, for all components.
 *
 * @module
 */
import { findMiddle, nuOf } from './mixture-middle.js';
import {
  block,
  centred,
  components,
  dimension,
  dotConstants,
  dots,
  form,
  middle,
  monomials,
  scaledConstants,
  scaledFactors,
  shares,
  stride,
  TRIANGULAR,
  triangleSize,
  whitened,
} from './mixture-state.js';
import { productOfPanel } from './panels.js';
import { splat } from './vectors.js';

/** Most of sum |q| r r. */
const MOST: f64 = 16384;
/**
 * Fewest and most axes: with eight components, a pass takes 0.7 of the time at d = 4, 0.77 at 10, 0.83 at 16, and more than
 * without at 3.
 */
const LEAST_AXES: i32 = 4;
const MOST_AXES: i32 = 16;
/** Six standard deviations, in the units of scaled factors: 6 sqrt(log2(e) / 2). */
const REACH: f64 = 5.0959;
/** Sums of products and squares stay below this. */
const LARGEST: f64 = 1e300;
/** Terms of eight rows in two components. */
const TERMS: usize = memory.data(128, 16);

/** Whether parameters allow it. */
let areMild: bool = false;
/** Rows whose |y_i| reach this could overflow. */
let far: f64 = 0;
/** Whether the block's monomials have been found. */
export let areLaidOut: bool = false;
/** Number of monomials. */
export let size: i32 = 0;

/** Where a coefficient of component k stands: in panels of two components, the last perhaps of one. */
/* @inline */ function coefficient(k: i32, monomial: i32): usize {
  const pair = k & ~1;
  const height = pair + 1 < components ? 2 : 1;
  return dots + 8 * (size * pair + height * monomial + (k & 1));
}

/** The number of y_i y_j, j <= i. */
/* @inline */ export function numberOf(i: i32, j: i32): i32 {
  return dimension + ((i * (i + 1)) >> 1) + j;
}

/** To be called when parameters have changed. */
export function prepareMonomials(): void {
  const d = dimension;
  areMild = form === TRIANGULAR && d >= LEAST_AXES && d <= MOST_AXES;
  if (!areMild) return;
  size = d + triangleSize();
  let largest: f64 = 1;
  findMiddle();
  for (let k = 0; k < components && areMild; k++) {
    const a = scaledFactors + 8 * triangleSize() * k;
    largest = max(largest, putSquares(k, a));
    findReaches(k, a);
    areMild = putRest(k) <= MOST;
  }
  far = sqrt(LARGEST / (size * largest));
}

/** Coefficients of the products: -q_ii, -2 q_ij; returns the largest. */
function putSquares(k: i32, a: usize): f64 {
  let largest: f64 = 0;
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j <= i; j++) {
      let q: f64 = 0;
      for (let r = i; r < dimension; r++)
        q += load<f64>(a + 4 * r * (r + 1) + 8 * i) * load<f64>(a + 4 * r * (r + 1) + 8 * j);
      store<f64>(coefficient(k, numberOf(i, j)), i === j ? -q : -2 * q);
      largest = max(largest, 2 * abs(q));
    }
  }
  return largest;
}

/** r_i to `whitened`: sigma_i^2 is the i-th row of the triangle's inverse, squared. */
function findReaches(k: i32, a: usize): void {
  // The inverse, column by column, at `centred`.
  for (let i = 0; i < dimension; i++) store<f64>(whitened + 8 * i, 0);
  for (let j = 0; j < dimension; j++) {
    for (let i = j; i < dimension; i++) {
      const row = a + 4 * i * (i + 1);
      let sum: f64 = i === j ? 1 : 0;
      for (let r = j; r < i; r++) sum -= load<f64>(row + 8 * r) * load<f64>(centred + 8 * r);
      const entry = sum / load<f64>(row + 8 * i);
      store<f64>(centred + 8 * i, entry);
      store<f64>(whitened + 8 * i, load<f64>(whitened + 8 * i) + entry * entry);
    }
  }
  for (let i = 0; i < dimension; i++) {
    store<f64>(whitened + 8 * i, abs(nuOf(k, i)) + REACH * sqrt(load<f64>(whitened + 8 * i)));
  }
}

/** The other coefficients and the constant; returns sum |q| r r. */
function putRest(k: i32): f64 {
  const d = dimension;
  let most: f64 = 0;
  let squares: f64 = 0;
  for (let i = 0; i < d; i++) {
    let sum: f64 = 0;
    for (let j = 0; j < d; j++) {
      const half = load<f64>(coefficient(k, numberOf(max(i, j), min(i, j)))) * (i === j ? -1 : -0.5);
      sum += half * nuOf(k, j);
      most += abs(half) * load<f64>(whitened + 8 * i) * load<f64>(whitened + 8 * j);
    }
    store<f64>(coefficient(k, i), 2 * sum);
    squares += sum * nuOf(k, i);
  }
  store<f64>(dotConstants + 8 * k, load<f64>(scaledConstants + 8 * k) - squares);
  return most;
}

/** Finds the monomials of the block's rows where parameters allow it and none overflows. */
export function tryMonomials(groups: i32): void {
  areLaidOut = areMild && layOutMonomials(groups);
}

/** They are of the block's rows no more. */
export function forgetMonomials(): void {
  areLaidOut = false;
}

/** Eight rows by eight, 64 bytes for each monomial; a last group alone stands twice. Returns whether none overflows. */
function layOutMonomials(groups: i32): bool {
  const d = dimension;
  let most = f64x2.splat(0);
  let to = monomials;
  for (let group = 0; group < groups; group += 2) {
    let x = block + 32 * d * group;
    const apart = group + 1 < groups ? 32 * d : 0;
    const first = to;
    let mean = middle;
    for (const end = x + 32 * d; x < end; x += 32, mean += 8, to += 64) {
      const m = splat(mean);
      const y0 = f64x2.sub(v128.load(x), m);
      const y1 = f64x2.sub(v128.load(x, 16), m);
      const y2 = f64x2.sub(v128.load(x + apart), m);
      const y3 = f64x2.sub(v128.load(x + apart, 16), m);
      v128.store(to, y0);
      v128.store(to, y1, 16);
      v128.store(to, y2, 32);
      v128.store(to, y3, 48);
      const low = f64x2.pmax(f64x2.abs(y0), f64x2.abs(y1));
      most = f64x2.pmax(most, f64x2.pmax(low, f64x2.pmax(f64x2.abs(y2), f64x2.abs(y3))));
    }
    const last = to;
    for (let y = first; y < last; y += 64) {
      const y0 = v128.load(y);
      const y1 = v128.load(y, 16);
      const y2 = v128.load(y, 32);
      const y3 = v128.load(y, 48);
      for (let z = first; z <= y; z += 64, to += 64) {
        v128.store(to, f64x2.mul(y0, v128.load(z)));
        v128.store(to, f64x2.mul(y1, v128.load(z, 16)), 16);
        v128.store(to, f64x2.mul(y2, v128.load(z, 32)), 32);
        v128.store(to, f64x2.mul(y3, v128.load(z, 48)), 48);
      }
    }
  }
  return f64x2.extract_lane(most, 0) < far && f64x2.extract_lane(most, 1) < far;
}

/* @inline */ function putTerms(k: i32, from: usize, to: usize): void {
  const constant = splat(dotConstants + 8 * k);
  v128.store(to, f64x2.add(constant, v128.load(from)));
  v128.store(to, f64x2.add(constant, v128.load(from, 16)), 16);
}

/** All components' terms. */
export function termsByMonomials(groups: i32): void {
  let from = monomials;
  for (let group = 0; group < groups; group += 2, from += 64 * size) {
    const isPair = group + 1 < groups;
    for (let k = 0; k < components; k += 2) {
      const isTwo = k + 1 < components;
      const a = dots + 8 * size * k;
      if (isTwo) productOfPanel(2, from, a, size, TERMS, 64, 32);
      else productOfPanel(1, from, a, size, TERMS, 64, 32);
      const to = shares + stride * k + 32 * group;
      putTerms(k, TERMS, to);
      if (isPair) putTerms(k, TERMS + 64, to + 32);
      if (!isTwo) continue;
      putTerms(k + 1, TERMS + 32, to + stride);
      if (isPair) putTerms(k + 1, TERMS + 96, to + stride + 32);
    }
  }
}
