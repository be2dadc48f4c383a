/**
 * EM from one start to its end, in standardised units.
 *
 * Each iteration is an M-step on the statistics at hand, then an E-step with the new parameters: what the run reports,
 * its last E-step found for the very parameters that it returns.
 *
 * Reference: Dempster, Laird & Rubin (1977), *Maximum likelihood from incomplete data via the EM algorithm*.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { type Cholesky, cholesky } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import { Extrapolation } from './acceleration.js';
import { type Collapse, factorizeOrReseed, isFlat } from './collapse.js';
import { logPrior } from './conjugate-prior.js';
import { hasConverged, isSettled } from './convergence.js';
import { isDiagonal, isTied } from './covariance-type.js';
import { expectation, totalScatter, type WeightedRows } from './expectation.js';
import { incompleteExpectation } from './incomplete-expectation.js';
import { formOf, whitenAs } from './log-joint.js';
import { type MaximizationRules, maximize } from './maximization.js';
import { factorize, type MixtureParameters, type SpareCovariances } from './parameters.js';
import type { Statistics } from './statistics.js';

/** What a run is told. */
export interface RunSettings extends MaximizationRules {
  /** Who complains. */
  readonly owner: string;
  /** What the run is called in progress reports. */
  readonly phase: string;
  readonly maxIterations: number;
  /** After how many of these the run stops to be gone on with, if not at its end. */
  readonly pauseAfter?: number | undefined;
  readonly tolerance: number;
  /** Whether steps are extrapolated. */
  readonly accelerated: boolean;
  /** What objectives are lower by in the data's units than in standardised ones. */
  readonly logVolume: number;
  /** Arrays of covariances that runs one after another hand on. */
  readonly spare: SpareCovariances;
}

/** How a run ended. */
export interface Run {
  readonly parameters: MixtureParameters;
  /** The objective per row: of the start, then after each iteration. */
  readonly history: readonly number[];
  readonly converged: boolean;
  readonly iterations: number;
  readonly collapses: readonly Collapse[];
  /** Where it stands, for one that goes on from there on the same rows. */
  readonly last?: Point;
}

/** Parameters, and what their E-step found. */
export interface Point {
  readonly parameters: MixtureParameters;
  readonly statistics: Statistics;
  /** Mean log-density, and with a prior its logarithm less that at its mode, per row. */
  readonly objective: number;
  /** Plain steps to it since the start, the last leap or the last new seed. */
  readonly steady: number;
  /** The steps before it. */
  readonly course?: Extrapolation | undefined;
}

/**
 * Runs EM from the given parameters, from a point on the same rows by the same rules, or on from where a run stands there:
 * nobody may read the parameters of that run any more, as their room is used again.
 */
