/**
 * When a rising objective has come near enough to its limit.
 *
 * EM converges linearly: with the last two rises a and b and their ratio r = b / a, all further rises sum to b r / (1 - r)
 * (Aitken's extrapolation). A small rise alone would end slow runs far from their maximum.
 *
 * Reference: Boehning, Dietz, Schaub, Schlattmann & Lindsay (1994), doi:10.1007/BF01720593.
 *
 * @module
 */

/**
 * Whether the objective is expected to rise by no more than `tolerance` from here to its limit, relative to its size.
 *
 * @param history - The objective of each iteration, of at least two.
 * @param steady - How many of the last steps were plain ones, each the image of the one before.
 */
export function hasConverged(history: readonly number[], steady: number, tolerance: number): boolean {
  const last = history.length - 1;
  const rise = history[last] - history[last - 1];
  // Nothing changed to the last bit, or a ridge made it fall by less than matters.
  if (rise <= 0) return -rise <= bound(history, tolerance);
  return steady >= 2 && isSettled(history, rise / (history[last - 1] - history[last - 2]), tolerance);
}

/** Whether rises that shrink by `ratio` from the last one on sum to no more than the tolerance. */
export function isSettled(history: readonly number[], ratio: number, tolerance: number): boolean {
  const last = history.length - 1;
  const limit = bound(history, tolerance);
  const rise = history[last] - history[last - 1];
  return rise <= limit && ratio >= 0 && ratio < 1 && (rise * ratio) / (1 - ratio) <= limit;
}

function bound(history: readonly number[], tolerance: number): number {
  return tolerance * Math.max(1, Math.abs(history[history.length - 1]));
}
