/**
 * Any kind of saved model, read back without naming its class.
 *
 * Each kind's room is loaded only when a state of that kind comes: reading a mixture never loads TensorFlow.
 *
 * @module
 */
import { modelError, reading } from './core/errors.js';
import type { GenerativeModel, StoredModel } from './core/estimator.js';
import { decodeModelFile, encodeModelFile } from './core/model-file.js';
import { type ModelState, StateReader, stateFromJson } from './core/model-state.js';
import { alternatives } from './core/text.js';

/** A class of fitted models, as far as reading goes. */
interface ModelClass {
  fromState(state: ModelState): StoredModel | Promise<StoredModel>;
}

/** The class that reads each kind of state. A new estimator's model is entered here. */
const CLASSES: Readonly<Record<string, () => Promise<ModelClass>>> = {
  BayesianGaussianMixtureModel: async () => (await import('./gmm/index.js')).BayesianGaussianMixtureModel,
  BidirectionalGanModel: async () => (await import('./gan/index.js')).BidirectionalGanModel,
  CycleGanModel: async () => (await import('./gan/index.js')).CycleGanModel,
  GaussianMixtureModel: async () => (await import('./gmm/index.js')).GaussianMixtureModel,
  GenerativeAdversarialNetworkModel: async () => (await import('./gan/index.js')).GenerativeAdversarialNetworkModel,
  KernelDensityModel: async () => (await import('./kde/index.js')).KernelDensityModel,
  PairedGanModel: async () => (await import('./gan/index.js')).PairedGanModel,
  VariationalAutoencoderModel: async () => (await import('./vae/index.js')).VariationalAutoencoderModel,
};

/**
 * Makes the model that a state describes.
 *
 * @typeParam Model - What you know it to be; a `GenerativeModel` unless you say that it is something else, such as a
 *   `CycleGanModel`. This is not checked; `instanceof` tells.
 * @throws ModelError `invalid-model-file` by rejection, when the kind is unknown or the state holds impossible parameters.
 */
export async function modelFromState<Model extends StoredModel = GenerativeModel>(state: ModelState): Promise<Model> {
  const owner = 'modelFromState';
  const { kind } = new StateReader(owner).state(state);
  const modelClass = await classOf(owner, kind)();
  return (await modelClass.fromState(state)) as Model;
}

function classOf(owner: string, kind: string): () => Promise<ModelClass> {
  if (Object.hasOwn(CLASSES, kind)) return CLASSES[kind];
  const must = `kind must be ${alternatives(Object.keys(CLASSES))}`;
  throw modelError('invalid-model-file', { owner, must, got: kind, remedy: 'A later release may know it' });
}

/**
 * Reads what `JSON.stringify(model)` or `model.toJSON()` gave, of any kind of model, to the bit.
 *
 * @throws ModelError `invalid-model-file` by rejection, when it is anything else.
 *
 * @example
 * import { GaussianMixtureModel } from 'generative-models';
 * import { modelFromJSON } from 'generative-models/models';
 * const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1]]] });
 * const again = await modelFromJSON(JSON.stringify(model));
 * again.logDensity([[0]])[0] === model.logDensity([[0]])[0]; // true
 */
export async function modelFromJSON<Model extends StoredModel = GenerativeModel>(json: unknown): Promise<Model> {
  return modelFromState<Model>(stateFromJson(json, 'modelFromJSON'));
}

/**
 * A model as the bytes of a model file in the safetensors layout: for browsers, databases and networks. In Node,
 * `saveModel` of `generative-models/files` writes them to disk.
 *
 * @throws ModelError `invalid-data` when it is not a fitted model, `invalid-model-file` when its kind is unknown.
 *
 * @example
 * import { KernelDensity } from 'generative-models';
 * import { decodeModel, encodeModel } from 'generative-models/models';
 * const model = await new KernelDensity({ bandwidth: 0.5 }).fit([[0], [1], [2]]);
 * const bytes = encodeModel(model);
 * const again = await decodeModel(bytes);
 * again.sample(1, { seed: 1 }).get(0, 0) === model.sample(1, { seed: 1 }).get(0, 0); // true
 */
export function encodeModel(model: StoredModel): Uint8Array {
  const owner = 'encodeModel';
  const state = reading('invalid-data', owner, 'model', () => {
    if (typeof model?.toState === 'function') return model.toState();
    throw modelError('invalid-data', { owner, must: 'model must be a fitted model', got: model });
  });
  const { kind } = new StateReader(owner).state(state);
  // What nobody could read back is refused while it is still in memory.
  classOf(owner, kind);
  return encodeModelFile(state);
}

/**
 * Reads the bytes of a model file, of any kind of model, to the bit.
 *
 * @throws ModelError `invalid-model-file` by rejection, whatever else the bytes are.
 */
export async function decodeModel<Model extends StoredModel = GenerativeModel>(bytes: Uint8Array): Promise<Model> {
  return modelFromState<Model>(decodeModelFile(bytes, 'decodeModel'));
}
