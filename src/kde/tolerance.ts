/**
 * How a relative tolerance is spent.
 *
 * @module
 */

/** Below this, bounds differ by their rounding only. */
const ROUNDING = 2 ** -50;
/** The part of the tolerance that is left to the kernel values of single rows: at 1e-8 enough for the shorter exponential. */
const KERNEL_SHARE = 1e-2;
/** Where one leaf holds all rows, so that small data have all their digits at the default tolerance. */
const ONE_LEAF_SHARE = 1e-3;
/** The part of the budget that any node may use; the rest opens up as weight is settled. 0.1 to 0.5 are equally fast. */
export const FREE_SHARE = 0.2;
/** Sums below this share of the weight are taken again with a shift, before terms that count can underflow. */
export const SMALL_SUM = 1e-130;

/** What the bounds of nodes may take of a tolerance. */
export function walkTolerance(relativeTolerance: number): number {
  return Math.max((1 - KERNEL_SHARE) * relativeTolerance, ROUNDING);
}

/** What the kernel value of a row may be off by, relatively, in a tree of so many levels below the root. */
export function kernelTolerance(relativeTolerance: number, depth: number): number {
  return (depth === 0 ? ONE_LEAF_SHARE : KERNEL_SHARE) * relativeTolerance;
}
