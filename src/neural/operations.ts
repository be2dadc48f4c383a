/**
 * The operations that networks may use, each beside its derivative.
 *
 * A pullback turns the derivative with respect to a result, dy, into that with respect to an input. It is written in
 * these same operations, and where it uses the result it uses the recorded value, so derivatives of every order are
 * right on every backend.
 *
 * @module
 */

import { broadcastShape, type Shape, sameShape } from './kernels.js';
import { constant, result, stopGradient, type Value } from './value.js';

/** a + b. */
export function add(a: Value, b: Value): Value {
  const handle = a.context.kernels.binary('add', a.handle, b.handle);
  return result([a, b], handle, [(dy) => sumTo(dy, a.shape), (dy) => sumTo(dy, b.shape)]);
}

/** a - b. */
export function subtract(a: Value, b: Value): Value {
  const handle = a.context.kernels.binary('subtract', a.handle, b.handle);
  return result([a, b], handle, [(dy) => sumTo(dy, a.shape), (dy) => sumTo(negate(dy), b.shape)]);
}

/** a b, entry by entry. */
export function multiply(a: Value, b: Value): Value {
  const handle = a.context.kernels.binary('multiply', a.handle, b.handle);
  return result([a, b], handle, [(dy) => sumTo(multiply(dy, b), a.shape), (dy) => sumTo(multiply(dy, a), b.shape)]);
}

/** a / b, entry by entry. */
export function divide(a: Value, b: Value): Value {
  const handle = a.context.kernels.binary('divide', a.handle, b.handle);
  const quotient: Value = result([a, b], handle, [
    (dy) => sumTo(divide(dy, b), a.shape),
    (dy) => sumTo(negate(divide(multiply(dy, quotient), b)), b.shape),
  ]);
  return quotient;
}

/** a times a number. */
export function scale(a: Value, factor: number): Value {
  return multiply(a, constant(a.context, Float32Array.of(factor), []));
}

/** a plus a number. */
export function shift(a: Value, offset: number): Value {
  return add(a, constant(a.context, Float32Array.of(offset), []));
}

/** -a. */
export function negate(a: Value): Value {
  return result([a], a.context.kernels.unary('negate', a.handle), [negate]);
}

/** a^2. */
export function square(a: Value): Value {
  return result([a], a.context.kernels.unary('square', a.handle), [(dy) => multiply(dy, scale(a, 2))]);
}

/** The root of a > 0. */
export function sqrt(a: Value): Value {
  const root: Value = result([a], a.context.kernels.unary('sqrt', a.handle), [(dy) => divide(scale(dy, 0.5), root)]);
  return root;
}

/** 1 / a. */
export function reciprocal(a: Value): Value {
  const inverse: Value = result([a], a.context.kernels.unary('reciprocal', a.handle), [
    (dy) => negate(multiply(dy, square(inverse))),
  ]);
  return inverse;
}

/** |a|; its derivative at 0 is taken as -1. */
export function abs(a: Value): Value {
  return result([a], a.context.kernels.unary('abs', a.handle), [(dy) => gate(dy, a, -1)]);
}

/** e^a. */
export function exp(a: Value): Value {
  const power: Value = result([a], a.context.kernels.unary('exp', a.handle), [(dy) => multiply(dy, power)]);
  return power;
}

/** log a. */
export function log(a: Value): Value {
  return result([a], a.context.kernels.unary('log', a.handle), [(dy) => divide(dy, a)]);
}

/** sin a. */
export function sin(a: Value): Value {
  return result([a], a.context.kernels.unary('sin', a.handle), [(dy) => multiply(dy, cos(a))]);
}

/** cos a. */
export function cos(a: Value): Value {
  return result([a], a.context.kernels.unary('cos', a.handle), [(dy) => negate(multiply(dy, sin(a)))]);
}

/** tanh a, with derivative 1 - tanh^2 a. */
export function tanh(a: Value): Value {
  const y: Value = result([a], a.context.kernels.unary('tanh', a.handle), [
    (dy) => subtract(dy, multiply(dy, square(y))),
  ]);
  return y;
}

