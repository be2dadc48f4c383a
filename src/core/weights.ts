/**
 * Weights of rows.
 *
 * @module
 */
import { modelError, reading } from './errors.js';

/** Checked weights of rows, with the totals that estimators need. */
export interface RowWeights {
  /** One non-negative finite weight per row, copied from the caller's. */
  readonly values: Float64Array;
  /** Sum of all weights; positive and finite. */
  readonly total: number;
  /** Number of rows with a positive weight. */
  readonly positive: number;
  /**
   * Kish's effective number of rows, (sum w)^2 / sum w^2: n for equal weights.
   *
   * Reference: Kish (1965), *Survey Sampling*, section 8.2.
   */
  readonly effective: number;
}

/**
 * Copies and checks the `weights` of a fit. Only ratios matter: weights are not normalised here.
 *
 * @throws ModelError `invalid-data` or `shape-mismatch`, naming the row.
 */
export function readWeights(weights: unknown, rows: number, owner: string): RowWeights {
  const values = reading('invalid-data', owner, 'weights', () => copyWeights(weights, rows, owner));
  return summarize(values, owner);
}

function copyWeights(weights: unknown, rows: number, owner: string): Float64Array {
  const isTyped = ArrayBuffer.isView(weights) && !(weights instanceof DataView);
  if (!Array.isArray(weights) && !isTyped) {
    throw modelError('invalid-data', { owner, must: 'weights must be an array of numbers, one per row', got: weights });
  }
  const given = weights as unknown as ArrayLike<unknown>;
  if (given.length !== rows) {
    const must = `weights must hold one number per row, ${rows}`;
    throw modelError('shape-mismatch', { owner, must, got: given.length });
  }
  const values = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const weight = given[i];
    if (typeof weight !== 'number' || !(weight >= 0 && weight < Number.POSITIVE_INFINITY)) {
      throw modelError('invalid-data', { owner, must: `weight of row ${i} must be finite and >= 0`, got: weight });
    }
    values[i] = weight + 0;
  }
  return values;
}

function summarize(values: Float64Array, owner: string): RowWeights {
  let largest = 0;
  let total = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > largest) largest = values[i];
    total += values[i];
  }
  if (largest === 0) throw modelError('invalid-data', { owner, must: 'weights must not all be zero' });
  if (total === Number.POSITIVE_INFINITY) {
    const remedy = 'Divide them by a common factor';
    throw modelError('invalid-data', { owner, must: 'the sum of weights must be finite', got: total, remedy });
  }
  let positive = 0;
  let relative = 0;
  let squares = 0;
  for (let i = 0; i < values.length; i++) {
    if (values[i] > 0) positive++;
    // In units of the largest, so that the squares neither overflow nor vanish.
    const weight = values[i] / largest;
    relative += weight;
    squares += weight * weight;
  }
  return { values, total, positive, effective: relative ** 2 / squares };
}

/** Weights of 1 for rows that come without. */
export function unitWeights(rows: number): RowWeights {
  return { values: new Float64Array(rows).fill(1), total: rows, positive: rows, effective: rows };
}
