/**
 * Two-sample statistics from sums of a kernel over all pairs of rows, bin by bin, without a matrix of rows by rows.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import { type LeafKernelName, leafKernel, makeLeafLoops } from '../simd/index.js';
import { type Bins, FIRST, type Labels, SECOND } from './bins.js';
import { type PooledRows, selectRows } from './two-samples.js';

/** Sums over pairs of bins. */
export interface PairSums {
  /** B x B: entry (a, b) is the sum of k(x, y) over all x of bin a and y of bin b, no row paired with itself. */
  readonly sums: Float64Array;
  /** Rows of each of the B bins. */
  readonly sizes: Float64Array;
}

/** Rows of a block: its coordinates, and the queries against it, stay in the innermost cache. */
const BLOCK = 128;

/** A run of rows of one bin. */
interface Block {
  readonly bin: number;
  readonly start: number;
  readonly end: number;
}

/**
 * Sums of (1 / S) sum_s k(|x - y|^2 / h_s^2) over all pairs of rows.
 *
 * Cost: (n + m)^2 / 2 kernel values for each bandwidth, about 4 ns each in 2 columns; memory for n + m rows and B^2 sums.
 *
 * @param bandwidths - h_s in the units of the pool.
 */
export async function sumPairs(
  pool: PooledRows,
  bins: Bins,
  kernel: LeafKernelName,
  bandwidths: readonly number[],
  pacer: Pacer,
): Promise<PairSums> {
  const count = bins.starts.length - 1;
  const sums = new Float64Array(count * count);
  const sizes = Float64Array.from({ length: count }, (_, b) => bins.starts[b + 1] - bins.starts[b]);
  const blocks = cutIntoBlocks(bins);
  const { columns } = pool;
  const rows = bins.order.length;
  const placed = selectRows(pool, bins.order);
  const loops = makeLeafLoops({ rows, columns, weighted: false, queries: BLOCK });
  for (const { start, end } of blocks) layOut(placed, columns, start, end, loops.coordinates);
  const profile = leafKernel(kernel, 0);
  const total = blocks.length * bandwidths.length;
  let completed = 0;
  for (const bandwidth of bandwidths) {
    loops.scales.fill(1 / bandwidth);
    for (const [i, a] of blocks.entries()) {
      loops.queries.set(placed.subarray(a.start * columns, a.end * columns));
      for (let j = i; j < blocks.length; j++) {
        const b = blocks[j];
        loops.sums.fill(0);
        loops.addSums(profile, b.start, b.end, b.start, b.end, a.end - a.start);
        let sum = 0;
        for (let q = 0; q < a.end - a.start; q++) sum += loops.sums[q];
        // Each row meets itself once on the diagonal, where k = 1.
        if (i === j) sum -= a.end - a.start;
        sums[a.bin * count + b.bin] += sum / bandwidths.length;
        if (i !== j) sums[b.bin * count + a.bin] += sum / bandwidths.length;
        if (pacer.isDue) await pacer.step({ phase: 'pairs of rows', completed, total });
      }
      completed++;
    }
  }
  return { sums, sizes };
}

function cutIntoBlocks({ starts }: Bins): Block[] {
  const blocks: Block[] = [];
  for (let bin = 0; bin + 1 < starts.length; bin++) {
    for (let start = starts[bin]; start < starts[bin + 1]; start += BLOCK) {
      blocks.push({ bin, start, end: Math.min(start + BLOCK, starts[bin + 1]) });
    }
  }
  return blocks;
}

/** Writes rows axis by axis, as the loops read them. */
function layOut(rows: Float64Array, columns: number, start: number, end: number, out: Float64Array): void {
  for (let i = start; i < end; i++) {
    for (let j = 0; j < columns; j++) out[start * columns + j * (end - start) + (i - start)] = rows[i * columns + j];
  }
}

/**
 * The unbiased estimate of E k(x, x') - 2 E k(x, y) + E k(y, y'), for the bins on either side.
 *
 *     T = sum_{i != i'} k(x_i, x_i') / (n (n - 1)) - 2 sum_ij k(x_i, y_j) / (n m) + sum_{j != j'} k(y_j, y_j') / (m (m - 1))
 */
export function unbiasedContrast({ sums, sizes }: PairSums, labels: Labels): number {
  const count = sizes.length;
  // Masks instead of branches: labels of permutations cannot be predicted.
  const isFirst = Float64Array.from(labels, (label) => (label === FIRST ? 1 : 0));
  const isSecond = Float64Array.from(labels, (label) => (label === SECOND ? 1 : 0));
  const n = dot(isFirst, sizes, 0);
  const m = dot(isSecond, sizes, 0);
  let [within, across, beyond] = [0, 0, 0];
  for (let a = 0; a < count; a++) {
    if (isFirst[a] === 1) within += dot(isFirst, sums, a * count);
    if (isFirst[a] === 1) across += dot(isSecond, sums, a * count);
    if (isSecond[a] === 1) beyond += dot(isSecond, sums, a * count);
  }
  return within / (n * (n - 1)) - (2 * across) / (n * m) + beyond / (m * (m - 1));
}

/** sum_b mask_b values_(start + b), in two partial sums, which a processor adds side by side. */
function dot(mask: Float64Array, values: Float64Array, start: number): number {
  let [even, odd] = [0, 0];
  let b = 0;
  for (; b + 1 < mask.length; b += 2) {
    even += mask[b] * values[start + b];
    odd += mask[b + 1] * values[start + b + 1];
  }
  if (b < mask.length) even += mask[b] * values[start + b];
  return even + odd;
}

/** {@link unbiasedContrast} of each labeling. Cost: B^2 each. */
export async function contrasts(pairs: PairSums, labelings: readonly Labels[], pacer: Pacer): Promise<Float64Array> {
  const values = new Float64Array(labelings.length);
  for (const [i, labels] of labelings.entries()) {
    values[i] = unbiasedContrast(pairs, labels);
    if (pacer.isDue) await pacer.step({ phase: 'permutations', completed: i, total: labelings.length });
  }
  return values;
}
