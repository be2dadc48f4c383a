/**
 * The game of a generator and an encoder against a discriminator of pairs.
 *
 *     data: (x, E(x)),  generated: (G(z), z),  z ~ N(0, I)
 *     L(G, E) = L_gen(D(G(z), z)) + L_enc(D(x, E(x)))
 *               + reconstruction E|x - G(E(x))| + codeReconstruction E|z - E(G(z))|
 *
 * Both want the discriminator to mistake one kind of pair for the other. Where it can tell nothing, the two kinds have one
 * distribution, and then E inverts G.
 *
 * References: Donahue, Krahenbuhl & Darrell (2017), arXiv:1605.09782, theorem 2; Dumoulin et al. (2017), arXiv:1606.00704. The
 * last two terms are not theirs; see Li et al. (2017), arXiv:1709.01215.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { Backend } from '../neural/backend.js';
import { Learner } from '../neural/learner.js';
import { applyMlp, mlpParameters } from '../neural/mlp.js';
import { abs, add, mean, scale, subtract } from '../neural/operations.js';
import { type BoundParameters, Parameters } from '../neural/parameters.js';
import type { TrainingPlace } from '../neural/training.js';
import { type Context, newContext, type Value } from '../neural/value.js';
import { annealedAt } from './annealing.js';
import type { BidirectionalGanSettings } from './bidirectional-gan-options.js';
import { type BidirectionalNetworks, encodeRows } from './bidirectional-networks.js';
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
  type Strengths,
  strengthsAt,
} from './game.js';
import { drawCodes } from './generator.js';
import { GAME_METRICS } from './history.js';
import { encoderLoss, generatorLoss } from './objectives.js';
import { sideBySide, withNoise } from './penalties.js';
import { entriesOf, meanOf } from './play.js';
import { seenBy } from './seen.js';
import { allOf, batchOf, type Side } from './sides.js';
import { Diversity } from './watch.js';

/** What training reports for each epoch; the first is the one that progress shows. */
export const BIDIRECTIONAL_METRICS: readonly string[] = [...GAME_METRICS, 'reconstructionError', 'codeError'];

/** Both kinds of pairs on a backend. */
interface Pairs {
  readonly x: Value;
  /** E(x), or a draw of it. */
  readonly encoded: Value;
  readonly z: Value;
  /** G(z). */
  readonly generated: Value;
}

/** A generator and an encoder against a discriminator of pairs. */
export class BidirectionalGame {
  readonly generators: Learner;
  readonly discriminators: Learner;
  readonly #backend: Backend;
  readonly #settings: BidirectionalGanSettings;
  readonly #side: Side;
  readonly #networks: BidirectionalNetworks;
  readonly #diversity: Diversity;

  constructor(
    backend: Backend,
    settings: BidirectionalGanSettings,
    side: Side,
    networks: BidirectionalNetworks,
    stream: RandomStream,
  ) {
    this.#backend = backend;
    this.#settings = settings;
    this.#side = side;
    this.#networks = networks;
    const makers = [...mlpParameters(networks.generator), ...mlpParameters(networks.encoder)];
    const judge = discriminatorParameters(networks.discriminator, settings.spectralNormalization !== undefined);
    this.generators = new Learner(new Parameters(makers, stream), optimizerOf(settings, 'generator'));
    this.discriminators = new Learner(new Parameters(judge, stream), optimizerOf(settings, 'discriminator'));
    prepareDiscriminator(this.discriminators, networks.discriminator, settings);
    const { surveyed, code } = side;
    this.#diversity = new Diversity(Float64Array.from(surveyed.values), code.width, stream.child('diversity'));
  }

  round(batches: readonly Uint32Array[], place: TrainingPlace): Float64Array {
    let loss = 0;
    for (const batch of batches) loss += this.#judgeStep(batch, place) / batches.length;
    const { adversarial, norm } = this.#makersStep(batches[0], place);
    return Float64Array.of(0, loss, adversarial, norm, 0, 0, 0, 0, 0, 0, 0);
  }

