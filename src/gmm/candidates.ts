/**
 * Runs of EM side by side.
 *
 * @module
 */
import type { Run } from './expectation-maximization.js';

/** A run with the components that only its ridge or prior holds up. */
export interface Candidate {
  readonly run: Run;
  readonly held: readonly number[];
}

/** Runs without collapsed components come first: a collapsed one buys likelihood with a spike on a few rows. */
export function isBetter(a: Candidate, b: Candidate): boolean {
  const [sound, otherSound] = [a.held.length === 0, b.held.length === 0];
  if (sound !== otherSound) return sound;
  return (a.run.history.at(-1) as number) > (b.run.history.at(-1) as number);
}

/** Whether a run ended because a covariance collapsed for good: no loss while another did not. */
export function isCollapse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-positive-definite';
}
