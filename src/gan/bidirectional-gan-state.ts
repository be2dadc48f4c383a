/**
 * The fitted bidirectional network as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader } from '../core/model-state.js';
import type { KernelDensityModel } from '../kde/index.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import type { ColumnStatistics } from '../neural/columns.js';
import { mlpParameters } from '../neural/mlp.js';
import { MOST_UNITS } from '../neural/option-rules.js';
import type { ParameterSpec } from '../neural/parameters.js';
import { statisticsNames, statisticsTensors } from '../neural/stored-columns.js';
import { BIDIRECTIONAL_METRICS } from './bidirectional-gan-game.js';
import { type BidirectionalShape, bidirectionalNetworks } from './bidirectional-networks.js';
import type { AdversarialHistory } from './history.js';
import { type Lists, listsToTensor, readLists } from './lists.js';
import { OBJECTIVE_NAMES, type ObjectiveName } from './objectives.js';
import { readWindow, windowSetting, windowTensorNames, windowTensors } from './parzen-window.js';
import {
  checkParameters,
  parameterTensors,
  readColumns,
  readParameters,
  readWidths,
  type Weights,
} from './stored-networks.js';

/** The course of a bidirectional training: one number per epoch of each. What is judged are pairs of rows and codes. */
export interface BidirectionalGanHistory extends AdversarialHistory {
  /** Mean |x - G(E(x))| on rows held out, in standard deviations. */
  readonly reconstructionError: Float64Array;
  /** Mean |z - E(G(z))| on as many codes. */
  readonly codeError: Float64Array;
}

/** Names of its lists, in the order in which files hold them. */
export const BIDIRECTIONAL_HISTORY = BIDIRECTIONAL_METRICS.slice(1) as readonly (keyof BidirectionalGanHistory)[];

/** All there is to a fitted model. */
export interface BidirectionalGanParts {
  readonly shape: BidirectionalShape;
  readonly objective: ObjectiveName;
  readonly columns: ColumnStatistics;
  /** Of all three networks, spectral normalisation worked in. */
  readonly weights: Weights;
  readonly window: KernelDensityModel;
  readonly history: Lists<keyof BidirectionalGanHistory>;
}

const KIND = 'BidirectionalGanModel';
const VERSION = 1;
const SETTINGS = [
  'latentDimension',
  'inference',
  'generator',
  'encoder',
  'discriminator',
  'generatorActivation',
  'discriminatorActivation',
  'objective',
  'window',
];

function placesOf(shape: BidirectionalShape): ParameterSpec[] {
  const { generator, encoder, discriminator } = bidirectionalNetworks(shape);
  return [generator, encoder, discriminator].flatMap((network) => mlpParameters(network));
}

/** The state of a model. */
export function toState({ shape, objective, columns, weights, window, history }: BidirectionalGanParts): ModelState {
  const { latentDimension, inference, generatorActivation, discriminatorActivation } = shape;
  const tensors = {
    ...statisticsTensors('columns', columns),
    ...parameterTensors(placesOf(shape), weights),
    ...windowTensors(window),
    history: listsToTensor(BIDIRECTIONAL_HISTORY, history),
  };
  const settings = {
    latentDimension,
    inference,
    generator: Array.from(shape.generator),
    encoder: Array.from(shape.encoder),
    discriminator: Array.from(shape.discriminator),
    generatorActivation,
    discriminatorActivation,
    objective,
    window: windowSetting(window),
  };
  return { kind: KIND, version: VERSION, settings, tensors };
}

/** @throws ModelError `invalid-model-file` for a state that is no such model. */
export function fromState(state: ModelState): BidirectionalGanParts {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.state(state);
  if (state.kind !== KIND) throw reader.fault(`kind must be "${KIND}"`, state.kind);
  reader.object(state.settings, 'settings', SETTINGS);
  const columns = readColumns(reader, state, 'columns');
  const shape: BidirectionalShape = {
    dimension: columns.kinds.length,
    latentDimension: reader.integer(state, 'latentDimension', 1, MOST_UNITS),
    inference: reader.name(state, 'inference', ['deterministic', 'gaussian']),
    generator: readWidths(reader, state, 'generator'),
    encoder: readWidths(reader, state, 'encoder'),
    discriminator: readWidths(reader, state, 'discriminator'),
    generatorActivation: reader.name(state, 'generatorActivation', ACTIVATION_NAMES) as ActivationName,
    discriminatorActivation: reader.name(state, 'discriminatorActivation', ACTIVATION_NAMES) as ActivationName,
  };
  const places = placesOf(shape);
  checkParameters(reader, state, places);
  const names = [...statisticsNames('columns'), 'history', ...windowTensorNames(state)];
  reader.layout(state, KIND, VERSION, SETTINGS, [...names, ...places.map(({ name }) => name)]);
  return {
    shape,
    objective: reader.name(state, 'objective', OBJECTIVE_NAMES) as ObjectiveName,
    columns,
    weights: readParameters(reader, state, places),
    window: readWindow(reader, state, columns.kinds.length),
    history: readLists(reader, state, 'history', BIDIRECTIONAL_HISTORY),
  };
}
