/**
 * log w_k + log N(x; mu_k, Sigma_k) for a block of rows, four rows at once:
 *
 *     shares[k][i] = c_k - 1/2 |A_k (x_i - mu_k)|^2,    NaN (Infinity - Infinity) counting as -Infinity.
 *
 * Beside it the largest term of each row so far is kept, and where four rows have each fallen below it by more than
 * `cut` a sum of squares is left where it is: such terms count as nothing (see mixture-shares.ts), and squares only grow.
 * A `cut` of Infinity has every term in full.
 *
 * @module
 */

import { jointScaled } from './mixture-axes.js';
import {
  block,
  centred,
  components,
  constants,
  DIAGONAL,
  dimension,
  factors,
  form,
  logDensities,
  means,
  panels,
  panelsStride,
  SPHERICAL,
  shares,
  stride,
  TIED,
  TRIANGULAR,
  triangleSize,
  weighted,
  whitenedMeans,
} from './mixture-state.js';
import { areLost, keep, settle } from './mixture-terms.js';
import { packPanels, productOfPanel, squaresOfPanel } from './panels.js';
import { minusInfinity, splat } from './vectors.js';

/** A factor of 1, for rows that are whitened already. */
const UNIT: usize = memory.data<f64>([1]);
/** Axes before the first look at whether a triangle's sum of squares still matters. */
const AXES_BEFORE_LOOK = 4;

/** d = 1: two rows at `x`. */
/* @inline */ function squares1(x: usize, m0: v128, a0: v128): v128 {
  const y0 = f64x2.mul(a0, f64x2.sub(v128.load(x), m0));
  return f64x2.mul(y0, y0);
}

/** d = 2. */
/* @inline */ function squares2(x: usize, m0: v128, m1: v128, a0: v128, a1: v128, a2: v128): v128 {
  const x0 = f64x2.sub(v128.load(x), m0);
  const y0 = f64x2.mul(a0, x0);
  const x1 = f64x2.sub(v128.load(x, 32), m1);
  const y1 = f64x2.add(f64x2.mul(a1, x0), f64x2.mul(a2, x1));
  return f64x2.add(f64x2.mul(y0, y0), f64x2.mul(y1, y1));
}

/** d = 3: more numbers than registers would hold. */
/* @inline */ function squares3(x: usize, mean: usize, a: usize): v128 {
  const x0 = f64x2.sub(v128.load(x), splat(mean));
  const x1 = f64x2.sub(v128.load(x, 32), splat(mean + 8));
  const x2 = f64x2.sub(v128.load(x, 64), splat(mean + 16));
  const y0 = f64x2.mul(splat(a), x0);
  const y1 = f64x2.add(f64x2.mul(splat(a + 8), x0), f64x2.mul(splat(a + 16), x1));
  const y2 = f64x2.add(
    f64x2.add(f64x2.mul(splat(a + 24), x0), f64x2.mul(splat(a + 32), x1)),
    f64x2.mul(splat(a + 40), x2),
  );
  return f64x2.add(f64x2.add(f64x2.mul(y0, y0), f64x2.mul(y1, y1)), f64x2.mul(y2, y2));
}

/** d <= 3, the triangle's product written out. What does not change from row to row is loaded once: the loop is short of slots. */
/* @inline */ function jointSmall(d: i32, k: i32, groups: i32): void {
  const mean = means + 8 * d * k;
  const a = factors + 4 * d * (d + 1) * k;
  const constant = splat(constants + 8 * k);
  const m0 = splat(mean);
  const a0 = splat(a);
  const m1 = d === 2 ? splat(mean + 8) : m0;
  const a1 = d === 2 ? splat(a + 8) : a0;
  const a2 = d === 2 ? splat(a + 16) : a0;
  let to = shares + stride * k;
  let largest = logDensities;
  const end = block + 32 * d * groups;
  for (let x = block; x < end; x += 32 * d, to += 32, largest += 32) {
    const low = d === 1 ? squares1(x, m0, a0) : d === 2 ? squares2(x, m0, m1, a0, a1, a2) : squares3(x, mean, a);
    keep(settle(constant, low), to, largest);
    const y = x + 16;
    const high = d === 1 ? squares1(y, m0, a0) : d === 2 ? squares2(y, m0, m1, a0, a1, a2) : squares3(y, mean, a);
    keep(settle(constant, high), to + 16, largest + 16);
  }
}

/** The axes `from` to `to - 1` of four rows less a mean, to `centred`. */
/* @inline */ function centre(from: i32, to: i32, x: usize, mean: usize): void {
  for (let j = from; j < to; j++) {
    const m = splat(mean + 8 * j);
    v128.store(centred + 32 * j, f64x2.sub(v128.load(x + 32 * j), m));
    v128.store(centred + 32 * j, f64x2.sub(v128.load(x + 32 * j, 16), m), 16);
  }
}

