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
import { defaultBlockRows, type MixtureLoops, makeMixtureLoops } from '../simd/index.js';
import type { IncompleteRows } from './incomplete-rows.js';
import { load, unitSpheres, type WhitenedMixture } from './log-joint.js';
import { pooledScatter } from './pooled-scatter.js';
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
 *
 * @param all - The scatter of all rows ({@link totalScatter}), where only the sum of the components' is wanted: shared
 * matrices then cost O(N K d).
 */
export async function expectation(
  rows: WeightedRows,
  mixture: WhitenedMixture,
  pacer: Pacer,
  sharing: Sharing = 'responsibilities',
  all?: Statistics,
): Promise<Statistics> {
  const kept = loopsFor(rows, mixture);
  const { loops } = kept;
  loadFor(kept, mixture);
  const pass = async (isScattered: boolean): Promise<Statistics> => {
    clearStatistics(loops);
    const settings = { mixture, pacer, sharing, isScattered };
    let logDensity = 0;
    if (!rows.batches) logDensity = await addRows(kept, rows, settings);
    else for await (const batch of rows.batches()) logDensity += await addRows(kept, batch, settings);
    return copyStatistics(loops, mixture, logDensity);
  };
  if (all === undefined || !kept.canPool) return pass(true);
  const statistics = await pass(false);
  const scatter = pooledScatter(statistics, mixture.means, all);
  if (scatter) return { ...statistics, scatter, pooled: true };
  kept.canPool = false;
  return pass(true);
}

interface PassSettings {
  readonly mixture: WhitenedMixture;
  readonly pacer: Pacer;
  readonly sharing: Sharing;
  readonly isScattered: boolean;
}

/** Adds rows to the loops' statistics, block by block; returns their weighted log-density. */
async function addRows(
  kept: Kept,
  batch: RowBatch,
  { mixture: { components }, pacer, sharing, isScattered }: PassSettings,
): Promise<number> {
  const { loops } = kept;
  let logDensity = 0;
  for (let first = 0; first < batch.rows; first += loops.blockRows) {
    const count = Math.min(loops.blockRows, batch.rows - first);
    turnTo(kept, batch, first, count);
    if (sharing === 'likeliest') {
      logDensity += giveToLikeliest(loops, components, count, batch.weights?.subarray(first));
      loops.accumulate(count, isScattered);
    } else logDensity += loops.step(count, isScattered);
    if (pacer.isDue) await pacer.breathe();
  }
  return logDensity;
}

interface Kept {
  readonly mixture: Pick<WhitenedMixture, 'components' | 'form'>;
  readonly loops: MixtureLoops;
  /** Whether the scatter of components has been the difference of others without loss so far. */
  canPool: boolean;
  /** Some of the rows, the same in all passes and on all threads. */
  readonly typical: Float64Array;
  /** Where all rows stand in the loops, as they are few: where those that are typical stand behind them. */
  readonly behind: number | undefined;
}

/** Loops used for some rows, by shape: an iteration over few rows takes less time than making new ones. */
const KEPT = new WeakMap<WeightedRows, Kept[]>();
/** Those of EM, of starts and of all rows as one component. */
const MOST_KEPT = 3;

function loopsFor(rows: WeightedRows, { components, dimension, form }: WhitenedMixture): Kept {
  const all = KEPT.get(rows) ?? [];
  KEPT.set(rows, all);
  const known = all.find(({ mixture }) => mixture.components === components && mixture.form === form);
  if (known) return known;
  const typical = typicalOf(rows);
  const isHeld = !rows.batches && rows.data.length <= MOST_HELD && form !== 'triangular';
  const behind = isHeld ? 4 * Math.ceil(rows.rows / 4) : undefined;
  const heldRows = Math.max(defaultBlockRows(dimension), (behind ?? 0) + TYPICAL);
  const loops = makeMixtureLoops({ components, dimension, form, ...(behind !== undefined && { heldRows }) });
  if (behind !== undefined) {
    loops.rows.set(rows.data);
    loops.rows.set(typical, behind * dimension);
    if (rows.weights) loops.weights.set(rows.weights);
  }
  const kept = { mixture: { components, form }, loops, canPool: true, typical, behind };
  all.unshift(kept);
  all.length = Math.min(all.length, MOST_KEPT);
  return kept;
}

