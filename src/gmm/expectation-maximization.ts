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
import type { Cholesky } from '../core/linalg.js';
import { symmetricEigen } from '../core/linalg.js';
import type { Pacer } from '../core/progress.js';
import { isDiagonal } from './covariance-type.js';
import { expectation, type WeightedRows } from './expectation.js';
import { type WhitenedMixture, whiten } from './log-joint.js';
import { isEmpty, type MaximizationRules, maximize } from './maximization.js';
import { covarianceOf, factorize, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

/** What a run is told. */
export interface RunSettings extends MaximizationRules {
  /** Who complains. */
  readonly owner: string;
  /** What the run is called in progress reports. */
  readonly phase: string;
  readonly maxIterations: number;
  readonly tolerance: number;
  /** What objectives are lower by in the data's units than in standardised ones. */
  readonly logVolume: number;
}

/** A component that collapsed, and what was done about it. */
export interface Collapse {
  readonly iteration: number;
  readonly component: number;
  /** The component that was split to seed it anew; `undefined` where it was left empty. */
  readonly from: number | undefined;
}

/** How a run ended. */
export interface Run {
  readonly parameters: MixtureParameters;
  /** Mean log-density per row: of the start, then after each iteration. */
  readonly history: readonly number[];
  readonly converged: boolean;
  readonly iterations: number;
  readonly collapses: readonly Collapse[];
}

/** Runs EM from the given parameters. */
export async function runToEnd(
  rows: WeightedRows,
  start: MixtureParameters,
  settings: RunSettings,
  pacer: Pacer,
): Promise<Run> {
  const { maxIterations, tolerance, owner, phase, logVolume } = settings;
  const collapses: Collapse[] = [];
  let parameters = start;
  let statistics = await expectation(rows, prepare(start, settings, collapses, 0), pacer);
  const history = [statistics.logDensity / rows.total];
  if (!Number.isFinite(history[0])) throw unreachable(owner);
  let converged = false;
  let steady = 0;
  while (!converged && history.length <= maxIterations) {
    const iteration = history.length;
    const before = collapses.length;
    parameters = maximize(statistics, parameters, settings);
    const mixture = prepare(parameters, settings, collapses, iteration, statistics);
    statistics = await expectation(rows, mixture, pacer);
    history.push(statistics.logDensity / rows.total);
    // A component seeded anew breaks the sequence that convergence is judged by.
    steady = collapses.some((collapse) => collapse.iteration === iteration && collapse.from !== undefined)
      ? 0
      : steady + 1;
    converged = steady >= 1 && collapses.length === before && hasConverged(history, steady, tolerance);
    await pacer.step({ phase, completed: iteration, total: maxIterations, objective: history[iteration] - logVolume });
  }
  return { parameters, history, converged, iterations: history.length - 1, collapses };
}

/**
 * Whether the objective is expected to rise by no more than `tolerance` from here to its limit.
 *
 * EM converges linearly: with the last two rises a and b and their ratio r = b / a, all further rises sum to b r / (1 - r)
 * (Aitken's extrapolation). A small rise alone would end slow runs far from their maximum.
 *
 * Reference: Boehning, Dietz, Schaub, Schlattmann & Lindsay (1994), doi:10.1007/BF01720593.
 */
function hasConverged(history: readonly number[], steady: number, tolerance: number): boolean {
  const last = history.length - 1;
  const bound = tolerance * Math.max(1, Math.abs(history[last]));
  const rise = history[last] - history[last - 1];
  // Nothing changed to the last bit, or a ridge made it fall by less than matters.
  if (rise <= 0) return -rise <= bound;
  if (rise > bound || steady < 2) return false;
  const ratio = rise / (history[last - 1] - history[last - 2]);
  return ratio >= 0 && ratio < 1 && (rise * ratio) / (1 - ratio) <= bound;
}

/** Variances of standardised rows below this, a standard deviation of 1e-13, are rounding: the rows are equal. */
const LEAST_VARIANCE = 1e-26;

/** Most components seeded anew in one run, per component. */
const RESEEDS = 2;

/**
 * Factorizes the covariances, after seeding anew each component that has collapsed: that has no rows left, or whose
 * covariance is no longer positive definite.
 *
 * @throws ModelError `not-positive-definite` once a run has had its share of new seeds.
 */
function prepare(
  parameters: MixtureParameters,
  settings: RunSettings,
  collapses: Collapse[],
  iteration: number,
  statistics?: Statistics,
): WhitenedMixture {
  const { components } = parameters;
  const factors = factorize(parameters, settings.covariance);
  // A start may be as narrow as it likes.
  const singular = factors.map((factor, k) => factor === undefined || (iteration > 0 && isPoint(parameters, k)));
  const empty = singular.map((_, k) => statistics !== undefined && isEmpty(statistics, k));
  const healthy = singular.map((isSingular, k) => !isSingular && !empty[k]);
  for (let component = 0; component < components; component++) {
    if (healthy[component]) continue;
    const from = collapses.length < RESEEDS * components ? heaviest(parameters, healthy) : undefined;
    // A shared covariance that is singular is so for all: there is no other to split.
    if (singular[component] && from === undefined) throw collapsed(settings, component, iteration);
    if (from !== undefined) {
      split(parameters, from, component, settings.equalWeights);
      factors[component] = factors[from];
    } else if (collapses.some((collapse) => collapse.component === component && collapse.from === undefined)) continue;
    collapses.push({ iteration, component, from });
  }
  return whiten(parameters, factors as Cholesky[], isDiagonal(settings.covariance));
}

function isPoint(parameters: MixtureParameters, k: number): boolean {
  const { dimension: d } = parameters;
  const covariance = covarianceOf(parameters, k);
  for (let i = 0; i < d; i++) if (!(covariance[i * d + i] > LEAST_VARIANCE)) return true;
  return false;
}

/** The heaviest of the healthy components, if any. */
function heaviest({ weights }: MixtureParameters, healthy: readonly boolean[]): number | undefined {
  let found: number | undefined;
  for (let k = 0; k < weights.length; k++) {
    if (healthy[k] && (found === undefined || weights[k] > weights[found])) found = k;
  }
  return found;
}

/** Splits a component in two halves along its longest axis, in place; each keeps the covariance. */
function split(parameters: MixtureParameters, from: number, to: number, equalWeights: boolean): void {
  const { dimension: d, weights } = parameters;
  const covariance = covarianceOf(parameters, from);
  const { values, vectors } = symmetricEigen(covariance, d);
  const step = Math.sqrt(0.5 * values[d - 1]);
  const [kept, seeded] = [meanOf(parameters, from), meanOf(parameters, to)];
  for (let j = 0; j < d; j++) {
    const along = step * vectors[(d - 1) * d + j];
    seeded[j] = kept[j] + along;
    kept[j] -= along;
  }
  covarianceOf(parameters, to).set(covariance);
  if (equalWeights) return;
  weights[from] = 0.5 * (weights[from] + weights[to]);
  weights[to] = weights[from];
}

function collapsed({ owner, ridge }: RunSettings, component: number, iteration: number): Error {
  return modelError('not-positive-definite', {
    owner,
    must: `covariance of component ${component} must stay positive definite, but it collapsed in iteration ${iteration}`,
    remedy: `Lower "components" or raise "regularization" (now ${ridge})`,
  });
}

function unreachable(owner: string): Error {
  const must = 'initialization must give the rows a density above 0';
  return modelError('invalid-option', { owner, must, remedy: 'Its means lie too far from the data, in its own units' });
}

/** The components whose covariance only the ridge holds up: at least half of their least variance is its. */
export function heldByRidge(parameters: MixtureParameters, ridge: number): number[] {
  const { components, dimension: d } = parameters;
  if (ridge === 0) return [];
  const all = Array.from({ length: components }, (_, k) => k);
  return all.filter((k) => symmetricEigen(covarianceOf(parameters, k), d).values[0] <= 2 * ridge);
}
