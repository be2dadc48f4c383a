/**
 * Kernels written out a second time, and integrated numerically: what the library's constants are tested against.
 *
 * @module
 */
import type { KernelName } from '../../src/kernels/index.js';

/** The kernels as functions of r = |u|, straight from their definitions. */
export const radialProfile: Readonly<Record<KernelName, (r: number) => number>> = {
  gaussian: (r) => Math.exp((-r * r) / 2),
  epanechnikov: (r) => (r < 1 ? 1 - r * r : 0),
  tophat: (r) => (r <= 1 ? 1 : 0),
  exponential: (r) => Math.exp(-r),
  linear: (r) => (r < 1 ? 1 - r : 0),
  cosine: (r) => (r < 1 ? Math.cos((Math.PI * r) / 2) : 0),
  biweight: (r) => (r < 1 ? (1 - r * r) ** 2 : 0),
  triweight: (r) => (r < 1 ? (1 - r * r) ** 3 : 0),
};

/** Where each kernel has no mass left that 16 digits could show. */
export const reach = (name: KernelName): number => (name === 'gaussian' ? 14 : name === 'exponential' ? 90 : 1);

/** Area of the unit sphere in R^d, by A_d = 2 pi A_(d-2) / (d - 2). */
export function sphereArea(d: number): number {
  if (d === 1) return 2;
  if (d === 2) return 2 * Math.PI;
  return (2 * Math.PI * sphereArea(d - 2)) / (d - 2);
}

/** Simpson's rule, improved by one step of Richardson's extrapolation; accurate to rounding for smooth functions. */
export function integrate(f: (x: number) => number, from: number, to: number, steps = 10_000): number {
  const fine = simpson(f, from, to, 2 * steps);
  return fine + (fine - simpson(f, from, to, steps)) / 15;
}

function simpson(f: (x: number) => number, from: number, to: number, steps: number): number {
  const h = (to - from) / (2 * steps);
  let odd = 0;
  let even = 0;
  for (let i = 1; i < 2 * steps; i += 2) odd += f(from + i * h);
  for (let i = 2; i < 2 * steps; i += 2) even += f(from + i * h);
  return (h * (f(from) + 4 * odd + 2 * even + f(to))) / 3;
}

/** int |u|^p k(|u|) du over R^d. */
export function radialMoment(name: KernelName, d: number, p: number): number {
  const profile = radialProfile[name];
  return sphereArea(d) * integrate((r) => r ** (d - 1 + p) * profile(r), 0, reach(name));
}