/** s(a) = 1 / (1 + e^-a), with derivative s (1 - s). */
export function sigmoid(a: Value): Value {
  const y: Value = result([a], a.context.kernels.unary('sigmoid', a.handle), [
    (dy) => multiply(dy, subtract(y, square(y))),
  ]);
  return y;
}

/** log(1 + e^a), with the sigmoid as derivative. */
export function softplus(a: Value): Value {
  return result([a], a.context.kernels.unary('softplus', a.handle), [(dy) => multiply(dy, sigmoid(a))]);
}

/**
 * sum_j x_j l_j - log(1 + e^(l_j)) of each row: the log-likelihood of zeros and ones x under logits l.
 *
 * One operation, as its derivative by l is simple, x - s(l), and its parts are the costliest of a Bernoulli decoder.
 */
export function bernoulliLogLikelihood(x: Value, logits: Value): Value {
  const { kernels } = x.context;
  const products = kernels.binary('multiply', x.handle, logits.handle);
  const terms = kernels.binary('subtract', products, kernels.unary('softplus', logits.handle));
  return result([x, logits], kernels.sum(terms, [1]), [
    (dy) => multiply(dy, logits),
    (dy) => multiply(dy, subtract(x, sigmoid(logits))),
  ]);
}

/** max(a, 0); its derivative at 0 is 0. */
export function relu(a: Value): Value {
  return result([a], a.context.kernels.unary('relu', a.handle), [(dy) => gate(dy, a, 0)]);
}

/** a where a > 0, `slope` times a elsewhere. */
export function leakyRelu(a: Value, slope: number): Value {
  return gate(a, a, slope);
}

/** a where `by` > 0, `slope` times a elsewhere, by whose entries its derivative is 0 almost everywhere. */
function gate(a: Value, by: Value, slope: number): Value {
  return result([a], a.context.kernels.gate(a.handle, by.handle, slope), [(dy) => gate(dy, by, slope)]);
}

/** Product of two matrices: d(AB) pulls back to dy B^T and A^T dy. */
export function matMul(a: Value, b: Value): Value {
  return result([a, b], a.context.kernels.matMul(a.handle, b.handle), [
    (dy) => matMulTransposed(dy, b),
    (dy) => transposedMatMul(a, dy),
  ]);
}

/** a^T b: d(A^T B) pulls back to B dy^T and A dy. */
export function transposedMatMul(a: Value, b: Value): Value {
  return result([a, b], a.context.kernels.transposedMatMul(a.handle, b.handle), [
    (dy) => matMulTransposed(b, dy),
    (dy) => matMul(a, dy),
  ]);
}

/** a b^T: d(AB^T) pulls back to dy B and dy^T A. */
export function matMulTransposed(a: Value, b: Value): Value {
  return result([a, b], a.context.kernels.matMulTransposed(a.handle, b.handle), [
    (dy) => matMul(dy, b),
    (dy) => transposedMatMul(dy, a),
  ]);
}

/** x W + b for rows x; its negative entries times `slope`, which is not negative, where one is given. */
export function dense(x: Value, weights: Value, biases: Value, slope?: number): Value {
  const handle = x.context.kernels.dense(x.handle, weights.handle, biases.handle, slope);
  // Each of the three asks for the same: it is made once per dy. The signs of y are those of the sum.
  let last: { dy: Value; through: Value } | undefined;
  const through = (dy: Value): Value => {
    if (slope === undefined) return dy;
    if (last?.dy !== dy) last = { dy, through: gate(dy, y, slope) };
    return last.through;
  };
  const y: Value = result([x, weights, biases], handle, [
    (dy) => matMulTransposed(through(dy), weights),
    (dy) => transposedMatMul(x, through(dy)),
    (dy) => sumTo(through(dy), biases.shape),
  ]);
  return y;
}

/** Axes in another order; the last two swapped unless told otherwise. */
export function transpose(a: Value, order?: readonly number[]): Value {
  const rank = a.shape.length;
  const swapped = Array.from({ length: rank }, (_, axis) => (axis < rank - 2 ? axis : 2 * rank - 3 - axis));
  const permutation = order ?? swapped;
  const inverse = permutation.map((_, axis) => permutation.indexOf(axis));
  return result([a], a.context.kernels.transpose(a.handle, permutation), [(dy) => transpose(dy, inverse)]);
}

