/**
 * Moments of nodes about the centres of their boxes: the formulas are in ../../kde/moments.ts, whose plain loops are the
 * twin of these.
 *
 * Rows of a leaf go four at a time: two pairs of lanes whose products share one load and one store of the sums.
 *
 * @module
 */
import { centre, NODE, sizeOf } from './nodes.js';

/** 1 / n for n < 24; the first is not used. */
const INVERSES: usize = memory.data<f64>(
  [
    1, 1, 0.5, 0.3333333333333333, 0.25, 0.2, 0.16666666666666666, 0.14285714285714285, 0.125, 0.1111111111111111, 0.1,
    0.09090909090909091, 0.08333333333333333, 0.07692307692307693, 0.07142857142857142, 0.06666666666666667, 0.0625,
    0.058823529411764705, 0.05555555555555555, 0.05263157894736842, 0.05, 0.047619047619047616, 0.045454545454545456,
    0.043478260869565216,
  ],
  16,
);
// u^n / n! of four rows along each axis, and the sums of two lanes: at most 24 * 25 / 2 of them.
const FIRST: usize = memory.data(32 * 24, 16);
const SECOND: usize = memory.data(32 * 24, 16);
const SUMS: usize = memory.data(16 * 300, 16);

/**
 * Computes the moments of a node, and of those below it, where they are not there yet: the first, which is the node's
 * weight, is then 0.
 *
 * @param built - Scales at building.
 */
export function fillMoments(
  node: i32,
  columns: i32,
  nodes: usize,
  firstLeaf: i32,
  points: usize,
  weights: usize,
  built: usize,
  moments: usize,
  order: i32,
): void {
  const bytes = <usize>sizeOf(columns, order) * 8;
  const to = moments + <usize>node * bytes;
  if (load<f64>(to) !== 0) return;
  const record = nodes + <usize>node * (NODE + 16 * columns);
  if (node >= firstLeaf) {
    sumLeaf(record, columns, points, weights, built, to, order);
    return;
  }
  const left = 2 * node + 1;
  for (let child = left; child <= left + 1; child++) {
    fillMoments(child, columns, nodes, firstLeaf, points, weights, built, moments, order);
    const other = nodes + <usize>child * (NODE + 16 * columns);
    memory.copy(SUMS, moments + <usize>child * bytes, bytes);
    move(other, record, columns, built, order);
    for (let at: usize = 0; at < bytes; at += 8) store<f64>(to + at, load<f64>(to + at) + load<f64>(SUMS + at));
  }
}

function sumLeaf(
  record: usize,
  columns: i32,
  points: usize,
  weights: usize,
  built: usize,
  to: usize,
  order: i32,
): void {
  const start = <usize>load<f64>(record);
  const count = <i32>(load<f64>(record + 8) - load<f64>(record));
  const axis = points + 8 * start * columns;
  const own = weights ? weights + 8 * start : 0;
  const size = sizeOf(columns, order);
  memory.fill(SUMS, 0, 16 * size);
  for (let i = 0; i < count; i += 4) {
    raise(pairOf(axis, i, count), centre(record, 0), load<f64>(built), weightsOf(own, i, count), order, FIRST);
    raise(
      pairOf(axis, i + 2, count),
      centre(record, 0),
      load<f64>(built),
      weightsOf(own, i + 2, count),
      order,
      FIRST + 16,
    );
    if (columns === 1) {
      for (let n: usize = 0; n < <usize>order; n++) {
        const both = f64x2.add(v128.load(FIRST + 32 * n), v128.load(FIRST + 32 * n, 16));
        v128.store(SUMS + 16 * n, f64x2.add(v128.load(SUMS + 16 * n), both));
      }
      continue;
    }
    const other = axis + 8 * count;
    raise(pairOf(other, i, count), centre(record, 1), load<f64>(built + 8), f64x2.splat(1), order, SECOND);
    raise(pairOf(other, i + 2, count), centre(record, 1), load<f64>(built + 8), f64x2.splat(1), order, SECOND + 16);
    addProducts(order);
  }
  for (let a: usize = 0; a < <usize>size; a++) {
    const pair = v128.load(SUMS + 16 * a);
    store<f64>(to + 8 * a, f64x2.extract_lane(pair, 0) + f64x2.extract_lane(pair, 1));
  }
}

