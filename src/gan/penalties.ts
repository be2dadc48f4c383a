/**
 * What holds a discriminator back: penalties on its gradient by its input, noise on that input, and clipped weights.
 *
 * All of them see the discriminator as a function of rows, so that it may be anything: of rows with conditions, of pairs, of
 * several rows at once. Gradients are right to second order for every activation, as all of `neural` is.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { gradients } from '../neural/gradients.js';
import { add, concat, mean, multiply, scale, shift, sqrt, square, subtract, sum } from '../neural/operations.js';
import type { Parameters } from '../neural/parameters.js';
import { asVariable, constant, type Value } from '../neural/value.js';

/** The discriminator as a function: n rows in, n x 1 outputs out. Each row's output may depend on that row only. */
export type Critic = (rows: Value) => Value;

/**
 * |dl_i / dx_i|^2 of each row, n x 1, itself differentiable.
 *
 * @param outputs - n x 1 outputs of a critic.
 * @param rows - The variable that they were computed from: see {@link asVariable}.
 */
export function squaredGradientNorms(outputs: Value, rows: Value): Value {
  const [gradient] = gradients(outputs, [rows], { differentiable: true });
  return sum(square(gradient), [1]);
}

/**
 * gamma / 2 mean_i |dl_i / dx_i|^2, a 1 x 1 value: R1 where the rows are data, R2 where they are generated.
 *
 * Reference: Mescheder, Geiger & Nowozin (2018), arXiv:1801.04406, equations 9 and 10.
 */
export function zeroCenteredPenalty(outputs: Value, rows: Value, gamma: number): Value {
  return scale(mean(squaredGradientNorms(outputs, rows)), 0.5 * gamma);
}

/**
 * Under the root of a squared norm, so that its derivative is 0 rather than infinite where the gradient vanishes; a norm of 1
 * changes by half of it.
 */
const SAFE = 1e-12;

/**
 * lambda mean_i (|dl_i / dx_i| - 1)^2 between data and generated rows, a 1 x 1 value: a norm for each row.
 *
 *     x_i = e_i data_i + (1 - e_i) generated_i,   e_i uniform on (0, 1)
 *
 * Reference: Gulrajani et al. (2017), arXiv:1704.00028, equation 3.
 *
 * @param shares - e, n x 1: see {@link uniformShares}.
 */
export function gradientPenalty(critic: Critic, data: Value, generated: Value, shares: Value, lambda: number): Value {
  const between = asVariable(add(generated, multiply(subtract(data, generated), shares)));
  const norms = sqrt(shift(squaredGradientNorms(critic(between), between), SAFE));
  return scale(mean(square(shift(norms, -1))), lambda);
}

/** n x 1 uniform numbers. */
export function uniformShares({ context }: Value, rows: number, stream: RandomStream): Value {
  return constant(
    context,
    Float32Array.from({ length: rows }, () => stream.uniform()),
    [rows, 1],
  );
}

/**
 * Rows plus N(0, deviation^2) on each entry of the first `width` columns; the same for data and generated rows keeps their
 * supports from being disjoint.
 *
 * References: Arjovsky & Bottou (2017), arXiv:1701.04862; Sonderby et al. (2017), arXiv:1610.04490.
 */
export function withNoise(rows: Value, deviation: number, stream: RandomStream, width: number = rows.shape[1]): Value {
  if (deviation === 0) return rows;
  const { context } = rows;
  const [count, columns] = rows.shape;
  const noise = new Float32Array(count * columns);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < width; j++) noise[i * columns + j] = deviation * stream.normal();
  }
  return add(rows, constant(context, noise, rows.shape));
}

/** Takes weights and biases back into [-bound, bound] (Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875, algorithm 1). */
export function clipWeights(parameters: Parameters, bound: number): void {
  for (const place of parameters.places) {
    if (!/\.(weights|biases)$/.test(place.name)) continue;
    const values = parameters.part(place);
    for (let i = 0; i < values.length; i++) values[i] = Math.min(bound, Math.max(-bound, values[i]));
  }
}

/** Rows side by side; parts that are missing take no room. */
export function sideBySide(...parts: (Value | undefined)[]): Value {
  return concat(
    parts.filter((part) => part !== undefined),
    1,
  );
}
