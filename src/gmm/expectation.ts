/**
 * The E-step of EM (Dempster, Laird & Rubin 1977): responsibilities
 *
 *     r_ik = w_k N(x_i; mu_k, Sigma_k) / sum_j w_j N(x_i; mu_j, Sigma_j)
 *
 * of each block of rows, summed into the M-step's statistics before the next block begins.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { type MixtureLoops, makeMixtureLoops } from '../simd/index.js';
import type { IncompleteRows } from './incomplete-rows.js';
import { load, type WhitenedMixture } from './log-joint.js';
import { clearStatistics, copyStatistics, type Statistics } from './statistics.js';

/** Some of the rows. */
export type RowBatch = Pick<WeightedRows, 'data' | 'rows' | 'weights'>;

/** Rows with weights, ours to read at leisure. */
export interface WeightedRows {
  /** N x d, row-major. */
  readonly data: Float64Array;
  /** N. */
  readonly rows: number;
  /** d. */
  readonly columns: number;
  /** N positive weights, or `undefined` where all are 1. */
  readonly weights: Float64Array | undefined;
  /** Sum of weights. */
  readonly total: number;
  /** Reads the rows batch after batch, where they are a stream: then `data` is empty. */
  readonly batches?: () => AsyncIterable<RowBatch>;
  /** What is really there, where values are missing and `data` has them filled in. */
  readonly incomplete?: IncompleteRows;
}

/** What each row gives to each component: its responsibility, or all to the likeliest. */
export type Sharing = 'responsibilities' | 'likeliest';

/**
 * One pass over the rows. Gives way between blocks. Cost: O(N K d^2), d for diagonal matrices; memory O(256 K).
 *
 * Passes over the same rows must come one after another: they share their loops.
 */
export async function expectation(
  rows: WeightedRows,
  mixture: WhitenedMixture,
  pacer: Pacer,
  sharing: Sharing = 'responsibilities',
): Promise<Statistics> {
  const loops = loopsFor(rows, mixture);
  load(mixture, loops);
  clearStatistics(loops);
  let logDensity = 0;
  if (!rows.batches) logDensity = await addRows(loops, mixture, rows, pacer, sharing);
  else for await (const batch of rows.batches()) logDensity += await addRows(loops, mixture, batch, pacer, sharing);
  return copyStatistics(loops, mixture, logDensity);
}

/** Adds rows to the loops' statistics, block by block; returns their weighted log-density. */
async function addRows(
  loops: MixtureLoops,
  { components, dimension: d }: WhitenedMixture,
  { data, rows, weights }: RowBatch,
  pacer: Pacer,
  sharing: Sharing,
): Promise<number> {
  let logDensity = 0;
  for (let first = 0; first < rows; first += loops.blockRows) {
    const count = Math.min(loops.blockRows, rows - first);
    loops.rows.set(data.subarray(first * d, (first + count) * d));
    if (weights) loops.weights.set(weights.subarray(first, first + count));
    logDensity += sharing === 'likeliest' ? giveToLikeliest(loops, components, count) : loops.share(count);
    loops.accumulate(count);
    if (pacer.isDue) await pacer.breathe();
  }
  return logDensity;
}

interface Kept {
  readonly mixture: Pick<WhitenedMixture, 'components' | 'form'>;
  readonly loops: MixtureLoops;
}

/** Loops last used for some rows: an iteration over few rows takes less time than making new ones. */
const KEPT = new WeakMap<WeightedRows, Kept>();

function loopsFor(rows: WeightedRows, { components, dimension, form }: WhitenedMixture): MixtureLoops {
  const kept = KEPT.get(rows);
  if (kept?.mixture.components === components && kept.mixture.form === form) return kept.loops;
  const loops = makeMixtureLoops({ components, dimension, form });
  KEPT.set(rows, { mixture: { components, form }, loops });
  return loops;
}

/** Gives all of w_i to the likeliest component (the first of equals): the assignment of k-means. */
function giveToLikeliest(loops: MixtureLoops, components: number, count: number): number {
  loops.joint(count);
  const { shares, stride, weights } = loops;
  let logDensity = 0;
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < components; k++) if (shares[k * stride + i] > shares[best * stride + i]) best = k;
    logDensity += weights[i] * shares[best * stride + i];
    for (let k = 0; k < components; k++) shares[k * stride + i] = 0;
    shares[best * stride + i] = weights[i];
  }
  return logDensity;
}
