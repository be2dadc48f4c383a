/**
 * The game of a generator that sees rows and noise, and a discriminator that sees pairs.
 *
 *     T: (x, z) -> y,  z ~ N(0, I)
 *     data: (x, y),  generated: (x, T(x, z))
 *     L(T) = L_adv(T, D) + reconstruction E R,   R = |y - T(x, z)|  or  (y - T(x, z)) (y - T(x, z'))
 *
 * With z and z' independent the second has the mean (y - E_z T)^2, the square of the error of the mean of all draws: unlike the
 * first it asks for no less spread. Penalties and noise are by y alone, as x is the same in both pairs.
 *
 * Reference: Isola, Zhu, Zhou & Efros (2017), arXiv:1611.07004, equations 1 to 4, for the first R.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { Backend } from '../neural/backend.js';
import { Learner } from '../neural/learner.js';
import { applyMlp, type MlpSpec, mlpParameters } from '../neural/mlp.js';
import { abs, add, mean, multiply, scale, subtract } from '../neural/operations.js';
import { type BoundParameters, Parameters } from '../neural/parameters.js';
import type { TrainingPlace } from '../neural/training.js';
import { type Context, newContext, type Value } from '../neural/value.js';
import { annealedAt } from './annealing.js';
import { discriminatorParameters } from './discriminator.js';
import {
  criticOf,
  discriminatorObjective,
  discriminatorStep,
  generatorStep,
  judgingMode,
  modeOf,
  optimizerOf,
  prepareDiscriminator,
  strengthsAt,
} from './game.js';
import { drawCodes } from './generator.js';
import { GAME_METRICS } from './history.js';
import { generatorLoss } from './objectives.js';
import type { PairedGanSettings } from './paired-gan-options.js';
import { type Critic, sideBySide, withNoise } from './penalties.js';
import { entriesOf, meanOf } from './play.js';
import { seenBy } from './seen.js';
import { allOf, batchOf, type Side } from './sides.js';
import { Diversity } from './watch.js';

/** What training reports for each epoch; the first is the one that progress shows. */
export const PAIRED_METRICS: readonly string[] = [...GAME_METRICS, 'reconstructionError'];

/** The generator's network; also that of a model file. */
export function pairedGenerator(
  { generator, generatorActivation: activation }: Pick<PairedGanSettings, 'generator' | 'generatorActivation'>,
  inputs: number,
  outputs: number,
): MlpSpec {
  return { name: 'generator', inputs, hidden: Array.from(generator), outputs, activation };
}

/** Translations of rows with drawn noise. */
type Draw = (x: Value) => Value;

/** A generator against a discriminator of pairs. */
export class PairedGame {
  readonly generators: Learner;
  readonly discriminators: Learner;
  readonly #backend: Backend;
  readonly #settings: PairedGanSettings;
  readonly #from: Side;
  readonly #to: Side;
  readonly #generator: MlpSpec;
  readonly #judge: MlpSpec;
  readonly #diversity: Diversity;

