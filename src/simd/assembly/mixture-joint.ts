/**
 * log w_k + log N(x; mu_k, Sigma_k) for a block of rows, four rows at once, in powers of 2 beside the peak of the mixture:
 *
 *     peak = max_k c_k,    shares[k][i] = (c_k - peak - 1/2 |A_k (x_i - mu_k)|^2) log2(e) <= 0
 *
 * Factors are multiplied by sqrt(log2(e) / 2) beforehand, which leaves a subtraction of squares. As terms are never above 0,
 * their powers can be summed as they come, without the largest being known; see mixture-shares.ts for rows far out.
 *
 * Where triangles are long, the largest term of each row so far is kept as well, and where four rows have each fallen below
 * it by more than `cut` a sum of squares is left where it is: such terms count as nothing, and squares only grow. A `cut` of
 * Infinity has every term in full.
 *
 * @module
 */
import { termsByAxes } from './mixture-axes.js';
import { prepareDots } from './mixture-dots.js';
import {
  block,
  centred,
  components,
  constants,
  DIAGONAL,
  dimension,
  factors,
  form,
  largest,
  means,
  panels,
  panelsStride,
  SPHERICAL,
  scaledConstants,
  scaledFactors,
  shares,
  stride,
  TIED,
  TRIANGULAR,
  triangleSize,
  weighted,
  whitenedMeans,
} from './mixture-state.js';
import { areLost, keep } from './mixture-terms.js';
import { packPanels, productOfPanel, squaresOfPanel } from './panels.js';
import { minusInfinity, splat } from './vectors.js';

/** A factor of 1, for rows that are whitened already. */
const UNIT: usize = memory.data<f64>([1]);
/** Sums of squares of eight rows. */
const SQUARES: usize = memory.data(64, 16);
/** log2(e), and the square root of its half. */
const LOG2E: f64 = Math.LOG2E;
const ROOT_HALF_LOG2E: f64 = 0.8493218002880191;

/** max_k c_k, or 0 where no component has weight. */
export let peak: f64 = 0;

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
/* @inline */ function termsOfFew(d: i32, k: i32, groups: i32, start: usize, to: usize): void {
  const mean = means + 8 * d * k;
  const a = scaledFactors + 4 * d * (d + 1) * k;
  const constant = splat(scaledConstants + 8 * k);
  const m0 = splat(mean);
  const a0 = splat(a);
  const m1 = d === 2 ? splat(mean + 8) : m0;
  const a1 = d === 2 ? splat(a + 8) : a0;
  const a2 = d === 2 ? splat(a + 16) : a0;
  const end = start + 32 * d * groups;
  for (let x = start; x < end; x += 32 * d, to += 32) {
    const low = d === 1 ? squares1(x, m0, a0) : d === 2 ? squares2(x, m0, m1, a0, a1, a2) : squares3(x, mean, a);
    v128.store(to, f64x2.sub(constant, low));
    const y = x + 16;
    const high = d === 1 ? squares1(y, m0, a0) : d === 2 ? squares2(y, m0, m1, a0, a1, a2) : squares3(y, mean, a);
    v128.store(to, f64x2.sub(constant, high), 16);
  }
}

/** Eight rows less a mean to `centred`, 64 bytes for each axis: four at `x` and four `apart` bytes on. */
/* @inline */ function centre(x: usize, apart: usize, mean: usize): void {
  let to = centred;
  for (const end = x + 32 * dimension; x < end; x += 32, mean += 8, to += 64) {
    const m = splat(mean);
    v128.store(to, f64x2.sub(v128.load(x), m));
    v128.store(to, f64x2.sub(v128.load(x, 16), m), 16);
    v128.store(to, f64x2.sub(v128.load(x + apart), m), 32);
    v128.store(to, f64x2.sub(v128.load(x + apart, 16), m), 48);
  }
}

/**
 * Whether to look if a sum of squares still matters: a look costs as much as a few axes, so it comes after 4, 8, 16, ...
 * axes, unless the most part is done.
 */
/* @inline */ function isTimeToLook(axes: i32): bool {
  return (axes & (axes - 1)) === 0 && axes >= 4 && 3 * axes <= 2 * dimension;
}

