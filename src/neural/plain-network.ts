/**
 * Networks with convolutions in plain doubles: the twin of `network.ts`, as `inference.ts` is of `mlp.ts`.
 *
 * @module
 */
import { DenseProduct } from '../simd/index.js';
import { ACTIVATIONS } from './activations.js';
import { beside } from './conditions.js';
import { type ConvolutionSpec, convolutionBiases, convolutionWeights, outputShape, tableOf } from './convolution.js';
import { activate, PlainMlp, transposed } from './inference.js';
import { gatherRows, scatterRows } from './kernels.js';
import { type NetworkSpec, readColumns } from './network.js';
import { imageSize, patchSize } from './patches.js';

/** Patches are made for so many entries at a time, 8 MB: a batch of large images would need gigabytes at once. */
const MOST_ENTRIES = 2 ** 20;

/** A convolution, or a transposed one, ready to run. */
class PlainConvolution {
  readonly #layer: ConvolutionSpec;
  readonly #table: Int32Array;
  /** Biases of a transposed layer, which are added after its product. */
  readonly #biases: Float64Array;
  readonly #product: DenseProduct;

  constructor(layer: ConvolutionSpec, weights: (name: string) => ArrayLike<number>) {
    const own = weights(convolutionWeights(layer));
    this.#layer = layer;
    this.#table = tableOf(layer);
    this.#biases = Float64Array.from(weights(convolutionBiases(layer)));
    const { geometry, channels } = layer;
    const size = patchSize(geometry);
    this.#product = layer.transposed
      ? new DenseProduct(Float64Array.from(own), new Float64Array(size))
      : new DenseProduct(transposed(own, size, channels), this.#biases);
  }

  /** Results of `rows` rows, row-major; a row's does not depend on the others. */
  apply(input: Float64Array, rows: number): Float64Array {
    const layer = this.#layer;
    const width = imageSize(outputShape(layer));
    const output = new Float64Array(rows * width);
    const most = Math.max(1, Math.floor(MOST_ENTRIES / this.#table.length));
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      if (layer.transposed) this.#write(input, first, count, output);
      else this.#read(input, first, count, output);
    }
    activate(output, layer.activation);
    return output;
  }

  #read(images: Float64Array, first: number, count: number, output: Float64Array): void {
    const { geometry, channels } = this.#layer;
    const patches = new Float64Array(count * this.#table.length);
    const size = imageSize(geometry.image);
    gatherRows(images.subarray(first * size, (first + count) * size), size, this.#table, patches);
    const inputs = patchSize(geometry);
    const positions = this.#table.length / inputs;
    const block = output.subarray(first * positions * channels, (first + count) * positions * channels);
    this.#product.apply(patches, count * positions, block);
  }

  #write(maps: Float64Array, first: number, count: number, output: Float64Array): void {
    const { geometry, channels } = this.#layer;
    const outputs = patchSize(geometry);
    const positions = this.#table.length / outputs;
    const patches = new Float64Array(count * this.#table.length);
    const block = maps.subarray(first * positions * channels, (first + count) * positions * channels);
    this.#product.apply(block, count * positions, patches);
    const size = imageSize(geometry.image);
    const period = this.#biases.length;
    for (let i = first * size; i < (first + count) * size; i++) output[i] = this.#biases[i % period];
    scatterRows(patches, size, this.#table, output.subarray(first * size, (first + count) * size));
  }
}

/** A network in plain doubles. */
export class PlainNetwork {
  readonly #network: NetworkSpec;
  readonly #reading: readonly PlainConvolution[];
  readonly #perceptron: PlainMlp;
  readonly #writing: readonly PlainConvolution[];

  /** @param weights - The values of a parameter by its name; copied. */
  constructor(network: NetworkSpec, weights: (name: string) => ArrayLike<number>) {
    this.#network = network;
    this.#reading = network.reading.map((layer) => new PlainConvolution(layer, weights));
    this.#perceptron = new PlainMlp(network.perceptron, weights);
    this.#writing = network.writing.map((layer) => new PlainConvolution(layer, weights));
  }

  /** Results of `rows` rows, row-major. */
  apply(input: Float64Array, rows: number): Float64Array {
    const { between } = this.#network;
    const middle = this.#perceptron.apply(this.#read(input, rows), rows);
    if (this.#writing.length === 0) return middle;
    const start = middle.map(ACTIVATIONS[between].value);
    return this.#writing.reduce<Float64Array>((values, layer) => layer.apply(values, rows), start);
  }

  #read(input: Float64Array, rows: number): Float64Array {
    if (this.#reading.length === 0) return input;
    const width = readColumns(this.#network);
    const all = rows === 0 ? width : input.length / rows;
    const images = all === width ? input : cut(input, all, 0, width, rows);
    const maps = this.#reading.reduce<Float64Array>((values, layer) => layer.apply(values, rows), images);
    if (all === width) return maps;
    const rest = all - width;
    return beside(maps, this.#perceptron.inputs - rest, cut(input, all, width, all, rows), rest, rows);
  }
}

/** Columns `start` to `end - 1` of rows of a width. */
function cut(values: Float64Array, width: number, start: number, end: number, rows: number): Float64Array {
  const part = new Float64Array(rows * (end - start));
  for (let i = 0; i < rows; i++) {
    part.set(values.subarray(i * width + start, i * width + end), i * (end - start));
  }
  return part;
}
