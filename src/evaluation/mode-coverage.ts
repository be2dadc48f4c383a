/**
 * Mode coverage: do generated rows reach all known modes, and keep to them?
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { cholesky, invertLower } from '../core/linalg.js';
import { checkOptions, number, type OptionTable, option } from '../core/options.js';
import { readSamples, type Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { logGamma } from '../core/special-functions.js';
import { readWeights } from '../core/weights.js';

/** K known Gaussian modes of d columns; a `GaussianMixtureModel` is one of these. Give one of the two spreads. */
export interface KnownModes {
  /** Centres, K x d. */
  readonly means: SamplesLike;
  /** The standard deviation of all modes along all columns. */
  readonly standardDeviation?: number;
  /** K covariance matrices, d x d. */
  readonly covariances?: readonly SamplesLike[];
  /** Shares of the modes, K numbers of which only ratios matter; equal unless given. */
  readonly weights?: ArrayLike<number>;
}

/** Options of {@link modeCoverage}. */
export interface ModeCoverageOptions {
  /** Mahalanobis distance to the nearest mode below which a row is of high quality; 3 unless told otherwise. */
  readonly threshold?: number;
}

/** What {@link modeCoverage} finds. */
export interface ModeCoverage {
  /** K, the number of modes. */
  readonly modes: number;
  /** Modes that have a row of high quality. */
  readonly captured: number;
  /** Share of rows of high quality. */
  readonly highQuality: number;
  /** Its standard error. */
  readonly highQualityStandardError: number;
  /** The share that the modes themselves would have, were they far apart: P(chi^2_d < threshold^2), 0.98889 for d = 2. */
  readonly idealHighQuality: number;
  /** Rows of high quality at each mode. */
  readonly counts: Uint32Array;
  /**
   * KL(q | w) from the shares q of the rows of high quality to those of the modes, in nats; infinite without such rows.
   */
  readonly reverseKullbackLeibler: number;
  /** Its standard error. */
  readonly reverseKullbackLeiblerStandardError: number;
}

/** The option table of {@link modeCoverage}. */
export const MODE_COVERAGE_OPTIONS: OptionTable<ModeCoverageOptions> = {
  threshold: option(number({ above: 0 }), 3),
};

/**
 * How many of the known modes generated rows reach, and how many of the rows belong to one.
 *
 *     a row x is of high quality if  min_k sqrt((x - mu_k)^T C_k^-1 (x - mu_k)) < threshold;  it then counts for that mode k
 *     reverse KL = sum_k q_k log(q_k / w_k),     q_k = counts_k / sum counts
 *     standard error  s^2 = Var_q[log(q / w)] / n' + (K' - 1) / (2 n'^2)
 *
 * for n' rows of high quality at K' modes. This is the protocol of PacGAN: modes of a ring or grid whose spread is known, 2,500
 * generated rows, a mode captured by one row of high quality. It is for benchmarks on made-up data; {@link precisionAndRecall}
 * asks the same where modes are unknown.
 *
 * Shapes: n x d rows, K x d means. Cost: O(n K d^2), or O(n K d) with one standard deviation.
 *
 * Reference: Lin, Khetan, Fanti & Oh (2018), *PacGAN: the power of two samples in generative adversarial networks*,
 * arXiv:1712.04086.
 *
 * @param rows - Generated rows, at least one.
 * @param modes - The modes they should reach.
 * @throws ModelError for rows, modes or options that will not do.
 * @example
 * const modes = { means: [[-4, 0], [0, 0], [4, 0]], standardDeviation: 0.1 };
 * const result = modeCoverage([[-4, 0.1], [0.2, 0], [0, 0], [2, 0]], modes);
 * result.captured; // 2
 * result.highQuality; // 0.75
 * result.counts; // Uint32Array [ 1, 2, 0 ]
 */
export function modeCoverage(rows: SamplesLike, modes: KnownModes, options?: ModeCoverageOptions): ModeCoverage {
  const owner = 'modeCoverage';
  const checked = checkOptions(owner, MODE_COVERAGE_OPTIONS, options);
  const threshold = checked.threshold as number;
  const { means, whiteners, shares } = readModes(owner, modes);
  const samples = viewSamples(rows, { owner });
  if (samples.columns !== means.columns) {
    const must = `rows must have as many columns as the modes, ${means.columns}`;
    throw modelError('shape-mismatch', { owner, must, got: samples.columns });
  }
  const counts = new Uint32Array(means.rows);
  for (let i = 0; i < samples.rows; i++) {
    const { mode, square } = nearestMode(samples, i, means, whiteners);
    if (Math.sqrt(square) < threshold) counts[mode]++;
  }
  const high = counts.reduce((sum, count) => sum + count, 0);
  const highQuality = high / samples.rows;
  const divergence = divergenceOfShares(counts, high, shares);
  return {
    modes: means.rows,
    captured: counts.reduce((sum, count) => sum + (count > 0 ? 1 : 0), 0),
    highQuality,
    highQualityStandardError: Math.sqrt((highQuality * (1 - highQuality)) / samples.rows),
    idealHighQuality: lowerGamma(means.columns / 2, threshold ** 2 / 2),
    counts,
    reverseKullbackLeibler: divergence.value,
    reverseKullbackLeiblerStandardError: divergence.standardError,
  };
}

/** Modes, checked, in the form that distances need. */
interface ReadModes {
  readonly means: Samples;
  /** L^-1 of each covariance L L^T, row-major. */
  readonly whiteners: readonly Float64Array[];
  /** Shares, summing to 1. */
  readonly shares: Float64Array;
}

