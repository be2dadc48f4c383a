/**
 * The game on the training loop: rounds of so many steps of the discriminators and one of the generators.
 *
 * A round is one step of `neural/training`: its rows are `batchSize * discriminatorSteps`, cut into a minibatch for each
 * step of the discriminator. Generators and discriminators are separate learners. In a discriminator's step the generator's
 * parameters are bound as constants, and the other way round, so that nothing is differentiated in vain.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { AdamOptions } from '../neural/adam.js';
import { euclideanNorm } from '../neural/adam.js';
import type { Backend } from '../neural/backend.js';
import type { Learner } from '../neural/learner.js';
import type { MlpSpec } from '../neural/mlp.js';
import { add } from '../neural/operations.js';
import type { BoundParameters } from '../neural/parameters.js';
import { scheduleFactor } from '../neural/schedule.js';
import type { TrainingPlace } from '../neural/training.js';
import { asVariable, type Context, type Value } from '../neural/value.js';
import { annealedAt } from './annealing.js';
import { type DiscriminatorMode, judge, updateSingularVectors } from './discriminator.js';
import { type GameSettings, gradientPenaltyOf } from './game-options.js';
import { discriminatorLoss, type ObjectiveName } from './objectives.js';
import { type Critic, clipWeights, gradientPenalty, uniformShares, zeroCenteredPenalty } from './penalties.js';

/** Every restriction of the game at one time of the training. */
export interface Strengths {
  readonly instanceNoise: number;
  readonly r1: number;
  readonly r2: number;
  readonly gradientPenalty: number;
  readonly labelSmoothing: number;
  readonly weightDecay: number;
  readonly dropout: number;
  readonly weightClipping: number | undefined;
  readonly spectralNorm: number | undefined;
}

/** The restrictions when a fraction `progress` of the training is done. */
export function strengthsAt(settings: GameSettings, progress: number): Strengths {
  const { weightClipping, spectralNormalization } = settings;
  return {
    instanceNoise: annealedAt(settings.instanceNoise, progress),
    r1: annealedAt(settings.r1, progress),
    r2: annealedAt(settings.r2, progress),
    gradientPenalty: annealedAt(gradientPenaltyOf(settings), progress),
    labelSmoothing: annealedAt(settings.labelSmoothing, progress),
    weightDecay: annealedAt(settings.weightDecay, progress),
    dropout: annealedAt(settings.dropout, progress),
    weightClipping: weightClipping === undefined ? undefined : annealedAt(weightClipping, progress),
    spectralNorm: spectralNormalization === undefined ? undefined : annealedAt(spectralNormalization, progress),
  };
}

/** Options of a player's optimiser; only generators are averaged. */
export function optimizerOf(settings: GameSettings, player: 'generator' | 'discriminator'): AdamOptions {
  const { momentum, maxGradientNorm, averaging } = settings;
  const isAveraged = player === 'generator' && averaging > 0;
  return { beta1: momentum, maxGradientNorm, ...(isAveraged && { averaging }) };
}

/** A player's learning rate at this time. */
function rateOf(settings: GameSettings, player: 'generator' | 'discriminator', progress: number): number {
  const { learningRate, discriminatorLearningRate = learningRate } = settings;
  const rate = player === 'generator' ? learningRate : discriminatorLearningRate;
  return rate * scheduleFactor(settings.schedule, progress);
}

/** Rows of a round, for `TrainingPlan.batchSize`. */
export function roundSize({ batchSize, discriminatorSteps }: GameSettings): number {
  return batchSize * discriminatorSteps;
}

/**
 * The minibatches of a round, one for each step of the discriminator. Where rows run out, as at the end of an epoch, those of
 * the round come round again.
 */
export function minibatches({ batchSize, discriminatorSteps }: GameSettings, rows: Uint32Array): Uint32Array[] {
  const count = Math.ceil(rows.length / batchSize);
  return Array.from({ length: discriminatorSteps }, (_, k) => {
    const start = (k % count) * batchSize;
    return rows.subarray(start, Math.min(rows.length, start + batchSize));
  });
}

/** What the discriminator is shown: rows as it takes them, conditions and noise included, on a backend. */
export interface Shown {
  readonly data: Value;
  readonly generated: Value;
}

/** What the discriminator made of it. */
export interface DiscriminatorOutcome {
  /** The loss with penalties, 1 x 1: to be minimised. */
  readonly loss: Value;
  /** The loss without. */
  readonly adversarial: Value;
  /** Outputs for data and generated rows, n x 1 each. */
  readonly onData: Value;
  readonly onGenerated: Value;
}

