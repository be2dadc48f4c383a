/**
 * Fitting to streams of batches, of which one is in memory at a time.
 *
 * `'exact'` makes every pass of EM over the whole stream, and comes to what a fit in memory comes to from the same start.
 * `'stepwise'` reads the stream once: each few rows move the statistics s of all rows before, s <- (1 - g) s + g s_new with
 * g = (rows of this step / rows so far)^0.6, and the M-step follows at once.
 *
 * Reference: Cappe & Moulines (2009), doi:10.1111/j.1467-9868.2009.00698.x.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { Samples } from '../core/samples.js';
import { type BatchSource, open, readBatches, standardBatches, summarize } from './batches.js';
import type { Candidate } from './candidates.js';
import { heldUp } from './collapse.js';
import { isSpherical } from './covariance-type.js';
import { expectation, type RowBatch, type WeightedRows } from './expectation.js';
import { Fit } from './fit.js';
import type { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { blend, moveCentres } from './incremental.js';
import { overallCovariance } from './initialization.js';
import { formOf, whitenAs } from './log-joint.js';
import { type MaximizationRules, maximize } from './maximization.js';
import type { CheckedOptions } from './options.js';
import { factorize, type MixtureParameters } from './parameters.js';
import { applyTo, standardizationOf, standardize } from './standardization.js';
import type { Statistics } from './statistics.js';

/** How often a stream is read. */
export const BATCH_METHODS = ['exact', 'stepwise'] as const;
/** One of {@link BATCH_METHODS}. */
export type BatchMethod = (typeof BATCH_METHODS)[number];

/** Fits by passes over the whole stream. */
export async function fitExactly(
  source: BatchSource,
  options: CheckedOptions,
  sampleRows: number,
  owner: string,
  pacer: Pacer,
): Promise<GaussianMixtureModel> {
  if (typeof source !== 'function' && !Array.isArray(source)) {
    const must = 'batches must be an array or a function that starts to read them anew, as every iteration reads them';
    const remedy = 'Or set "method" to "stepwise", which reads them once';
    throw modelError('invalid-data', { owner, must, got: source, remedy });
  }
  const read = () => readBatches(open(source, owner), owner, pacer);
  const stream = RandomStream.of(options.seed ?? freshSeed(), owner, 'sample');
  const summary = await summarize(read(), sampleRows, stream);
  const { components, covariance, initialization } = options;
  if (summary === undefined || summary.rows < components) throw tooFewRows(owner, components, summary?.rows ?? 0);
  const { rows: total, columns, sample } = summary;
  const moments = Array.from(summary.means, (mean, j) => {
    const deviation = Math.sqrt(summary.squares[j] / total);
    return { mean, deviation, constant: deviation === 0 };
  });
  const map = standardizationOf(moments, isSpherical(covariance), owner);
  const rows: WeightedRows = {
    data: new Float64Array(0),
    rows: total,
    columns,
    weights: undefined,
    total,
    batches: () => checked(standardBatches(read(), map), total, owner),
  };
  const fit = new Fit(owner, options, rows, map, pacer);
  if (typeof initialization !== 'string') return fit.run();
  applyTo(sample, map, 0, sample.rows);
  const kept: WeightedRows = { ...rows, data: sample.data, rows: sample.rows, total: sample.rows };
  const { batches: _, ...inMemory } = kept;
  const { run } = await new Fit(owner, options, inMemory, map, pacer).best();
  return fit.finish(await fit.runFrom(run.parameters, 'EM over all batches'));
}

/** The same number of rows on every pass. */
async function* checked(batches: AsyncIterable<RowBatch>, rows: number, owner: string): AsyncGenerator<RowBatch> {
  let seen = 0;
  for await (const batch of batches) {
    seen += batch.rows;
    yield batch;
  }
  if (seen === rows) return;
  throw modelError('invalid-data', { owner, must: `batches must hold the same ${rows} rows on every pass`, got: seen });
}

function tooFewRows(owner: string, components: number, rows: number): Error {
  const must = `batches must hold at least ${components} rows, one per component`;
  return modelError('invalid-data', { owner, must, got: rows, remedy: 'Lower "components"' });
}

/** How steps shrink; between 1/2 and 1, by the reference's experiments best near its lower end. */
const EXPONENT = 0.6;
/** Rows of a step, per component: with fewer, M-steps follow noise. */
const STEP_ROWS = 50;

