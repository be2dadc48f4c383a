/**
 * The mixture as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, tensor } from '../core/model-state.js';
import { COVARIANCE_TYPES, type CovarianceType } from './covariance-type.js';
import { MISSING_RULES, type MissingRule } from './missing-rule.js';
import { checkParameters, type MixtureParameters } from './parameters.js';

/**
 * What a fit maximised: the mean log-likelihood per row, or that and the prior's logarithm, less its mode's, per row.
 */
export const OBJECTIVES = ['log-likelihood', 'log-posterior'] as const;
/** One of {@link OBJECTIVES}. */
export type Objective = (typeof OBJECTIVES)[number];

/** The parts of a mixture that a fit may hold as they were given. */
export const MIXTURE_PARTS = ['weights', 'means', 'covariances'] as const;
/** One of {@link MIXTURE_PARTS}. */
export type MixturePart = (typeof MIXTURE_PARTS)[number];

/** What a fit knows beside the parameters. */
export interface FitReport {
  readonly covariance: CovarianceType;
  readonly equalWeights: boolean;
  readonly converged: boolean;
  readonly iterations: number;
  readonly history: readonly number[];
  readonly warnings: readonly string[];
  /** Components that only the ridge kept from collapsing. */
  readonly collapsed: readonly number[];
  /** What the model does with `NaN` in rows unless a call says otherwise. */
  readonly missing: MissingRule;
  /** What `history` holds. */
  readonly objective: Objective;
  /** The parts that stayed as given. */
  readonly frozen: readonly MixturePart[];
  /** How many rows, or what total of their weights, the parameters were fitted to; 0 for a mixture that was not fitted. */
  readonly rows: number;
}

/** The report of a mixture that was not fitted. */
export function unfitted(covariance: CovarianceType): FitReport {
  return {
    covariance,
    equalWeights: false,
    converged: true,
    iterations: 0,
    history: [],
    warnings: [],
    collapsed: [],
    missing: 'refuse',
    objective: 'log-likelihood',
    frozen: [],
    rows: 0,
  };
}

const KIND = 'GaussianMixtureModel';
const VERSION = 1;
const SETTINGS = [
  'covariance',
  'equalWeights',
  'converged',
  'iterations',
  'warnings',
  'collapsed',
  'missing',
  'objective',
  'frozen',
  'rows',
];
const TENSORS = ['weights', 'means', 'covariances', 'history'];

/** The state of a mixture. */
export function toState(
  { components, dimension, weights, means, covariances }: MixtureParameters,
  report: FitReport,
): ModelState {
  const { covariance, equalWeights, converged, iterations, history, warnings, collapsed, missing, objective, rows } =
    report;
  const lists = { warnings: [...warnings], collapsed: [...collapsed], frozen: [...report.frozen] };
  return {
    kind: KIND,
    version: VERSION,
    settings: { covariance, equalWeights, converged, iterations, missing, objective, rows, ...lists },
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
  reader.layout(state, KIND, VERSION, SETTINGS, TENSORS);
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
  const report: FitReport = {
    covariance,
    equalWeights,
    converged: reader.flag(state, 'converged'),
    iterations,
    history: readHistory(reader, state, iterations),
    warnings: readWarnings(reader, state),
    collapsed: readCollapsed(reader, state, components),
    missing: reader.name(state, 'missing', MISSING_RULES),
    objective: reader.name(state, 'objective', OBJECTIVES),
    frozen: readFrozen(reader, state),
    rows: reader.number(state, 'rows', 0),
  };
  return [parameters, report];
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

/** Components by number, each once. */
function readCollapsed(reader: StateReader, state: ModelState, components: number): number[] {
  const { collapsed } = state.settings;
  const isComponent = (k: unknown) => Number.isInteger(k) && (k as number) >= 0 && (k as number) < components;
  if (Array.isArray(collapsed) && collapsed.every(isComponent) && new Set(collapsed).size === collapsed.length) {
    return [...collapsed];
  }
  throw reader.fault(
    `setting "collapsed" must be an array of different components from 0 to ${components - 1}`,
    collapsed,
  );
}

/** Parts by name, each once. */
function readFrozen(reader: StateReader, state: ModelState): MixturePart[] {
  const { frozen } = state.settings;
  const isPart = (part: unknown) => MIXTURE_PARTS.includes(part as MixturePart);
  if (Array.isArray(frozen) && frozen.every(isPart) && new Set(frozen).size === frozen.length) {
    return [...frozen] as MixturePart[];
  }
  throw reader.fault(`setting "frozen" must be an array of different names out of ${MIXTURE_PARTS.join(', ')}`, frozen);
}
