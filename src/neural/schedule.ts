/**
 * Learning-rate schedules.
 *
 * @module
 */

/** Names of the schedules. */
export type ScheduleName = 'constant' | 'linear' | 'cosine';

/** All names, in the order of the documentation. */
export const SCHEDULE_NAMES: readonly ScheduleName[] = ['constant', 'linear', 'cosine'];

/**
 * The factor on the learning rate when a fraction `progress` in [0, 1] of the training is done: 1 throughout, or from 1
 * to 0 along a line, 1 - p, or along half a cosine, (1 + cos(pi p)) / 2.
 *
 * Reference: Loshchilov & Hutter (2017), arXiv:1608.03983, for the cosine.
 */
export function scheduleFactor(name: ScheduleName, progress: number): number {
  if (name === 'linear') return 1 - progress;
  return name === 'cosine' ? 0.5 * (1 + Math.cos(Math.PI * progress)) : 1;
}
