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
import { packPanels, productOfPanel, squaresOfPanel } from './panels.js';
import { half, minusInfinity, one, splat } from './vectors.js';

/** A factor of 1, for rows that are whitened already. */
const UNIT: usize = memory.data<f64>([1]);
/** Axes between two looks at whether a sum of squares still matters. */
const AXES_PER_LOOK = 4;

/** c - q / 2. A NaN is not greater than -Infinity, so that this is what remains. */
/* @inline */ function settle(constant: v128, squares: v128): v128 {
  return f64x2.pmax(minusInfinity(), f64x2.sub(constant, f64x2.mul(half(), squares)));
}

/** Stores two rows' terms and takes them into the largest so far. */
/* @inline */ function keep(term: v128, to: usize, largest: usize): void {
  v128.store(to, term);
  v128.store(largest, f64x2.pmax(v128.load(largest), term));
}

/** Whether all four rows have terms below the least that still counts, whatever is yet to be subtracted. */
/* @inline */ function areLost(constant: v128, low: v128, high: v128, largest: usize, cut: v128): bool {
  const lowLost = f64x2.lt(f64x2.sub(constant, f64x2.mul(half(), low)), f64x2.sub(v128.load(largest), cut));
  const highLost = f64x2.lt(f64x2.sub(constant, f64x2.mul(half(), high)), f64x2.sub(v128.load(largest, 16), cut));
  return i64x2.all_true(v128.and(lowLost, highLost));
}

/** d <= 3, the triangle's product written out; two rows at `x`. */
/* @inline */ function squares(d: i32, x: usize, mean: usize, a: usize): v128 {
  const x0 = f64x2.sub(v128.load(x), splat(mean));
  const y0 = f64x2.mul(splat(a), x0);
  let q = f64x2.mul(y0, y0);
  if (d > 1) {
    const x1 = f64x2.sub(v128.load(x, 32), splat(mean + 8));
    const y1 = f64x2.add(f64x2.mul(splat(a + 8), x0), f64x2.mul(splat(a + 16), x1));
    q = f64x2.add(q, f64x2.mul(y1, y1));
    if (d > 2) {
      const x2 = f64x2.sub(v128.load(x, 64), splat(mean + 16));
      const y2 = f64x2.add(
        f64x2.add(f64x2.mul(splat(a + 24), x0), f64x2.mul(splat(a + 32), x1)),
        f64x2.mul(splat(a + 40), x2),
      );
      q = f64x2.add(q, f64x2.mul(y2, y2));
    }
  }
  return q;
}

/* @inline */ function jointSmall(d: i32, k: i32, groups: i32): void {
  const mean = means + 8 * d * k;
  const a = factors + 4 * d * (d + 1) * k;
  const constant = splat(constants + 8 * k);
  let to = shares + stride * k;
  let largest = logDensities;
  const end = block + 32 * d * groups;
  for (let x = block; x < end; x += 32 * d, to += 32, largest += 32) {
    keep(settle(constant, squares(d, x, mean, a)), to, largest);
    keep(settle(constant, squares(d, x + 16, mean, a)), to + 16, largest + 16);
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

/** As above for diagonal factors; `step` is 8 bytes from one axis to the next, or 0 for spherical ones. */
/* @inline */ function scaledSquares(d: i32, x: usize, mean: usize, a: usize, step: usize): v128 {
  const y0 = f64x2.mul(splat(a), f64x2.sub(v128.load(x), splat(mean)));
  let q = f64x2.mul(y0, y0);
  if (d > 1) {
    const y1 = f64x2.mul(splat(a + step), f64x2.sub(v128.load(x, 32), splat(mean + 8)));
    q = f64x2.add(q, f64x2.mul(y1, y1));
  }
  if (d > 2) {
    const y2 = f64x2.mul(splat(a + 2 * step), f64x2.sub(v128.load(x, 64), splat(mean + 16)));
    q = f64x2.add(q, f64x2.mul(y2, y2));
  }
  return q;
}

/* @inline */ function jointSmallAxes(d: i32, k: i32, groups: i32): void {
  const mean = means + 8 * d * k;
  const step: usize = form === DIAGONAL ? 8 : 0;
  const a = factors + (form === DIAGONAL ? 8 * d * k : 8 * k);
  const constant = splat(constants + 8 * k);
  let to = shares + stride * k;
  let largest = logDensities;
  const end = block + 32 * d * groups;
  for (let x = block; x < end; x += 32 * d, to += 32, largest += 32) {
    keep(settle(constant, scaledSquares(d, x, mean, a, step)), to, largest);
    keep(settle(constant, scaledSquares(d, x + 16, mean, a, step)), to + 16, largest + 16);
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

/** Diagonal factors: sum_j (f_j (x_j - mu_j))^2; spherical or whitened ones: f^2 sum_j (x_j - mu_j)^2. */
/* @inline */ function jointAxes(
  isScaled: bool,
  k: i32,
  groups: i32,
  x: usize,
  mean: usize,
  factor: usize,
  cut: f64,
): void {
  const d = dimension;
  const constant = splat(constants + 8 * k);
  const common = isScaled ? one() : f64x2.mul(splat(factor), splat(factor));
  const cuts = f64x2.splat(cut);
  let to = shares + stride * k;
  let largest = logDensities;
  for (let group = 0; group < groups; group++, to += 32, largest += 32) {
    let low = f64x2.splat(0);
    let high = low;
    let j = 0;
    while (j < d) {
      const end = min(j + AXES_PER_LOOK, d);
      for (; j < end; j++, x += 32) {
        const m = splat(mean + 8 * j);
        let u = f64x2.sub(v128.load(x), m);
        let v = f64x2.sub(v128.load(x, 16), m);
        if (isScaled) {
          const f = splat(factor + 8 * j);
          u = f64x2.mul(u, f);
          v = f64x2.mul(v, f);
        }
        low = f64x2.add(low, f64x2.mul(u, u));
        high = f64x2.add(high, f64x2.mul(v, v));
      }
      if (j < d && areLost(constant, f64x2.mul(low, common), f64x2.mul(high, common), largest, cuts)) {
        x += 32 * (d - j);
        break;
      }
    }
    keep(settle(constant, isScaled ? low : f64x2.mul(low, common)), to, largest);
    keep(settle(constant, isScaled ? high : f64x2.mul(high, common)), to + 16, largest + 16);
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

/** Component k's terms for the first `groups` groups; rows lie at `x` where they have been whitened. */
function jointOf(k: i32, groups: i32, x: usize, cut: f64): void {
  const d = dimension;
  const hasAxes = form === DIAGONAL || form === SPHERICAL;
  if (hasAxes && d === 1) jointSmallAxes(1, k, groups);
  else if (hasAxes && d === 2) jointSmallAxes(2, k, groups);
  else if (hasAxes && d === 3) jointSmallAxes(3, k, groups);
  else if (form === DIAGONAL) jointAxes(true, k, groups, block, means + 8 * d * k, factors + 8 * d * k, cut);
  else if (form === SPHERICAL) jointAxes(false, k, groups, block, means + 8 * d * k, factors + 8 * k, cut);
  else if (form === TIED) jointAxes(false, k, groups, x, whitenedMeans + 8 * d * k, UNIT, cut);
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
  const canLose = cut < Infinity && dimension > AXES_PER_LOOK && groups > 1;
  const first = canLose ? likeliest(x) : 0;
  jointOf(first, groups, x, cut);
  for (let k = 0; k < components; k++) if (k !== first) jointOf(k, groups, x, cut);
}
