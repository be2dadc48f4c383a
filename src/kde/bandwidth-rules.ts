/**
 * Rules: bandwidths computed from the spread of the rows, without a search.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { symmetricEigen } from '../core/linalg.js';
import type { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import type { Kernel } from '../kernels/kernel.js';
import { type Bandwidth, diagonalBandwidth, matrixBandwidth, scaleBandwidth } from './bandwidth.js';
import { improvedSheatherJones } from './improved-sheather-jones.js';
import type { BandwidthShape } from './options.js';
import { type Column, GIVE_A_NUMBER, robustDeviation, standardDeviation } from './spread.js';

/** The best factors to the standard deviation of normal data, for n (effective) rows in d dimensions. */
const scottFactor = (n: number, d: number): number => n ** (-1 / (d + 4));
const silvermanFactor = (n: number, d: number): number => ((n * (d + 2)) / 4) ** (-1 / (d + 4));

/** What a rule makes of one axis of d: the standard deviation that smoothing should have there. */
type AxisRule = (axis: Column, d: number, owner: string, warnings: string[]) => number;

/** The names of the rules that need no search. */
type AxisRuleName = 'scott' | 'silverman' | 'normal-reference' | 'improved-sheather-jones';

/** The rules that need no search. */
const AXIS_RULES: Readonly<Record<AxisRuleName, AxisRule>> = {
  /** n^(-1 / (d + 4)) s. Reference: Scott (1992), *Multivariate Density Estimation*, section 6.3.2. */
  scott: (axis, d, owner) => scottFactor(axis.weights.effective, d) * standardDeviation(axis, owner),
  /** (n (d + 2) / 4)^(-1 / (d + 4)) s. Reference: Silverman (1986), *Density Estimation*, section 4.3.2. */
  silverman: (axis, d, owner) => silvermanFactor(axis.weights.effective, d) * standardDeviation(axis, owner),
  /** Silverman's, with the robust deviation in place of s. Reference: Silverman (1986), section 3.4.2. */
  'normal-reference': (axis, d, owner) => silvermanFactor(axis.weights.effective, d) * robustDeviation(axis, owner),
  /**
   * The axis on its own, by Botev, Grotowski and Kroese's method; in d > 1 dimensions times what Silverman's factor changes
   * from 1 to d.
   */
  'improved-sheather-jones': (axis, d, owner, warnings) => {
    const n = axis.weights.effective;
    // Refuses what no rule can judge.
    const fallback = silvermanFactor(n, d) * robustDeviation(axis, owner);
    const found = improvedSheatherJones(axis);
    if (found !== undefined) return (found * silvermanFactor(n, d)) / silvermanFactor(n, 1);
    warnings.push(
      `the improved Sheather-Jones equation has no solution for ${axis.name}; "normal-reference" stands in for it there.`,
    );
    return fallback;
  },
};

/**
 * The bandwidth of a rule, in the kernel's own scale: smoothing by a rule's standard deviation, divided by the standard
 * deviation of the kernel along one axis, so that every kernel smooths alike.
 *
 * - `'diagonal'`: the rule on each column.
 * - `'scalar'`: the root mean square of these, for all columns: the same whichever way the columns are turned.
 * - `'full'`: the rule along each principal axis of the correlation: H = D V diag(b_k^2) V^T D, with D the standard
 *   deviations. For Scott's and Silverman's rules this is factor^2 times the covariance, as in SciPy's `gaussian_kde`.
 *
 * n is Kish's effective number of rows.
 *
 * @param warnings - Takes a sentence for each axis on which the rule gave way to another.
 * @throws ModelError `degenerate-data` for a column without spread, or for columns that depend on each other.
 */
