/**
 * The E-step for rows with missing values: responsibilities and expected statistics given what is there.
 *
 * With b the columns that are there, a the rest, R as in `split.ts` and y = R_bb^-1 (x_b - mu_b), the deviation of a whole
 * row from mu_k has
 *
 *     E[x - mu_k | x_b, k]   = R_b y,     R_b = (R_bb; R_ab)
 *     Cov[x | x_b, k]        = (0; R_aa) (0; R_aa)^T
 *
 * so that the M-step's statistics follow from sums of y alone, one pattern of missing values at a time:
 *
 *     mass    = sum_i w_i r_ik
 *     shift   = R_b sum_i w_i r_ik y_i
 *     scatter = R_b (sum_i w_i r_ik y_i y_i^T) R_b^T + mass (0; R_aa) (0; R_aa)^T
 *
 * The M-step is then that of complete rows, and the log-likelihood of what is there never falls.
 *
 * Reference: Ghahramani & Jordan (1994), *Supervised learning from incomplete data via an EM approach*; Little & Rubin
 * (2002), *Statistical Analysis with Missing Data*, section 11.
 *
 * @module
 */
import type { Cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import type { CovarianceForm } from '../simd/index.js';
import { expectation, type WeightedRows } from './expectation.js';
import type { PatternRows } from './incomplete-rows.js';
import { whitenAs } from './log-joint.js';
import type { MixtureParameters } from './parameters.js';
import { type ComponentSplit, type Split, splitAt } from './split.js';
import type { Statistics } from './statistics.js';

/**
 * One pass over the rows of all patterns. Complete rows go through the compiled loops.
 *
 * Cost: O(N K d^2), and O(K d^3) for each pattern.
 */
export async function incompleteExpectation(
  patterns: readonly PatternRows[],
  parameters: MixtureParameters,
  factors: readonly Cholesky[],
  form: CovarianceForm,
  pacer: Pacer,
): Promise<Statistics> {
  const { components, dimension: d } = parameters;
  const diagonal = form === 'diagonal' || form === 'spherical';
  const statistics: Statistics = {
    components,
    dimension: d,
    diagonal,
    mass: new Float64Array(components),
    shift: new Float64Array(components * d),
    scatter: new Float64Array(components * (diagonal ? d : (d * (d + 1)) / 2)),
    pooled: false,
    logDensity: 0,
  };
  for (const { observed, rows } of patterns) {
    if (observed.length === d) add(statistics, await expectation(rows, whitenAs(form, parameters, factors), pacer));
    else await addPattern(statistics, splitAt({ parameters, factors }, observed), rows, pacer);
    if (pacer.isDue) await pacer.breathe();
  }
  return statistics;
}

function add(to: Statistics, from: Statistics): void {
  for (const name of ['mass', 'shift', 'scatter'] as const) {
    for (let i = 0; i < to[name].length; i++) to[name][i] += from[name][i];
  }
  to.logDensity += from.logDensity;
}

/** Sums over the rows of one pattern and component: w r, w r y and the lower triangle of w r y y^T. */
interface Sums {
  mass: number;
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** How many rows there may be between two looks at the clock. */
const ROWS_PER_LOOK = 256;

async function addPattern(statistics: Statistics, split: Split, rows: WeightedRows, pacer: Pacer): Promise<void> {
  const q = rows.columns;
  const sums: Sums[] = split.components.map(() => ({
    mass: 0,
    first: new Float64Array(q),
    second: new Float64Array(q * q),
  }));
  const shares = new Float64Array(split.components.length);
  const y = new Float64Array(split.components.length * q);
  for (let i = 0; i < rows.rows; i++) {
    const weight = rows.weights?.[i] ?? 1;
    statistics.logDensity += weight * shareWhitened(split, rows.data, i * q, y, shares);
    for (let k = 0; k < shares.length; k++) addRow(sums[k], weight * shares[k], y, k * q);
    if (i % ROWS_PER_LOOK === 0 && pacer.isDue) await pacer.breathe();
  }
  for (let k = 0; k < sums.length; k++) addSums(statistics, split, k, sums[k]);
}

/** Writes each component's y and share for the row at `x[at]`, and returns log p(x_b). */
function shareWhitened(
  { marginal }: Split,
  x: Float64Array,
  at: number,
  y: Float64Array,
  shares: Float64Array,
): number {
  const { dimension: q, means, inverses, constants } = marginal;
  let largest = Number.NEGATIVE_INFINITY;
  for (let k = 0; k < shares.length; k++) {
    let squares = 0;
    for (let i = 0; i < q; i++) {
      let sum = 0;
      for (let j = 0; j <= i; j++) sum += inverses[k][i * q + j] * (x[at + j] - means[k * q + j]);
      y[k * q + i] = sum;
      squares += sum * sum;
    }
    shares[k] = constants[k] - 0.5 * squares;
    if (shares[k] > largest) largest = shares[k];
  }
  let total = 0;
  for (let k = 0; k < shares.length; k++) {
    shares[k] = Math.exp(shares[k] - largest);
    total += shares[k];
  }
  for (let k = 0; k < shares.length; k++) shares[k] /= total;
  return largest + Math.log(total);
}

function addRow(sums: Sums, share: number, y: Float64Array, at: number): void {
  if (share === 0) return;
  const q = sums.first.length;
  sums.mass += share;
  for (let i = 0; i < q; i++) {
    const t = share * y[at + i];
    sums.first[i] += t;
    for (let j = 0; j <= i; j++) sums.second[i * q + j] += t * y[at + j];
  }
}

/** Turns sums of y into sums over whole rows, and adds them. */
function addSums(statistics: Statistics, split: Split, k: number, sums: Sums): void {
  const { dimension: d, diagonal, mass, shift, scatter } = statistics;
  const order = [...split.given, ...split.rest];
  const [q, size] = [split.given.length, diagonal ? d : (d * (d + 1)) / 2];
  const r = firstColumns(split.components[k], q, d);
  mass[k] += sums.mass;
  const half = new Float64Array(d * q);
  for (let row = 0; row < d; row++) {
    // R_bb is a triangle.
    const width = Math.min(row + 1, q);
    for (let i = 0; i < width; i++) {
      const entry = r[row * q + i];
      shift[k * d + order[row]] += entry * sums.first[i];
      for (let j = 0; j <= i; j++) half[row * q + j] += entry * sums.second[i * q + j];
      for (let j = i + 1; j < q; j++) half[row * q + j] += entry * sums.second[j * q + i];
    }
  }
  for (let a = 0; a < d; a++) {
    for (let b = diagonal ? a : 0; b <= a; b++) {
      let sum = sums.mass * restCovariance(split.components[k], a - q, b - q, d - q);
      const width = Math.min(b + 1, q);
      for (let j = 0; j < width; j++) sum += half[a * q + j] * r[b * q + j];
      const [high, low] = order[a] > order[b] ? [order[a], order[b]] : [order[b], order[a]];
      scatter[k * size + (diagonal ? high : (high * (high + 1)) / 2 + low)] += sum;
    }
  }
}

/** R_b, d x q: R_bb above R_ab. */
function firstColumns({ given, gain }: ComponentSplit, q: number, d: number): Float64Array {
  const r = new Float64Array(d * q);
  r.set(given);
  r.set(gain, q * q);
  return r;
}

/** Entry (a, b) of R_aa R_aa^T, b <= a; nothing outside it. */
function restCovariance({ rest }: ComponentSplit, a: number, b: number, p: number): number {
  if (b < 0) return 0;
  let sum = 0;
  for (let t = 0; t <= b; t++) sum += rest[a * p + t] * rest[b * p + t];
  return sum;
}
