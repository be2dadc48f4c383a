/**
 * log w_k + log N(x; mu_k, Sigma_k) for a block of rows, four rows at once, in powers of 2 beside the peak of the mixture:
 *
 *     peak = max_k c_k,    shares[k][i] = (c_k - peak - 1/2 |A_k (x_i - mu_k)|^2) log2(e) <= 0
 *
 * Factors are multiplied by sqrt(log2(e) / 2) beforehand, which leaves a subtraction of squares. As terms are never above 0,
 * their powers can be summed as they come, without the largest being known; see mixture-shares.ts for rows far out.
 *
 * Here every term is found in full; where triangles are long and few terms count, mixture-stages.ts finds those few.
 *
 * @module
 */
import { termsByAxes } from './mixture-axes.js';
import { prepareDots } from './mixture-dots.js';
import { prepareMonomials } from './mixture-monomials.js';
import {
  block,
  centred,
  components,
  constants,
  DIAGONAL,
  dimension,
  factors,
  form,
  means,
  panels,
  SPHERICAL,
  scaledConstants,
  scaledFactors,
  shares,
  stride,
  TIED,
  triangleSize,
  weighted,
  whitenedMeans,
} from './mixture-state.js';
import { areLong, centre, prepareTriangles, termsOfTriangle } from './mixture-triangles.js';
import { packPanels, productOfPanel } from './panels.js';
import { splat } from './vectors.js';

/** A factor of 1, for rows that are whitened already. */
const UNIT: usize = memory.data<f64>([1]);
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

/** What depends on the parameters alone. */
export function prepareFactors(typical: i32): void {
  scaleParameters();
  if (form === TIED) {
    packPanels(scaledFactors, panels);
    whitenMeans();
  } else if (areLong()) prepareTriangles(typical);
  prepareDots();
  prepareMonomials();
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
    centre(block + 32 * d * group, apart, means, d);
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

/** Component k's terms for `groups` groups from `first` on. */
export function termsOf(k: i32, first: i32, groups: i32): void {
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
  else termsOfTriangle(k, first, groups);
}