  #judgeStep(batch: Uint32Array, place: TrainingPlace): number {
    const { stream } = place;
    const { discriminator } = this.#networks;
    let loss = 0;
    const objective = (parameters: BoundParameters, context: Context, strengths: Strengths): Value => {
      const makers = this.generators.parameters.bind(context, 'constants');
      const { x, encoded, z, generated } = this.#pairs(makers, batchOf(context, this.#side.training, batch), stream);
      const noisy = (row: Value, code: Value): Value =>
        withNoise(sideBySide(row, code), strengths.instanceNoise, stream);
      const critic = criticOf(discriminator, parameters, modeOf(strengths, stream));
      const shown = { data: noisy(x, encoded), generated: noisy(generated, z) };
      const outcome = discriminatorObjective(this.#settings.objective, strengths, critic, shown, stream);
      loss = meanOf(outcome.adversarial);
      return outcome.loss;
    };
    discriminatorStep(this.#backend, this.discriminators, discriminator, this.#settings, place, objective);
    return loss;
  }

  #makersStep(batch: Uint32Array, place: TrainingPlace): { adversarial: number; norm: number } {
    const { stream } = place;
    const { objective } = this.#settings;
    let adversarial = 0;
    const norm = generatorStep(
      this.#backend,
      this.generators,
      this.#settings,
      place,
      (parameters, context, strengths) => {
        const pairs = this.#pairs(parameters, batchOf(context, this.#side.training, batch), stream);
        const { x, encoded, z, generated } = pairs;
        const judge = this.discriminators.parameters.bind(context, 'constants');
        const critic = criticOf(this.#networks.discriminator, judge, modeOf(strengths, stream));
        const noisy = (row: Value, code: Value): Value =>
          withNoise(sideBySide(row, code), strengths.instanceNoise, stream);
        const game = add(
          generatorLoss(objective, critic(noisy(generated, z))),
          encoderLoss(objective, critic(noisy(x, encoded))),
        );
        adversarial = meanOf(game);
        return this.#withReconstructions(game, pairs, parameters, place.progress);
      },
    );
    return { adversarial, norm };
  }

  #withReconstructions(game: Value, pairs: Pairs, parameters: BoundParameters, progress: number): Value {
    const { reconstruction, codeReconstruction } = this.#settings;
    const [rows, codes] = [annealedAt(reconstruction, progress), annealedAt(codeReconstruction, progress)];
    let loss = game;
    if (rows > 0) loss = add(loss, scale(this.#rowError(pairs.x, pairs.encoded, parameters), rows));
    if (codes > 0) loss = add(loss, scale(this.#codeError(pairs.z, pairs.generated, parameters), codes));
    return loss;
  }

  #pairs(parameters: BoundParameters, x: Value, stream: RandomStream): Pairs {
    const { generator, encoder } = this.#networks;
    const z = drawCodes(x.context, x.shape[0], generator.inputs, stream);
    const encoded = encodeRows(encoder, parameters, x, generator.inputs, stream);
    return { x, encoded, z, generated: applyMlp(generator, parameters, z) };
  }

  /** E|x - G(E(x))|, a mean over entries. */
  #rowError(x: Value, encoded: Value, parameters: BoundParameters): Value {
    return mean(abs(subtract(x, applyMlp(this.#networks.generator, parameters, encoded))));
  }

  /** E|z - E(G(z))|, the same, with the means of a gaussian encoder. */
  #codeError(z: Value, generated: Value, parameters: BoundParameters): Value {
    return mean(abs(subtract(z, encodeRows(this.#networks.encoder, parameters, generated, z.shape[1]))));
  }

  /** The metrics on the rows that are watched. */
  watch({ progress, stream }: TrainingPlace): Float64Array {
    const { kernels } = this.#backend;
    const { objective } = this.#settings;
    const { discriminator, generator, encoder } = this.#networks;
    return this.#backend.run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const makers = this.generators.parameters.bind(context, 'constants');
        const judge = this.discriminators.parameters.bind(context, 'constants');
        const { x, encoded, z, generated } = this.#pairs(makers, allOf(context, this.#side.watched), stream);
        const critic = criticOf(discriminator, judge, judgingMode(strengthsAt(this.#settings, progress)));
        const seen = seenBy(objective, critic, sideBySide(x, encoded), sideBySide(generated, z));
        const codes = drawCodes(context, this.#side.surveyed.rows, generator.inputs, stream);
        const diversity = this.#diversity.of(entriesOf(applyMlp(generator, makers, codes)));
        const middles = encodeRows(encoder, makers, x, generator.inputs);
        const errors = [this.#rowError(x, middles, makers), this.#codeError(z, generated, makers)].map(meanOf);
        const { judged, jensenShannon, wasserstein } = seen;
        return Float64Array.of(-jensenShannon, 0, 0, 0, ...judged, jensenShannon, wasserstein, diversity, ...errors);
      }),
    );
  }
}
