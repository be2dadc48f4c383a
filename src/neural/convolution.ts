/**
 * Convolutional layers, and transposed ones, as one product of matrices each: see `patches.ts`.
 *
 *     convolution:             y_p = f(b + sum_m patch_p[m] W[m, :])
 *     transposed convolution:  patch_p = x_p W^T,   y = f(b + patches added up)
 *
 * x_p and y_p are the channels at position p. W has one row per entry of a patch, in both.
 *
 * Reference: Dumoulin & Visin (2016), *A guide to convolution arithmetic for deep learning*, arXiv:1603.07285.
 *
 * @module
 */
import { ACTIVATIONS, type ActivationName } from './activations.js';
import { denseLayer } from './mlp.js';
import { add, gather, matMulTransposed, reshape, scatter } from './operations.js';
import { type BoundParameters, constantInitializer, normalInitializer, type ParameterSpec } from './parameters.js';
import { type ImageShape, imageSize, type PatchGeometry, patchSize, patchTable, positionsOf } from './patches.js';
import type { Value } from './value.js';

/** A layer between an image and maps of features, either way. */
export interface ConvolutionSpec {
  /** First part of the names of its parameters, such as `encoder.convolution.0`. */
  readonly name: string;
  /** Of the larger side: a convolution's input, a transposed convolution's output. */
  readonly geometry: PatchGeometry;
  /** Numbers per position on the smaller side. */
  readonly channels: number;
  readonly transposed: boolean;
  readonly activation: ActivationName;
  /** Whether each entry of the output has a bias of its own, rather than each channel. */
  readonly ownBiases: boolean;
}

/** What an option says of a layer: channels, and how its kernel moves. */
export interface ConvolutionShape {
  readonly channels: number;
  readonly kernel: number;
  readonly stride: number;
}

/** The smaller side of a layer: its maps of features, as an image. */
export function featureShape({ geometry, channels }: Pick<ConvolutionSpec, 'geometry' | 'channels'>): ImageShape {
  return { ...positionsOf(geometry), channels };
}

/** Name of a layer's weights. */
export function convolutionWeights({ name }: ConvolutionSpec): string {
  return `${name}.weights`;
}

/** Name of a layer's biases. */
export function convolutionBiases({ name }: ConvolutionSpec): string {
  return `${name}.biases`;
}

/** The side of a layer that rows leave it on. */
export function outputShape(layer: ConvolutionSpec): ImageShape {
  return layer.transposed ? layer.geometry.image : featureShape(layer);
}

/**
 * Layers from an image down to its last maps, each on the maps of the one before.
 *
 * Zeros around the image are such that a stride divides an even size: (kernel - stride) / 2, rounded up.
 */
export function convolutions(
  name: string,
  image: ImageShape,
  shapes: readonly ConvolutionShape[],
  activation: ActivationName,
): ConvolutionSpec[] {
  let current = image;
  return shapes.map(({ channels, kernel, stride }, k) => {
    const padding = Math.max(0, Math.ceil((kernel - stride) / 2));
    const geometry = { image: current, kernel, stride, padding };
    const layer = {
      name: `${name}.convolution.${k}`,
      geometry,
      channels,
      transposed: false,
      activation,
      ownBiases: false,
    };
    current = featureShape(layer);
    return layer;
  });
}

/** The way back up: the mirror image of {@link convolutions}, linear at its end, where each entry has a bias of its own. */
export function transposedConvolutions(
  name: string,
  image: ImageShape,
  shapes: readonly ConvolutionShape[],
  activation: ActivationName,
): ConvolutionSpec[] {
  const down = convolutions(name, image, shapes, activation);
  return down.reverse().map((layer, k) => {
    const isLast = k === down.length - 1;
    return {
      ...layer,
      name: `${name}.transposed.${k}`,
      transposed: true,
      activation: isLast ? 'linear' : activation,
      ownBiases: isLast,
    };
  });
}

/** The parameters of a layer, with their initial laws: normal weights that keep the variance, zero biases. */
export function convolutionParameters(layer: ConvolutionSpec): ParameterSpec[] {
  const { geometry, channels, transposed, activation, ownBiases } = layer;
  const size = patchSize(geometry);
  // An entry of a transposed convolution's output gets a number from each of (kernel / stride)^2 positions.
  const inputs = transposed ? channels * Math.max(1, (geometry.kernel / geometry.stride) ** 2) : size;
  const output = outputShape(layer);
  return [
    {
      name: convolutionWeights(layer),
      shape: [size, channels],
      initialize: normalInitializer(inputs, ACTIVATIONS[activation].gain),
    },
    {
      name: convolutionBiases(layer),
      shape: [ownBiases ? imageSize(output) : output.channels],
      initialize: constantInitializer(0),
    },
  ];
}

/** Tables of patches, made once per geometry. */
const TABLES = new WeakMap<PatchGeometry, Int32Array>();

/** The table of a layer's patches. */
export function tableOf({ geometry }: ConvolutionSpec): Int32Array {
  const known = TABLES.get(geometry);
  if (known !== undefined) return known;
  const table = patchTable(geometry);
  TABLES.set(geometry, table);
  return table;
}

/** The layer on a backend: rows in, rows out, differentiable. */
export function applyConvolution(layer: ConvolutionSpec, parameters: BoundParameters, rows: Value): Value {
  const { geometry, channels, transposed, activation } = layer;
  const [n] = rows.shape;
  const weights = parameters[convolutionWeights(layer)];
  const biases = parameters[convolutionBiases(layer)];
  const table = tableOf(layer);
  const size = imageSize(geometry.image);
  const entries = patchSize(geometry);
  const positions = table.length / entries;
  const { apply } = ACTIVATIONS[activation];
  if (!transposed) {
    const patches = reshape(gather(rows, table), [n * positions, entries]);
    return reshape(denseLayer(patches, weights, biases, activation), [n, positions * channels]);
  }
  const patches = matMulTransposed(reshape(rows, [n * positions, channels]), weights);
  const images = scatter(reshape(patches, [n, table.length]), table, size);
  if (layer.ownBiases) return apply(add(images, biases));
  const pixels = reshape(images, [(n * size) / geometry.image.channels, geometry.image.channels]);
  return reshape(apply(add(pixels, biases)), [n, size]);
}