export function ruleBandwidth(
  rule: AxisRuleName,
  shape: BandwidthShape,
  samples: Samples,
  weights: RowWeights,
  kernel: Kernel,
  owner: string,
  warnings: string[],
): Bandwidth {
  const d = samples.columns;
  // At an effective number of 1 the unbiased variance is 0 / 0; a little above, it has no digits.
  if (samples.rows > 1 && !(weights.effective > 1 + 2 ** -40)) {
    const must = 'the weights must not all but lie on one row to choose a bandwidth';
    throw modelError('degenerate-data', { owner, must, remedy: GIVE_A_NUMBER });
  }
  const columns = columnsOf(samples, weights);
  const judge = (axis: Column): number => AXIS_RULES[rule](axis, d, owner, warnings);
  const unit = [1 / Math.sqrt(kernel.variance(d))];
  if (shape === 'full' && d > 1) return scaleBandwidth(principalBandwidth(columns, judge, owner), unit);
  const spreads = Float64Array.from(columns, judge);
  if (shape === 'scalar') spreads.fill(rootMeanSquare(spreads));
  const bandwidth = scaleBandwidth(diagonalBandwidth(spreads), unit);
  for (let j = 0; j < d; j++) {
    if (bandwidth.columns[j] > 0 && bandwidth.columns[j] < Number.POSITIVE_INFINITY) continue;
    throw modelError('degenerate-data', {
      owner,
      must: `the spread of column ${j} must be within the range of doubles`,
      remedy: 'Scale the column, or give the bandwidth as a number',
    });
  }
  return bandwidth;
}

function columnsOf({ data, rows, columns }: Samples, weights: RowWeights): Column[] {
  return Array.from({ length: columns }, (_, j) => {
    const values = Float64Array.from({ length: rows }, (_, i) => data[i * columns + j]);
    return { values, weights, name: `column ${j}` };
  });
}

/** In units of the largest, so that squares neither overflow nor vanish. */
function rootMeanSquare(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, value));
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0) / values.length);
}

/** Below this share of the largest, a variance along a principal axis is rounding. */
const LEAST_VARIANCE = 1e-12;

/** The matrix of a rule along the principal axes of the correlation. */
function principalBandwidth(columns: readonly Column[], judge: (axis: Column) => number, owner: string): Bandwidth {
  const d = columns.length;
  const { weights } = columns[0];
  const deviations = columns.map((column) => standardDeviation(column, owner));
  const standardized = columns.map((column, j) => centred(column, deviations[j]));
  const correlation = Float64Array.from({ length: d * d }, (_, i) =>
    weightedMean(standardized[Math.floor(i / d)], standardized[i % d], weights),
  );
  const { values, vectors } = symmetricEigen(correlation, d);
  if (!(values[0] > LEAST_VARIANCE * values[d - 1])) {
    throw modelError('degenerate-data', {
      owner,
      must: 'for bandwidthShape "full" no column may follow from the others, and there must be more rows than columns',
      remedy: 'Use "diagonal" or "scalar"',
    });
  }
  const matrix = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const axis = new Float64Array(standardized[0].length);
    for (let j = 0; j < d; j++) {
      for (let i = 0; i < axis.length; i++) axis[i] += vectors[k * d + j] * standardized[j][i];
    }
    const b = judge({ values: axis, weights, name: `principal axis ${k}` });
    for (let i = 0; i < d * d; i++) {
      const [row, column] = [Math.floor(i / d), i % d];
      const turned = vectors[k * d + row] * b * (vectors[k * d + column] * b);
      matrix[i] += deviations[row] * deviations[column] * turned;
    }
  }
  return matrixBandwidth(matrix, d);
}

/** (x - mean) / s, taken about the first value, so that a large offset costs no digits. */
function centred({ values, weights }: Column, deviation: number): Float64Array {
  let mean = 0;
  for (let i = 0; i < values.length; i++) {
    mean += (weights.values[i] / weights.total) * ((values[i] - values[0]) / deviation);
  }
  return values.map((x) => (x - values[0]) / deviation - mean);
}

function weightedMean(a: Float64Array, b: Float64Array, weights: RowWeights): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (weights.values[i] / weights.total) * (a[i] * b[i]);
  return sum;
}
