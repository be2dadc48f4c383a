/**
 * Components merged into one, keeping the moments.
 *
 *     w = sum w_k,    mu = sum w_k mu_k / w,    Sigma = sum w_k (Sigma_k + (mu_k - mu)(mu_k - mu)^T) / w
 *
 * Mean and covariance of the whole mixture stay as they were. Which pair to merge next, Runnalls's bound on the
 * Kullback-Leibler divergence from the mixture before to the one after decides: the least of
 *
 *     B(i, j) = ((w_i + w_j) log |Sigma_ij| - w_i log |Sigma_i| - w_j log |Sigma_j|) / 2
 *
 * Reference: Runnalls (2007), doi:10.1109/TAES.2007.4383588.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { cholesky } from '../core/linalg.js';
import { readOptions } from '../core/options.js';
import { covarianceOf, emptyParameters, type MixtureParameters, meanOf } from './parameters.js';

/** Which components to merge: give one of the two. */
export interface MergeOptions {
  /** How many components are to be left; pairs are chosen by Runnalls's bound. */
  readonly components?: number;
  /** Components by number that become one each; those that are not named stay as they are. */
  readonly groups?: readonly (readonly number[])[];
}

/** Reads the options of `mergeComponents`: all groups, those of one component included, by their first component. */
export function readGroups(owner: string, options: unknown, parameters: MixtureParameters): number[][] {
  const given = readOptions(owner, options, ['components', 'groups']);
  const [target, groups] = [given.get('components'), given.get('groups')];
  if ((target === undefined) === (groups === undefined)) {
    const must = 'options must hold one of "components" and "groups"';
    throw modelError('invalid-option', { owner, must });
  }
  const { components } = parameters;
  if (groups !== undefined)
    return reading('invalid-option', owner, 'option "groups"', () => completeGroups(owner, groups, components));
  if (!Number.isInteger(target) || (target as number) < 1 || (target as number) > components) {
    const must = `option "components" must be an integer from 1 to ${components}`;
    throw modelError('invalid-option', { owner, must, got: target });
  }
  return nearestGroups(parameters, target as number);
}

function completeGroups(owner: string, groups: unknown, components: number): number[][] {
  const isList = Array.isArray(groups) && groups.every((group) => Array.isArray(group) && group.length > 0);
  const named = isList ? (groups as unknown[][]).flat() : [];
  const isComponent = (k: unknown) => Number.isInteger(k) && (k as number) >= 0 && (k as number) < components;
  if (!isList || !named.every(isComponent) || new Set(named).size < named.length) {
    const must = `option "groups" must be an array of arrays of components from 0 to ${components - 1}, none named twice`;
    throw modelError('invalid-option', { owner, must, got: groups });
  }
  const alone = Array.from({ length: components }, (_, k) => k).filter((k) => !named.includes(k));
  const all = [...(groups as number[][]).map((group) => [...group].sort((a, b) => a - b)), ...alone.map((k) => [k])];
  return all.sort((a, b) => a[0] - b[0]);
}

/** Weight, mean and covariance of some components taken together. */
export interface Moments {
  readonly weight: number;
  readonly mean: Float64Array;
  readonly covariance: Float64Array;
}

/** The moments of a group of components, about the first one's mean so that offsets cost no digits. */
export function mergedMoments(parameters: MixtureParameters, group: readonly number[]): Moments {
  const { dimension: d, weights } = parameters;
  const weight = group.reduce((sum, k) => sum + weights[k], 0);
  // Components without weight, all of them, count alike.
  const shareOf = (k: number) => (weight > 0 ? weights[k] / weight : 1 / group.length);
  const origin = meanOf(parameters, group[0]);
  const shift = new Float64Array(d);
  for (const k of group) {
    const mean = meanOf(parameters, k);
    for (let i = 0; i < d; i++) shift[i] += shareOf(k) * (mean[i] - origin[i]);
  }
  const covariance = new Float64Array(d * d);
  for (const k of group) {
    const [mean, own, share] = [meanOf(parameters, k), covarianceOf(parameters, k), shareOf(k)];
    for (let i = 0; i < d; i++) {
      const gap = mean[i] - origin[i] - shift[i];
      for (let j = 0; j <= i; j++) {
        covariance[i * d + j] += share * (own[i * d + j] + gap * (mean[j] - origin[j] - shift[j]));
        covariance[j * d + i] = covariance[i * d + j];
      }
    }
  }
  return { weight, mean: shift.map((step, i) => origin[i] + step), covariance };
}

/** The mixture with each group as one component. */
export function mergeGroups(parameters: MixtureParameters, groups: readonly (readonly number[])[]): MixtureParameters {
  const merged = emptyParameters(groups.length, parameters.dimension);
  groups.forEach((group, k) => {
    const { weight, mean, covariance } = mergedMoments(parameters, group);
    merged.weights[k] = weight;
    meanOf(merged, k).set(mean);
    // One component alone keeps its bits.
    covarianceOf(merged, k).set(group.length === 1 ? covarianceOf(parameters, group[0]) : covariance);
  });
  return merged;
}

/** Merges the nearest two groups until `target` are left. Cost: O(K^2 d^3 + K^3). */
function nearestGroups(parameters: MixtureParameters, target: number): number[][] {
  const groups = Array.from({ length: parameters.components }, (_, k) => [k]);
  const cost = groups.map((a, i) => groups.map((b, j) => (j < i ? runnallsBound(parameters, a, b) : 0)));
  while (groups.length > target) {
    let [left, right] = [0, 1];
    for (let i = 1; i < groups.length; i++) {
      for (let j = 0; j < i; j++) if (cost[i][j] < cost[right][left]) [left, right] = [j, i];
    }
    groups[left] = [...groups[left], ...groups[right]].sort((a, b) => a - b);
    groups.splice(right, 1);
    cost.splice(right, 1);
    for (const row of cost) row.splice(right, 1);
    for (let i = 0; i < groups.length; i++) {
      if (i !== left) cost[Math.max(i, left)][Math.min(i, left)] = runnallsBound(parameters, groups[i], groups[left]);
    }
  }
  return groups;
}

function runnallsBound(parameters: MixtureParameters, a: readonly number[], b: readonly number[]): number {
  const [one, other, both] = [a, b, [...a, ...b]].map((group) => mergedMoments(parameters, group));
  const logVolume = ({ covariance }: Moments) =>
    cholesky(covariance, parameters.dimension)?.logDeterminant ?? Number.NEGATIVE_INFINITY;
  const volume = logVolume(both);
  return 0.5 * (one.weight * (volume - logVolume(one)) + other.weight * (volume - logVolume(other)));
}