/** Sum over axes, all unless told otherwise; they stay with size 1. */
export function sum(a: Value, axes: readonly number[] = a.shape.map((_, axis) => axis)): Value {
  return result([a], a.context.kernels.sum(a.handle, axes), [(dy) => expand(dy, a.shape)]);
}

/** Mean over axes, all unless told otherwise; they stay with size 1. */
export function mean(a: Value, axes: readonly number[] = a.shape.map((_, axis) => axis)): Value {
  return scale(sum(a, axes), 1 / axes.reduce((count, axis) => count * a.shape[axis], 1));
}

/** Repeats axes of size 1 to reach a shape of the same rank. */
export function expand(a: Value, shape: Shape): Value {
  if (sameShape(a.shape, shape)) return a;
  return result([a], a.context.kernels.expand(a.handle, shape), [(dy) => sumTo(dy, a.shape)]);
}

/** Undoes broadcasting: sums over the axes that `shape` lacks or has with size 1. */
export function sumTo(a: Value, shape: Shape): Value {
  if (sameShape(a.shape, shape)) return a;
  const missing = a.shape.length - shape.length;
  const axes = a.shape.flatMap((size, axis) =>
    axis < missing || (shape[axis - missing] === 1 && size > 1) ? axis : [],
  );
  return reshape(sum(a, axes), shape);
}

/** Broadcasts to a shape of any higher rank. */
export function broadcastTo(a: Value, shape: Shape): Value {
  const full = broadcastShape(a.shape, shape);
  const padded = [...full.slice(a.shape.length).map(() => 1), ...a.shape];
  return expand(reshape(a, padded), full);
}

/** The same entries in another shape. */
export function reshape(a: Value, shape: Shape): Value {
  if (sameShape(a.shape, shape)) return a;
  return result([a], a.context.kernels.reshape(a.handle, shape), [(dy) => reshape(dy, a.shape)]);
}

/** A block of an array. */
export function slice(a: Value, begin: readonly number[], size: Shape): Value {
  const after = a.shape.map((full, axis) => full - begin[axis] - size[axis]);
  return result([a], a.context.kernels.slice(a.handle, begin, size), [(dy) => pad(dy, begin, after)]);
}

/** Columns `start` to `end - 1` of a matrix. */
export function columns(a: Value, start: number, end: number): Value {
  if (start === 0 && end === a.shape[1]) return a;
  return slice(a, [0, start], [a.shape[0], end - start]);
}

/** Zeros around an array. */
export function pad(a: Value, before: readonly number[], after: readonly number[]): Value {
  return result([a], a.context.kernels.pad(a.handle, before, after), [(dy) => slice(dy, before, a.shape)]);
}

/** Arrays one after another along an axis. */
export function concat(parts: readonly Value[], axis: number): Value {
  if (parts.length === 1) return parts[0];
  const handles = parts.map((part) => part.handle);
  let start = 0;
  const pullbacks = parts.map((part) => {
    const begin = part.shape.map((_, index) => (index === axis ? start : 0));
    start += part.shape[axis];
    return (dy: Value): Value => slice(dy, begin, part.shape);
  });
  return result(parts, parts[0].context.kernels.concat(handles, axis), pullbacks);
}

/** Entries of each row as a table names them: linear, and the transpose of {@link scatter}. */
export function gather(a: Value, table: Int32Array): Value {
  const [, width] = a.shape;
  return result([a], a.context.kernels.gather(a.handle, table), [(dy) => scatter(dy, table, width)]);
}

/** Adds entries of each row to the places of `width` columns that a table names. */
export function scatter(a: Value, table: Int32Array, width: number): Value {
  return result([a], a.context.kernels.scatter(a.handle, table, width), [(dy) => gather(dy, table)]);
}

/** log sum exp over the last axis, which stays with size 1; shifted by the largest entry, so it never overflows. */
export function logSumExp(a: Value): Value {
  const { context } = a;
  const largest = result([stopGradient(a)], context.kernels.maximumOfRows(a.handle), []);
  return add(log(sum(exp(subtract(a, largest)), [a.shape.length - 1])), largest);
}
