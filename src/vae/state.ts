/**
 * The fitted model as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, type Tensor, tensor } from '../core/model-state.js';
import { GaussianMixtureModel } from '../gmm/index.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import type { Binarization, ColumnKind, ColumnStatistics } from '../neural/columns.js';
import { sizeOf } from '../neural/kernels.js';
import { type ImageLayers, imageLayers, imageViolation } from '../neural/network.js';
import { convolutionLayers, image as imageOption, MOST_UNITS } from '../neural/option-rules.js';
import { kindsSetting, readStatistics, statisticsNames, statisticsTensors } from '../neural/stored-columns.js';
import { type Architecture, architecture, parameterSpecs, type StandardDeviation } from './architecture.js';
import { BOUND_METRICS, type BoundHistory, type VariationalAutoencoderHistory } from './history.js';

/** All there is to a fitted model. */
export interface ModelParts {
  readonly networks: Architecture;
  /** Values of each parameter. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly binarization: Binarization;
  readonly densitySamples: number;
  /** Epochs that were trained, the best of them from 0, and whether training ended before its time. */
  readonly epochs: number;
  readonly bestEpoch: number;
  readonly stoppedEarly: boolean;
  readonly history: VariationalAutoencoderHistory;
  /** The law of codes; undefined for the standard normal. */
  readonly prior: GaussianMixtureModel | undefined;
}

const KIND = 'VariationalAutoencoderModel';
const VERSION = 1;
const PRIOR = 'prior.';

const SETTINGS = [
  'latentDimension',
  'hidden',
  'activation',
  'image',
  'convolutions',
  'columns',
  'given',
  'standardDeviation',
  'binarization',
  'densitySamples',
  'epochs',
  'bestEpoch',
  'stoppedEarly',
  'prior',
];

/** The state of a model. */
export function toState(parts: ModelParts): ModelState {
  const { networks, parameters, binarization, densitySamples, epochs, bestEpoch, stoppedEarly, prior } = parts;
  const { latentDimension, hidden, activation, images, rows, given, standardDeviation } = networks;
  const priorState = prior?.toState();
  const tensors: Record<string, Tensor> = {
    ...statisticsTensors('columns', rows),
    ...statisticsTensors('given', given),
    'history.training': historyTensor(parts.history.training),
    'history.validation': historyTensor(parts.history.validation),
  };
  for (const { name, shape } of parameterSpecs(networks)) {
    tensors[name] = { shape, data: parametersOf(parameters, name).slice() };
  }
  if (typeof standardDeviation !== 'string') {
    tensors.standardDeviations = tensor(standardDeviation.slice(), standardDeviation.length);
  }
  for (const [name, entry] of Object.entries(priorState?.tensors ?? {})) tensors[`${PRIOR}${name}`] = entry;
  const settings = {
    latentDimension,
    hidden: [...hidden],
    activation,
    image: images === undefined ? null : { ...images.image },
    convolutions: images === undefined ? null : images.shapes.map((shape) => ({ ...shape })),
    columns: kindsSetting(rows.kinds),
    given: kindsSetting(given.kinds),
    standardDeviation: typeof standardDeviation === 'string' ? standardDeviation : 'given',
    binarization,
    densitySamples,
    epochs,
    bestEpoch,
    stoppedEarly,
    prior:
      priorState === undefined
        ? null
        : { kind: priorState.kind, version: priorState.version, settings: priorState.settings },
  };
  return { kind: KIND, version: VERSION, settings, tensors };
}

/** The values of one parameter. */
export function parametersOf(parameters: ReadonlyMap<string, Float32Array>, name: string): Float32Array {
  const values = parameters.get(name);
  if (values === undefined) throw new RangeError(`there is no parameter "${name}"`);
  return values;
}

function historyTensor(history: BoundHistory): Tensor {
  const epochs = history.elbo.length;
  const data = new Float64Array(BOUND_METRICS.length * epochs);
  BOUND_METRICS.forEach((name, k) => {
    data.set(history[name], k * epochs);
  });
  return tensor(data, BOUND_METRICS.length, epochs);
}

/** @throws ModelError `invalid-model-file` for a state that is no such model. */
export function fromState(state: ModelState): ModelParts {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.state(state);
  if (state.kind !== KIND) throw reader.fault(`kind must be "${KIND}"`, state.kind);
  reader.object(state.settings, 'settings', SETTINGS);
  const names = Object.keys(state.tensors);
  const priorNames = names.filter((name) => name.startsWith(PRIOR));
  const networks = readArchitecture(reader, state);
  const specs = parameterSpecs(networks);
  const expected = [...statisticsNames('columns'), ...statisticsNames('given')];
  expected.push('history.training', 'history.validation', ...specs.map(({ name }) => name), ...priorNames);
  if (typeof networks.standardDeviation !== 'string') expected.push('standardDeviations');
  reader.layout(state, KIND, VERSION, SETTINGS, expected);
  const epochs = reader.integer(state, 'epochs', 1);
  return {
    networks,
    parameters: new Map(specs.map(({ name, shape }) => [name, reader.floats(state, name, ...shape)])),
    binarization: reader.name(state, 'binarization', ['refuse', 'threshold', 'stochastic']),
    densitySamples: reader.integer(state, 'densitySamples', 1),
    epochs,
    bestEpoch: reader.integer(state, 'bestEpoch', 0, epochs - 1),
    stoppedEarly: reader.flag(state, 'stoppedEarly'),
    history: {
      training: readHistory(reader, state, 'history.training', epochs),
      validation: readHistory(reader, state, 'history.validation', epochs),
    },
    prior: readPrior(reader, state, priorNames, networks.latentDimension),
  };
}