export async function runToEnd(
  rows: WeightedRows,
  start: MixtureParameters | Point | Run,
  settings: RunSettings,
  pacer: Pacer,
): Promise<Run> {
  const { accelerated, maxIterations, owner, pauseAfter = maxIterations, phase, logVolume, spare } = settings;
  // Soon after a leap the ratio of two rises knows the rate of convergence less well.
  const tolerance = accelerated ? settings.tolerance / 8 : settings.tolerance;
  const evaluate = evaluator(rows, settings, pacer);
  const known = 'history' in start ? start : undefined;
  const collapses: Collapse[] = [...(known?.collapses ?? [])];
  let point = known?.last ?? (await pointOf(start, settings, collapses, evaluate));
  const history = [...(known?.history ?? [point.objective])];
  if (!Number.isFinite(history[0])) throw unreachable(owner);
  const extrapolation = accelerated ? (point.course ?? new Extrapolation(settings.covariance)) : undefined;
  // Parameters that a run goes on from are its own, a start is not.
  const first = known?.last ? history.length - 1 : history.length;
  let converged = known?.converged ?? false;
  while (!converged && history.length <= pauseAfter) {
    const iteration = history.length;
    const before = collapses.length;
    const image = maximize(point.statistics, point.parameters, settings, spare.take());
    const proposal = extrapolation?.propose(point.parameters, image, spare);
    if (extrapolation?.rate !== undefined && isSettled(history, extrapolation.rate ** 2, tolerance)) {
      // Who goes on from here asks for the same step again.
      extrapolation.restart();
      converged = true;
      break;
    }
    const leap = proposal && (await tryLeap(proposal, image, point, settings, evaluate));
    if (iteration > first) spare.give(point.parameters);
    if (proposal) spare.give(leap ? image : proposal);
    const { steady } = point;
    if (leap) {
      point = leap;
      extrapolation?.restart();
    } else {
      const factors = factorizeOrReseed(image, settings, owner, collapses, iteration, point.statistics);
      const isReseeded = collapses.slice(before).some(({ from }) => from !== undefined);
      point = await evaluate(image, factors, isReseeded ? 0 : steady + 1);
      if (isReseeded) extrapolation?.restart();
    }
    history.push(point.objective);
    if (proposal && !leap) extrapolation?.refuse();
    converged = point.steady >= 1 && collapses.length === before && hasConverged(history, point.steady, tolerance);
    await pacer.step({ phase, completed: iteration, total: maxIterations, objective: history[iteration] - logVolume });
  }
  const last = { ...point, course: extrapolation };
  return { parameters: point.parameters, history, converged, iterations: history.length - 1, collapses, last };
}

/** Where a start lies. */
async function pointOf(
  start: MixtureParameters | Point | Run,
  settings: RunSettings,
  collapses: Collapse[],
  evaluate: Evaluate,
): Promise<Point> {
  if ('statistics' in start) return start;
  const { parameters } = 'history' in start ? start : { parameters: start };
  return evaluate(parameters, factorizeOrReseed(parameters, settings, settings.owner, collapses, 0), 0);
}

type Evaluate = (parameters: MixtureParameters, factors: readonly Cholesky[], steady: number) => Promise<Point>;

function evaluator(rows: WeightedRows, settings: RunSettings, pacer: Pacer): Evaluate {
  const { covariance: type, prior } = settings;
  const form = formOf(type, rows.columns);
  const scale = prior && (cholesky(prior.scale, rows.columns)?.logDeterminant ?? Number.NaN);
  const { incomplete } = rows;
  const total = incomplete?.total ?? rows.total;
  return async (parameters, factors, steady) => {
    const all = isTied(type) && !incomplete ? await totalScatter(rows, pacer) : undefined;
    const statistics = incomplete
      ? await incompleteExpectation(incomplete.patterns, parameters, factors, form, pacer)
      : await expectation(rows, whitenAs(form, parameters, factors), pacer, 'responsibilities', all);
    const penalty = prior ? logPrior(prior, parameters, factors, type, scale as number) : 0;
    return { parameters, statistics, objective: (statistics.logDensity + penalty) / total, steady };
  };
}

/** The point of a leap, where it is a mixture and not below the point that it set out from. */
async function tryLeap(
  proposal: MixtureParameters,
  image: MixtureParameters,
  from: Point,
  settings: RunSettings,
  evaluate: Evaluate,
): Promise<Point | undefined> {
  if (settings.frozen.weights || settings.equalWeights) proposal.weights.set(image.weights);
  const factors = factorize(proposal, settings.covariance);
  if (factors.includes(undefined)) return undefined;
  // Diagonal matrices cannot be.
  const mayBeFlat = !isDiagonal(settings.covariance);
  if (mayBeFlat && factors.some((factor) => isFlat(factor as Cholesky, proposal.dimension))) return undefined;
  const reached = await evaluate(proposal, factors as Cholesky[], 0);
  return reached.objective >= from.objective ? reached : undefined;
}

function unreachable(owner: string): Error {
  const must = 'initialization must give the rows a density above 0';
  return modelError('invalid-option', { owner, must, remedy: 'Its means lie too far from the data, in its own units' });
}
