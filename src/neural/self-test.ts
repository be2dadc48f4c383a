/**
 * Whether a backend computes what it should: run once when it is loaded, before any training.
 *
 * The native package for one loads on Node 23 and later but throws at its first operation.
 *
 * @module
 */
import { gradients } from './gradients.js';
import type { Kernels } from './kernels.js';
import { dense, multiply, sum, tanh } from './operations.js';
import { constant, newContext, variable } from './value.js';

/** Room for float32 rounding in a handful of operations on numbers of order 1. */
const ROUNDING = 1e-5;

/**
 * A dense layer, its three gradients, and a second derivative, against numbers worked out by hand.
 *
 * @throws Error naming what was wrong.
 */
export function selfTest(kernels: Kernels): void {
  kernels.scope(() => {
    const context = newContext(kernels);
    const x = variable(context, Float32Array.of(1, 2, -3, 4, 5, -6), [3, 2]);
    const weights = variable(context, Float32Array.of(1, -1, 2, 0), [2, 2]);
    const biases = variable(context, Float32Array.of(0.5, 1), [2]);
    const y = dense(x, weights, biases, 0);
    const [dx, dw, db] = gradients(y, [x, weights, biases]);
    expectValues('a dense layer', kernels.read(y.handle), [5.5, 0, 5.5, 4, 0, 0]);
    expectValues('its gradient by inputs', kernels.read(dx.handle), [1, 2, 0, 2, 0, 0]);
    expectValues('its gradient by weights', kernels.read(dw.handle), [-2, -3, 6, 4]);
    expectValues('its gradient by biases', kernels.read(db.handle), [2, 1]);

    const t = variable(context, Float32Array.of(0.5), [1]);
    const [slope] = gradients(tanh(t), [t], { differentiable: true });
    const [curvature] = gradients(sum(multiply(slope, constant(context, Float32Array.of(1), []))), [t]);
    // tanh'' = -2 tanh (1 - tanh^2) at 1/2.
    expectValues('a second derivative', kernels.read(curvature.handle), [-0.7268619813835874]);
  });
}

function expectValues(what: string, got: ArrayLike<number>, expected: readonly number[]): void {
  const right = got.length === expected.length && expected.every((value, i) => Math.abs(got[i] - value) < ROUNDING);
  if (!right) throw new Error(`its self-test failed on ${what}`);
}
