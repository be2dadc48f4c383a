/**
 * Logistic regression on quadratic features, by Newton's method.
 *
 * @module
 */
import { cholesky, invertLower } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import type { Discriminator, TrainingRows } from './discriminator.js';

/** Newton's method doubles the digits in each step: a convex problem that takes more than this has none to give. */
const MOST_STEPS = 50;
/** Newton's decrement, in nats per row, at which the loss has reached its minimum for any use here. */
const TOLERANCE = 1e-10;
/** Rows between looks at the clock. */
const ROWS_PER_TURN = 128;

/**
 * Fits log D(x) / (1 - D(x)) = beta . phi(x) with phi(x) = (1, x_1, ..., x_d, x_1^2, x_1 x_2, ..., x_d^2).
 *
 *     minimise  mean_i w_i log(1 + exp(-s_i beta . phi_i)) + |beta|^2 / (2 N)
 *
 * s_i = 1 and -1 for the two samples, w_i such that they weigh the same; the penalty, one row's worth, spares the intercept.
 *
 * Cost: O(N d^4) for each of about 8 steps.
 *
 * Reference: Hastie, Tibshirani & Friedman (2009), *The Elements of Statistical Learning*, section 4.4.1.
 */
export async function fitLogistic(training: TrainingRows, pacer: Pacer): Promise<Discriminator> {
  const { rows } = training;
  const size = featureCount(rows.columns);
  const problem = new LogisticLoss(training);
  let beta: Float64Array = new Float64Array(size);
  let current = await problem.derivatives(beta, pacer);
  for (let step = 0; step < MOST_STEPS; step++) {
    const direction = solve(current.hessian, current.gradient, size);
    if (direction === undefined) break;
    let decrement = 0;
    for (let f = 0; f < size; f++) decrement += direction[f] * current.gradient[f];
    if (!(decrement > TOLERANCE)) break;
    // The loss is convex: half of the step, and half of that, until it falls.
    let length = 1;
    let next = current;
    let moved = beta;
    for (; length > 1e-6; length /= 2) {
      moved = beta.map((value, f) => value - length * direction[f]);
      next = await problem.derivatives(moved, pacer);
      if (next.loss <= current.loss - 1e-4 * length * decrement) break;
    }
    if (!(next.loss < current.loss)) break;
    [beta, current] = [moved, next];
    await pacer.step({ phase: 'logistic regression', completed: step + 1, total: MOST_STEPS });
  }
  const features = new Float64Array(size);
  return {
    logOdds: (row) => {
      fillFeatures(row, 0, row.length, features);
      return dot(beta, features);
    },
  };
}

/** Loss, gradient and Hessian at one beta. */
interface Derivatives {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** Row-major, both halves. */
  readonly hessian: Float64Array;
}

class LogisticLoss {
  readonly #training: TrainingRows;

  constructor(training: TrainingRows) {
    this.#training = training;
  }

  async derivatives(beta: Float64Array, pacer: Pacer): Promise<Derivatives> {
    const { rows, isFirst, first, second } = this.#training;
    const size = beta.length;
    const gradient = new Float64Array(size);
    const hessian = new Float64Array(size * size);
    const features = new Float64Array(size);
    let loss = 0;
    for (let i = 0; i < rows.rows; i++) {
      fillFeatures(rows.data, i * rows.columns, rows.columns, features);
      const sign = isFirst[i] === 1 ? 1 : -1;
      const weight = 0.5 / (isFirst[i] === 1 ? first : second);
      const margin = sign * dot(beta, features);
      loss += weight * softplus(-margin);
      // The derivative of log(1 + exp(-t)) is -s with s = 1 / (1 + exp(t)), its second s (1 - s).
      const s = 1 / (1 + Math.exp(margin));
      addOuter(features, -sign * weight * s, weight * s * (1 - s), gradient, hessian);
      if (i % ROWS_PER_TURN === 0 && pacer.isDue) await pacer.breathe();
    }
    return this.#penalize(beta, loss, gradient, hessian);
  }

  #penalize(beta: Float64Array, loss: number, gradient: Float64Array, hessian: Float64Array): Derivatives {
    const size = beta.length;
    const penalty = 1 / this.#training.rows.rows;
    let squares = 0;
    for (let f = 0; f < size; f++) {
      for (let g = 0; g < f; g++) hessian[g * size + f] = hessian[f * size + g];
      if (f === 0) continue;
      squares += beta[f] * beta[f];
      gradient[f] += penalty * beta[f];
      hessian[f * size + f] += penalty;
    }
    return { loss: loss + 0.5 * penalty * squares, gradient, hessian };
  }
}

function featureCount(d: number): number {
  return 1 + d + (d * (d + 1)) / 2;
}

function fillFeatures(data: Float64Array, start: number, d: number, out: Float64Array): void {
  out[0] = 1;
  let at = 1;
  for (let j = 0; j < d; j++) out[at++] = data[start + j];
  for (let j = 0; j < d; j++) for (let k = j; k < d; k++) out[at++] = data[start + j] * data[start + k];
}

/** Adds a phi to the gradient, and b phi phi^T to the lower half of the Hessian. */
function addOuter(phi: Float64Array, a: number, b: number, gradient: Float64Array, hessian: Float64Array): void {
  const size = phi.length;
  for (let f = 0; f < size; f++) {
    gradient[f] += a * phi[f];
    const factor = b * phi[f];
    for (let g = 0; g <= f; g++) hessian[f * size + g] += factor * phi[g];
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let f = 0; f < a.length; f++) sum += a[f] * b[f];
  return sum;
}

/** log(1 + exp(x)), without overflow. */
export function softplus(x: number): number {
  return x > 0 ? x + Math.log1p(Math.exp(-x)) : Math.log1p(Math.exp(x));
}

/** H^-1 g by Cholesky; `undefined` where H is not positive definite. */
function solve(hessian: Float64Array, gradient: Float64Array, size: number): Float64Array | undefined {
  const factor = cholesky(hessian, size);
  if (factor === undefined) return undefined;
  const inverse = invertLower(factor.lower, size);
  const half = new Float64Array(size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) half[i] += inverse[i * size + j] * gradient[j];
  const solution = new Float64Array(size);
  for (let i = 0; i < size; i++) for (let j = 0; j <= i; j++) solution[j] += inverse[i * size + j] * half[i];
  return solution;
}
