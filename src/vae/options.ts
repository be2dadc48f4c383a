/**
 * Options of the variational autoencoder.
 *
 * @module
 */
import { either, integer, number, type OptionTable, oneOf, option, optional, seed } from '../core/options.js';
import type { Seed } from '../core/random.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import { BACKEND_CHOICES, type BackendChoice } from '../neural/backend.js';
import type { Binarization, ColumnKind } from '../neural/columns.js';
import {
  type ConvolutionOption,
  columnKinds,
  convolutionLayers,
  type ImageOption,
  image,
  MOST_UNITS,
  widths,
} from '../neural/option-rules.js';
import { SCHEDULE_NAMES, type ScheduleName } from '../neural/schedule.js';

/** The law of a row given its code: see {@link VariationalAutoencoderOptions.decoder}. */
export type DecoderKind = 'gaussian' | 'bernoulli' | 'categorical' | 'mixed';

/** Options of {@link VariationalAutoencoder}. */
export interface VariationalAutoencoderOptions {
  /** Number of latent columns, L. Default 2. */
  readonly latentDimension?: number;
  /** Widths of the encoder's hidden layers; the decoder has them in reverse. Empty for linear maps. Default [64]. */
  readonly hidden?: ArrayLike<number>;
  /** Rows that are images, channels last: with `convolutions`. */
  readonly image?: ImageOption;
  /**
   * Convolutional layers of the encoder, before its hidden ones: channels, or { channels, kernel, stride }, by default a
   * kernel of 4 x 4 that moves by 2; the decoder ends with the same ones transposed. Left out, all layers are dense.
   */
  readonly convolutions?: readonly ConvolutionOption[];
  /** Function on hidden layers: relu, leakyRelu, elu, softplus, swish, tanh, sigmoid or linear. Default relu. */
  readonly activation?: ActivationName;
  /**
   * The law of a row given its code. `gaussian`: each column normal; `bernoulli`: columns of 0 and 1; `categorical`:
   * columns of categories numbered from 0; `mixed`: as `columns` says. Default gaussian.
   */
  readonly decoder?: DecoderKind;
  /** For a `mixed` decoder: the kind of each column. */
  readonly columns?: readonly ColumnKind[];
  /** For a `categorical` decoder: the number of categories of every column. Left out, what the rows show. */
  readonly categories?: number;
  /** The kind of each column of `given`, on which the model is conditioned. Default none. */
  readonly given?: readonly ColumnKind[];
  /**
   * s of continuous columns given the code: a number, in the data's units; or learnt, one for all columns in units of
   * their standard deviations (`shared`), or one for each (`column`). Default column.
   */
  readonly standardDeviation?: number | 'shared' | 'column';
  /**
   * What to do with binary columns that hold other values than 0 and 1: refuse them; cut at 1/2 (`threshold`); or read
   * them as probabilities and draw anew in each epoch (`stochastic`). Default refuse.
   */
  readonly binarization?: Binarization;
  /** Weight of the regularisation in the objective. Default 1, the bound itself. */
  readonly beta?: number;
  /** Epochs over which the weight of the regularisation rises from 0 to `beta`. Default 0. */
  readonly warmup?: number;
  /** Nats of regularisation per latent column that are not charged, on the mean over a batch. Default 0. */
  readonly freeBits?: number;
  /** K of the importance-weighted bound; with 1 it is the classic one. Default 1. */
  readonly importanceSamples?: number;
  /** Passes over the training rows, at most. Default 100. */
  readonly epochs?: number;
  /** Rows per step. Default 128. */
  readonly batchSize?: number;
  /** Step size of Adam. Default 0.001. */
  readonly learningRate?: number;
  /** How it falls over the training: constant, linear or cosine. Default cosine. */
  readonly schedule?: ScheduleName;
  /** Decoupled weight decay. Default 0. */
  readonly weightDecay?: number;
  /** Gradients of a larger norm are shrunk to it. Default 100. */
  readonly maxGradientNorm?: number;
  /** Decay of the running average of parameters that becomes the model, below 1. Left out, the last parameters do. */
  readonly averaging?: number;
  /** Fraction of rows held out to watch the bound. Default 0.1. */
  readonly validationFraction?: number;
  /** Epochs without improvement on held-out rows after which training stops. Left out, it runs through. */
  readonly patience?: number;
  /** K of the importance-sampled `logDensity`. Default 100. */
  readonly densitySamples?: number;
  /** Where to train: auto, native, wasm or cpu. Default auto. */
  readonly backend?: BackendChoice;
  /** Fixes initial weights, order of rows and draws. Left out, fits differ from call to call. */
  readonly seed?: Seed;
}

/** The rules and defaults of {@link VariationalAutoencoderOptions}. */
export const VARIATIONAL_AUTOENCODER_OPTIONS: OptionTable<VariationalAutoencoderOptions> = {
  latentDimension: option(integer(1, MOST_UNITS), 2),
  hidden: option(widths(), [64]),
  image: optional(image()),
  convolutions: optional(convolutionLayers()),
  activation: option(oneOf(...ACTIVATION_NAMES), 'relu'),
  decoder: option(oneOf('gaussian', 'bernoulli', 'categorical', 'mixed'), 'gaussian'),
  columns: optional(columnKinds()),
  categories: optional(integer(2, MOST_UNITS)),
  given: optional(columnKinds()),
  standardDeviation: option(either(number({ above: 0 }), oneOf('shared', 'column')), 'column'),
  binarization: option(oneOf('refuse', 'threshold', 'stochastic'), 'refuse'),
  beta: option(number({ least: 0 }), 1),
  warmup: option(integer(0), 0),
  freeBits: option(number({ least: 0 }), 0),
  importanceSamples: option(integer(1, 10_000), 1),
  epochs: option(integer(1), 100),
  batchSize: option(integer(1), 128),
  learningRate: option(number({ above: 0 }), 1e-3),
  schedule: option(oneOf(...SCHEDULE_NAMES), 'cosine'),
  weightDecay: option(number({ least: 0 }), 0),
  maxGradientNorm: option(number({ above: 0 }), 100),
  averaging: optional(number({ least: 0, below: 1 })),
  validationFraction: option(number({ least: 0, below: 1 }), 0.1),
  patience: optional(integer(1)),
  densitySamples: option(integer(1), 100),
  backend: option(oneOf(...BACKEND_CHOICES), 'auto'),
  seed: optional(seed()),
};

/** Options with their defaults filled in. */
export type Checked = Readonly<
  Required<Omit<VariationalAutoencoderOptions, Unset>> & Pick<VariationalAutoencoderOptions, Unset>
>;

/** Options that may stay unset. */
type Unset = 'image' | 'convolutions' | 'columns' | 'categories' | 'given' | 'averaging' | 'patience' | 'seed';
