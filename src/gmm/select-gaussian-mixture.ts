/**
 * The choice among mixtures of different sizes and covariance types.
 *
 * @module
 */
import type { ModelError } from '../core/errors.js';
import { dealFolds } from '../core/folds.js';
import { Pacer } from '../core/progress.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights, unitWeights } from '../core/weights.js';
import type { CovarianceType } from './covariance-type.js';
import type { GaussianMixtureModel } from './gaussian-mixture-model.js';
import type { GaussianMixtureOptions } from './options.js';
import { type Fitter, fitterHere, isOfTheData, withFitterOf } from './selection-fits.js';
import { type CheckedSelection, checkSelection, type SelectionOptions } from './selection-options.js';
import { isWorthThreads } from './threads.js';

/** One mixture of the grid. */
export interface SelectionRow {
  readonly components: number;
  readonly covariance: CovarianceType;
  /** What was compared, smaller being better: the criterion, or minus the mean held-out log-density; `Infinity` if it failed. */
  readonly value: number;
  /** The mixture fitted to all rows; `undefined` where the fit failed. */
  readonly model: GaussianMixtureModel | undefined;
  /** Why there is no model or no value. */
  readonly failure: ModelError | undefined;
  /** log p summed over all rows by weight, in nats. */
  readonly logLikelihood: number;
  readonly bic: number;
  readonly aic: number;
  readonly icl: number;
  /** Mean log-density of rows left out, in nats; `undefined` unless cross-validated. */
  readonly heldOut: number | undefined;
}

/** What {@link selectGaussianMixture} found. */
export interface Selection {
  /** The winner, fitted to all rows. */
  readonly model: GaussianMixtureModel;
  /** Its row of the table. */
  readonly best: SelectionRow;
  /** All mixtures, by covariance type and then by components, in the order asked for. */
  readonly table: readonly SelectionRow[];
}

const OWNER = 'selectGaussianMixture';

/**
 * Fits mixtures of each number of components and covariance type, and chooses the best by BIC, ICL, AIC or the mean
 * log-density of rows left out.
 *
 *     bic = -2 log L + df log n       icl = bic - 2 sum_i log max_k r_ik       aic = -2 log L + 2 df
 *
 * A mixture with a component that only `regularization` keeps from collapsing wins only where all have one: its
 * likelihood is that of a spike on a few rows. One that cannot be fitted, say for want of rows, stays in the table with
 * its `failure`. Weights count rows: weight 2 is the row twice, in n too.
 *
 * Cost: one fit for each, and with cross-validation `folds` more; on the threads of `pool` where there is one, with the
 * same bits.
 *
 * References: Schwarz (1978), doi:10.1214/aos/1176344136; Biernacki, Celeux & Govaert (2000), doi:10.1109/34.865189;
 * Akaike (1974), doi:10.1109/TAC.1974.1100705; Smyth (2000), doi:10.1023/A:1008940618127, on cross-validated likelihood.
 *
 * @throws ModelError by rejection, for rows or options that will not do, and where no mixture could be fitted; the
 *   signal's reason when aborted.
 * @example
 * const rows = Array.from({ length: 60 }, (_, i) => [(i % 2) * 9 + Math.sin(i), Math.cos(7 * i)]);
 * const { model, best } = await selectGaussianMixture(rows, { components: [1, 2, 3], covariances: ['spherical'], seed: 1 });
 * model.components; // 2
 * best.value === model.bic(rows); // true
 */
export async function selectGaussianMixture(rows: SamplesLike, options?: SelectionOptions): Promise<Selection> {
  const checked = checkSelection(OWNER, options);
  const { grid, mixture, fit } = checked;
  const samples = readSamples(rows, { owner: OWNER, allowMissing: mixture.missing === 'marginalize' });
  const weights = fit.weights ? readWeights(fit.weights, samples.rows, OWNER) : unitWeights(samples.rows);
  const seed = mixture.seed ?? freshSeed();
  const stream = RandomStream.of(seed, OWNER);
  const folds = grid.criterion === 'cross-validation' ? dealFolds(OWNER, weights, grid.folds, stream) : [];
  const cells = grid.covariances.flatMap((covariance) =>
    Array.from(grid.components, (components) => ({ ...mixture, seed, covariance, components })),
  );
  const input = { data: samples.data, columns: samples.columns, weights: fit.weights && weights.values };
  const task = { samples, weights, folds, checked };
  const { pool } = fit;
  const perPass = cells.reduce((sum, cell) => sum + cell.components, 0) * (1 + folds.length) * samples.data.length;
  // One fit alone has threads for its restarts.
  const table =
    pool && cells.length + folds.length > 1 && isWorthThreads(perPass)
      ? await withFitterOf(pool, OWNER, input, fit, (fitter) => tabulate(cells, { ...task, fitter, isSpread: true }))
      : await tabulate(cells, { ...task, fitter: fitterHere(input, fit), isSpread: false });
  const best = bestOf(table);
  return { model: best.model, best, table };
}

/** A mixture of the grid. */
type Cell = GaussianMixtureOptions & { readonly components: number; readonly covariance: CovarianceType };

