/**
 * Round components by products of vectors instead of differences, for more than three axes. About a point o in the middle
 * of the means, with y = x - o, nu_k = mu_k - o, and for shared matrices after whitening of both,
 *
 *     t_k = c_k - f_k^2 |y - nu_k|^2 = (c_k - f_k^2 |nu_k|^2) + 2 f_k^2 nu_k . y - f_k^2 |y|^2
 *
 * takes one multiplication and one addition for each axis, and so do sums of s y:
 *
 *     sum s (x - mu_k)     = sum s y - mass nu_k
 *     sum s |x - mu_k|^2   = sum s |y|^2 - 2 nu_k . sum s y + mass |nu_k|^2
 *
 * What cancels is known beforehand: with f_k^2 |nu_k|^2 <= 256, eight bits of 53, so that terms are right to 1e-13 of
 * themselves or of 1. Where a mean lies farther out, differences are taken for all.
 *
 * @module
 */
import { findMiddle, nuOf } from './mixture-middle.js';
import { areCentred, prepareRowDots, termsByRows } from './mixture-row-dots.js';
import {
  block,
  centred,
  components,
  dimension,
  dotConstants,
  dots,
  form,
  middle,
  norms,
  panels,
  SPHERICAL,
  scaledConstants,
  scaledFactors,
  shares,
  stride,
  TIED,
  weighted,
  whitened,
} from './mixture-state.js';
import { productOfPanel } from './panels.js';
import { splat } from './vectors.js';

/** Most of f^2 |nu|^2. */
const MOST: f64 = 256;
/** Terms of eight rows in two components. */
const TERMS: usize = memory.data(128, 16);

/** Whether products will do. */
export let areNear: bool = false;

/** Numbers of component k's mean: the first of them, and the next, `step` bytes on. */
/* @inline */ function coefficient(k: i32, j: i32): usize {
  // In panels of two components, the last perhaps of one.
  const pair = k & ~1;
  const height = pair + 1 < components ? 2 : 1;
  return dots + 8 * (dimension * pair + height * j + (k & 1));
}

/** To be called when parameters have changed, means having been whitened where the matrix is shared. */
export function prepareDots(): void {
  const d = dimension;
  areNear = (form === SPHERICAL || form === TIED) && d > 3;
  prepareRowDots(MOST);
  if (!areNear || areCentred) return;
  findMiddle();
  for (let k = 0; k < components && areNear; k++) {
    const factor = form === SPHERICAL ? load<f64>(scaledFactors + 8 * k) : 1;
    let squares: f64 = 0;
    for (let j = 0; j < d; j++) {
      const nu = factor * entryOf(k, j);
      squares += nu * nu;
      store<f64>(coefficient(k, j), 2 * factor * nu);
    }
    store<f64>(dotConstants + 16 * k, load<f64>(scaledConstants + 8 * k) - squares);
    store<f64>(dotConstants + 16 * k + 8, factor * factor);
    areNear = squares <= MOST;
  }
}

/** An entry of mu_k - o, whitened where the matrix is shared. */
function entryOf(k: i32, j: i32): f64 {
  if (form === SPHERICAL) return nuOf(k, j);
  let sum: f64 = 0;
  const a = scaledFactors + 4 * j * (j + 1);
  for (let i = 0; i <= j; i++) {
    sum += load<f64>(a + 8 * i) * nuOf(k, i);
  }
  return sum;
}

/** y of eight rows to `centred`, 64 bytes for each axis, and to `weighted`, in groups: the last four `apart` bytes on. */
/* @inline */ function centre(group: i32, apart: usize): void {
  const d = dimension;
  let x = block + 32 * d * group;
  let y = weighted + 32 * d * group;
  let to = centred;
  let mean = middle;
  for (const end = x + 32 * d; x < end; x += 32, y += 32, mean += 8, to += 64) {
    const m = splat(mean);
    const y2 = f64x2.sub(v128.load(x + apart), m);
    const y3 = f64x2.sub(v128.load(x + apart, 16), m);
    const y0 = f64x2.sub(v128.load(x), m);
    const y1 = f64x2.sub(v128.load(x, 16), m);
    v128.store(to, y0);
    v128.store(to, y1, 16);
    v128.store(to, y2, 32);
    v128.store(to, y3, 48);
    v128.store(y + apart, y2);
    v128.store(y + apart, y3, 16);
    v128.store(y, y0);
    v128.store(y, y1, 16);
  }
}

