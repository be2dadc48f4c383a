/**
 * Adversarial networks.
 *
 * @module
 */
export type { ActivationName } from '../neural/activations.js';
export type { BackendChoice, BackendName } from '../neural/backend.js';
export type { ColumnKind } from '../neural/columns.js';
export type { ScheduleName } from '../neural/schedule.js';
export type { Annealed } from './annealing.js';
export { BidirectionalGan } from './bidirectional-gan.js';
export { BidirectionalGanModel } from './bidirectional-gan-model.js';
export type { BidirectionalGanOptions, InferenceKind } from './bidirectional-gan-options.js';
export type { BidirectionalGanHistory } from './bidirectional-gan-state.js';
export { CycleGan } from './cycle-gan.js';
export { CycleGanModel } from './cycle-gan-model.js';
export type { CycleGanOptions } from './cycle-gan-options.js';
export type { CycleGanHistory } from './cycle-gan-state.js';
export { Expression, type FeatureFunction } from './expressions.js';
export type { GameFitOptions } from './fit-arguments.js';
export type { GameOptions } from './game-options.js';
export { type AdversarialFitOptions, GenerativeAdversarialNetwork } from './generative-adversarial-network.js';
export { type ConditionOptions, GenerativeAdversarialNetworkModel } from './generative-adversarial-network-model.js';
export type {
  FeatureMatching,
  Features,
  GenerativeAdversarialNetworkOptions,
} from './generative-adversarial-network-options.js';
export type { Relaxation } from './generator.js';
export type { AdversarialHistory } from './history.js';
export type { ObjectiveName } from './objectives.js';
export { PairedGan } from './paired-gan.js';
export { PairedGanModel } from './paired-gan-model.js';
export type { PairedGanOptions } from './paired-gan-options.js';
export type { PairedGanHistory } from './paired-gan-state.js';
export type { TranslationModel } from './translation-model.js';