function readModes(owner: string, modes: KnownModes): ReadModes {
  if (typeof modes !== 'object' || modes === null) {
    const must = 'modes must be an object with means, and standardDeviation or covariances';
    throw modelError('invalid-data', { owner, must, got: modes });
  }
  const given = reading('invalid-data', owner, 'modes', () => ({
    means: modes.means,
    standardDeviation: modes.standardDeviation,
    covariances: modes.covariances,
    weights: modes.weights,
  }));
  const means = readSamples(given.means, { owner, name: 'modes.means' });
  const weights = given.weights === undefined ? undefined : readWeights(given.weights, means.rows, owner);
  const shares = Float64Array.from({ length: means.rows }, (_, k) =>
    weights === undefined ? 1 / means.rows : weights.values[k] / weights.total,
  );
  const { standardDeviation, covariances } = given;
  if ((standardDeviation === undefined) === (covariances === undefined)) {
    const must = 'modes must hold one of standardDeviation and covariances';
    throw modelError('invalid-data', { owner, must });
  }
  const whiteners =
    covariances === undefined
      ? equalWhiteners(owner, standardDeviation, means)
      : readCovariances(owner, covariances, means);
  return { means, whiteners, shares };
}

function equalWhiteners(owner: string, deviation: unknown, { rows, columns: d }: Samples): Float64Array[] {
  if (typeof deviation !== 'number' || !(deviation > 0 && deviation < Number.POSITIVE_INFINITY)) {
    const must = 'modes.standardDeviation must be a finite number > 0';
    throw modelError('invalid-data', { owner, must, got: deviation });
  }
  const whitener = new Float64Array(d * d);
  for (let j = 0; j < d; j++) whitener[j * d + j] = 1 / deviation;
  return Array.from({ length: rows }, () => whitener);
}

function readCovariances(owner: string, covariances: unknown, { rows, columns: d }: Samples): Float64Array[] {
  if (!Array.isArray(covariances) || covariances.length !== rows) {
    const must = `modes.covariances must be an array of ${rows} matrices`;
    throw modelError('shape-mismatch', { owner, must, got: covariances });
  }
  return Array.from(covariances as readonly SamplesLike[], (given, k) => {
    const matrix = readSamples(given, { owner, name: `modes.covariances[${k}]` });
    if (matrix.rows !== d || matrix.columns !== d) {
      const must = `modes.covariances[${k}] must be ${d} x ${d}`;
      throw modelError('shape-mismatch', { owner, must, got: `${matrix.rows} x ${matrix.columns}` });
    }
    const factor = isSymmetric(matrix) ? cholesky(matrix.data, d) : undefined;
    if (factor) return invertLower(factor.lower, d);
    const must = `modes.covariances[${k}] must be symmetric and positive definite`;
    throw modelError('not-positive-definite', { owner, must });
  });
}

/** Symmetric but for what computing it may have left. */
function isSymmetric({ data, rows: d }: Samples): boolean {
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < i; j++) {
      const size = Math.sqrt(Math.abs(data[i * d + i] * data[j * d + j]));
      if (Math.abs(data[i * d + j] - data[j * d + i]) > 1e-9 * size) return false;
    }
  }
  return true;
}

/** The mode of the least squared Mahalanobis distance |L^-1 (x - mu)|^2. */
function nearestMode(
  samples: Samples,
  row: number,
  means: Samples,
  whiteners: readonly Float64Array[],
): { mode: number; square: number } {
  const d = samples.columns;
  let nearest = { mode: 0, square: Number.POSITIVE_INFINITY };
  for (let k = 0; k < means.rows; k++) {
    const whitener = whiteners[k];
    let square = 0;
    for (let i = 0; i < d; i++) {
      let entry = 0;
      for (let j = 0; j <= i; j++) {
        entry += whitener[i * d + j] * (samples.data[row * d + j] - means.data[k * d + j]);
      }
      square += entry * entry;
    }
    if (square < nearest.square) nearest = { mode: k, square };
  }
  return nearest;
}

/** KL(q | w) of counts against shares, with its standard error by the delta method. */
function divergenceOfShares(
  counts: Uint32Array,
  total: number,
  shares: Float64Array,
): { value: number; standardError: number } {
  let value = 0;
  let seen = 0;
  for (const [k, count] of counts.entries()) {
    if (count === 0) continue;
    seen++;
    value += (count / total) * Math.log(count / total / shares[k]);
  }
  if (seen === 0 || value === Number.POSITIVE_INFINITY) {
    return { value: Number.POSITIVE_INFINITY, standardError: Number.POSITIVE_INFINITY };
  }
  let variance = 0;
  for (const [k, count] of counts.entries()) {
    if (count > 0) variance += (count / total) * (Math.log(count / total / shares[k]) - value) ** 2;
  }
  // Rounding may leave a hair below zero where all shares are met.
  value = Math.max(value, 0);
  return { value, standardError: Math.sqrt(variance / total + (seen - 1) / (2 * total * total)) };
}

/**
 * P(a, x), the regularised lower incomplete gamma function, by its series: P(chi^2_d < t^2) = P(d / 2, t^2 / 2).
 *
 * Reference: Abramowitz & Stegun (1964), 6.5.29.
 */
function lowerGamma(a: number, x: number): number {
  // Beyond this nothing is left of the tail.
  if (x > a + 40 + 12 * Math.sqrt(a)) return 1;
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return Math.min(1, Math.exp(a * Math.log(x) - x - logGamma(a + 1)) * sum);
}
