/**
 * Runs of EM side by side.
 *
 * @module
 */
import { type CovarianceType, isTied } from './covariance-type.js';
import type { Run } from './expectation-maximization.js';

/** A run with the components that only its ridge or prior holds up. */
export interface Candidate {
  readonly run: Run;
  readonly held: readonly number[];
}

/**
 * The likelier; but runs without collapsed components come first: a collapsed one buys likelihood with a spike on a few
 * rows. A matrix that all components share cannot: where the ridge holds it up, every row lies that near its component's
 * mean along some axis, and the likelihood is that of all rows.
 */
export function isBetter(a: Candidate, b: Candidate, covariance: CovarianceType): boolean {
  const [sound, otherSound] = [a.held.length === 0, b.held.length === 0];
  if (sound !== otherSound && !isTied(covariance)) return sound;
  return (a.run.history.at(-1) as number) > (b.run.history.at(-1) as number);
}

/** Whether a run ended because a covariance collapsed for good: no loss while another did not. */
export function isCollapse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-positive-definite';
}
