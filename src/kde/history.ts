/**
 * The search for a bandwidth, as the model tells it.
 *
 * @module
 */
import { type ModelState, type StateReader, type Tensor, tensor } from '../core/model-state.js';

/** One step of a search for the bandwidth. */
export interface SelectionStep {
  /** The common factor to Scott's bandwidths that was tried; of a search per column, the geometric mean of the factors. */
  readonly factor: number;
  /** The factor of each column, where each has its own. */
  readonly factors?: readonly number[];
  /**
   * Mean log-density of the rows that were left out in turn, in nats; larger is better. `-Infinity`, for least squares and
   * compact kernels, where one of them had no density at all.
   */
  readonly meanLogDensity: number;
  /**
   * For least squares: the estimated integral of (fhat - f)^2, less that of f^2, which no bandwidth changes; smaller is
   * better.
   */
  readonly squaredError?: number;
  /** How many rows were left out in turn: coarse steps on large data take a sample of them. */
  readonly rows: number;
}

/** The tensors of a search; none for an empty one. Their entries are finite: the least number stands for `-Infinity`. */
export function writeHistory(history: readonly SelectionStep[]): Record<string, Tensor> {
  if (history.length === 0) return {};
  const steps = history.flatMap(({ factor, meanLogDensity, rows }) => [
    factor,
    Math.max(meanLogDensity, -Number.MAX_VALUE),
    rows,
  ]);
  const factors = history.flatMap((step) => step.factors ?? []);
  const errors = history.flatMap((step) => step.squaredError ?? []);
  const count = history.length;
  return {
    history: tensor(Float64Array.from(steps), count, 3),
    ...(factors.length > 0 && {
      historyFactors: tensor(Float64Array.from(factors), count, factors.length / count),
    }),
    ...(errors.length > 0 && { historySquaredErrors: tensor(Float64Array.from(errors), count) }),
  };
}

/** Reads a search back. */
export function readHistory(reader: StateReader, state: ModelState, d: number): readonly SelectionStep[] {
  const has = (name: string): boolean => Object.hasOwn(state.tensors, name);
  if (!has('history')) {
    for (const name of ['historyFactors', 'historySquaredErrors']) {
      if (has(name)) throw reader.fault(`tensor "${name}" must come with "history"`);
    }
    return Object.freeze([]);
  }
  const count = reader.size(state, 'history', 0, 2);
  const values = reader.doubles(state, 'history', count, 3);
  const factors = has('historyFactors') ? reader.doubles(state, 'historyFactors', count, d) : undefined;
  const errors = has('historySquaredErrors') ? reader.doubles(state, 'historySquaredErrors', count) : undefined;
  const history = Array.from({ length: count }, (_, i) => {
    const [factor, mean, rows] = values.subarray(3 * i, 3 * i + 3);
    const meanLogDensity = mean === -Number.MAX_VALUE ? Number.NEGATIVE_INFINITY : mean;
    if (!(factor > 0)) throw reader.fault(`factor ${i} of tensor "history" must be > 0`, factor);
    if (!(Number.isInteger(rows) && rows > 0))
      throw reader.fault(`rows ${i} of tensor "history" must be an integer > 0`, rows);
    return Object.freeze({
      factor,
      ...(factors && { factors: Object.freeze(Array.from(factors.subarray(i * d, (i + 1) * d))) }),
      meanLogDensity,
      ...(errors && { squaredError: errors[i] }),
      rows,
    });
  });
  return Object.freeze(history);
}
