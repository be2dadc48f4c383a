/**
 * Statistics that outlive their E-step: carried from one set of means to the next, and blended with newer ones.
 *
 * @module
 */
import type { CovarianceType } from './covariance-type.js';
import { formOf } from './log-joint.js';
import { covarianceOf, type MixtureParameters, meanOf } from './parameters.js';
import type { Statistics } from './statistics.js';

/** The statistics of rows that a mixture describes exactly: mass = rows w_k, no shift, scatter = mass Sigma_k. */
export function statisticsOf(parameters: MixtureParameters, type: CovarianceType, rows: number): Statistics {
  const { components, dimension: d, weights } = parameters;
  const form = formOf(type, d);
  const diagonal = form === 'diagonal' || form === 'spherical';
  const scatter: number[] = [];
  for (let k = 0; k < components; k++) {
    const covariance = covarianceOf(parameters, k);
    for (let i = 0; i < d; i++) {
      for (let j = diagonal ? i : 0; j <= i; j++) scatter.push(rows * weights[k] * covariance[i * d + j]);
    }
  }
  return {
    components,
    dimension: d,
    diagonal,
    mass: weights.map((weight) => rows * weight),
    shift: new Float64Array(components * d),
    scatter: Float64Array.from(scatter),
    pooled: false,
    logDensity: 0,
  };
}

/** a times one plus b times the other; both about the same means. */
export function blend(a: number, one: Statistics, b: number, other: Statistics): Statistics {
  const mix = (x: Float64Array, y: Float64Array) => x.map((entry, i) => a * entry + b * y[i]);
  return {
    ...one,
    mass: mix(one.mass, other.mass),
    shift: mix(one.shift, other.shift),
    scatter: mix(one.scatter, other.scatter),
    logDensity: a * one.logDensity + b * other.logDensity,
  };
}

/**
 * The same statistics about other means: with delta_k = to - from,
 *
 *     shift   - mass delta,    scatter - shift delta^T - delta shift^T + mass delta delta^T.
 */
export function moveCentres(statistics: Statistics, from: MixtureParameters, to: MixtureParameters): Statistics {
  const { components, dimension: d, diagonal, mass } = statistics;
  const [shift, scatter] = [statistics.shift.slice(), statistics.scatter.slice()];
  let next = 0;
  for (let k = 0; k < components; k++) {
    const [old, mean] = [meanOf(from, k), meanOf(to, k)];
    const delta = mean.map((entry, j) => entry - old[j]);
    for (let i = 0; i < d; i++) {
      for (let j = diagonal ? i : 0; j <= i; j++) {
        const crossed = statistics.shift[k * d + i] * delta[j] + statistics.shift[k * d + j] * delta[i];
        scatter[next++] += mass[k] * delta[i] * delta[j] - crossed;
      }
    }
    for (let j = 0; j < d; j++) shift[k * d + j] -= mass[k] * delta[j];
  }
  return { ...statistics, shift, scatter };
}