function termsOfTriangle(k: i32, first: i32, groups: i32, cut: f64): void {
  const d = dimension;
  const constant = splat(scaledConstants + 8 * k);
  const cuts = f64x2.splat(cut);
  let to = shares + stride * k + 32 * first;
  let most = largest + 32 * first;
  const end = first + groups;
  for (let group = first; group < end; group += 2, to += 64, most += 64) {
    const isPair = group + 1 < end;
    centre(block + 32 * d * group, isPair ? 32 * d : 0, means + 8 * d * k);
    memory.fill(SQUARES, 0, 64);
    let a = panels + panelsStride * k;
    let isLost = false;
    let axes = 2;
    for (; axes <= d && !isLost; axes += 2) {
      squaresOfPanel(2, centred, a, axes, SQUARES);
      a += 16 * axes;
      if (isTimeToLook(axes)) isLost = areLost(constant, SQUARES, most, isPair ? 32 : 0, cuts);
    }
    if ((d & 1) !== 0 && !isLost) squaresOfPanel(1, centred, a, d, SQUARES);
    keep(f64x2.sub(constant, v128.load(SQUARES)), to, most);
    keep(f64x2.sub(constant, v128.load(SQUARES, 16)), to + 16, most + 16);
    if (!isPair) continue;
    keep(f64x2.sub(constant, v128.load(SQUARES, 32)), to + 32, most + 32);
    keep(f64x2.sub(constant, v128.load(SQUARES, 48)), to + 48, most + 48);
  }
}

/** What depends on the parameters alone. */
export function prepareFactors(): void {
  scaleParameters();
  if (form === TIED) {
    packPanels(scaledFactors, panels);
    whitenMeans();
  } else if (canLose()) {
    for (let k = 0; k < components; k++) packPanels(scaledFactors + 8 * triangleSize() * k, panels + panelsStride * k);
  }
  prepareDots();
}

/** From natural logarithms to those to base 2, beside the peak. */
function scaleParameters(): void {
  peak = -Infinity;
  for (let k = 0; k < components; k++) peak = max(peak, load<f64>(constants + 8 * k));
  if (!(peak > -Infinity)) peak = 0;
  for (let k = 0; k < components; k++) {
    store<f64>(scaledConstants + 8 * k, (load<f64>(constants + 8 * k) - peak) * LOG2E);
  }
  const perMatrix = form === SPHERICAL ? 1 : form === DIAGONAL ? dimension : triangleSize();
  const count = form === TIED ? perMatrix : components * perMatrix;
  for (let i = 0; i < count; i++) {
    store<f64>(scaledFactors + 8 * i, load<f64>(factors + 8 * i) * ROOT_HALF_LOG2E);
  }
}

function whitenMeans(): void {
  const d = dimension;
  for (let k = 0; k < components; k++) {
    for (let i = 0; i < d; i++) {
      let sum: f64 = 0;
      const a = scaledFactors + 4 * i * (i + 1);
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
 */
function whitenRows(groups: i32): void {
  const d = dimension;
  for (let group = 0; group < groups; group += 2) {
    let to = weighted + 32 * d * group;
    const apart = group + 1 < groups ? 32 * d : 0;
    centre(block + 32 * d * group, apart, means);
    let a = panels;
    for (let axes = 2; axes <= d; axes += 2, to += 64) {
      productOfPanel(2, centred, a, axes, to, apart, 32);
      a += 16 * axes;
    }
    if (d & 1) productOfPanel(1, centred, a, d, to, apart, 32);
  }
}

/** To be called once for a block before {@link termsOf}. */
export function prepareRows(groups: i32): void {
  if (form === TIED) whitenRows(groups);
}

/** Whether terms may be left where they are once they count as nothing. */
export function canLose(): bool {
  return form === TRIANGULAR && dimension > 3;
}

/** The largest terms begin at -Infinity. */
export function forgetLargest(first: i32, groups: i32): void {
  for (let i = first; i < first + groups; i++) {
    v128.store(largest + 32 * i, minusInfinity());
    v128.store(largest + 32 * i, minusInfinity(), 16);
  }
}

/** Component k's terms for `groups` groups from `first` on. */
export function termsOf(k: i32, first: i32, groups: i32, cut: f64): void {
  const d = dimension;
  const x = 32 * d * first;
  const c = scaledConstants + 8 * k;
  const mean = means + 8 * d * k;
  const to = shares + stride * k + 32 * first;
  if (form === DIAGONAL) termsByAxes(groups, block + x, c, mean, scaledFactors + 8 * d * k, 8, to);
  else if (form === SPHERICAL) termsByAxes(groups, block + x, c, mean, scaledFactors + 8 * k, 0, to);
  else if (form === TIED) termsByAxes(groups, weighted + x, c, whitenedMeans + 8 * d * k, UNIT, 0, to);
  else if (d === 1) termsOfFew(1, k, groups, block + x, to);
  else if (d === 2) termsOfFew(2, k, groups, block + x, to);
  else if (d === 3) termsOfFew(3, k, groups, block + x, to);
  else termsOfTriangle(k, first, groups, cut);
}

/**
 * The component of the block's first row. Rows that lie together in memory often do so in space: taken first, it sets
 * a high mark below which the others are soon lost.
 */
export function likeliest(): i32 {
  let best = 0;
  for (let k = 0; k < components; k++) {
    forgetLargest(0, 1);
    termsOf(k, 0, 1, Infinity);
    if (load<f64>(shares + stride * k) > load<f64>(shares + stride * best)) best = k;
  }
  return best;
}
