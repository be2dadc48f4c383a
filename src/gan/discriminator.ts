/**
 * The discriminator's network: a multilayer perceptron with dropout and spectral normalisation.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { denseLayer, type LayerPlace, layersOf, type MlpSpec, mlpParameters } from '../neural/mlp.js';
import { dense, divide, matMul, multiply, scale } from '../neural/operations.js';
import { type BoundParameters, normalInitializer, type ParameterSpec, type Parameters } from '../neural/parameters.js';
import { constant, stopGradient, type Value } from '../neural/value.js';

/** How the network is to be applied at this time. */
export interface DiscriminatorMode {
  /** The spectral norm to which every weight matrix is scaled; left out, weights are as they are. */
  readonly spectralNorm?: number;
  /** Share of hidden units that are put to 0, and the stream that says which; the others grow by 1 / (1 - rate). */
  readonly dropout?: { readonly rate: number; readonly stream: RandomStream };
}

/** What the network gives for each row. */
export interface Judgement {
  /** l, n x 1. */
  readonly outputs: Value;
  /** The last hidden layer, n x its width; the input where there is none. */
  readonly features: Value;
}

/** The parameters of a network; with spectral normalisation also its singular vectors, which are no one's to train. */
export function discriminatorParameters(spec: MlpSpec, spectral: boolean): ParameterSpec[] {
  const own = mlpParameters(spec);
  if (!spectral) return own;
  const vectors = layersOf(spec).flatMap((layer): ParameterSpec[] => [
    { name: leftOf(layer), shape: [1, layer.inputs], initialize: normalInitializer(1, 1) },
    { name: rightOf(layer), shape: [layer.outputs, 1], initialize: normalInitializer(1, 1) },
  ]);
  return [...own, ...vectors];
}

function leftOf({ weights }: LayerPlace): string {
  return weights.replace(/weights$/, 'left');
}

function rightOf({ weights }: LayerPlace): string {
  return weights.replace(/weights$/, 'right');
}

/** The network on a backend: rows in, outputs and features out, differentiable. */
export function judge(
  spec: MlpSpec,
  parameters: BoundParameters,
  rows: Value,
  mode: DiscriminatorMode = {},
): Judgement {
  const layers = layersOf(spec);
  let features = rows;
  for (const layer of layers.slice(0, -1)) features = dropped(hidden(layer, parameters, features, mode), mode);
  const last = layers[layers.length - 1];
  return { outputs: dense(features, weightsOf(last, parameters, mode), parameters[last.biases]), features };
}

function hidden(layer: LayerPlace, parameters: BoundParameters, rows: Value, mode: DiscriminatorMode): Value {
  return denseLayer(rows, weightsOf(layer, parameters, mode), parameters[layer.biases], layer.activation);
}

function dropped(values: Value, { dropout }: DiscriminatorMode): Value {
  if (dropout === undefined || dropout.rate === 0) return values;
  const { rate, stream } = dropout;
  const mask = new Float32Array(values.shape[0] * values.shape[1]);
  for (let i = 0; i < mask.length; i++) mask[i] = stream.uniform() < rate ? 0 : 1 / (1 - rate);
  return multiply(values, constant(values.context, mask, values.shape));
}

/**
 * W, or c W / s with s = u^T W v, its largest singular value; u and v are constants, as Miyato et al. have it.
 *
 * Reference: Miyato et al. (2018), arXiv:1802.05957, equations 7 to 12.
 */
function weightsOf(layer: LayerPlace, parameters: BoundParameters, { spectralNorm }: DiscriminatorMode): Value {
  const weights = parameters[layer.weights];
  if (spectralNorm === undefined) return weights;
  const left = stopGradient(parameters[leftOf(layer)]);
  const right = stopGradient(parameters[rightOf(layer)]);
  return divide(scale(weights, spectralNorm), matMul(matMul(left, weights), right));
}

/** Brings the singular vectors after their weights by power iteration: to be called after each step, once suffices there. */
export function updateSingularVectors(parameters: Parameters, spec: MlpSpec, iterations: number): void {
  for (const layer of layersOf(spec)) {
    const weights = parameters.get(layer.weights);
    const [left, right] = [parameters.get(leftOf(layer)), parameters.get(rightOf(layer))];
    for (let k = 0; k < iterations; k++) iterate(weights, left, right);
  }
}

/** u <- W v / |W v|, v <- W^T u / |W^T u|. */
function iterate(weights: Float32Array, left: Float32Array, right: Float32Array): void {
  const [inputs, outputs] = [left.length, right.length];
  for (let i = 0; i < inputs; i++) {
    let total = 0;
    for (let j = 0; j < outputs; j++) total += weights[i * outputs + j] * right[j];
    left[i] = total;
  }
  normalize(left);
  right.fill(0);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) right[j] += weights[i * outputs + j] * left[i];
  }
  normalize(right);
}

/** To length 1; a vector of zeros becomes the first axis. */
function normalize(vector: Float32Array): void {
  const length = Math.sqrt(vector.reduce((total, x) => total + x * x, 0));
  if (length > 0) for (let i = 0; i < vector.length; i++) vector[i] /= length;
  else vector[0] = 1;
}

/** The weights and biases of a network as plain inference takes them: spectral normalisation is worked in. */
export function plainWeights(parameters: Parameters, spec: MlpSpec, spectralNorm?: number): Map<string, Float32Array> {
  const plain = new Map<string, Float32Array>();
  for (const layer of layersOf(spec)) {
    const weights = parameters.get(layer.weights).slice();
    if (spectralNorm !== undefined) {
      const [left, right] = [parameters.get(leftOf(layer)), parameters.get(rightOf(layer))];
      let value = 0;
      for (let i = 0; i < left.length; i++) {
        for (let j = 0; j < right.length; j++) value += left[i] * weights[i * right.length + j] * right[j];
      }
      for (let i = 0; i < weights.length; i++) weights[i] *= spectralNorm / value;
    }
    plain.set(layer.weights, weights);
    plain.set(layer.biases, parameters.get(layer.biases).slice());
  }
  return plain;
}
