/**
 * The fitted paired translation as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader } from '../core/model-state.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import type { ColumnStatistics } from '../neural/columns.js';
import { type MlpSpec, mlpParameters } from '../neural/mlp.js';
import { MOST_UNITS } from '../neural/option-rules.js';
import type { Parameters } from '../neural/parameters.js';
import { statisticsNames, statisticsTensors } from '../neural/stored-columns.js';
import type { TrainingHistory } from '../neural/training.js';
import { type AdversarialHistory, OF_STEPS } from './history.js';
import { type Lists, listsToTensor, readLists, trainingLists } from './lists.js';
import { PAIRED_METRICS, pairedGenerator } from './paired-gan-game.js';
import type { PairedGanSettings } from './paired-gan-options.js';
import {
  checkParameters,
  parameterTensors,
  readColumns,
  readParameters,
  readWidths,
  type Weights,
} from './stored-networks.js';

/** The course of a paired training: one number per epoch of each. */
export interface PairedGanHistory extends AdversarialHistory {
  /** The error of reconstruction on rows held out; for the mean, it holds the variance of y given x too. */
  readonly reconstructionError: Float64Array;
}

/** Names of its lists, in the order in which files hold them. */
export const PAIRED_HISTORY = PAIRED_METRICS.slice(1) as readonly (keyof PairedGanHistory)[];

/** All there is to a fitted translation. */
export interface PairedGanParts {
  readonly latentDimension: number;
  readonly generator: readonly number[];
  readonly generatorActivation: ActivationName;
  readonly from: ColumnStatistics;
  readonly to: ColumnStatistics;
  readonly weights: Weights;
  readonly history: Lists<keyof PairedGanHistory>;
}

const KIND = 'PairedGanModel';
const VERSION = 1;
const SETTINGS = ['latentDimension', 'generator', 'generatorActivation'];

/** The parts of a model that has just been trained. */
export function pairedPartsOf(
  { latentDimension, generator, generatorActivation }: PairedGanSettings,
  from: ColumnStatistics,
  to: ColumnStatistics,
  parameters: Parameters,
  history: TrainingHistory,
): PairedGanParts {
  return {
    latentDimension,
    generator: Array.from(generator),
    generatorActivation,
    from,
    to,
    weights: new Map(parameters.places.map((place) => [place.name, parameters.part(place).slice()])),
    history: trainingLists(PAIRED_HISTORY, OF_STEPS, history),
  };
}

/** The network of some parts. */
export function networkOf(parts: Omit<PairedGanParts, 'weights' | 'history'>): MlpSpec {
  const { from, to, latentDimension } = parts;
  return pairedGenerator(parts, from.kinds.length + latentDimension, to.kinds.length);
}

/** The state of a model. */
export function toState(parts: PairedGanParts): ModelState {
  const { latentDimension, generator, generatorActivation, from, to, weights, history } = parts;
  const tensors = {
    ...statisticsTensors('from', from),
    ...statisticsTensors('to', to),
    ...parameterTensors(mlpParameters(networkOf(parts)), weights),
    history: listsToTensor(PAIRED_HISTORY, history),
  };
  const settings = { latentDimension, generator: [...generator], generatorActivation };
  return { kind: KIND, version: VERSION, settings, tensors };
}

/** @throws ModelError `invalid-model-file` for a state that is no such model. */
export function fromState(state: ModelState): PairedGanParts {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.state(state);
  if (state.kind !== KIND) throw reader.fault(`kind must be "${KIND}"`, state.kind);
  reader.object(state.settings, 'settings', SETTINGS);
  const shape = {
    latentDimension: reader.integer(state, 'latentDimension', 0, MOST_UNITS),
    generator: readWidths(reader, state, 'generator'),
    generatorActivation: reader.name(state, 'generatorActivation', ACTIVATION_NAMES) as ActivationName,
    from: readColumns(reader, state, 'from'),
    to: readColumns(reader, state, 'to'),
  };
  const places = mlpParameters(networkOf(shape));
  checkParameters(reader, state, places);
  const names = [...statisticsNames('from'), ...statisticsNames('to'), 'history'];
  reader.layout(state, KIND, VERSION, SETTINGS, [...names, ...places.map(({ name }) => name)]);
  return {
    ...shape,
    weights: readParameters(reader, state, places),
    history: readLists(reader, state, 'history', PAIRED_HISTORY),
  };
}