/**
 * Numbers of rows that loops hold, 2 MB: copied anew in each pass they would take a tenth of its time. Not of triangles: those
 * have so much to do with each row that its copy is nothing, and rows just copied are at hand.
 */
const MOST_HELD = 2 ** 18;

/** Loads a mixture, with rows that are typical. */
function loadFor({ behind, loops, typical }: Kept, mixture: WhitenedMixture): void {
  if (behind === undefined) loops.rows.set(typical);
  else if (typical.length > 0) loops.turnTo(behind);
  load(mixture, loops, typical.length / mixture.dimension);
}

/** Makes some of the rows those of the loops. */
function turnTo({ behind, loops }: Kept, { data, rows, weights }: RowBatch, first: number, count: number): void {
  if (behind !== undefined) {
    loops.turnTo(first);
    return;
  }
  const d = data.length / rows;
  loops.rows.set(data.subarray(first * d, (first + count) * d));
  if (weights) loops.weights.set(weights.subarray(first, first + count));
}

/** How many rows tell in which order squares are best summed; 8 did as well as 48 on the digits. */
const TYPICAL = 16;
/** Of fewer rows each of them would take more than it spares. */
const LEAST_PER_TYPICAL = 32;

/** Rows from all over the data; none of a stream, or of few. */
function typicalOf({ batches, columns, data, rows }: WeightedRows): Float64Array {
  if (batches || rows < LEAST_PER_TYPICAL * TYPICAL) return new Float64Array(0);
  const typical = new Float64Array(TYPICAL * columns);
  for (let i = 0; i < TYPICAL; i++) {
    const from = Math.floor(((i + 0.5) * rows) / TYPICAL) * columns;
    typical.set(data.subarray(from, from + columns), i * columns);
  }
  return typical;
}

const TOTALS = new WeakMap<WeightedRows, Statistics>();

/** Mass, and shift and scatter about the origin, of all rows as one component; found when first asked for. */
export async function totalScatter(rows: WeightedRows, pacer: Pacer): Promise<Statistics> {
  const known = TOTALS.get(rows);
  if (known) return known;
  const total =
    !rows.batches && rows.data.length * rows.columns <= MOST_PLAIN
      ? plainTotal(rows)
      : await expectation(rows, unitSpheres(new Float64Array(rows.columns), rows.columns), pacer, 'likeliest');
  TOTALS.set(rows, total);
  return total;
}

/** Products that are summed one by one sooner than loops for them are made. */
const MOST_PLAIN = 2 ** 14;

function plainTotal({ columns: d, data, rows, total, weights }: WeightedRows): Statistics {
  const shift = new Float64Array(d);
  const scatter = new Float64Array((d * (d + 1)) / 2);
  for (let i = 0; i < rows; i++) {
    const weight = weights === undefined ? 1 : weights[i];
    for (let j = 0, next = 0; j < d; j++) {
      const x = weight * data[i * d + j];
      shift[j] += x;
      for (let l = 0; l <= j; l++) scatter[next++] += x * data[i * d + l];
    }
  }
  const mass = Float64Array.of(total);
  return { components: 1, dimension: d, diagonal: false, mass, shift, scatter, pooled: false, logDensity: 0 };
}

/** Gives all of w_i to the likeliest component (the first of equals): the assignment of k-means. */
function giveToLikeliest(loops: MixtureLoops, components: number, count: number, weights?: Float64Array): number {
  loops.joint(count);
  const { shares, stride } = loops;
  let logDensity = 0;
  for (let i = 0; i < count; i++) {
    let best = 0;
    for (let k = 1; k < components; k++) if (shares[k * stride + i] > shares[best * stride + i]) best = k;
    const weight = weights ? weights[i] : 1;
    logDensity += weight * shares[best * stride + i];
    for (let k = 0; k < components; k++) shares[k * stride + i] = 0;
    shares[best * stride + i] = weight;
  }
  return logDensity;
}
