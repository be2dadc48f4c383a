/**
 * Variational autoencoders.
 *
 * @module
 */
export type { ActivationName } from '../neural/activations.js';
export type { BackendChoice, BackendName } from '../neural/backend.js';
export type { Binarization, ColumnKind } from '../neural/columns.js';
export type { ConvolutionOption, ImageOption } from '../neural/option-rules.js';
export type { ScheduleName } from '../neural/schedule.js';
export type { BoundHistory, VariationalAutoencoderHistory } from './history.js';
export type { DecoderKind, VariationalAutoencoderOptions } from './options.js';
export type { Bound, DensityEstimate, DrawOptions, GivenOptions } from './results.js';
export { VariationalAutoencoder, type VariationalAutoencoderFitOptions } from './variational-autoencoder.js';
export { VariationalAutoencoderModel } from './variational-autoencoder-model.js';