/** What all mixtures are fitted to, and by whom. */
interface Task {
  readonly samples: Samples;
  readonly weights: RowWeights;
  readonly folds: readonly Uint32Array[];
  readonly checked: CheckedSelection;
  readonly fitter: Fitter;
  /** Whether fits run side by side. */
  readonly isSpread: boolean;
}

async function tabulate(cells: readonly Cell[], task: Task): Promise<SelectionRow[]> {
  const pacer = new Pacer(OWNER, task.checked.fit);
  const table: SelectionRow[] = new Array(cells.length);
  let completed = 0;
  const fill = async (at: number): Promise<void> => {
    const { components, covariance } = cells[at];
    const row = await evaluate(cells[at], task);
    table[at] = Object.freeze({ components, covariance, ...row });
    await pacer.step({ phase: 'selection', completed: ++completed, total: cells.length });
  };
  const order = Array.from(cells.keys());
  if (!task.isSpread) for (const at of order) await fill(at);
  // The longest fits first, so that no thread is left with one at the end.
  else await Promise.all(order.sort((a, b) => cells[b].components - cells[a].components).map(fill));
  return table;
}

type Outcome = Omit<SelectionRow, 'components' | 'covariance'>;

const NO_VALUE = Number.POSITIVE_INFINITY;
const FAILED = {
  value: NO_VALUE,
  logLikelihood: -NO_VALUE,
  bic: NO_VALUE,
  aic: NO_VALUE,
  icl: NO_VALUE,
  heldOut: undefined,
};

async function evaluate(cell: Cell, task: Task): Promise<Outcome> {
  const { samples, weights, checked } = task;
  const { criterion } = checked.grid;
  const label = `${cell.covariance}, ${cell.components} ${cell.components === 1 ? 'component' : 'components'}`;
  let found: Outcome = { ...FAILED, model: undefined, failure: undefined };
  try {
    const model = await task.fitter({ options: cell, held: undefined }, label);
    const criteria = criteriaOf(model, samples, weights.values);
    const value = criterion === 'cross-validation' ? NO_VALUE : criteria[criterion];
    found = { ...found, ...criteria, model, value };
    if (criterion !== 'cross-validation') return found;
    const heldOut = await heldOutMean(cell, task, label);
    return { ...found, heldOut, value: -heldOut };
  } catch (failure) {
    if (isOfTheData(failure)) return { ...found, failure };
    throw failure;
  }
}

type Criteria = Pick<SelectionRow, 'logLikelihood' | 'bic' | 'aic' | 'icl'>;

function criteriaOf(model: GaussianMixtureModel, samples: Samples, weights: Float64Array): Criteria {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const logDensity = model.logDensity(samples);
  const logShares = model.logResponsibilities(samples);
  let logLikelihood = 0;
  let unclear = 0;
  for (let i = 0; i < samples.rows; i++) {
    if (weights[i] === 0) continue;
    logLikelihood += weights[i] * logDensity[i];
    unclear -= weights[i] * Math.max(...logShares.row(i));
  }
  const bic = -2 * logLikelihood + model.degreesOfFreedom * Math.log(total);
  return { logLikelihood, bic, aic: -2 * logLikelihood + 2 * model.degreesOfFreedom, icl: bic + 2 * unclear };
}

/** sum_i w_i log p^(-fold(i))(x_i) / sum_i w_i: each row under the mixture that has not seen it. */
async function heldOutMean(cell: Cell, task: Task, label: string): Promise<number> {
  const { fitter, folds, isSpread, samples, weights } = task;
  const fitFold = (held: Uint32Array, f: number): Promise<GaussianMixtureModel> =>
    fitter({ options: cell, held }, `${label}, fold ${f + 1} of ${folds.length}`);
  const ahead = isSpread ? folds.map(fitFold) : [];
  // Of several that fail the first is told.
  for (const fit of ahead) fit.catch(() => undefined);
  let sum = 0;
  for (const [f, held] of folds.entries()) {
    const model = await (ahead[f] ?? fitFold(held, f));
    const logDensity = model.logDensity(samples.select(held));
    held.forEach((row, i) => {
      if (weights.values[row] > 0) sum += weights.values[row] * logDensity[i];
    });
  }
  return sum / weights.total;
}

/** The least value, of sound mixtures first; the first of equals. */
function bestOf(table: readonly SelectionRow[]): SelectionRow & { readonly model: GaussianMixtureModel } {
  let best: (SelectionRow & { readonly model: GaussianMixtureModel }) | undefined;
  for (const row of table) if (isFitted(row) && (best === undefined || isBetter(row, best))) best = row;
  if (best === undefined) throw table[table.length - 1].failure;
  return best;
}

function isFitted(row: SelectionRow): row is SelectionRow & { readonly model: GaussianMixtureModel } {
  return row.model !== undefined;
}

function isBetter(a: SelectionRow, b: SelectionRow): boolean {
  const [sound, otherSound] = [isSound(a), isSound(b)];
  return sound === otherSound ? a.value < b.value : sound;
}

function isSound({ model, failure }: SelectionRow): boolean {
  return model !== undefined && failure === undefined && model.collapsed.length === 0;
}
