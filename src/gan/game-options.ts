/**
 * Options that every adversarial model has: the game, what holds the discriminator back, and the training.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { integer, number, type OptionTable, oneOf, option, optional, seed } from '../core/options.js';
import type { Seed } from '../core/random.js';
import { ACTIVATION_NAMES, type ActivationName } from '../neural/activations.js';
import { BACKEND_CHOICES, type BackendChoice } from '../neural/backend.js';
import { SCHEDULE_NAMES, type ScheduleName } from '../neural/schedule.js';
import { type Annealed, annealed, isEverPositive } from './annealing.js';
import { hasLabels, OBJECTIVE_NAMES, type ObjectiveName } from './objectives.js';

/** Options of the game between generators and discriminators. */
export interface GameOptions {
  /**
   * What the players want: minimax, non-saturating, least-squares, hinge or wasserstein. `wasserstein` needs a
   * discriminator of bounded slope: unless clipping, a penalty or spectral normalisation is asked for, it gets a
   * `gradientPenalty` of 10. Default non-saturating.
   */
  readonly objective?: ObjectiveName;
  /** Function on the generator's hidden layers. Default relu. */
  readonly generatorActivation?: ActivationName;
  /** Function on the discriminator's hidden layers. Default leakyRelu. */
  readonly discriminatorActivation?: ActivationName;
  /** Steps of the discriminator for each step of the generator, on a batch each. Default 1. */
  readonly discriminatorSteps?: number;
  /** Standard deviation of the noise on all that the discriminator sees, in standard deviations of the data. Default 0. */
  readonly instanceNoise?: Annealed;
  /** gamma of R1, the penalty gamma / 2 |dl/dx|^2 on data. Default 0. */
  readonly r1?: Annealed;
  /** gamma of R2, the same on generated rows. Default 0. */
  readonly r2?: Annealed;
  /** lambda of the penalty lambda (|dl/dx| - 1)^2 between data and generated rows. Left out, see `objective`. */
  readonly gradientPenalty?: Annealed;
  /** The discriminator's weights are kept in [-c, c]. Left out, they are free. */
  readonly weightClipping?: Annealed;
  /** Spectral norm to which the discriminator's weight matrices are scaled: 1 as published. Left out, they are free. */
  readonly spectralNormalization?: Annealed;
  /** Decoupled weight decay of the discriminator. Default 0. */
  readonly weightDecay?: Annealed;
  /** Share of the discriminator's hidden units that each step leaves out. Default 0. */
  readonly dropout?: Annealed;
  /** The discriminator's label of data is 1 less this; for objectives with labels. Default 0. */
  readonly labelSmoothing?: Annealed;
  /** Passes over the training rows. Default 200. */
  readonly epochs?: number;
  /** Rows per step of the discriminator. Default 128. */
  readonly batchSize?: number;
  /** Step size of Adam. Default 0.001. */
  readonly learningRate?: number;
  /** Step size of the discriminator's Adam. Left out, the same. */
  readonly discriminatorLearningRate?: number;
  /** How both fall over the training: constant, linear or cosine. Default constant. */
  readonly schedule?: ScheduleName;
  /** Decay of Adam's mean of gradients. Default 0.5. */
  readonly momentum?: number;
  /** Gradients of a larger norm are shrunk to it. Default 100. */
  readonly maxGradientNorm?: number;
  /** Decay of the running average of the generator's parameters that becomes the model, below 1; 0 for the last ones. Default 0.99. */
  readonly averaging?: number;
  /** Fraction of rows held out to watch the game. Default 0.1. */
  readonly validationFraction?: number;
  /** Where to train: auto, native, wasm or cpu. Default auto. */
  readonly backend?: BackendChoice;
  /** Fixes initial weights, order of rows and draws. Left out, fits differ from call to call. */
  readonly seed?: Seed;
}

/** Options that may stay unset. */
export type UnsetInGame =
  | 'gradientPenalty'
  | 'weightClipping'
  | 'spectralNormalization'
  | 'discriminatorLearningRate'
  | 'seed';

/** {@link GameOptions} with defaults filled in. */
export type GameSettings = Readonly<Required<Omit<GameOptions, UnsetInGame>> & Pick<GameOptions, UnsetInGame>>;

/** The rules and defaults of {@link GameOptions}. */
export const GAME_OPTIONS: OptionTable<GameOptions> = {
  objective: option(oneOf(...OBJECTIVE_NAMES), 'non-saturating'),
  generatorActivation: option(oneOf(...ACTIVATION_NAMES), 'relu'),
  discriminatorActivation: option(oneOf(...ACTIVATION_NAMES), 'leakyRelu'),
  discriminatorSteps: option(integer(1, 1000), 1),
  instanceNoise: option(annealed({ least: 0 }), 0),
  r1: option(annealed({ least: 0 }), 0),
  r2: option(annealed({ least: 0 }), 0),
  gradientPenalty: optional(annealed({ least: 0 })),
  weightClipping: optional(annealed({ above: 0 })),
  spectralNormalization: optional(annealed({ above: 0 })),
  weightDecay: option(annealed({ least: 0 }), 0),
  dropout: option(annealed({ least: 0, below: 1 }), 0),
  labelSmoothing: option(annealed({ least: 0, below: 1 }), 0),
  epochs: option(integer(1), 200),
  batchSize: option(integer(1), 128),
  learningRate: option(number({ above: 0 }), 1e-3),
  discriminatorLearningRate: optional(number({ above: 0 })),
  schedule: option(oneOf(...SCHEDULE_NAMES), 'constant'),
  momentum: option(number({ least: 0, below: 1 }), 0.5),
  maxGradientNorm: option(number({ above: 0 }), 100),
  averaging: option(number({ least: 0, below: 1 }), 0.99),
  validationFraction: option(number({ least: 0, below: 1 }), 0.1),
  backend: option(oneOf(...BACKEND_CHOICES), 'auto'),
  seed: optional(seed()),
};

/**
 * Options of the game that exclude each other.
 *
 * @throws ModelError `invalid-option`.
 */
export function checkGame(owner: string, { objective, labelSmoothing }: GameSettings): void {
  if (isEverPositive(labelSmoothing) && !hasLabels(objective)) {
    const must = `option "labelSmoothing" must be left out with objective "${objective}", which has no labels`;
    throw modelError('invalid-option', { owner, must });
  }
}

/** lambda of the gradient penalty of a Wasserstein critic that nothing else holds (Gulrajani et al. 2017). */
const WASSERSTEIN_PENALTY = 10;

/** The gradient penalty in force: as given, or what a critic without any other bound needs. */
export function gradientPenaltyOf(settings: GameSettings): Annealed {
  const { objective, gradientPenalty, weightClipping, spectralNormalization, r1, r2 } = settings;
  if (gradientPenalty !== undefined) return gradientPenalty;
  const isBound =
    weightClipping !== undefined || spectralNormalization !== undefined || isEverPositive(r1) || isEverPositive(r2);
  return objective === 'wasserstein' && !isBound ? WASSERSTEIN_PENALTY : 0;
}
