/**
 * Networks that read or write images: convolutions before a multilayer perceptron, transposed ones after it, or neither.
 *
 * Columns of the input beyond the image, such as conditions, pass the convolutions by and enter the perceptron.
 *
 * @module
 */
import { ACTIVATIONS, type ActivationName } from './activations.js';
import {
  applyConvolution,
  type ConvolutionShape,
  type ConvolutionSpec,
  convolutionBiases,
  convolutionParameters,
  convolutions,
  featureShape,
  transposedConvolutions,
} from './convolution.js';
import { applyMlp, layersOf, type MlpSpec, mlpParameters } from './mlp.js';
import { columns, concat } from './operations.js';
import type { ConvolutionOption, ImageOption } from './option-rules.js';
import type { BoundParameters, ParameterSpec } from './parameters.js';
import { type ImageShape, imageSize, patchSize, positionsOf } from './patches.js';
import type { Value } from './value.js';

/** A network, in the order in which rows pass it. */
export interface NetworkSpec {
  /** Convolutions that the first columns of the input pass first; often none. */
  readonly reading: readonly ConvolutionSpec[];
  readonly perceptron: MlpSpec;
  /** Function on the perceptron's output where transposed convolutions follow; linear where none do. */
  readonly between: ActivationName;
  /** Transposed convolutions at the end; often none. */
  readonly writing: readonly ConvolutionSpec[];
}

/** Images as rows, and the convolutions on the way from them down. */
export interface ImageLayers {
  readonly image: ImageShape;
  readonly shapes: readonly ConvolutionShape[];
}

/** Kernel and stride of a layer given by its channels alone: the stride halves the image, and divides the kernel, without which
 * a transposed convolution leaves a chequered pattern (Odena et al. 2016, doi:10.23915/distill.00003). */
const [KERNEL, STRIDE] = [4, 2];

/** Image layers as options say them; `undefined` where neither option is set. */
export function imageLayers(
  image: ImageOption | undefined,
  layers: readonly ConvolutionOption[] | undefined,
): ImageLayers | undefined {
  if (image === undefined || layers === undefined) return undefined;
  const shapes = layers.map((layer) => {
    const { channels, kernel = KERNEL, stride = STRIDE } = typeof layer === 'number' ? { channels: layer } : layer;
    return { channels, kernel, stride };
  });
  return { image: { channels: 1, ...image }, shapes };
}

/** Patches of one layer hold at most so many numbers per row: their table takes 64 MB. */
const MOST_PATCHES = 2 ** 24;

/** What is wrong with image layers for rows of `columns` columns, as a rule that they break; `undefined` if nothing is. */
export function imageViolation({ image, shapes }: ImageLayers, columns: number): string | undefined {
  const { height, width, channels } = image;
  if (imageSize(image) !== columns) {
    return `height x width x channels of images must be the number of columns, ${columns}, but is ${height} x ${width} x ${channels}`;
  }
  for (const [k, { geometry }] of convolutions('', image, shapes, 'linear').entries()) {
    const positions = positionsOf(geometry);
    if (!(positions.height >= 1 && positions.width >= 1)) {
      return `convolution ${k} must have room on its ${geometry.image.height} x ${geometry.image.width} input`;
    }
    const patches = positions.height * positions.width * patchSize(geometry);
    if (patches > MOST_PATCHES) return `patches of convolution ${k} must hold at most ${MOST_PATCHES} numbers per row`;
  }
  return undefined;
}

/** A network whose first inputs are an image, if there are image layers; `mlp` counts all inputs. */
export function readingNetwork(mlp: MlpSpec, layers: ImageLayers | undefined): NetworkSpec {
  if (layers === undefined) return { reading: [], perceptron: mlp, between: 'linear', writing: [] };
  const reading = convolutions(mlp.name, layers.image, layers.shapes, mlp.activation);
  const inputs = mlp.inputs - imageSize(layers.image) + imageSize(featureShape(reading[reading.length - 1]));
  return { reading, perceptron: { ...mlp, inputs }, between: 'linear', writing: [] };
}

/** A network whose outputs are an image, if there are image layers. */
export function writingNetwork(mlp: MlpSpec, layers: ImageLayers | undefined): NetworkSpec {
  if (layers === undefined) return { reading: [], perceptron: mlp, between: 'linear', writing: [] };
  const writing = transposedConvolutions(mlp.name, layers.image, layers.shapes, mlp.activation);
  const outputs = imageSize(featureShape(writing[0]));
  return { reading: [], perceptron: { ...mlp, outputs }, between: mlp.activation, writing };
}

/** Columns of the input that are the image: none without convolutions. */
export function readColumns({ reading }: NetworkSpec): number {
  return reading.length === 0 ? 0 : imageSize(reading[0].geometry.image);
}

/** The parameters of a network, with their initial laws. */
export function networkParameters({ reading, perceptron, between, writing }: NetworkSpec): ParameterSpec[] {
  return [
    ...reading.flatMap(convolutionParameters),
    ...mlpParameters(perceptron, ACTIVATIONS[between].gain),
    ...writing.flatMap(convolutionParameters),
  ];
}

/** Name of the last biases: one for each column of the output. */
export function outputBiases({ perceptron, writing }: NetworkSpec): string {
  if (writing.length > 0) return convolutionBiases(writing[writing.length - 1]);
  const layers = layersOf(perceptron);
  return layers[layers.length - 1].biases;
}

/** The network on a backend: rows in, rows out, differentiable. */
export function applyNetwork(network: NetworkSpec, parameters: BoundParameters, rows: Value): Value {
  const { reading, perceptron, between, writing } = network;
  const middle = applyMlp(perceptron, parameters, read(network, parameters, rows));
  const start = ACTIVATIONS[between].apply(middle);
  return writing.reduce((values, layer) => applyConvolution(layer, parameters, values), start);

  function read(spec: NetworkSpec, bound: BoundParameters, input: Value): Value {
    if (reading.length === 0) return input;
    const [width, all] = [readColumns(spec), input.shape[1]];
    const maps = reading.reduce((values, layer) => applyConvolution(layer, bound, values), columns(input, 0, width));
    return all > width ? concat([maps, columns(input, width, all)], 1) : maps;
  }
}
