/**
 * A Bayesian mixture as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, tensor } from '../core/model-state.js';
import { COVARIANCE_TYPES, type CovarianceType, isDiagonal } from './covariance-type.js';
import { checkParameters, type MixtureParameters } from './parameters.js';
import { WEIGHT_PRIORS, type WeightPrior } from './stick-breaking.js';

/** All that a Bayesian mixture knows. */
export interface BayesianReport {
  /** E[w_k], m_k and S_k / nu_k. */
  readonly parameters: MixtureParameters;
  readonly counts: Float64Array;
  readonly meanPrecisions: Float64Array;
  readonly degreesOfFreedom: Float64Array;
  readonly covariance: CovarianceType;
  readonly weightPrior: WeightPrior;
  readonly weightConcentration: number;
  readonly converged: boolean;
  readonly iterations: number;
  readonly history: readonly number[];
  readonly warnings: readonly string[];
}

/** The class that the state is of. */
export const KIND = 'BayesianGaussianMixtureModel';
const VERSION = 1;
/** More rows than anyone has, and few enough that gamma draws still work. */
const MOST = 1e300;

/** The state of a Bayesian mixture. */
export function toState({ parameters, ...report }: BayesianReport): ModelState {
  const { components, dimension, weights, means, covariances } = parameters;
  const { covariance, weightPrior, weightConcentration, converged, iterations, history, warnings } = report;
  return {
    kind: KIND,
    version: VERSION,
    settings: { covariance, weightPrior, weightConcentration, converged, iterations, warnings: [...warnings] },
    tensors: {
      weights: tensor(weights.slice(), components),
      means: tensor(means.slice(), components, dimension),
      covariances: tensor(covariances.slice(), components, dimension, dimension),
      counts: tensor(report.counts.slice(), components),
      meanPrecisions: tensor(report.meanPrecisions.slice(), components),
      degreesOfFreedom: tensor(report.degreesOfFreedom.slice(), components),
      history: tensor(Float64Array.from(history), history.length),
    },
  };
}

/** @throws ModelError `invalid-model-file` for a state that is no Bayesian mixture. */
export function fromState(state: ModelState): BayesianReport {
  const reader = new StateReader(`${KIND}.fromState`);
  const settings = ['covariance', 'weightPrior', 'weightConcentration', 'converged', 'iterations', 'warnings'];
  const tensors = ['weights', 'means', 'covariances', 'counts', 'meanPrecisions', 'degreesOfFreedom', 'history'];
  reader.layout(state, KIND, VERSION, settings, tensors);
  const covariance = reader.name(state, 'covariance', COVARIANCE_TYPES);
  const components = reader.size(state, 'means', 0, 2);
  const dimension = reader.size(state, 'means', 1, 2);
  const parameters: MixtureParameters = {
    components,
    dimension,
    weights: reader.doubles(state, 'weights', components),
    means: reader.doubles(state, 'means', components, dimension),
    covariances: reader.doubles(state, 'covariances', components, dimension, dimension),
  };
  checkParameters(parameters, covariance, 0, (must, ...got) => reader.fault(must, ...got));
  const above = (name: string, least: number, open: boolean): Float64Array => {
    const values = reader.doubles(state, name, components);
    const bad = values.findIndex((value) => !((open ? value > least : value >= least) && value <= MOST));
    if (bad >= 0)
      throw reader.fault(
        `entry ${bad} of tensor "${name}" must be ${open ? '>' : '>='} ${least} and <= ${MOST}`,
        values[bad],
      );
    return values;
  };
  const { warnings } = state.settings;
  if (!Array.isArray(warnings) || !warnings.every((warning) => typeof warning === 'string')) {
    throw reader.fault('setting "warnings" must be an array of strings', warnings);
  }
  const iterations = reader.integer(state, 'iterations', 0);
  const length = state.tensors.history.data.length;
  if (length !== iterations + 1) {
    throw reader.fault(`tensor "history" must hold ${iterations + 1} numbers, one more than iterations`, length);
  }
  return {
    parameters,
    counts: above('counts', 0, false),
    meanPrecisions: above('meanPrecisions', 0, true),
    degreesOfFreedom: above('degreesOfFreedom', isDiagonal(covariance) ? 0 : dimension - 1, true),
    covariance,
    weightPrior: reader.name(state, 'weightPrior', WEIGHT_PRIORS),
    weightConcentration: reader.number(state, 'weightConcentration', Number.MIN_VALUE),
    converged: reader.flag(state, 'converged'),
    iterations,
    history: Array.from(reader.doubles(state, 'history', length)),
    warnings: [...warnings],
  };
}
