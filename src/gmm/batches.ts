/**
 * Rows that come in batches: read, counted, standardised, and sampled, one batch in memory at a time.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { readSamples, Samples, type SamplesLike } from '../core/samples.js';
import type { RowBatch } from './expectation.js';
import { applyTo, type Standardization } from './standardization.js';

/** Batches of rows, one after another. */
export type Batches = Iterable<SamplesLike> | AsyncIterable<SamplesLike>;

/** Batches, or what starts to read them anew: needed where they are read more than once. */
export type BatchSource = Batches | (() => Batches);

/** Starts to read a source. */
export function open(source: BatchSource, owner: string): Batches {
  const batches: unknown = typeof source === 'function' ? source() : source;
  if (typeof batches === 'object' && batches !== null) {
    if (Symbol.asyncIterator in batches || Symbol.iterator in batches) return batches as Batches;
  }
  throw modelError('invalid-data', {
    owner,
    must: 'batches must be an iterable or async iterable of rows, or a function that returns one',
    got: batches,
  });
}

/** Reads batches with every check; empty ones are passed over. */
export async function* readBatches(batches: Batches, owner: string, pacer: Pacer): AsyncGenerator<Samples> {
  let columns: number | undefined;
  let index = 0;
  for await (const batch of batches) {
    const name = `batch ${index++}`;
    const rows = readSamples(batch, { owner, name, leastRows: 0, ...(columns !== undefined && { columns }) });
    if (pacer.isDue) await pacer.breathe();
    if (rows.rows === 0) continue;
    columns = rows.columns;
    yield rows;
  }
}

/** Batches in standardised units. */
export async function* standardBatches(
  batches: AsyncIterable<Samples>,
  map: Standardization,
): AsyncGenerator<RowBatch> {
  for await (const { data, rows, columns } of batches) {
    applyTo({ data, columns }, map, 0, rows);
    yield { data, rows, weights: undefined };
  }
}

/** What one pass over all rows finds. */
export interface StreamSummary {
  readonly rows: number;
  readonly columns: number;
  /** Mean and sum of squared deviations of each column. */
  readonly means: Float64Array;
  readonly squares: Float64Array;
  /** Rows drawn without replacement, each equally likely. */
  readonly sample: Samples;
}

/**
 * Counts, averages and samples.
 *
 * Moments of batches are merged about their own means: with n_a, n_b rows and delta = mean_b - mean_a, squares add up to
 * S_a + S_b + delta^2 n_a n_b / (n_a + n_b). Reference: Chan, Golub & LeVeque (1983), doi:10.1080/00031305.1983.10483115;
 * Vitter (1985), doi:10.1145/3147.3165, algorithm R, on the sample.
 */
export async function summarize(
  batches: AsyncIterable<Samples>,
  sampleRows: number,
  stream: RandomStream,
): Promise<StreamSummary | undefined> {
  let kept = new Float64Array(0);
  let [means, squares] = [kept, kept];
  let [seen, d] = [0, 0];
  for await (const { data, rows, columns } of batches) {
    if (seen === 0) {
      d = columns;
      kept = new Float64Array(sampleRows * d);
      [means, squares] = [new Float64Array(d), new Float64Array(d)];
    }
    for (let j = 0; j < d; j++) mergeColumn(data, rows, d, j, seen, means, squares);
    for (let i = 0; i < rows; i++) {
      const at = seen + i < sampleRows ? seen + i : stream.integer(seen + i + 1);
      if (at < sampleRows) kept.set(data.subarray(i * d, (i + 1) * d), at * d);
    }
    seen += rows;
  }
  if (seen === 0) return undefined;
  const count = Math.min(seen, sampleRows);
  return { rows: seen, columns: d, means, squares, sample: new Samples(kept.slice(0, count * d), count, d) };
}

function mergeColumn(
  data: Float64Array,
  rows: number,
  d: number,
  j: number,
  seen: number,
  means: Float64Array,
  squares: Float64Array,
): void {
  const origin = data[j];
  let sum = 0;
  for (let at = j; at < rows * d; at += d) sum += data[at] - origin;
  const mean = origin + sum / rows;
  let own = 0;
  for (let at = j; at < rows * d; at += d) own += (data[at] - mean) ** 2;
  const delta = mean - means[j];
  squares[j] += own + delta * delta * ((seen * rows) / (seen + rows));
  means[j] += (delta * rows) / (seen + rows);
}