/** Multiplies the eight rows at `centred` by the shared triangle, to `whitened`. */
/* @inline */ function whiten(): void {
  const d = dimension;
  let a = panels;
  let to = whitened;
  for (let axes = 2; axes <= d; axes += 2, to += 128) {
    productOfPanel(2, centred, a, axes, to, 32, 64);
    a += 16 * axes;
  }
  if (d & 1) productOfPanel(1, centred, a, d, to, 32, 64);
}

/** |y|^2 of the eight rows at `from`, to TERMS. */
/* @inline */ function normOf(from: usize): void {
  let n0 = f64x2.splat(0);
  let n1 = n0;
  let n2 = n0;
  let n3 = n0;
  for (const end = from + 64 * dimension; from < end; from += 64) {
    const y0 = v128.load(from);
    const y1 = v128.load(from, 16);
    const y2 = v128.load(from, 32);
    const y3 = v128.load(from, 48);
    n0 = f64x2.add(n0, f64x2.mul(y0, y0));
    n1 = f64x2.add(n1, f64x2.mul(y1, y1));
    n2 = f64x2.add(n2, f64x2.mul(y2, y2));
    n3 = f64x2.add(n3, f64x2.mul(y3, y3));
  }
  v128.store(TERMS, n0);
  v128.store(TERMS, n1, 16);
  v128.store(TERMS, n2, 32);
  v128.store(TERMS, n3, 48);
}

/* @inline */ function putTerms(k: i32, from: usize, norm: usize, to: usize): void {
  const constant = splat(dotConstants + 16 * k);
  const square = splat(dotConstants + 16 * k + 8);
  const low = f64x2.sub(v128.load(from), f64x2.mul(square, v128.load(norm)));
  const high = f64x2.sub(v128.load(from, 16), f64x2.mul(square, v128.load(norm, 16)));
  v128.store(to, f64x2.add(constant, low));
  v128.store(to, f64x2.add(constant, high), 16);
}

/** All components' terms for `groups` groups from `first` on. */
export function termsByDots(first: i32, groups: i32): void {
  if (areCentred) {
    termsByRows(first, groups);
    return;
  }
  const d = dimension;
  const end = first + groups;
  for (let group = first; group < end; group += 2) {
    const isPair = group + 1 < end;
    centre(group, isPair ? 32 * d : 0);
    let y = centred;
    if (form === TIED) {
      whiten();
      y = whitened;
    }
    normOf(y);
    const norm = norms + 32 * group;
    v128.store(norm, v128.load(TERMS));
    v128.store(norm, v128.load(TERMS, 16), 16);
    if (isPair) v128.store(norm, v128.load(TERMS, 32), 32);
    if (isPair) v128.store(norm, v128.load(TERMS, 48), 48);
    for (let k = 0; k < components; k += 2) {
      const isTwo = k + 1 < components;
      const a = dots + 8 * d * k;
      if (isTwo) productOfPanel(2, y, a, d, TERMS, 64, 32);
      else productOfPanel(1, y, a, d, TERMS, 64, 32);
      const to = shares + stride * k + 32 * group;
      putTerms(k, TERMS, norm, to);
      if (isPair) putTerms(k, TERMS + 64, norm + 32, to + 32);
      if (!isTwo) continue;
      putTerms(k + 1, TERMS + 32, norm, to + stride);
      if (isPair) putTerms(k + 1, TERMS + 96, norm + 32, to + stride + 32);
    }
  }
}
