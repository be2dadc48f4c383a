/**
 * Kernel density by direct summation, written independently of the library: the truth that the tree is held to.
 *
 * @module
 */
import type { KernelName } from '../../src/kernels/index.js';
import { radialMoment, radialProfile } from '../kernels/quadrature.js';

const normalizers = new Map<string, number>();

/** log of the kernel's integral over R^d, by quadrature. */
function logNormalizer(kernel: KernelName, d: number): number {
  const key = `${kernel} ${d}`;
  const known = normalizers.get(key) ?? Math.log(radialMoment(kernel, d, 0));
  normalizers.set(key, known);
  return known;
}

function logProfile(kernel: KernelName, t: number): number {
  if (kernel === 'gaussian') return -t / 2;
  if (kernel === 'exponential') return -Math.sqrt(t);
  return Math.log(radialProfile[kernel](Math.sqrt(t)));
}

export interface Direct {
  readonly kernel: KernelName;
  readonly rows: readonly (readonly number[])[];
  readonly weights?: readonly number[] | undefined;
  /** One bandwidth per column. */
  readonly bandwidth: ArrayLike<number>;
}

/** log f(x) by log-sum-exp over all rows, with squared distances stretched by a factor. */
export function directLogDensity(model: Direct, x: readonly number[], stretch = 1, except = -1): number {
  const { kernel, rows, weights, bandwidth } = model;
  const d = x.length;
  let total = 0;
  const terms: number[] = [];
  rows.forEach((row, i) => {
    const weight = weights?.[i] ?? 1;
    if (weight === 0 || i === except) return;
    total += weight;
    let t = 0;
    for (let j = 0; j < d; j++) t += ((x[j] - row[j]) / bandwidth[j]) ** 2;
    terms.push(Math.log(weight) + logProfile(kernel, t * stretch));
  });
  const largest = Math.max(...terms);
  if (largest === Number.NEGATIVE_INFINITY) return largest;
  const sum = terms.reduce((partial, term) => partial + Math.exp(term - largest), 0);
  let log = largest + Math.log(sum) - Math.log(total) - logNormalizer(kernel, d);
  for (let j = 0; j < d; j++) log -= Math.log(bandwidth[j]);
  return log;
}

/**
 * By how much a log-density misses the truth, beyond what rounding the distances can do.
 *
 * All kernels fall with distance, so the truth lies between the densities with all squared distances a few units in the
 * last place longer, and shorter. This matters next to the edge of a compact kernel, and far out, where the logarithm
 * itself has few digits behind the point.
 */
export function miss(model: Direct, x: readonly number[], logDensity: number): number {
  const rounding = (16 + 2 * x.length) * 2 ** -53;
  const low = directLogDensity(model, x, 1 + rounding);
  const high = directLogDensity(model, x, 1 - rounding);
  if (logDensity >= low && logDensity <= high) return 0;
  const off = Math.max(low - logDensity, logDensity - high);
  return off - 2 ** -51 * Math.abs(logDensity);
}