function jointTriangular(k: i32, groups: i32, cut: f64): void {
  const d = dimension;
  const mean = means + 8 * d * k;
  const constant = splat(constants + 8 * k);
  const cuts = f64x2.splat(cut);
  let to = shares + stride * k;
  let largest = logDensities;
  for (let group = 0; group < groups; group++, to += 32, largest += 32) {
    const x = block + 32 * d * group;
    v128.store(to, f64x2.splat(0));
    v128.store(to, f64x2.splat(0), 16);
    let a = panels + panelsStride * k;
    let isLost = false;
    let first = 0;
    for (; first + 4 <= d && !isLost; first += 4) {
      centre(first, first + 4, x, mean);
      squaresOfPanel(4, centred, a, first + 4, to);
      a += 32 * (first + 4);
      isLost = areLost(constant, v128.load(to), v128.load(to, 16), largest, cuts);
    }
    if (!isLost) {
      centre(first, d, x, mean);
      if ((d & 3) >= 2) {
        squaresOfPanel(2, centred, a, first + 2, to);
        a += 16 * (first + 2);
        first += 2;
      }
      if (d & 1) squaresOfPanel(1, centred, a, first + 1, to);
    }
    keep(settle(constant, v128.load(to)), to, largest);
    keep(settle(constant, v128.load(to, 16)), to + 16, largest + 16);
  }
}

/** What depends on the parameters alone: triangles in panels, and for tied factors A (mu_k - mu_0). */
export function prepareFactors(): void {
  if (form === TIED) {
    packPanels(factors, panels);
    whitenMeans();
  } else if (form === TRIANGULAR && dimension > 3) {
    for (let k = 0; k < components; k++) packPanels(factors + 8 * triangleSize() * k, panels + panelsStride * k);
  }
}

function whitenMeans(): void {
  const d = dimension;
  for (let k = 0; k < components; k++) {
    for (let i = 0; i < d; i++) {
      let sum: f64 = 0;
      const a = factors + 4 * i * (i + 1);
      for (let j = 0; j <= i; j++) {
        sum += load<f64>(a + 8 * j) * (load<f64>(means + 8 * (d * k + j)) - load<f64>(means + 8 * j));
      }
      store<f64>(whitenedMeans + 8 * (d * k + i), sum);
    }
  }
}

/**
 * One matrix for all components: |A (x - mu_k)|^2 = |A (x - mu_0) - A (mu_k - mu_0)|^2, so that rows and means are
 * whitened once. Centred on mu_0 first, so that no offset of the data costs digits.
 *
 * @returns Where the whitened rows lie, in groups as before.
 */
function whitenRows(groups: i32): usize {
  const d = dimension;
  for (let group = 0; group < groups; group++) {
    const to = weighted + 32 * d * group;
    centre(0, d, block + 32 * d * group, means);
    let a = panels;
    let first = 0;
    for (; first + 4 <= d; first += 4) {
      productOfPanel(4, centred, a, first + 4, to + 32 * first);
      a += 32 * (first + 4);
    }
    if ((d & 3) >= 2) {
      productOfPanel(2, centred, a, first + 2, to + 32 * first);
      a += 16 * (first + 2);
      first += 2;
    }
    if (d & 1) productOfPanel(1, centred, a, first + 1, to + 32 * first);
  }
  return weighted;
}

/** Component k's terms for the first `groups` groups; rows lie at `x`, whitened where the matrix is shared. */
function jointOf(k: i32, groups: i32, x: usize, cut: f64): void {
  const d = dimension;
  if (form === DIAGONAL) jointScaled(k, groups, x, means + 8 * d * k, factors + 8 * d * k, 8, cut);
  else if (form === SPHERICAL) jointScaled(k, groups, x, means + 8 * d * k, factors + 8 * k, 0, cut);
  else if (form === TIED) jointScaled(k, groups, x, whitenedMeans + 8 * d * k, UNIT, 0, cut);
  else if (d === 1) jointSmall(1, k, groups);
  else if (d === 2) jointSmall(2, k, groups);
  else if (d === 3) jointSmall(3, k, groups);
  else jointTriangular(k, groups, cut);
}

/**
 * The component of the block's first row. Rows that lie together in memory often do so in space: taken first, it sets
 * a high mark below which the others are soon lost.
 */
function likeliest(x: usize): i32 {
  let best = 0;
  for (let k = 0; k < components; k++) {
    jointOf(k, 1, x, Infinity);
    if (load<f64>(shares + stride * k) > load<f64>(shares + stride * best)) best = k;
  }
  return best;
}

/** The largest terms begin at -Infinity; then component after component. */
export function jointAll(count: i32, cut: f64): void {
  const groups = (count + 3) >> 2;
  for (let i = 0; i < groups; i++) {
    v128.store(logDensities + 32 * i, minusInfinity());
    v128.store(logDensities + 32 * i, minusInfinity(), 16);
  }
  const x = form === TIED ? whitenRows(groups) : block;
  const canLose = cut < Infinity && dimension > AXES_BEFORE_LOOK && groups > 1;
  const first = canLose ? likeliest(x) : 0;
  jointOf(first, groups, x, cut);
  for (let k = 0; k < components; k++) if (k !== first) jointOf(k, groups, x, cut);
}
