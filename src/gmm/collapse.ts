/**
 * Components that collapse in the course of EM, and what becomes of them.
 *
 * Without a prior the likelihood has no maximum: a component that comes to rest on equal or collinear rows may take any
 * density. Such a component, and one that has lost all its rows, is seeded anew by splitting the heaviest, some times in a
 * run; with a prior there is nothing to repair.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { type Cholesky, cholesky, symmetricEigen } from '../core/linalg.js';
import { type ConjugatePrior, meansPerMatrix } from './conjugate-prior.js';
import { type CovarianceType, isDiagonal, isTied } from './covariance-type.js';
import { isEmpty, type MaximizationRules } from './maximization.js';
import { covarianceOf, factorize, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

/** A component that collapsed, and what was done about it. */
export interface Collapse {
  readonly iteration: number;
  readonly component: number;
  /** The component that was split to seed it anew; `undefined` where it was left empty. */
  readonly from: number | undefined;
}

/** Variances of standardised rows below this, a standard deviation of 1e-13, are rounding: the rows are equal. */
const LEAST_VARIANCE = 1e-26;

/**
 * Least share of a variance that the columns before it must leave unexplained, of a component that has not collapsed.
 *
 * Rounding changes such a share p by about 2^-52, and the objective, stationary at the M-step, by (2^-52 / p)^2 / 4 of the
 * component's weight: 6e-11 nats at this bound. Far below it the objective would fall, or rise without end, by rounding.
 */
const LEAST_SHARE = 2 ** -36;

/** Most components seeded anew in one run, per component. */
const RESEEDS = 2;

/**
 * Factorizes the covariances, after seeding anew each component that has collapsed: that has no rows left, or whose
 * covariance is no longer positive definite. What was done is added to `collapses`.
 *
 * @param owner - Who complains.
 * @throws ModelError `not-positive-definite` once a run has had its share of new seeds.
 */
export function factorizeOrReseed(
  parameters: MixtureParameters,
  rules: MaximizationRules,
  owner: string,
  collapses: Collapse[],
  iteration: number,
  statistics?: Statistics,
): readonly Cholesky[] {
  const { components } = parameters;
  const factors = factorize(parameters, rules.covariance);
  // A start may be as narrow as it likes.
  const singular = factors.map((factor, k) => factor === undefined || (iteration > 0 && isPoint(parameters, k)));
  // A prior speaks for components without rows.
  const empty = singular.map((_, k) => !rules.prior && statistics !== undefined && isEmpty(statistics, k));
  // Diagonal matrices cannot be, and what is shared is the same for all.
  const mayBeFlat = iteration > 0 && !isDiagonal(rules.covariance);
  const flat: boolean[] = [];
  factors.forEach((factor, k) => {
    const isKnown = k > 0 && factor === factors[k - 1];
    flat.push(isKnown ? flat[k - 1] : mayBeFlat && factor !== undefined && isFlat(factor, parameters.dimension));
  });
  const healthy = singular.map((isSingular, k) => !isSingular && !empty[k] && !flat[k]);
  const mayReseed = !rules.prior && !Object.values(rules.frozen).includes(true);
  for (let component = 0; component < components; component++) {
    if (healthy[component]) continue;
    const isLeft = !mayReseed || collapses.length >= RESEEDS * components;
    // Where all are flat the data are, which is no collapse.
    if (!singular[component] && !empty[component] && (!mayReseed || !healthy.includes(true))) continue;
    const from = isLeft ? undefined : heaviest(parameters, healthy);
    // A shared covariance that is singular is so for all: there is no other to split.
    if (from === undefined && (singular[component] || !empty[component]))
      throw collapsed(owner, rules, component, iteration);
    if (from !== undefined) {
      split(parameters, from, component, rules.equalWeights);
      factors[component] = factors[from];
    } else if (collapses.some((collapse) => collapse.component === component && collapse.from === undefined)) continue;
    collapses.push({ iteration, component, from });
  }
  return factors as Cholesky[];
}

/** Whether the rows of a component lie in a plane, as far as the objective can tell from rounding. */
export function isFlat({ lower }: Cholesky, d: number): boolean {
  for (let i = 0; i < d; i++) {
    let variance = 0;
    for (let j = 0; j <= i; j++) variance += lower[i * d + j] * lower[i * d + j];
    if (!(lower[i * d + i] ** 2 > LEAST_SHARE * variance)) return true;
  }
  return false;
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
export function split(parameters: MixtureParameters, from: number, to: number, equalWeights: boolean): void {
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

function collapsed(owner: string, { ridge }: MaximizationRules, component: number, iteration: number): Error {
  return modelError('not-positive-definite', {
    owner,
    must: `covariance of component ${component} must stay positive definite, but it collapsed in iteration ${iteration}`,
    remedy: `Lower "components" or raise "regularization" (now ${ridge})`,
  });
}

/**
 * The components whose covariance only the ridge or the prior holds up: at least half of their least variance is its.
 */
export function heldUp(parameters: MixtureParameters, total: number, rules: MaximizationRules): number[] {
  const { components, dimension: d } = parameters;
  const { ridge, prior, frozen } = rules;
  if ((ridge === 0 && !prior) || frozen.covariances) return [];
  const isHeld = (k: number): boolean => {
    const covariance = covarianceOf(parameters, k);
    if (!prior) return !isAbove(covariance, d, 2 * ridge, rules.covariance);
    const { values, vectors } = symmetricEigen(covariance, d);
    const mass = total * parameters.weights[k];
    return values[0] <= 2 * priorVariance(prior, vectors.subarray(0, d), mass, rules, components, total);
  };
  // What is shared is the same for all.
  const isFirst = !prior && isTied(rules.covariance) ? isHeld(0) : undefined;
  return Array.from({ length: components }, (_, k) => k).filter((k) => isFirst ?? isHeld(k));
}

/** Whether the variance along every axis is above a bound; without it the matrix is then positive definite still. */
function isAbove(covariance: Float64Array, d: number, bound: number, type: CovarianceType): boolean {
  for (let i = 0; i < d * d; i += d + 1) if (!(covariance[i] - bound > 0)) return false;
  if (isDiagonal(type)) return true;
  const rest = covariance.slice();
  for (let i = 0; i < d * d; i += d + 1) rest[i] -= bound;
  // Eigenvalues take many times as long.
  return cholesky(rest, d) !== undefined;
}

/** What the prior's scale gives to the variance of a component along an axis. */
function priorVariance(
  { scale, pseudoRows }: ConjugatePrior,
  axis: Float64Array,
  mass: number,
  { covariance }: MaximizationRules,
  components: number,
  total: number,
): number {
  const d = axis.length;
  const means = meansPerMatrix(covariance, components);
  let form = 0;
  for (let i = 0; i < d; i++) for (let j = 0; j < d; j++) form += axis[i] * scale[i * d + j] * axis[j];
  return form / (pseudoRows + means + (means > 1 ? total : mass));
}
