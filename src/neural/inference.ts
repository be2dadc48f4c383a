/**
 * Fitted networks in plain doubles: what models use after training, on any machine, without TensorFlow.
 *
 * Weights stay the float32 numbers that training found; sums are taken in float64, always in the same order. So a row's
 * result has the same bits whatever rows are beside it, whichever backend trained the weights, and after any reload.
 *
 * @module
 */
import { DenseProduct } from '../simd/index.js';
import { ACTIVATIONS, type ActivationName } from './activations.js';
import { layersOf, type MlpSpec } from './mlp.js';

/** A dense layer, ready to run. */
interface PlainLayer {
  readonly product: DenseProduct;
  readonly activation: ActivationName;
}

/** A multilayer perceptron in plain doubles. */
export class PlainMlp {
  readonly inputs: number;
  readonly outputs: number;
  readonly #layers: readonly PlainLayer[];

  /** @param weights - The values of a parameter by its name; copied. */
  constructor(spec: MlpSpec, weights: (name: string) => ArrayLike<number>) {
    this.inputs = spec.inputs;
    this.outputs = spec.outputs;
    this.#layers = layersOf(spec).map(({ weights: own, biases, inputs, outputs, activation }) => ({
      product: new DenseProduct(transposed(weights(own), inputs, outputs), Float64Array.from(weights(biases))),
      activation,
    }));
  }

  /** Results of `rows` rows, row-major. Cost: one multiplication and addition per row and weight. */
  apply(input: Float64Array, rows: number): Float64Array {
    let values = input;
    for (const { product, activation } of this.#layers) {
      const next = new Float64Array(rows * product.outputs);
      product.apply(values, rows, next);
      activate(next, activation);
      values = next;
    }
    return values;
  }
}

/** Applies an activation function in place. */
export function activate(values: Float64Array, name: ActivationName): void {
  if (name === 'linear') return;
  const { value } = ACTIVATIONS[name];
  for (let i = 0; i < values.length; i++) values[i] = value(values[i]);
}

/** The transpose of an inputs x outputs matrix, both row-major. */
export function transposed(weights: ArrayLike<number>, inputs: number, outputs: number): Float64Array {
  const result = new Float64Array(inputs * outputs);
  for (let i = 0; i < inputs; i++) {
    for (let j = 0; j < outputs; j++) result[j * inputs + i] = weights[i * outputs + j];
  }
  return result;
}
