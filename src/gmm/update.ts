/**
 * A fitted mixture, brought up to date with further rows.
 *
 * The model stands for the rows that it was fitted to: their statistics are those of its parameters. One E-step adds those
 * of the new rows, and one M-step follows: incremental EM. What earlier rows would now give to other components is not
 * looked at again. Reference: Neal & Hinton (1998), *A view of the EM algorithm that justifies incremental, sparse, and
 * other variants*.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { number, readOptions } from '../core/options.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { readWeights, unitWeights } from '../core/weights.js';
import { partsOf } from './gaussian-mixture-distribution.js';
import type { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { blend, statisticsOf } from './incremental.js';
import { formOf, loopsOf, whitenAs } from './log-joint.js';
import { maximize } from './maximization.js';
import type { MixtureParameters } from './parameters.js';
import type { FitReport } from './state.js';
import { clearStatistics, copyStatistics } from './statistics.js';

/** What {@link GaussianMixtureModel.update} may be given beside rows. */
export interface UpdateOptions {
  /** One non-negative weight per row; they count as rows. */
  readonly weights?: ArrayLike<number>;
  /** How many rows the model stands for; those that it was fitted to, unless told otherwise. Fewer forget faster. */
  readonly rows?: number;
}

const ROWS = number({ above: 0 });

/** The parameters and report of the updated mixture. Cost: O(n K d^2 + K d^3). */
export function updated(
  model: GaussianMixtureModel,
  rows: SamplesLike,
  options: UpdateOptions | undefined,
): [MixtureParameters, FitReport] {
  const owner = 'GaussianMixtureModel.update';
  const given = readOptions(owner, options, ['weights', 'rows']);
  const before = given.get('rows') ?? model.rows;
  if (!ROWS.accepts(before)) {
    const must = 'option "rows" must be a finite number > 0: for a mixture that was not fitted, its rows must be told';
    throw modelError('invalid-option', { owner, must, got: before });
  }
  const samples = readSamples(rows, { owner, columns: model.dimension });
  const weights = given.get('weights');
  const { values, total } =
    weights === undefined ? unitWeights(samples.rows) : readWeights(weights, samples.rows, owner);
  const { parameters, factors } = partsOf(model);
  const mixture = whitenAs(formOf(model.covariance, model.dimension), parameters, factors);
  const loops = loopsOf(mixture);
  clearStatistics(loops);
  for (let first = 0; first < samples.rows; first += loops.blockRows) {
    const count = Math.min(loops.blockRows, samples.rows - first);
    loops.rows.set(samples.data.subarray(first * model.dimension, (first + count) * model.dimension));
    loops.weights.set(values.subarray(first, first + count));
    loops.share(count);
    loops.accumulate(count);
  }
  const old = statisticsOf(parameters, model.covariance, before);
  const statistics = blend(1, old, 1, copyStatistics(loops, mixture, 0));
  const frozen = {
    weights: model.frozen.includes('weights'),
    means: model.frozen.includes('means'),
    covariances: model.frozen.includes('covariances'),
  };
  const { covariance, equalWeights } = model;
  const after = maximize(statistics, parameters, { covariance, equalWeights, ridge: 0, frozen });
  return [after, { ...reportOf(model), rows: before + total }];
}

/** What stays of the report: nothing of a history that no longer belongs to the parameters. */
function reportOf(model: GaussianMixtureModel): FitReport {
  const { covariance, equalWeights, missing, objective, frozen, rows } = model;
  const history: number[] = [];
  return {
    covariance,
    equalWeights,
    missing,
    objective,
    frozen,
    rows,
    history,
    converged: false,
    iterations: 0,
    warnings: [],
    collapsed: [],
  };
}