/** Fits in one pass. */
export async function fitStepwise(
  source: BatchSource,
  options: CheckedOptions,
  sampleRows: number,
  owner: string,
  pacer: Pacer,
): Promise<GaussianMixtureModel> {
  const { components, covariance } = options;
  const batches = readBatches(open(source, owner), owner, pacer);
  const first = await takeRows(batches, sampleRows);
  if (first === undefined || first.rows < components) throw tooFewRows(owner, components, first?.rows ?? 0);
  const { rows, map } = await standardize(first, undefined, isSpherical(covariance), owner, pacer);
  const fit = new Fit(owner, options, rows, map, pacer);
  const { run } = await fit.best();
  const rules = fit.rules(await overallCovariance(rows, pacer));
  const walk = await Walk.begin(rows, rules, run.parameters, pacer);
  for await (const batch of standardBatches(batches, map)) {
    for (let from = 0; from < batch.rows; from += STEP_ROWS * components) {
      const count = Math.min(STEP_ROWS * components, batch.rows - from);
      const data = batch.data.subarray(from * rows.columns, (from + count) * rows.columns);
      await walk.step({ data, rows: count, weights: undefined });
    }
    await pacer.step({ phase: 'stepwise EM', completed: walk.seen });
  }
  return fit.finish(walk.result(), walk.seen);
}

/** Parameters and the statistics behind them, on their way through a stream. */
class Walk {
  /** Rows so far. */
  seen: number;
  #parameters: MixtureParameters;
  /** Per row, about the current means. */
  #statistics!: Statistics;
  #current: RowBatch;
  readonly #rows: WeightedRows;
  readonly #rules: MaximizationRules;
  readonly #pacer: Pacer;

  static async begin(
    rows: WeightedRows,
    rules: MaximizationRules,
    parameters: MixtureParameters,
    pacer: Pacer,
  ): Promise<Walk> {
    const walk = new Walk(rows, rules, parameters, pacer);
    const statistics = await walk.#pass(rows);
    walk.#statistics = blend(1 / rows.rows, statistics, 0, statistics);
    return walk;
  }

  private constructor(rows: WeightedRows, rules: MaximizationRules, parameters: MixtureParameters, pacer: Pacer) {
    this.seen = rows.rows;
    this.#current = rows;
    // One object for all batches, so that all share their loops.
    const batches = async function* (this: Walk): AsyncGenerator<RowBatch> {
      yield this.#current;
    };
    this.#rows = { ...rows, data: new Float64Array(0), batches: () => batches.call(this) };
    this.#rules = rules;
    this.#parameters = parameters;
    this.#pacer = pacer;
  }

  async step(batch: RowBatch): Promise<void> {
    const before = this.#parameters;
    this.seen += batch.rows;
    const gain = (batch.rows / this.seen) ** EXPONENT;
    const fresh = await this.#pass(batch);
    const blended = blend(1 - gain, this.#statistics, gain / batch.rows, fresh);
    // The M-step counts rows where there is a prior.
    const after = maximize(blend(this.seen, blended, 0, blended), before, this.#rules);
    // A component that has lost its variance on these few rows waits for more of them.
    if (factorize(after, this.#rules.covariance).includes(undefined)) return;
    this.#statistics = moveCentres(blended, before, after);
    this.#parameters = after;
  }

  /** Statistics of a batch under the current parameters. */
  #pass(batch: RowBatch): Promise<Statistics> {
    const { covariance } = this.#rules;
    this.#current = batch;
    const form = formOf(covariance, this.#rows.columns);
    const factors = factorize(this.#parameters, covariance) as Cholesky[];
    return expectation(this.#rows, whitenAs(form, this.#parameters, factors), this.#pacer);
  }

  result(): Candidate {
    const run = { parameters: this.#parameters, history: [], converged: false, iterations: 0, collapses: [] };
    return { run, held: heldUp(this.#parameters, this.seen, this.#rules) };
  }
}

/** As many batches as hold the given number of rows, in one. */
async function takeRows(batches: AsyncGenerator<Samples>, least: number): Promise<Samples | undefined> {
  const taken: Samples[] = [];
  let rows = 0;
  while (rows < least) {
    const { value, done } = await batches.next();
    if (done) break;
    taken.push(value);
    rows += value.rows;
  }
  if (taken.length === 0) return undefined;
  const { columns } = taken[0];
  const data = new Float64Array(rows * columns);
  let at = 0;
  for (const batch of taken) {
    data.set(batch.data, at);
    at += batch.data.length;
  }
  return new Samples(data, rows, columns);
}
