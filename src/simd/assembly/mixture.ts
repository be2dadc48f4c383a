/**
 * Blocks of the E- and M-step of Gaussian mixtures: the entry of the module that ../mixture-loops.ts loads.
 *
 * @module
 */
import { addByDots } from './mixture-dot-sums.js';
import { areNear } from './mixture-dots.js';
import { prepareFactors } from './mixture-joint.js';
import { addByMonomials, areMany } from './mixture-monomial-sums.js';
import { areLaidOut, forgetMonomials, tryMonomials } from './mixture-monomials.js';
import { areCentred, clearRowsBeyond } from './mixture-row-dots.js';
import { DENSITIES, SHARES, shareOut, TOTAL, writeJoint } from './mixture-shares.js';
import { form, layOutRows, TIED, weights } from './mixture-state.js';
import { addStatistics, clearBeyond } from './mixture-statistics.js';

export { configure, turnTo } from './mixture-state.js';

const SAVED: usize = memory.data(24, 16);

/** To be called when parameters have changed, with the number of typical rows that stand among the rows. */
export function prepare(typical: i32): void {
  layOutRows(typical);
  prepareFactors(typical);
}

/** log w_k + log N(x_i; mu_k, Sigma_k) for the first `count` rows, each in full. */
export function joint(count: i32): void {
  layOut(count);
  writeJoint(count);
}

/** Log-densities of the first `count` rows. */
export function densities(count: i32): void {
  readyRows(count);
  shareOut(count, DENSITIES);
}

/** Shares of the first `count` rows, and their weighted log-density. */
export function share(count: i32): f64 {
  return shareAs(SHARES, count);
}

/** Whether the rows of the last call have been laid out. */
let isLaid: bool = false;

/** Makes the first `count` rows ready for terms. */
function readyRows(count: i32): void {
  isLaid = !areCentred;
  if (isLaid) layOutRows(count);
  else clearRowsBeyond(count);
}

/* @inline */ function shareAs(result: i32, count: i32): f64 {
  readyRows(count);
  if (result === TOTAL) tryMonomials((count + 3) >> 2);
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
  if (areLaidOut && areMany(clearBeyond(count))) addByMonomials(isScattered, (count + 3) >> 2);
  else if (isShort) addByDots(isScattered, clearBeyond(count));
  else addStatistics(count, isScattered);
  forgetMonomials();
  return logDensity;
}

/** Makes the first `count` rows ready for statistics. */
function layOut(count: i32): void {
  isLaid = true;
  layOutRows(count);
}

/** Adds the statistics of the rows last laid out, with the shares that stand there; products only where `isScattered`. */
export function accumulate(count: i32, isScattered: bool): void {
  if (!isLaid) layOut(count);
  addStatistics(count, isScattered);
}
