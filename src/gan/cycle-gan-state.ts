/**
 * The fitted translation as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader } from '../core/model-state.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import type { ColumnStatistics } from '../neural/columns.js';
import type { ParameterSpec, Parameters } from '../neural/parameters.js';
import { statisticsNames, statisticsTensors } from '../neural/stored-columns.js';
import type { TrainingHistory } from '../neural/training.js';
import { CYCLE_METRICS, type CycleNetworks, cycleNetworks } from './cycle-gan-game.js';
import type { CycleGanSettings } from './cycle-gan-options.js';
import { type Lists, listsToTensor, readLists, trainingLists } from './lists.js';
import {
  checkParameters,
  parameterTensors,
  readColumns,
  readParameters,
  readWidths,
  type Weights,
} from './stored-networks.js';
import { translatorPlaces } from './translator.js';

/** The course of a cycle's training: one number per epoch of each. */
export interface CycleGanHistory {
  /** Loss of both discriminators without penalties: a mean over the epoch's steps, noise included, as in training. */
  readonly discriminatorLoss: Float64Array;
  /** Adversarial loss of both translators: the same. */
  readonly generatorLoss: Float64Array;
  /** Error of both cycles in standard deviations, before its weight: the same. */
  readonly cycleLoss: Float64Array;
  /** Euclidean norm of the translators' gradient, before any shrinking: the same. */
  readonly generatorGradientNorm: Float64Array;
  /** Jensen-Shannon divergence of F(a) and b as far as their discriminator sees it, in nats, on rows held out. */
  readonly jensenShannonForward: Float64Array;
  /** The same of G(b) and a. */
  readonly jensenShannonBackward: Float64Array;
  /** Effective number of the cells of b that F(a) reaches, over that of b: 1 for full variety. */
  readonly diversityForward: Float64Array;
  /** The same of G(b) among a. */
  readonly diversityBackward: Float64Array;
  /** Error of both cycles on rows held out. */
  readonly cycleError: Float64Array;
}

/** Names of its lists, in the order in which files hold them. */
export const CYCLE_HISTORY = CYCLE_METRICS.slice(1) as readonly (keyof CycleGanHistory)[];

const OF_STEPS: ReadonlySet<string> = new Set([
  'discriminatorLoss',
  'generatorLoss',
  'cycleLoss',
  'generatorGradientNorm',
]);

/** All there is to a fitted translation. */
export interface CycleGanParts {
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  readonly from: ColumnStatistics;
  readonly to: ColumnStatistics;
  readonly weights: Weights;
  readonly history: Lists<keyof CycleGanHistory>;
}

const KIND = 'CycleGanModel';
const VERSION = 1;
const SETTINGS = ['generator', 'activation'];

/** The parts of a model that has just been trained. */
export function cyclePartsOf(
  settings: CycleGanSettings,
  from: ColumnStatistics,
  to: ColumnStatistics,
  parameters: Parameters,
  history: TrainingHistory,
): CycleGanParts {
  return {
    hidden: Array.from(settings.generator),
    activation: settings.generatorActivation,
    from,
    to,
    weights: new Map(parameters.places.map((place) => [place.name, parameters.part(place).slice()])),
    history: trainingLists(CYCLE_HISTORY, OF_STEPS, history),
  };
}

/** The networks of some parts. */
export function networksOf({
  hidden,
  activation,
  from,
  to,
}: Omit<CycleGanParts, 'weights' | 'history'>): CycleNetworks {
  return cycleNetworks(hidden, activation, from.kinds.length, to.kinds.length);
}

function placesOf({ forward, backward }: CycleNetworks): ParameterSpec[] {
  return [...translatorPlaces(forward), ...translatorPlaces(backward)];
}

/** The state of a model. */
export function toState(parts: CycleGanParts): ModelState {
  const { hidden, activation, from, to, weights, history } = parts;
  const tensors = {
    ...statisticsTensors('from', from),
    ...statisticsTensors('to', to),
    ...parameterTensors(placesOf(networksOf(parts)), weights),
    history: listsToTensor(CYCLE_HISTORY, history),
  };
  return { kind: KIND, version: VERSION, settings: { generator: [...hidden], activation }, tensors };
}

/** @throws ModelError `invalid-model-file` for a state that is no such model. */
export function fromState(state: ModelState): CycleGanParts {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.state(state);
  if (state.kind !== KIND) throw reader.fault(`kind must be "${KIND}"`, state.kind);
  reader.object(state.settings, 'settings', SETTINGS);
  const shape = {
    hidden: readWidths(reader, state, 'generator'),
    activation: reader.name(state, 'activation', ACTIVATION_NAMES) as ActivationName,
    from: readColumns(reader, state, 'from'),
    to: readColumns(reader, state, 'to'),
  };
  const places = placesOf(networksOf(shape));
  checkParameters(reader, state, places);
  const names = [...statisticsNames('from'), ...statisticsNames('to'), 'history'];
  reader.layout(state, KIND, VERSION, SETTINGS, [...names, ...places.map(({ name }) => name)]);
  return {
    ...shape,
    weights: readParameters(reader, state, places),
    history: readLists(reader, state, 'history', CYCLE_HISTORY),
  };
}
