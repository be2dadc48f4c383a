/**
 * Rules: bandwidths computed from the spread of the rows, without a search.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { symmetricEigen } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import type { RowWeights } from '../core/weights.js';
import type { Kernel } from '../kernels/kernel.js';
import { type Bandwidth, diagonalBandwidth, matrixBandwidth, scaleBandwidth } from './bandwidth.js';
import { improvedSheatherJones } from './improved-sheather-jones.js';
import type { BandwidthShape } from './options.js';
import { sortColumn } from './sorted-column.js';
import { BANDWIDTH_PHASE, type Column, GIVE_A_NUMBER, robustDeviation, standardDeviation } from './spread.js';

/** The best factors to the standard deviation of normal data, for n (effective) rows in d dimensions. */
const scottFactor = (n: number, d: number): number => n ** (-1 / (d + 4));
const silvermanFactor = (n: number, d: number): number => ((n * (d + 2)) / 4) ** (-1 / (d + 4));

/** Where a rule is at work. */
interface Task {
  /** Number of columns. */
  readonly d: number;
  readonly owner: string;
  readonly pacer: Pacer;
  /** Takes a sentence for each axis on which the rule gave way to another. */
  readonly warnings: string[];
}

/** What a rule makes of one axis: the standard deviation that smoothing should have there. */
type AxisRule = (axis: Column, task: Task) => Promise<number>;

/** The names of the rules that need no search. */
type AxisRuleName = 'scott' | 'silverman' | 'normal-reference' | 'improved-sheather-jones';