/**
 * The discriminator's whole objective: its loss and its penalties.
 *
 * @param critic - Outputs of rows as shown; gradients are by all their columns. Conditions that are not to count belong into
 * the critic, not into the rows.
 * @param stream - Where on the lines between data and generated rows the gradient penalty looks.
 */
export function discriminatorObjective(
  objective: ObjectiveName,
  strengths: Pick<Strengths, 'r1' | 'r2' | 'gradientPenalty' | 'labelSmoothing'>,
  critic: Critic,
  shown: Shown,
  stream: RandomStream,
): DiscriminatorOutcome {
  const { r1, r2, gradientPenalty: lambda, labelSmoothing } = strengths;
  const data = r1 > 0 ? asVariable(shown.data) : shown.data;
  const generated = r2 > 0 ? asVariable(shown.generated) : shown.generated;
  const onData = critic(data);
  const onGenerated = critic(generated);
  const adversarial = discriminatorLoss(objective, onData, onGenerated, labelSmoothing);
  const terms = [adversarial];
  if (r1 > 0) terms.push(zeroCenteredPenalty(onData, data, r1));
  if (r2 > 0) terms.push(zeroCenteredPenalty(onGenerated, generated, r2));
  if (lambda > 0) {
    const shares = uniformShares(shown.data, shown.data.shape[0], stream);
    terms.push(gradientPenalty(critic, shown.data, shown.generated, shares, lambda));
  }
  return { loss: terms.reduce(add), adversarial, onData, onGenerated };
}

/** How the discriminator's network is applied in training at this time. */
export function modeOf({ spectralNorm, dropout }: Strengths, stream: RandomStream): DiscriminatorMode {
  return {
    ...(spectralNorm !== undefined && { spectralNorm }),
    ...(dropout > 0 && { dropout: { rate: dropout, stream } }),
  };
}

/** The same without dropout: for judging. */
export function judgingMode({ spectralNorm }: Strengths): DiscriminatorMode {
  return spectralNorm === undefined ? {} : { spectralNorm };
}

/** A discriminator's network as a function of rows. */
export function criticOf(spec: MlpSpec, parameters: BoundParameters, mode: DiscriminatorMode): Critic {
  return (rows) => judge(spec, parameters, rows, mode).outputs;
}

/**
 * One step of a discriminator, with all that holds it back.
 *
 * @param spec - Its network, or several that share the learner.
 * @param objective - Its loss, of its own parameters.
 */
export function discriminatorStep(
  backend: Backend,
  learner: Learner,
  spec: MlpSpec | readonly MlpSpec[],
  settings: GameSettings,
  place: TrainingPlace,
  objective: (parameters: BoundParameters, context: Context, strengths: Strengths) => Value,
): void {
  const strengths = strengthsAt(settings, place.progress);
  const { weightDecay, weightClipping } = strengths;
  const rate = rateOf(settings, 'discriminator', place.progress);
  const step = (parameters: BoundParameters, context: Context): Value => objective(parameters, context, strengths);
  backend.run(() => learner.step(backend.kernels, rate, step, { weightDecay }));
  if (weightClipping !== undefined) clipWeights(learner.parameters, weightClipping);
  if (settings.spectralNormalization === undefined) return;
  for (const network of [spec].flat() as MlpSpec[]) updateSingularVectors(learner.parameters, network, 1);
}

/** Power iterations on fresh weights: their singular vectors start at random. */
const FIRST_ITERATIONS = 50;

/** To be called once, before training: singular vectors of the initial weights. */
export function prepareDiscriminator(learner: Learner, spec: MlpSpec, settings: GameSettings): void {
  if (settings.spectralNormalization !== undefined) {
    updateSingularVectors(learner.parameters, spec, FIRST_ITERATIONS);
  }
}

/** One step of a generator; returns the Euclidean norm of its gradient, before any shrinking. */
export function generatorStep(
  backend: Backend,
  learner: Learner,
  settings: GameSettings,
  place: TrainingPlace,
  objective: (parameters: BoundParameters, context: Context, strengths: Strengths) => Value,
): number {
  const strengths = strengthsAt(settings, place.progress);
  const rate = rateOf(settings, 'generator', place.progress);
  const step = (parameters: BoundParameters, context: Context): Value => objective(parameters, context, strengths);
  let norm = 0;
  const inspect = (gradient: readonly ArrayLike<number>[]): void => {
    norm = euclideanNorm(gradient);
  };
  backend.run(() => learner.step(backend.kernels, rate, step, { inspect }));
  return norm;
}
