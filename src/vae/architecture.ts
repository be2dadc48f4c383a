/**
 * The two networks and their parameters.
 *
 * @module
 */
import type { ActivationName } from '../neural/activations.js';
import { ColumnCode, type ColumnStatistics } from '../neural/columns.js';
import {
  type ImageLayers,
  type NetworkSpec,
  networkParameters,
  readingNetwork,
  writingNetwork,
} from '../neural/network.js';
import { constantInitializer, type ParameterSpec } from '../neural/parameters.js';

/** How s of continuous columns is had: one number per column, or learnt. */
export type StandardDeviation = 'shared' | 'column' | Float64Array;

/** All that fixes the shape of a model. */
export interface ArchitectureSettings {
  readonly latentDimension: number;
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  /** Rows as images, and their convolutions; `undefined` for networks of dense layers only. */
  readonly images: ImageLayers | undefined;
  readonly rows: ColumnStatistics;
  /** What the model is conditioned on; no columns where it is not. */
  readonly given: ColumnStatistics;
  /** In standardised units where it is given. */
  readonly standardDeviation: StandardDeviation;
}

/** Encoder, decoder, and how rows enter and leave them. */
export interface Architecture extends ArchitectureSettings {
  readonly code: ColumnCode;
  readonly givenCode: ColumnCode;
  /** Rows and what is given in; means and log-variances of the code out. */
  readonly encoder: NetworkSpec;
  /** The code and what is given in; a mean or logits for each column out. */
  readonly decoder: NetworkSpec;
}

/** Name of the learnt log s. */
export const LOG_STANDARD_DEVIATIONS = 'decoder.logStandardDeviations';

/**
 * Least s that training can reach, in units of a column's standard deviation. Without it, a decoder that reproduces a
 * column to the bit would have an unbounded likelihood.
 */
export const LEAST_STANDARD_DEVIATION = 1e-3;

/** The networks of some settings. */
export function architecture(settings: ArchitectureSettings): Architecture {
  const { latentDimension, hidden, activation } = settings;
  const code = new ColumnCode(settings.rows);
  const givenCode = new ColumnCode(settings.given);
  // A categorical column is so many channels of its pixel.
  const images = settings.images && inCodedChannels(settings.images, code.width);
  return {
    ...settings,
    code,
    givenCode,
    encoder: readingNetwork(
      { name: 'encoder', inputs: code.width + givenCode.width, hidden, outputs: 2 * latentDimension, activation },
      images,
    ),
    decoder: writingNetwork(
      {
        name: 'decoder',
        inputs: latentDimension + givenCode.width,
        hidden: [...hidden].reverse(),
        outputs: code.width,
        activation,
      },
      images,
    ),
  };
}

function inCodedChannels({ image, shapes }: ImageLayers, width: number): ImageLayers {
  return { image: { ...image, channels: width / (image.height * image.width) }, shapes };
}

/** Every parameter of a model. */
export function parameterSpecs(networks: Architecture): ParameterSpec[] {
  const { encoder, decoder, code, standardDeviation } = networks;
  const specs = [...networkParameters(encoder), ...networkParameters(decoder)];
  const learnt = typeof standardDeviation === 'string' && code.continuous.length > 0;
  if (!learnt) return specs;
  const count = standardDeviation === 'shared' ? 1 : code.continuous.length;
  return [...specs, { name: LOG_STANDARD_DEVIATIONS, shape: [count], initialize: constantInitializer(0) }];
}

/** s^2 of each continuous column, in standardised units: given, or floor^2 + e^(2 t) of the learnt t. */
export function variancesOf(networks: Architecture, parameter: (name: string) => ArrayLike<number>): Float64Array {
  const { code, standardDeviation } = networks;
  if (typeof standardDeviation !== 'string') return standardDeviation.map((s) => s * s);
  const count = code.continuous.length;
  if (count === 0) return new Float64Array(0);
  const learnt = parameter(LOG_STANDARD_DEVIATIONS);
  return Float64Array.from({ length: count }, (_, k) => {
    const logStandardDeviation = learnt[standardDeviation === 'shared' ? 0 : k];
    return LEAST_STANDARD_DEVIATION ** 2 + Math.exp(2 * logStandardDeviation);
  });
}