  constructor(backend: Backend, settings: PairedGanSettings, from: Side, to: Side, stream: RandomStream) {
    const [inputs, outputs] = [from.code.width, to.code.width];
    const { latentDimension, discriminator, discriminatorActivation: activation, spectralNormalization } = settings;
    this.#backend = backend;
    this.#settings = settings;
    [this.#from, this.#to] = [from, to];
    this.#generator = pairedGenerator(settings, inputs + latentDimension, outputs);
    const hidden = Array.from(discriminator);
    this.#judge = { name: 'discriminator', inputs: inputs + outputs, hidden, outputs: 1, activation };
    const judge = discriminatorParameters(this.#judge, spectralNormalization !== undefined);
    this.generators = new Learner(
      new Parameters(mlpParameters(this.#generator), stream),
      optimizerOf(settings, 'generator'),
    );
    this.discriminators = new Learner(new Parameters(judge, stream), optimizerOf(settings, 'discriminator'));
    prepareDiscriminator(this.discriminators, this.#judge, settings);
    this.#diversity = new Diversity(Float64Array.from(to.surveyed.values), outputs, stream.child('diversity'));
  }

  round(batches: readonly Uint32Array[], place: TrainingPlace): Float64Array {
    let loss = 0;
    for (const batch of batches) loss += this.#judgeStep(batch, place) / batches.length;
    const { adversarial, error, norm } = this.#generatorStep(batches[0], place);
    return Float64Array.of(0, loss, adversarial, norm, 0, 0, 0, 0, 0, error);
  }

  #judgeStep(batch: Uint32Array, place: TrainingPlace): number {
    const { stream } = place;
    let loss = 0;
    discriminatorStep(
      this.#backend,
      this.discriminators,
      this.#judge,
      this.#settings,
      place,
      (parameters, context, strengths) => {
        const [x, y] = this.#pairs(context, batch);
        const draw = this.#draw(this.generators.parameters.bind(context, 'constants'), stream);
        const noisy = (rows: Value): Value => withNoise(rows, strengths.instanceNoise, stream);
        const critic = this.#critic(parameters, x, modeOf(strengths, stream));
        const shown = { data: noisy(y), generated: noisy(draw(x)) };
        const outcome = discriminatorObjective(this.#settings.objective, strengths, critic, shown, stream);
        loss = meanOf(outcome.adversarial);
        return outcome.loss;
      },
    );
    return loss;
  }

  #generatorStep(batch: Uint32Array, place: TrainingPlace): { adversarial: number; error: number; norm: number } {
    const { objective, reconstruction } = this.#settings;
    const { stream, progress } = place;
    let [adversarial, error] = [0, 0];
    const norm = generatorStep(
      this.#backend,
      this.generators,
      this.#settings,
      place,
      (parameters, context, strengths) => {
        const [x, y] = this.#pairs(context, batch);
        const draw = this.#draw(parameters, stream);
        const generated = draw(x);
        const judges = this.discriminators.parameters.bind(context, 'constants');
        const critic = this.#critic(judges, x, modeOf(strengths, stream));
        const game = generatorLoss(objective, critic(withNoise(generated, strengths.instanceNoise, stream)));
        const distance = this.#error(x, y, generated, draw);
        [adversarial, error] = [meanOf(game), meanOf(distance)];
        return add(game, scale(distance, annealedAt(reconstruction, progress)));
      },
    );
    return { adversarial, error, norm };
  }

  /** E R, a 1 x 1 value. */
  #error(x: Value, y: Value, generated: Value, draw: Draw): Value {
    const missed = subtract(y, generated);
    return mean(this.#settings.reconstructed === 'draw' ? abs(missed) : multiply(missed, subtract(y, draw(x))));
  }

  #pairs(context: Context, batch: Uint32Array): [Value, Value] {
    return [batchOf(context, this.#from.training, batch), batchOf(context, this.#to.training, batch)];
  }

  #draw(parameters: BoundParameters, stream: RandomStream): Draw {
    const { latentDimension } = this.#settings;
    return (x) => {
      const codes = latentDimension === 0 ? undefined : drawCodes(x.context, x.shape[0], latentDimension, stream);
      return applyMlp(this.#generator, parameters, sideBySide(x, codes));
    };
  }

  /** The discriminator of pairs with these x, as a function of y. */
  #critic(parameters: BoundParameters, x: Value, mode: ReturnType<typeof modeOf>): Critic {
    const critic = criticOf(this.#judge, parameters, mode);
    return (y) => critic(sideBySide(x, y));
  }

  /** The metrics on the rows that are watched. */
  watch({ progress, stream }: TrainingPlace): Float64Array {
    const { kernels } = this.#backend;
    const { objective } = this.#settings;
    return this.#backend.run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const draw = this.#draw(this.generators.parameters.bind(context, 'constants'), stream);
        const judges = this.discriminators.parameters.bind(context, 'constants');
        const [x, y] = [allOf(context, this.#from.watched), allOf(context, this.#to.watched)];
        const generated = draw(x);
        const critic = this.#critic(judges, x, judgingMode(strengthsAt(this.#settings, progress)));
        const { judged, jensenShannon, wasserstein } = seenBy(objective, critic, y, generated);
        const diversity = this.#diversity.of(entriesOf(draw(allOf(context, this.#from.surveyed))));
        const error = meanOf(this.#error(x, y, generated, draw));
        return Float64Array.of(-jensenShannon, 0, 0, 0, ...judged, jensenShannon, wasserstein, diversity, error);
      }),
    );
  }
}
