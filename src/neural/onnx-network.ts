/**
 * A network that writes images as nodes of an ONNX graph, where images have their channels first.
 *
 * @module
 */
import {
  type ConvolutionSpec,
  convolutionBiases,
  convolutionWeights,
  featureShape,
  outputShape,
} from './convolution.js';
import type { NetworkSpec } from './network.js';
import type { OnnxConstant, OnnxNode } from './onnx.js';
import { activationNodes, mlpToOnnx, type OnnxPart } from './onnx-mlp.js';
import { type ImageShape, positionsOf } from './patches.js';

/** Collects nodes and constants. */
class Part implements OnnxPart {
  readonly nodes: OnnxNode[] = [];
  readonly constants: OnnxConstant[] = [];

  node(operator: string, inputs: readonly string[], output: string, attributes?: OnnxNode['attributes']): string {
    this.nodes.push({ operator, inputs, output, ...(attributes && { attributes }) });
    return output;
  }

  integers(name: string, ...values: number[]): string {
    this.constants.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  }

  floats(name: string, shape: readonly number[], data: Float32Array): string {
    this.constants.push({ name, shape, data });
    return name;
  }

  add({ nodes, constants }: OnnxPart): void {
    this.nodes.push(...nodes);
    this.constants.push(...constants);
  }

  /** Rows, channels last, to images, channels first. */
  toImages(rows: string, { height, width, channels }: ImageShape): string {
    const shape = this.integers(`${rows}.shape`, -1, height, width, channels);
    const last = this.node('Reshape', [rows, shape], `${rows}.image`);
    return this.node('Transpose', [last], `${rows}.channels`, { perm: [0, 3, 1, 2] });
  }

  /** Images, channels first, to rows, channels last. */
  toRows(images: string, { height, width, channels }: ImageShape, output: string): string {
    const last = this.node('Transpose', [images], `${output}.image`, { perm: [0, 2, 3, 1] });
    return this.node('Reshape', [last, this.integers(`${output}.shape`, -1, height * width * channels)], output);
  }
}

/** A network that writes images, or none, from the value named `input` to the value named `output`. */
export function networkToOnnx(
  { perceptron, between, writing }: Pick<NetworkSpec, 'perceptron' | 'between' | 'writing'>,
  parameter: (name: string) => Float32Array,
  input: string,
  output: string,
): OnnxPart {
  if (writing.length === 0) return mlpToOnnx(perceptron, parameter, input, output);
  const part = new Part();
  const middle = `${perceptron.name}.middle`;
  part.add(mlpToOnnx(perceptron, parameter, input, middle));
  const start = between === 'linear' ? middle : `${middle}.active`;
  part.add({ nodes: activationNodes(between, middle, start), constants: [] });
  let images = part.toImages(start, featureShape(writing[0]));
  for (const layer of writing) images = addTransposedConvolution(part, layer, parameter, images);
  part.toRows(images, outputShape(writing[writing.length - 1]), output);
  return part;
}

/** One transposed convolution of images, channels first; returns the name of its output. */
function addTransposedConvolution(
  part: Part,
  layer: ConvolutionSpec,
  parameter: (name: string) => Float32Array,
  input: string,
): string {
  const { name, geometry, ownBiases, activation } = layer;
  const { image, kernel, stride, padding } = geometry;
  const weights = channelsFirst(layer, parameter(convolutionWeights(layer)));
  const shape = [layer.channels, image.channels, kernel, kernel];
  const own = part.floats(convolutionWeights(layer), shape, weights);
  const positions = positionsOf(geometry);
  // What the kernel's last position leaves over: columns that only biases reach.
  const rest = [image.height, image.width].map((size, axis) => {
    const count = axis === 0 ? positions.height : positions.width;
    return size - ((count - 1) * stride - 2 * padding + kernel);
  });
  const attributes = {
    kernel_shape: [kernel, kernel],
    strides: [stride, stride],
    pads: [padding, padding, padding, padding],
    output_padding: rest,
  };
  const sum = part.node('ConvTranspose', [input, own], `${name}.product`, attributes);
  const { height, width, channels } = outputShape(layer);
  const values = parameter(convolutionBiases(layer));
  const biases = ownBiases
    ? part.floats(convolutionBiases(layer), [channels, height, width], pixelsChannelsFirst(values, channels))
    : part.floats(convolutionBiases(layer), [channels, 1, 1], values);
  const output = `${name}.output`;
  const shifted = activation === 'linear' ? output : `${name}.sum`;
  part.node('Add', [sum, biases], shifted);
  part.add({ nodes: activationNodes(activation, shifted, output), constants: [] });
  return output;
}

/** Weights [k k C, M] as [M, C, k, k]. */
function channelsFirst({ geometry, channels: maps }: ConvolutionSpec, weights: Float32Array): Float32Array {
  const { image, kernel } = geometry;
  const result = new Float32Array(weights.length);
  const area = kernel * kernel;
  for (let place = 0; place < area; place++) {
    for (let c = 0; c < image.channels; c++) {
      for (let m = 0; m < maps; m++) {
        result[(m * image.channels + c) * area + place] = weights[(place * image.channels + c) * maps + m];
      }
    }
  }
  return result;
}

/** An image's entries, channels last, with channels first. */
function pixelsChannelsFirst(values: Float32Array, channels: number): Float32Array {
  const pixels = values.length / channels;
  return values.map((_, i) => values[(i % pixels) * channels + Math.floor(i / pixels)]);
}
