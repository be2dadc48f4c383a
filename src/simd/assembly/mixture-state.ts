/**
 * Where the mixture's numbers lie, set once by `configure`, and how a block of rows is laid out.
 *
 * A block holds rows in groups of four, each axis by axis: axis j of row i is the double at
 * `block + 32 (d floor(i / 4) + j) + 8 (i mod 4)`. Vectors run over rows, and one group is contiguous, which keeps both
 * the triangular products over axes and the sums over rows within the first-level cache.
 *
 * @module
 */

/** Forms of covariance. In the order of COVARIANCE_FORMS in ../mixture-loops.ts. */
export const TRIANGULAR = 0;
export const DIAGONAL = 1;
export const SPHERICAL = 2;
export const TIED = 3;

export let form: i32 = 0;
/** K. */
export let components: i32 = 0;
/** d. */
export let dimension: i32 = 0;
/** Bytes from one component's shares to the next one's. */
export let stride: usize = 0;
/** K x d means. */
export let means: usize = 0;
/** Factors, as the form has them. */
export let factors: usize = 0;
/** K constants. */
export let constants: usize = 0;
/** The block's rows, row-major, and their weights; where the first that are held stand. */
export let rows: usize = 0;
export let weights: usize = 0;
let firstRow: usize = 0;
let firstWeight: usize = 0;
/** K shares for each row, and each row's log-density (before that, its sum of powers). */
export let shares: usize = 0;
export let logDensities: usize = 0;
/** Statistics. */
export let mass: usize = 0;
export let shift: usize = 0;
export let scatter: usize = 0;
/** The block in groups; the same centred; the same centred and weighted. */
export let block: usize = 0;
export let centred: usize = 0;
export let weighted: usize = 0;
/** Row numbers. */
export let places: usize = 0;
/** The triangles in panels; see panels.ts. */
export let panels: usize = 0;
/** Four numbers per axis. */
export let sums: usize = 0;
/** Bytes from one component's panels to the next one's. */
export let panelsStride: usize = 0;
/** K x d, for tied covariances. */
export let whitenedMeans: usize = 0;
/** Constants and factors in powers of 2; see mixture-joint.ts. */
export let scaledConstants: usize = 0;
export let scaledFactors: usize = 0;
/** Each row's largest term, where it is asked for. */
export let largest: usize = 0;
/** For mixture-dots.ts: the middle of the means; means in panels; constants and squares of factors; |y|^2 of each row. */
export let middle: usize = 0;
export let dots: usize = 0;
export let dotConstants: usize = 0;
export let norms: usize = 0;
/** Eight whitened rows, or two components' sums. */
export let whitened: usize = 0;
/** For mixture-triangles.ts: widths of panels, and stages; the component that each row is taken with first. */
export let widths: usize = 0;
export let stages: usize = 0;
export let firsts: usize = 0;
/** For mixture-monomials.ts. */
export let monomials: usize = 0;

/** Sets all of the above. */
export function configure(
  formGiven: i32,
  componentsGiven: i32,
  dimensionGiven: i32,
  strideGiven: usize,
  panelsStrideGiven: usize,
  addresses: usize,
): void {
  form = formGiven;
  components = componentsGiven;
  dimension = dimensionGiven;
  stride = strideGiven;
  panelsStride = panelsStrideGiven;
  means = address(addresses, 0);
  factors = address(addresses, 1);
  constants = address(addresses, 2);
  rows = address(addresses, 3);
  weights = address(addresses, 4);
  shares = address(addresses, 5);
  logDensities = address(addresses, 6);
  mass = address(addresses, 7);
  shift = address(addresses, 8);
  scatter = address(addresses, 9);
  block = address(addresses, 10);
  centred = address(addresses, 11);
  weighted = address(addresses, 12);
  places = address(addresses, 13);
  panels = address(addresses, 14);
  whitenedMeans = address(addresses, 15);
  sums = address(addresses, 16);
  scaledConstants = address(addresses, 17);
  scaledFactors = address(addresses, 18);
  largest = address(addresses, 19);
  middle = address(addresses, 20);
  dots = address(addresses, 21);
  dotConstants = address(addresses, 22);
  norms = address(addresses, 23);
  whitened = address(addresses, 24);
  widths = address(addresses, 25);
  stages = address(addresses, 26);
  firsts = address(addresses, 27);
  monomials = address(addresses, 28);
  firstRow = rows;
  firstWeight = weights;
}

/** Makes the rows from this number on those of the block. */
export function turnTo(first: i32): void {
  rows = firstRow + 8 * dimension * first;
  weights = firstWeight + 8 * first;
}

/* @inline */ function address(addresses: usize, index: i32): usize {
  return <usize>load<f64>(addresses + 8 * index);
}

/** Numbers in a triangle. */
export function triangleSize(): i32 {
  return (dimension * (dimension + 1)) >> 1;
}

/** Lays `count` rows out in groups of four; the last group is filled up with zeros, as the rows themselves are. */
export function layOutRows(count: i32): void {
  const d = dimension;
  memory.fill(rows + 8 * d * count, 0, 8 * d * (-count & 3));
  const whole = count >> 2;
  for (let group = 0; group < whole; group++) layOutFour(rows + 32 * d * group, block + 32 * d * group);
  const last = block + 32 * d * whole;
  for (let i = 4 * whole; i < ((count + 3) & ~3); i++) {
    const from = rows + 8 * d * i;
    for (let j = 0; j < d; j++) store<f64>(last + 32 * j + 8 * (i & 3), i < count ? load<f64>(from + 8 * j) : 0);
  }
}

/** Four rows of d numbers become d quadruples. */
/* @inline */ function layOutFour(from: usize, to: usize): void {
  const size = 8 * dimension;
  const end = to + 32 * (dimension & ~1);
  for (; to < end; from += 16, to += 64) {
    const a = v128.load(from);
    const b = v128.load(from + size);
    const c = v128.load(from + 2 * size);
    const e = v128.load(from + 3 * size);
    v128.store(to, v128.shuffle<f64>(a, b, 0, 2));
    v128.store(to, v128.shuffle<f64>(c, e, 0, 2), 16);
    v128.store(to, v128.shuffle<f64>(a, b, 1, 3), 32);
    v128.store(to, v128.shuffle<f64>(c, e, 1, 3), 48);
  }
  if ((dimension & 1) === 0) return;
  v128.store(to, v128.load64_lane(from + size, v128.load64_zero(from), 1));
  v128.store(to, v128.load64_lane(from + 3 * size, v128.load64_zero(from + 2 * size), 1), 16);
}
