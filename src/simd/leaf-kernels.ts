/**
 * Kernel profiles as the leaf loops know them.
 *
 * @module
 */

/**
 * The order is that of the compiled loops: profiles.ts in assembly/. The two names in `-short` have their exponentials to
 * 2e-12 only.
 */
const LEAF_KERNELS = [
  'gaussian',
  'gaussian-short',
  'exponential',
  'exponential-short',
  'tophat',
  'epanechnikov',
  'biweight',
  'triweight',
  'linear',
  'cosine',
] as const;

/** What a loop sums: the number of a profile, from {@link leafKernel}. */
export type LeafKernel = number;

/** The kernels that have loops. */
export type LeafKernelName = Exclude<(typeof LEAF_KERNELS)[number], 'gaussian-short' | 'exponential-short'>;

/**
 * Fifty times the shorter exponential's relative error in the worst case: where less is asked for, a tenth of the time buys
 * more digits.
 */
const SHORT_EXP_ERROR = 1e-10;

/**
 * The loop for a kernel.
 *
 * @param relativeError - What each kernel value may be off by, relatively: from 1e-10 on, the shorter exponential
 * serves, with which loops are a twentieth to a seventh faster.
 */
export function leafKernel(name: LeafKernelName, relativeError: number): LeafKernel {
  const isShort = relativeError >= SHORT_EXP_ERROR && (name === 'gaussian' || name === 'exponential');
  return LEAF_KERNELS.indexOf(isShort ? `${name}-short` : name);
}

/** exp(shift) k(t) for each loop, in the same order: the formulas, written plainly. Compact kernels take no shift. */
export const PROFILES: readonly ((t: number, shift: number) => number)[] = [
  (t, shift) => Math.exp(shift - 0.5 * t),
  (t, shift) => Math.exp(shift - 0.5 * t),
  (t, shift) => Math.exp(shift - Math.sqrt(t)),
  (t, shift) => Math.exp(shift - Math.sqrt(t)),
  (t) => (t <= 1 ? 1 : 0),
  (t) => Math.max(0, 1 - t),
  (t) => Math.max(0, 1 - t) ** 2,
  (t) => Math.max(0, 1 - t) ** 3,
  // 1 - sqrt(t), written so that nothing cancels near the edge.
  (t) => (t < 1 ? (1 - t) / (1 + Math.sqrt(t)) : 0),
  // cos(pi r / 2) = sin(pi (1 - r) / 2), which keeps its digits at the edge.
  (t) => (t < 1 ? Math.sin((0.5 * Math.PI * (1 - t)) / (1 + Math.sqrt(t))) : 0),
];
