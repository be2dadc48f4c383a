/**
 * Multilayer perceptrons: x -> f(x W_1 + b_1) -> ... -> x W_k + b_k, with the activation f on hidden layers only.
 *
 * @module
 */
import { ACTIVATIONS, type ActivationName } from './activations.js';
import { dense } from './operations.js';
import { type BoundParameters, constantInitializer, normalInitializer, type ParameterSpec } from './parameters.js';
import type { Value } from './value.js';

/** The shape of a network. */
export interface MlpSpec {
  /** First part of the names of its parameters, such as `encoder`. */
  readonly name: string;
  readonly inputs: number;
  /** Widths of the hidden layers; none makes the network linear. */
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: ActivationName;
}

/** One dense layer of a network. */
export interface LayerPlace {
  readonly weights: string;
  readonly biases: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activation: ActivationName;
}

/** The dense layers of a network, from input to output. */
export function layersOf({ name, inputs, hidden, outputs, activation }: MlpSpec): LayerPlace[] {
  const widths = [inputs, ...hidden, outputs];
  return widths.slice(1).map((width, k) => ({
    weights: `${name}.${k}.weights`,
    biases: `${name}.${k}.biases`,
    inputs: widths[k],
    outputs: width,
    activation: k === hidden.length ? 'linear' : activation,
  }));
}

/** The parameters of a network, with their initial laws: normal weights that keep the variance, zero biases. */
export function mlpParameters(spec: MlpSpec, outputGain = 1): ParameterSpec[] {
  return layersOf(spec).flatMap((layer, k) => {
    const gain = k === spec.hidden.length ? outputGain : ACTIVATIONS[layer.activation].gain;
    return [
      {
        name: layer.weights,
        shape: [layer.inputs, layer.outputs],
        initialize: normalInitializer(layer.inputs, gain),
      },
      { name: layer.biases, shape: [layer.outputs], initialize: constantInitializer(0) },
    ];
  });
}

/** The network on a backend: rows in, rows out, differentiable. */
export function applyMlp(spec: MlpSpec, parameters: BoundParameters, rows: Value): Value {
  return layersOf(spec).reduce(
    (input, { weights, biases, activation }) => denseLayer(input, parameters[weights], parameters[biases], activation),
    rows,
  );
}

/** f(x W + b) for rows x. */
export function denseLayer(x: Value, weights: Value, biases: Value, activation: ActivationName): Value {
  const { apply, slope } = ACTIVATIONS[activation];
  return slope === undefined ? apply(dense(x, weights, biases)) : dense(x, weights, biases, slope);
}
