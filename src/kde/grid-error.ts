/**
 * What binning can cost a gaussian density on a grid.
 *
 * A kernel taken from the nodes errs by E of its peak at most, E being that of grid-kernel.ts for one axis, and the less the
 * farther off: at u bandwidths along an axis by
 *
 *     |e(u)| <= 1.21 E peak exp(-u^2 / 4) + 2e-9 peak,
 *
 * the latter for the cut-off (the constants hold for all resolutions, by sampling u and both phases in steps of 1/64 and 1/32
 * of a spacing). Where rows are many and bandwidths small, few rows lie near a cell, and their share
 *
 *     G(x) = 1 / W sum_i w_i exp(-|u_i|^2 / 4)
 *
 * is far below 1. It is bounded by the weights of blocks of nodes a bandwidth wide: a row's shares lie two spacings from it at
 * most, and two points in blocks n apart are n - 1 bandwidths apart at least.
 *
 * @module
 */
import type { Nodes } from './spline-bins.js';

const [FALL, CUT_OFF] = [1.21, 2e-9];
/** Blocks farther apart than this share less than 1e-12, which the cut-off covers. */
const FARTHEST = 14;

/**
 * The error of a cell, in units of the peak of one kernel of unit weight.
 *
 * @param bins - Weights at the nodes; left as they are.
 * @param total - Weight of all rows, those beyond the nodes too.
 * @param error - E.
 */
export function binningError(
  bins: Float64Array,
  total: number,
  { counts }: Nodes,
  perBandwidth: number,
  error: number,
): number {
  const d = counts.length;
  const anywhere = (1 + error) ** d - 1;
  const nearby = ((1 + FALL * error) ** d - 1) * (mostAround(bins, counts, perBandwidth) / total) + d * CUT_OFF;
  return Math.min(anywhere, nearby);
}

/** At most sum_i w_i exp(-|u_i|^2 / 4), wherever u is counted from. */
function mostAround(bins: Float64Array, counts: readonly number[], perBandwidth: number): number {
  const shares = Array.from({ length: FARTHEST + 1 }, (_, n) =>
    Math.exp(-0.25 * Math.max(0, n - 1 - 2 / perBandwidth) ** 2),
  );
  let values = bins;
  // The last axis first; each pass puts it in front, so that all are in order again in the end.
  for (let j = counts.length - 1; j >= 0; j--) values = spreadLast(blockLast(values, counts[j], perBandwidth), shares);
  return values.reduce((most, value) => Math.max(most, value), 0);
}

/** Lines of sums. */
interface Lines {
  readonly values: Float64Array;
  readonly length: number;
}

/** Sums blocks of nodes along the last axis. */
function blockLast(values: Float64Array, nodes: number, perBandwidth: number): Lines {
  const length = Math.ceil(nodes / perBandwidth);
  const lines = values.length / nodes;
  const blocks = new Float64Array(lines * length);
  for (let line = 0; line < lines; line++) {
    for (let block = 0; block < length; block++) {
      const end = line * nodes + Math.min(nodes, (block + 1) * perBandwidth);
      let sum = 0;
      for (let k = line * nodes + block * perBandwidth; k < end; k++) sum += values[k];
      blocks[line * length + block] = sum;
    }
  }
  return { values: blocks, length };
}

/** For each block of the last axis the sum of all, as much of each as its distance lets through; that axis becomes the first. */
function spreadLast({ values, length }: Lines, shares: readonly number[]): Float64Array {
  const lines = values.length / length;
  const out = new Float64Array(values.length);
  for (let line = 0; line < lines; line++) {
    for (let block = 0; block < length; block++) {
      const value = values[line * length + block];
      if (value === 0) continue;
      const last = Math.min(length - 1, block + FARTHEST);
      for (let to = Math.max(0, block - FARTHEST); to <= last; to++) {
        out[to * lines + line] += value * shares[Math.abs(to - block)];
      }
    }
  }
  return out;
}
