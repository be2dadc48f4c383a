/**
 * Blocks of the E- and M-step of Gaussian mixtures: the entry of the module that ../mixture-loops.ts loads.
 *
 * @module
 */
import { addByDots, areNear } from './mixture-dots.js';
import { prepareFactors } from './mixture-joint.js';
import { DENSITIES, SHARES, shareOut, TOTAL, writeJoint } from './mixture-shares.js';
import { form, layOutRows, TIED, weights } from './mixture-state.js';
import { addStatistics, clearBeyond } from './mixture-statistics.js';

export { configure } from './mixture-state.js';

const SAVED: usize = memory.data(24, 16);

/** To be called when parameters have changed. */
export function prepare(): void {
  prepareFactors();
}

/** log w_k + log N(x_i; mu_k, Sigma_k) for the first `count` rows, each in full. */
export function joint(count: i32): void {
  layOutRows(count);
  writeJoint(count);
}

/** Log-densities of the first `count` rows. */
export function densities(count: i32): void {
  layOutRows(count);
  shareOut(count, DENSITIES);
}

/** Shares of the first `count` rows, and their weighted log-density. */
export function share(count: i32): f64 {
  return shareAs(SHARES, count);
}

/* @inline */ function shareAs(result: i32, count: i32): f64 {
  layOutRows(count);
  // The zeros that fill up the last group weigh nothing; what stands there is the caller's.
  const beyond = weights + 8 * count;
  const filled = 8 * (-count & 3);
  memory.copy(SAVED, beyond, filled);
  memory.fill(beyond, 0, filled);
  const logDensity = shareOut(count, result);
  memory.copy(beyond, SAVED, filled);
  return logDensity;
}

/** Both in one, but for the rows' log-densities, and statistics by whatever way is short. */
export function step(count: i32, isScattered: bool): f64 {
  const logDensity = shareAs(TOTAL, count);
  const isShort = areNear && !(isScattered && form === TIED);
  if (isShort) addByDots(isScattered, clearBeyond(count));
  else addStatistics(count, isScattered);
  return logDensity;
}

/** Adds the statistics of the rows last laid out, with the shares that stand there; products only where `isScattered`. */
export function accumulate(count: i32, isScattered: bool): void {
  addStatistics(count, isScattered);
}