function readArchitecture(reader: StateReader, state: ModelState): Architecture {
  const rows = readStatistics(reader, state, 'columns', 1);
  const { hidden } = state.settings;
  const isWidth = (value: unknown): boolean =>
    Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_UNITS;
  if (!Array.isArray(hidden) || hidden.length > 64 || !hidden.every(isWidth)) {
    throw reader.fault('setting "hidden" must be an array of layer widths', hidden);
  }
  const networks = architecture({
    latentDimension: reader.integer(state, 'latentDimension', 1, MOST_UNITS),
    hidden: [...(hidden as number[])],
    activation: reader.name(state, 'activation', ACTIVATION_NAMES) as ActivationName,
    images: readImages(reader, state, rows.kinds),
    rows,
    given: readStatistics(reader, state, 'given', 0),
    standardDeviation: readStandardDeviation(reader, state, rows),
  });
  // Shapes are compared before anything of their size is made.
  for (const { name, shape } of parameterSpecs(networks)) {
    if (state.tensors[name]?.data.length !== sizeOf(shape)) {
      throw reader.fault(`tensor "${name}" must have shape [${shape.join(', ')}]`, state.tensors[name]?.shape);
    }
  }
  return networks;
}

function readImages(reader: StateReader, state: ModelState, kinds: readonly ColumnKind[]): ImageLayers | undefined {
  const { image, convolutions } = state.settings;
  if (image === null && convolutions === null) return undefined;
  const [imageRule, layersRule] = [imageOption(), convolutionLayers()];
  if (!imageRule.accepts(image)) throw reader.fault(`setting "image" must be ${imageRule.words}`, image);
  if (!layersRule.accepts(convolutions)) {
    throw reader.fault(`setting "convolutions" must be ${layersRule.words}`, convolutions);
  }
  const layers = imageLayers(image, convolutions) as ImageLayers;
  const violation = imageViolation(layers, kinds.length);
  if (violation !== undefined) throw reader.fault(violation);
  const [first] = kindsSetting(kinds.slice(0, 1));
  if (kindsSetting(kinds).some((kind) => JSON.stringify(kind) !== JSON.stringify(first))) {
    throw reader.fault('columns of images must be of one kind');
  }
  return layers;
}

function readStandardDeviation(reader: StateReader, state: ModelState, rows: ColumnStatistics): StandardDeviation {
  const kind = reader.name(state, 'standardDeviation', ['shared', 'column', 'given']);
  if (kind !== 'given') return kind;
  if (!Object.hasOwn(state.tensors, 'standardDeviations')) throw reader.fault('tensors must have "standardDeviations"');
  const count = rows.kinds.filter((column) => column === 'continuous').length;
  const values = reader.doubles(state, 'standardDeviations', count);
  const wrong = values.find((value) => !(value > 0 && value * value > 0 && Number.isFinite(value * value)));
  if (wrong !== undefined) throw reader.fault('tensor "standardDeviations" must be > 0', wrong);
  return values;
}

function readHistory(reader: StateReader, state: ModelState, name: string, epochs: number): BoundHistory {
  // No epoch at all: nothing was held out.
  const count = state.tensors[name].shape[1] === 0 ? 0 : epochs;
  const data = reader.doubles(state, name, BOUND_METRICS.length, count);
  const [elbo, reconstruction, regularization] = BOUND_METRICS.map((_, k) => data.slice(k * count, (k + 1) * count));
  return { elbo, reconstruction, regularization };
}

function readPrior(
  reader: StateReader,
  state: ModelState,
  names: readonly string[],
  latentDimension: number,
): GaussianMixtureModel | undefined {
  if (state.settings.prior === null) {
    if (names.length > 0) throw reader.fault(`tensors must not have "${names[0]}"`);
    return undefined;
  }
  const description = reader.object(state.settings.prior, 'setting "prior"', ['kind', 'version', 'settings']);
  const tensors = Object.fromEntries(names.map((name) => [name.slice(PRIOR.length), state.tensors[name]]));
  const prior = GaussianMixtureModel.fromState({ ...description, tensors } as unknown as ModelState);
  if (prior.dimension !== latentDimension) {
    throw reader.fault(`the prior must have ${latentDimension} columns`, prior.dimension);
  }
  return prior;
}
