/**
 * A game from start to end on the training loop, watched after each epoch.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { Backend } from '../neural/backend.js';
import type { Learner } from '../neural/learner.js';
import { type TrainingHistory, type TrainingPlace, type TrainingPlan, train } from '../neural/training.js';
import { type TrainingShape, trainingFromState, trainingToState } from '../neural/training-state.js';
import type { Value } from '../neural/value.js';
import type { FitArguments } from './fit-arguments.js';
import { minibatches, roundSize } from './game.js';
import type { GameSettings } from './game-options.js';

/** A game to be played. */
export interface Play {
  readonly owner: string;
  /** The name of its checkpoints, such as `CycleGanTraining`. */
  readonly kind: string;
  readonly backend: Backend;
  readonly settings: GameSettings;
  /** Generators first: they alone may keep an average. */
  readonly generators: Learner;
  readonly discriminators: Learner;
  /** Number of training rows. */
  readonly rows: number;
  readonly metrics: readonly string[];
  readonly stream: RandomStream;
  /** The steps of a round: those of the discriminators, on a minibatch each, and one of the generators. */
  readonly round: (batches: readonly Uint32Array[], place: TrainingPlace) => ArrayLike<number>;
  /** The same metrics on rows that are watched. */
  readonly watch: (place: TrainingPlace) => ArrayLike<number>;
}

/**
 * Plays a game; the learners end with the parameters to keep, those of the last epoch.
 *
 * No epoch is better than another by the discriminator's word: it judges by its own skill too.
 */
export async function play(game: Play, { pacer, resume, onCheckpoint }: FitArguments): Promise<TrainingHistory> {
  const { owner, backend, settings, generators, discriminators, metrics, round, watch } = game;
  const shape: TrainingShape = {
    kind: game.kind,
    learners: [generators, discriminators].map(({ parameters }, k) => ({
      size: parameters.values.length,
      averaging: k === 0 && settings.averaging > 0,
    })),
    metrics,
    validated: true,
  };
  const plan: TrainingPlan = {
    owner,
    learners: [generators, discriminators],
    rows: game.rows,
    batchSize: roundSize(settings),
    epochs: settings.epochs,
    stream: game.stream,
    pacer,
    phase: 'training',
    metrics,
    step: (rows, place) => round(minibatches(settings, rows), place),
    validate: async (place) => watch(place),
    // Never: with no best epoch the last parameters are kept, also where a finished training goes on.
    firstJudged: settings.epochs,
    ...(resume !== undefined && { resume: trainingFromState(owner, shape, resume) }),
    onState: (state) => onCheckpoint?.(() => trainingToState(shape, state())),
  };
  return (await backend.during(owner, () => train(plan))).history;
}

/** The mean of all entries, added up in doubles. */
export function meanOf({ context, handle }: Value): number {
  const values = context.kernels.read(handle);
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}

/** All entries, copied from the backend's memory. */
export function entriesOf({ context, handle }: Value): Float64Array {
  return Float64Array.from(context.kernels.read(handle));
}
