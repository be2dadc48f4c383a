/**
 * The mixture as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, tensor } from '../core/model-state.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import { checkParameters, type MixtureParameters } from './parameters.js';

/** What a fit knows beside the parameters. */
export interface FitReport {
  readonly covariance: CovarianceType;
  readonly equalWeights: boolean;
  readonly converged: boolean;
  readonly iterations: number;
  readonly history: readonly number[];
  readonly warnings: readonly string[];
}

const KIND = 'GaussianMixtureModel';
const VERSION = 1;

/** The state of a mixture. */
export function toState(
  { components, dimension, weights, means, covariances }: MixtureParameters,
  report: FitReport,
): ModelState {
  const { covariance, equalWeights, converged, iterations, history, warnings } = report;
  return {
    kind: KIND,
    version: VERSION,
    settings: { covariance, equalWeights, converged, iterations, warnings: [...warnings] },
    tensors: {
      weights: tensor(weights.slice(), components),
      means: tensor(means.slice(), components, dimension),
      covariances: tensor(covariances.slice(), components, dimension, dimension),
      history: tensor(Float64Array.from(history), history.length),
    },
  };
}

/** @throws ModelError `invalid-model-file` for a state that is no mixture. */
export function fromState(state: ModelState): [MixtureParameters, FitReport] {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.layout(
    state,
    KIND,
    VERSION,
    ['covariance', 'equalWeights', 'converged', 'iterations', 'warnings'],
    ['weights', 'means', 'covariances', 'history'],
  );
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
  const equalWeights = reader.flag(state, 'equalWeights');
  if (equalWeights && parameters.weights.some((weight) => weight !== parameters.weights[0])) {
    throw reader.fault('weights must be equal, as equalWeights is set');
  }
  const iterations = reader.integer(state, 'iterations', 0);
  const history = readHistory(reader, state, iterations);
  const warnings = readWarnings(reader, state);
  return [
    parameters,
    { covariance, equalWeights, converged: reader.flag(state, 'converged'), iterations, history, warnings },
  ];
}

/** One entry for the start and one per iteration; none for a mixture that was not fitted. */
function readHistory(reader: StateReader, state: ModelState, iterations: number): number[] {
  const length = state.tensors.history.data.length;
  if (length !== iterations + 1 && !(length === 0 && iterations === 0)) {
    throw reader.fault(`tensor "history" must hold ${iterations + 1} numbers, one more than iterations`, length);
  }
  return Array.from(reader.doubles(state, 'history', length));
}

function readWarnings(reader: StateReader, state: ModelState): string[] {
  const { warnings } = state.settings;
  if (Array.isArray(warnings) && warnings.every((warning) => typeof warning === 'string')) return [...warnings];
  throw reader.fault('setting "warnings" must be an array of strings', warnings);
}