/** The rules that need no search. */
const AXIS_RULES: Readonly<Record<AxisRuleName, AxisRule>> = {
  /** n^(-1 / (d + 4)) s. Reference: Scott (1992), *Multivariate Density Estimation*, section 6.3.2. */
  scott: async (axis, { d, owner, pacer }) =>
    scottFactor(axis.weights.effective, d) * (await standardDeviation(axis, owner, pacer)),
  /** (n (d + 2) / 4)^(-1 / (d + 4)) s. Reference: Silverman (1986), *Density Estimation*, section 4.3.2. */
  silverman: async (axis, { d, owner, pacer }) =>
    silvermanFactor(axis.weights.effective, d) * (await standardDeviation(axis, owner, pacer)),
  /** Silverman's, with the robust deviation in place of s. Reference: Silverman (1986), section 3.4.2. */
  'normal-reference': async (axis, { d, owner, pacer }) => {
    const deviation = await standardDeviation(axis, owner, pacer);
    const sorted = await sortColumn(axis, BANDWIDTH_PHASE, pacer);
    return silvermanFactor(axis.weights.effective, d) * robustDeviation(deviation, sorted);
  },
  /**
   * The axis on its own, by Botev, Grotowski and Kroese's method; in d > 1 dimensions times what Silverman's factor changes
   * from 1 to d.
   */
  'improved-sheather-jones': async (axis, { d, owner, pacer, warnings }) => {
    const n = axis.weights.effective;
    // Refuses what no rule can judge.
    const deviation = await standardDeviation(axis, owner, pacer);
    const sorted = await sortColumn(axis, BANDWIDTH_PHASE, pacer);
    const found = await improvedSheatherJones(axis, sorted, pacer);
    if (found !== undefined) return (found * silvermanFactor(n, d)) / silvermanFactor(n, 1);
    warnings.push(
      `the improved Sheather-Jones equation has no solution for ${axis.name}; "normal-reference" stands in for it there.`,
    );
    return silvermanFactor(n, d) * robustDeviation(deviation, sorted);
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
export async function ruleBandwidth(
  rule: AxisRuleName,
  shape: BandwidthShape,
  samples: Samples,
  weights: RowWeights,
  kernel: Kernel,
  owner: string,
  warnings: string[],
  pacer: Pacer,
): Promise<Bandwidth> {
  const d = samples.columns;
  // At an effective number of 1 the unbiased variance is 0 / 0; a little above, it has no digits.
  if (samples.rows > 1 && !(weights.effective > 1 + 2 ** -40)) {
    const must = 'the weights must not all but lie on one row to choose a bandwidth';
    throw modelError('degenerate-data', { owner, must, remedy: GIVE_A_NUMBER });
  }
  const judge = (axis: Column): Promise<number> => AXIS_RULES[rule](axis, { d, owner, pacer, warnings });
  const unit = [1 / Math.sqrt(kernel.variance(d))];
  if (shape === 'full' && d > 1) {
    return scaleBandwidth(await principalBandwidth(samples, weights, judge, owner, pacer), unit);
  }
  const spreads = new Float64Array(d);
  for (let j = 0; j < d; j++) spreads[j] = await judge(await columnOf(samples, weights, j, pacer));
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

async function columnOf(
  { data, rows, columns }: Samples,
  weights: RowWeights,
  j: number,
  pacer: Pacer,
): Promise<Column> {
  const values = new Float64Array(rows);
  await pacer.run(BANDWIDTH_PHASE, rows, (from, to) => {
    for (let i = from; i < to; i++) values[i] = data[i * columns + j];
  });
  return { values, weights, name: `column ${j}` };
}

/** In units of the largest, so that squares neither overflow nor vanish. */
function rootMeanSquare(values: Float64Array): number {
  const largest = values.reduce((most, value) => Math.max(most, value));
  return largest * Math.sqrt(values.reduce((sum, value) => sum + (value / largest) ** 2, 0) / values.length);
}

/** Below this share of the largest, a variance along a principal axis is rounding. */
const LEAST_VARIANCE = 1e-12;

/** The matrix of a rule along the principal axes of the correlation. */
async function principalBandwidth(
  samples: Samples,
  weights: RowWeights,
  judge: (axis: Column) => Promise<number>,
  owner: string,
  pacer: Pacer,
): Promise<Bandwidth> {
  const d = samples.columns;
  const deviations = new Float64Array(d);
  const standardized: Float64Array[] = [];
  for (let j = 0; j < d; j++) {
    const column = await columnOf(samples, weights, j, pacer);
    deviations[j] = await standardDeviation(column, owner, pacer);
    standardized.push(await centred(column, deviations[j], pacer));
  }
  const { values, vectors } = symmetricEigen(await correlationOf(standardized, weights, pacer), d);
  if (!(values[0] > LEAST_VARIANCE * values[d - 1])) {
    throw modelError('degenerate-data', {
      owner,
      must: 'for bandwidthShape "full" no column may follow from the others, and there must be more rows than columns',
      remedy: 'Use "diagonal" or "scalar"',
    });
  }
  const matrix = new Float64Array(d * d);
  for (let k = 0; k < d; k++) {
    const axis = await turned(standardized, vectors.subarray(k * d, (k + 1) * d), pacer);
    const b = await judge({ values: axis, weights, name: `principal axis ${k}` });
    for (let i = 0; i < d * d; i++) {
      const [row, column] = [Math.floor(i / d), i % d];
      const share = vectors[k * d + row] * b * (vectors[k * d + column] * b);
      matrix[i] += deviations[row] * deviations[column] * share;
    }
  }
  return matrixBandwidth(matrix, d);
}

/** (x - mean) / s, taken about the first value, so that a large offset costs no digits. */
async function centred({ values, weights }: Column, deviation: number, pacer: Pacer): Promise<Float64Array> {
  let mean = 0;
  await pacer.run(BANDWIDTH_PHASE, values.length, (from, to) => {
    let part = mean;
    for (let i = from; i < to; i++) {
      part += (weights.values[i] / weights.total) * ((values[i] - values[0]) / deviation);
    }
    mean = part;
  });
  const out = new Float64Array(values.length);
  await pacer.run(BANDWIDTH_PHASE, values.length, (from, to) => {
    for (let i = from; i < to; i++) out[i] = (values[i] - values[0]) / deviation - mean;
  });
  return out;
}

/** sum_j v_j z_j of standardized columns z. */
async function turned(columns: readonly Float64Array[], v: ArrayLike<number>, pacer: Pacer): Promise<Float64Array> {
  const axis = new Float64Array(columns[0].length);
  for (const [j, column] of columns.entries()) {
    await pacer.run(BANDWIDTH_PHASE, axis.length, (from, to) => {
      for (let i = from; i < to; i++) axis[i] += v[j] * column[i];
    });
  }
  return axis;
}

/** The weighted means of all products, d x d. */
async function correlationOf(
  columns: readonly Float64Array[],
  weights: RowWeights,
  pacer: Pacer,
): Promise<Float64Array> {
  const d = columns.length;
  const correlation = new Float64Array(d * d);
  for (const [i, a] of columns.entries()) {
    for (const [j, b] of columns.slice(0, i + 1).entries()) {
      let mean = 0;
      await pacer.run(BANDWIDTH_PHASE, a.length, (from, to) => {
        let part = mean;
        for (let k = from; k < to; k++) part += (weights.values[k] / weights.total) * (a[k] * b[k]);
        mean = part;
      });
      correlation[i * d + j] = mean;
      correlation[j * d + i] = mean;
    }
  }
  return correlation;
}
