/**
 * The fitted network as data for files, and back with every check.
 *
 * @module
 */
import { type ModelState, StateReader, type Tensor, tensor } from '../core/model-state.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import { ColumnCode } from '../neural/columns.js';
import { mlpParameters } from '../neural/mlp.js';
import { MOST_UNITS } from '../neural/option-rules.js';
import type { ParameterSpec } from '../neural/parameters.js';
import { kindsSetting, readStatistics, statisticsNames, statisticsTensors } from '../neural/stored-columns.js';
import { type AdversarialNetworks, type AdversarialShape, adversarialNetworks } from './adversarial-networks.js';
import { programSetting, readProgram } from './expressions.js';
import { FeatureMap } from './features.js';
import { type AdversarialHistory, HISTORY_NAMES } from './history.js';
import { type Lists, listsToTensor, readLists } from './lists.js';
import { OBJECTIVE_NAMES, type ObjectiveName } from './objectives.js';
import { checkParameters, parameterTensors, readParameters, readWidths, type Weights } from './stored-networks.js';

/** All there is to a fitted model. */
export interface AdversarialParts {
  readonly networks: AdversarialNetworks;
  readonly objective: ObjectiveName;
  /** Of generator and discriminator, spectral normalisation worked in. */
  readonly weights: Weights;
  /** Codes of the window's rows, M x L. */
  readonly codes: Float64Array;
  /** h of the window, in standard deviations of the columns. */
  readonly bandwidth: number;
  readonly history: Lists<keyof AdversarialHistory>;
}

const KIND = 'GenerativeAdversarialNetworkModel';
const VERSION = 1;
const SETTINGS = [
  'latentDimension',
  'generator',
  'discriminator',
  'generatorActivation',
  'discriminatorActivation',
  'packing',
  'columns',
  'given',
  'objective',
  'bandwidth',
  'features',
];

/** Where the discriminator is shown features. */
const FEATURES = ['features.centers', 'features.scales'];

function placesOf({ generator, discriminator }: AdversarialNetworks): ParameterSpec[] {
  return [...mlpParameters(generator), ...mlpParameters(discriminator)];
}

/** The state of a model. */
export function toState(parts: AdversarialParts): ModelState {
  const { networks, objective, weights, codes, bandwidth, history } = parts;
  const { shape, shown } = networks;
  const tensors: Record<string, Tensor> = {
    ...statisticsTensors('columns', shape.rows),
    ...statisticsTensors('given', shape.given),
    ...parameterTensors(placesOf(networks), weights),
    'window.codes': tensor(codes.slice(), codes.length / shape.latentDimension, shape.latentDimension),
    history: listsToTensor(HISTORY_NAMES, history),
  };
  if (shown !== undefined) {
    tensors['features.centers'] = tensor(shown.centers.slice(), shown.width);
    tensors['features.scales'] = tensor(shown.scales.slice(), shown.width);
  }
  const settings = {
    latentDimension: shape.latentDimension,
    generator: Array.from(shape.generator),
    discriminator: Array.from(shape.discriminator),
    generatorActivation: shape.generatorActivation,
    discriminatorActivation: shape.discriminatorActivation,
    packing: shape.packing,
    columns: kindsSetting(shape.rows.kinds),
    given: kindsSetting(shape.given.kinds),
    objective,
    bandwidth,
    features: shown === undefined ? null : { coded: shown.coded, program: programSetting(shown.program) },
  };
  return { kind: KIND, version: VERSION, settings, tensors };
}

/** @throws ModelError `invalid-model-file` for a state that is no such model. */
export function fromState(state: ModelState): AdversarialParts {
  const reader = new StateReader(`${KIND}.fromState`);
  reader.state(state);
  if (state.kind !== KIND) throw reader.fault(`kind must be "${KIND}"`, state.kind);
  reader.object(state.settings, 'settings', SETTINGS);
  const shape: AdversarialShape = {
    latentDimension: reader.integer(state, 'latentDimension', 1, MOST_UNITS),
    generator: readWidths(reader, state, 'generator'),
    discriminator: readWidths(reader, state, 'discriminator'),
    generatorActivation: reader.name(state, 'generatorActivation', ACTIVATION_NAMES) as ActivationName,
    discriminatorActivation: reader.name(state, 'discriminatorActivation', ACTIVATION_NAMES) as ActivationName,
    packing: reader.integer(state, 'packing', 1, 64),
    rows: readStatistics(reader, state, 'columns', 1),
    given: readStatistics(reader, state, 'given', 0),
  };
  const code = new ColumnCode(shape.rows);
  const networks = adversarialNetworks(shape, code, readFeatures(reader, state, code));
  const places = placesOf(networks);
  checkParameters(reader, state, places);
  const names = [...statisticsNames('columns'), ...statisticsNames('given'), 'window.codes', 'history'];
  if (networks.shown !== undefined) names.push(...FEATURES);
  reader.layout(state, KIND, VERSION, SETTINGS, [...names, ...places.map(({ name }) => name)]);
  const { bandwidth } = state.settings;
  if (!(typeof bandwidth === 'number' && bandwidth > 0 && Number.isFinite(bandwidth))) {
    throw reader.fault('setting "bandwidth" must be > 0', bandwidth);
  }
  const count = reader.size(state, 'window.codes', 0, 2);
  return {
    networks,
    objective: reader.name(state, 'objective', OBJECTIVE_NAMES) as ObjectiveName,
    weights: readParameters(reader, state, places),
    codes: reader.doubles(state, 'window.codes', count, shape.latentDimension),
    bandwidth,
    history: readLists(reader, state, 'history', HISTORY_NAMES),
  };
}

function readFeatures(reader: StateReader, state: ModelState, code: ColumnCode): FeatureMap | undefined {
  const { features } = state.settings;
  if (features === null) return undefined;
  const { coded, program } = reader.object(features, 'setting "features"', ['coded', 'program']);
  if (typeof coded !== 'boolean') throw reader.fault('"coded" of setting "features" must be true or false', coded);
  const read = readProgram(reader, program, coded ? code.width : code.kinds.length);
  for (const name of FEATURES) {
    if (!Object.hasOwn(state.tensors, name)) throw reader.fault(`tensors must have "${name}"`);
  }
  const scales = reader.doubles(state, 'features.scales', read.outputs.length);
  const wrong = scales.find((scale) => !(scale > 0));
  if (wrong !== undefined) throw reader.fault('tensor "features.scales" must be > 0', wrong);
  const centers = reader.doubles(state, 'features.centers', read.outputs.length);
  return new FeatureMap(code, read, coded, { centers, scales });
}