/** Two rows of an axis; beyond the last row, the last. */
/* @inline */ function pairOf(axis: usize, i: i32, count: i32): v128 {
  if (i + 1 < count) return v128.load(axis + 8 * i);
  return v128.load64_splat(axis + 8 * min(i, count - 1));
}

/** Their weights; 0 beyond the last row. */
/* @inline */ function weightsOf(weights: usize, i: i32, count: i32): v128 {
  const first: f64 = i >= count ? 0 : weights ? load<f64>(weights + 8 * i) : 1;
  const second: f64 = i + 1 >= count ? 0 : weights ? load<f64>(weights + 8 * i + 8) : 1;
  return f64x2(first, second);
}

/** Writes first u^n / n! for n < order, 32 bytes apart, with u = (x - center) scale. */
/* @inline */ function raise(x: v128, center: f64, scale: f64, first: v128, order: i32, out: usize): void {
  const u = f64x2.mul(f64x2.sub(x, f64x2.splat(center)), f64x2.splat(scale));
  let power = first;
  v128.store(out, power);
  for (let n: usize = 1; n < <usize>order; n++) {
    power = f64x2.mul(power, f64x2.mul(u, v128.load64_splat(INVERSES + 8 * n)));
    v128.store(out + 32 * n, power);
  }
}

function addProducts(order: i32): void {
  let sums = SUMS;
  for (let a = 0; a < order; a++) {
    const first = v128.load(FIRST + 32 * a);
    const second = v128.load(FIRST + 32 * a, 16);
    let other = SECOND;
    for (let b = a; b < order; b++, sums += 16, other += 32) {
      const both = f64x2.add(f64x2.mul(first, v128.load(other)), f64x2.mul(second, v128.load(other, 16)));
      v128.store(sums, f64x2.add(v128.load(sums), both));
    }
  }
}

/** Moves the moments in {@link SUMS} from the centre of one node to that of another, axis by axis. */
function move(from: usize, to: usize, columns: i32, built: usize, order: i32): void {
  powers((centre(from, 0) - centre(to, 0)) * load<f64>(built), order);
  if (columns === 1) {
    convolve(SUMS, order);
    return;
  }
  // Along the first axis the entry above (a, b) is order - a places behind it.
  for (let a = order - 1; a > 0; a--) {
    const row = SUMS + 8 * rowStart(a, order);
    const count = order - a;
    for (let i = 0; i < a; i++) {
      const power = v128.load64_splat(FIRST + 8 * (a - i));
      const source = SUMS + 8 * rowStart(i, order);
      let b: usize = 0;
      for (; b + 1 < <usize>count; b += 2) {
        const moved = f64x2.mul(power, v128.load(source + 8 * b));
        v128.store(row + 8 * b, f64x2.add(v128.load(row + 8 * b), moved));
      }
      if (b < <usize>count) {
        const moved = f64x2.extract_lane(power, 0) * load<f64>(source + 8 * b);
        store<f64>(row + 8 * b, load<f64>(row + 8 * b) + moved);
      }
    }
  }
  powers((centre(from, 1) - centre(to, 1)) * load<f64>(built + 8), order);
  for (let a = 0; a < order; a++) convolve(SUMS + 8 * rowStart(a, order), order - a);
}

/** Where the moments (a, 0), (a, 1), ... start. */
/* @inline */ function rowStart(a: i32, order: i32): usize {
  return a * order - ((a * (a - 1)) >> 1);
}

/** Writes e^n / n! for n < order. */
function powers(e: f64, order: i32): void {
  let power: f64 = 1;
  store<f64>(FIRST, power);
  for (let n: usize = 1; n < <usize>order; n++) {
    power *= e * load<f64>(INVERSES + 8 * n);
    store<f64>(FIRST + 8 * n, power);
  }
}

/** m_n <- sum_(k <= n) powers_(n - k) m_k, in place from the top. */
function convolve(values: usize, count: i32): void {
  for (let n = count - 1; n > 0; n--) {
    let sum = load<f64>(values + 8 * n);
    for (let k = 0; k < n; k++) sum += load<f64>(FIRST + 8 * (n - k)) * load<f64>(values + 8 * k);
    store<f64>(values + 8 * n, sum);
  }
}
