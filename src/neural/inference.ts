/**
 * Fitted networks in plain doubles: what models use after training, on any machine, without TensorFlow.
 *
 * Weights stay the float32 numbers that training found; sums are taken in float64, always in the same order. So a row's
 * result has the same bits whatever rows are beside it, whichever backend trained the weights, and after any reload.
 *
 * @module
 */
import { ACTIVATIONS, type ActivationName } from './activations.js';
import { layersOf, type MlpSpec } from './mlp.js';

/** A product with a matrix, ready to run. */
interface PlainProduct {
  readonly inputs: number;
  readonly outputs: number;
  /** One row per output, so that both factors of each dot product are read in order. */
  readonly transposedWeights: Float64Array;
  readonly biases: Float64Array;
}

/** A dense layer, ready to run. */
interface PlainLayer extends PlainProduct {
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
    this.#layers = layersOf(spec).map((layer) => ({
      inputs: layer.inputs,
      outputs: layer.outputs,
      transposedWeights: transposed(weights(layer.weights), layer.inputs, layer.outputs),
      biases: Float64Array.from(weights(layer.biases)),
      activation: layer.activation,
    }));
  }

  /** Results of `rows` rows, row-major. Cost: one multiplication and addition per row and weight. */
  apply(input: Float64Array, rows: number): Float64Array {
    let values = input;
    for (const layer of this.#layers) {
      const next = new Float64Array(rows * layer.outputs);
      multiplyInto(values, rows, layer, next);
      activate(next, layer.activation);
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

/**
 * y_rj = b_j + sum_i x_ri w_ij, two rows and four outputs at a time: eight sums in registers share their loads.
 *
 * Each sum runs over i in order from its own 0, so blocks and remainders give the same bits.
 */
export function multiplyInto(x: Float64Array, rows: number, layer: PlainProduct, y: Float64Array): void {
  const { inputs, outputs } = layer;
  const evenRows = rows - (rows % 2);
  const wholeOutputs = outputs - (outputs % 4);
  // Four rows of weights stay in cache while all rows of x pass by.
  for (let j = 0; j < wholeOutputs; j += 4) {
    for (let r = 0; r < evenRows; r += 2) block(x, r * inputs, layer, j, y, r * outputs + j);
  }
  for (let r = 0; r < rows; r++) {
    for (let j = r < evenRows ? wholeOutputs : 0; j < outputs; j++) {
      y[r * outputs + j] = dot(x, r * inputs, layer, j);
    }
  }
}

function block(x: Float64Array, top: number, layer: PlainProduct, j: number, y: Float64Array, at: number): void {
  const { inputs, outputs, transposedWeights: w, biases } = layer;
  const bottom = top + inputs;
  let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
  let w0 = j * inputs;
  let w1 = w0 + inputs;
  let w2 = w1 + inputs;
  let w3 = w2 + inputs;
  for (let i = 0; i < inputs; i++) {
    const a = x[top + i];
    const b = x[bottom + i];
    const v0 = w[w0++];
    const v1 = w[w1++];
    const v2 = w[w2++];
    const v3 = w[w3++];
    a0 += a * v0;
    a1 += a * v1;
    a2 += a * v2;
    a3 += a * v3;
    b0 += b * v0;
    b1 += b * v1;
    b2 += b * v2;
    b3 += b * v3;
  }
  const below = at + outputs;
  y[at] = biases[j] + a0;
  y[at + 1] = biases[j + 1] + a1;
  y[at + 2] = biases[j + 2] + a2;
  y[at + 3] = biases[j + 3] + a3;
  y[below] = biases[j] + b0;
  y[below + 1] = biases[j + 1] + b1;
  y[below + 2] = biases[j + 2] + b2;
  y[below + 3] = biases[j + 3] + b3;
}

function dot(x: Float64Array, start: number, { inputs, transposedWeights, biases }: PlainProduct, j: number): number {
  let sum = 0;
  for (let i = 0; i < inputs; i++) sum += x[start + i] * transposedWeights[j * inputs + i];
  return biases[j] + sum;
}
