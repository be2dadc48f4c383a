/**
 * The choice among mixtures of different sizes and covariance types.
 *
 * @module
 */
import { ModelError } from '../core/errors.js';
import { dealFolds, rowsOutside } from '../core/folds.js';
import { type FitOptions, Pacer, type Progress } from '../core/progress.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { type RowWeights, readWeights, unitWeights } from '../core/weights.js';
import type { CovarianceType } from './covariance-type.js';
import { GaussianMixture } from './gaussian-mixture.js';
import type { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { type CheckedSelection, checkSelection, type SelectionOptions } from './selection-options.js';

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
 * Cost: one fit for each, and with cross-validation `folds` more.
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
  const pacer = new Pacer(OWNER, fit);
  const table: SelectionRow[] = [];
  const cells = grid.covariances.flatMap((covariance) =>
    Array.from(grid.components, (components) => ({ covariance, components })),
  );
  for (const { covariance, components } of cells) {
    const estimator = new GaussianMixture({ ...mixture, seed, components, covariance });
    const label = `${covariance}, ${components} ${components === 1 ? 'component' : 'components'}`;
    const row = await evaluate(estimator, { samples, weights, folds, label, checked });
    table.push(Object.freeze({ components, covariance, ...row }));
    await pacer.step({ phase: 'selection', completed: table.length, total: cells.length });
  }
  const best = bestOf(table);
  return { model: best.model, best, table };
}

/** What all mixtures are fitted to. */
interface Task {
  readonly samples: Samples;
  readonly weights: RowWeights;
  readonly folds: readonly Uint32Array[];
  readonly label: string;
  readonly checked: CheckedSelection;
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

async function evaluate(estimator: GaussianMixture, task: Task): Promise<Outcome> {
  const { samples, weights, folds, checked } = task;
  const { criterion } = checked.grid;
  let found: Outcome = { ...FAILED, model: undefined, failure: undefined };
  try {
    const model = await estimator.fit(samples, fitOptions(task, task.label, weights.values));
    const criteria = criteriaOf(model, samples, weights.values);
    const value = criterion === 'cross-validation' ? NO_VALUE : criteria[criterion];
    found = { ...found, ...criteria, model, value };
    if (criterion !== 'cross-validation') return found;
    const heldOut = await heldOutMean(estimator, task, folds);
    return { ...found, heldOut, value: -heldOut };
  } catch (failure) {
    if (failure instanceof ModelError && isOfTheData(failure)) return { ...found, failure };
    throw failure;
  }
}

/** Whether a fault is that of the data beside this mixture, which another may not share. */
function isOfTheData({ code }: ModelError): boolean {
  return code === 'not-positive-definite' || code === 'degenerate-data' || code === 'invalid-data';
}

function fitOptions({ checked }: Task, label: string, weights: Float64Array): FitOptions {
  const { signal, onProgress } = checked.fit;
  return {
    ...(checked.fit.weights && { weights }),
    ...(signal && { signal }),
    ...(onProgress && {
      onProgress: (progress: Progress) => onProgress({ ...progress, phase: `${label}, ${progress.phase}` }),
    }),
  };
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
async function heldOutMean(estimator: GaussianMixture, task: Task, folds: readonly Uint32Array[]): Promise<number> {
  const { samples, weights, label } = task;
  let sum = 0;
  for (const [f, held] of folds.entries()) {
    const training = rowsOutside(held, samples.rows);
    const own = Float64Array.from(training, (i) => weights.values[i]);
    const options = fitOptions(task, `${label}, fold ${f + 1} of ${folds.length}`, own);
    const model = await estimator.fit(samples.select(training), options);
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
