/**
 * What the M-step needs to know of the data, gathered by the E-step block by block.
 *
 * Sums are taken about each component's current mean mu_k, never about the origin, so that nothing cancels wherever the
 * data lie. With responsibilities r_ik and row weights w_i,
 *
 *     mass_k    = sum_i w_i r_ik
 *     shift_k   = sum_i w_i r_ik (x_i - mu_k)
 *     scatter_k = sum_i w_i r_ik (x_i - mu_k)(x_i - mu_k)^T
 *
 * No N x K matrix of responsibilities is ever held.
 *
 * @module
 */

/** Sufficient statistics of a mixture about given centres. */
export interface Statistics {
  readonly components: number;
  readonly dimension: number;
  /** Whether {@link scatter} holds only the d diagonal entries per component, as in the mixture they are taken of. */
  readonly diagonal: boolean;
  /** K. */
  readonly mass: Float64Array;
  /** K x d. */
  readonly shift: Float64Array;
  /** Rows of the lower triangles, d (d + 1) / 2 numbers per component, or d if diagonal. */
  readonly scatter: Float64Array;
  /** sum_i w_i log p(x_i), in nats. */
  logDensity: number;
}

/** Statistics of no rows, for a mixture of this layout. */
export function emptyStatistics({
  components,
  dimension,
  diagonal,
}: Pick<Statistics, 'components' | 'dimension' | 'diagonal'>): Statistics {
  const size = diagonal ? dimension : (dimension * (dimension + 1)) / 2;
  return {
    components,
    dimension,
    diagonal,
    mass: new Float64Array(components),
    shift: new Float64Array(components * dimension),
    scatter: new Float64Array(components * size),
    logDensity: 0,
  };
}

/** Adds one block: the `count` rows from `first` on, with w_i r_ik in `shares[k * stride + i]`. */
export function addBlock(
  statistics: Statistics,
  means: Float64Array,
  data: Float64Array,
  first: number,
  count: number,
  shares: Float64Array,
  stride: number,
): void {
  const add = adderFor(statistics);
  for (let k = 0; k < statistics.components; k++) add(statistics, means, k, data, first, count, shares, k * stride);
}

type Adder = (
  statistics: Statistics,
  means: Float64Array,
  k: number,
  data: Float64Array,
  first: number,
  count: number,
  shares: Float64Array,
  offset: number,
) => void;

function adderFor({ dimension, diagonal }: Statistics): Adder {
  if (dimension === 1) return add1;
  if (dimension === 2) return add2;
  if (dimension === 3) return add3;
  return diagonal ? addDiagonal : addTriangular;
}

// Each block is summed on its own and then added, which keeps the rounding of long sums small.

const add1: Adder = ({ mass, shift, scatter }, means, k, data, first, count, shares, offset) => {
  const mean = means[k];
  let [m, s, q] = [0, 0, 0];
  for (let i = 0; i < count; i++) {
    const share = shares[offset + i];
    const x = data[first + i] - mean;
    m += share;
    s += share * x;
    q += share * x * x;
  }
  mass[k] += m;
  shift[k] += s;
  scatter[k] += q;
};

const add2: Adder = ({ mass, shift, scatter }, means, k, data, first, count, shares, offset) => {
  const [mean0, mean1] = [means[2 * k], means[2 * k + 1]];
  let [m, s0, s1, q00, q10, q11] = [0, 0, 0, 0, 0, 0];
  for (let i = 0, from = 2 * first; i < count; i++, from += 2) {
    const share = shares[offset + i];
    const x0 = data[from] - mean0;
    const x1 = data[from + 1] - mean1;
    const t0 = share * x0;
    const t1 = share * x1;
    m += share;
    s0 += t0;
    s1 += t1;
    q00 += t0 * x0;
    q10 += t1 * x0;
    q11 += t1 * x1;
  }
  mass[k] += m;
  shift[2 * k] += s0;
  shift[2 * k + 1] += s1;
  addTo(scatter, 3 * k, q00, q10, q11);
};

const add3: Adder = ({ mass, shift, scatter }, means, k, data, first, count, shares, offset) => {
  const [mean0, mean1, mean2] = [means[3 * k], means[3 * k + 1], means[3 * k + 2]];
  let [m, s0, s1, s2] = [0, 0, 0, 0];
  let [q00, q10, q11, q20, q21, q22] = [0, 0, 0, 0, 0, 0];
  for (let i = 0, from = 3 * first; i < count; i++, from += 3) {
    const share = shares[offset + i];
    const x0 = data[from] - mean0;
    const x1 = data[from + 1] - mean1;
    const x2 = data[from + 2] - mean2;
    const t0 = share * x0;
    const t1 = share * x1;
    const t2 = share * x2;
    m += share;
    s0 += t0;
    s1 += t1;
    s2 += t2;
    q00 += t0 * x0;
    q10 += t1 * x0;
    q11 += t1 * x1;
    q20 += t2 * x0;
    q21 += t2 * x1;
    q22 += t2 * x2;
  }
  mass[k] += m;
  addTo(shift, 3 * k, s0, s1, s2);
  addTo(scatter, 6 * k, q00, q10, q11, q20, q21, q22);
};

function addTo(target: Float64Array, start: number, ...terms: number[]): void {
  for (let i = 0; i < terms.length; i++) target[start + i] += terms[i];
}

const addDiagonal: Adder = (statistics, means, k, data, first, count, shares, offset) => {
  const { dimension: d, mass, shift, scatter } = statistics;
  const sums = new Float64Array(2 * d);
  let m = 0;
  for (let i = 0; i < count; i++) {
    const share = shares[offset + i];
    if (share === 0) continue;
    m += share;
    const from = (first + i) * d;
    for (let j = 0; j < d; j++) {
      const x = data[from + j] - means[k * d + j];
      sums[j] += share * x;
      sums[d + j] += share * x * x;
    }
  }
  mass[k] += m;
  for (let j = 0; j < d; j++) {
    shift[k * d + j] += sums[j];
    scatter[k * d + j] += sums[d + j];
  }
};

const addTriangular: Adder = (statistics, means, k, data, first, count, shares, offset) => {
  const { dimension: d, mass, shift, scatter } = statistics;
  const size = (d * (d + 1)) / 2;
  const x = new Float64Array(d);
  const sums = new Float64Array(d);
  const squares = new Float64Array(size);
  let m = 0;
  for (let i = 0; i < count; i++) {
    const share = shares[offset + i];
    if (share === 0) continue;
    m += share;
    const from = (first + i) * d;
    for (let j = 0; j < d; j++) x[j] = data[from + j] - means[k * d + j];
    let next = 0;
    for (let row = 0; row < d; row++) {
      const t = share * x[row];
      sums[row] += t;
      for (let j = 0; j <= row; j++) squares[next++] += t * x[j];
    }
  }
  mass[k] += m;
  for (let j = 0; j < d; j++) shift[k * d + j] += sums[j];
  for (let j = 0; j < size; j++) scatter[k * size + j] += squares[j];
};
