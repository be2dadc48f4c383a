/**
 * The distribution functions of the kernels along one axis, in one dimension.
 *
 * @module
 */
import { normalCdf } from '../core/special-functions.js';
import type { KernelName } from '../kernels/index.js';

/**
 * P(U <= u) for u <= 0 and U drawn from the one-dimensional kernel, to a few units in the last place.
 *
 * With s = (1 + u) / 2, that of (1 - u^2)^m is the incomplete beta function I_s(m + 1, m + 1).
 */
const LOWER_TAIL: Readonly<Record<KernelName, (u: number) => number>> = {
  gaussian: normalCdf,
  exponential: (u) => 0.5 * Math.exp(u),
  tophat: (u) => half(u),
  epanechnikov: (u) => half(u) ** 2 * (3 - 2 * half(u)),
  biweight: (u) => half(u) ** 3 * (10 + half(u) * (6 * half(u) - 15)),
  triweight: (u) => half(u) ** 4 * (35 + half(u) * (half(u) * (70 - 20 * half(u)) - 84)),
  linear: (u) => 2 * half(u) ** 2,
  cosine: (u) => Math.sin(0.5 * Math.PI * half(u)) ** 2,
};

function half(u: number): number {
  return 0.5 * Math.max(0, 1 + u);
}

/** P(a <= U <= b), from the tails on the side where they are small. */
export function kernelProbability(kernel: KernelName, a: number, b: number): number {
  const tail = LOWER_TAIL[kernel];
  if (b <= 0) return Math.max(0, tail(b) - tail(a));
  if (a >= 0) return Math.max(0, tail(-a) - tail(-b));
  return 1 - tail(a) - tail(-b);
}
