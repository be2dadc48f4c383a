/**
 * The game of a generator against a discriminator.
 *
 *     D: (x, h(x), c) -> l,   L_dis = L(D(x), D(G(z, c))) + penalties
 *     G: (z, c) -> x,         L_gen = L_adv(D(G(z, c))) + weight * matching
 *
 * c is what is given, h(x) features that the discriminator may be shown. With packing m it sees m rows side by side. Matching
 * is a mean over features of (E h(x) - E h(G(z)))^2, or the adversarial loss of a separate discriminator of h(x).
 *
 * References: Goodfellow et al. (2014), arXiv:1406.2661; Salimans et al. (2016), arXiv:1606.03498, for matching; Lin et al.
 * (2018), arXiv:1712.04086, for packing; Mirza & Osindero (2014), arXiv:1411.1784, for what is given.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { Backend } from '../neural/backend.js';
import { Learner } from '../neural/learner.js';
import { applyMlp, type MlpSpec, mlpParameters } from '../neural/mlp.js';
import { add, mean, reshape, scale, square, subtract } from '../neural/operations.js';
import { type BoundParameters, Parameters } from '../neural/parameters.js';
import type { TrainingPlace } from '../neural/training.js';
import { type Context, newContext, type Value } from '../neural/value.js';
import type { AdversarialNetworks } from './adversarial-networks.js';
import { annealedAt } from './annealing.js';
import { type DiscriminatorMode, discriminatorParameters, judge } from './discriminator.js';
import type { FeatureMap } from './features.js';
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
import type { GenerativeAdversarialNetworkSettings } from './generative-adversarial-network-options.js';
import { drawCodes, drawRows } from './generator.js';
import { generatorLoss } from './objectives.js';
import { sideBySide, withNoise } from './penalties.js';
import { entriesOf, meanOf } from './play.js';
import { seenBy } from './seen.js';
import { batchOf, type CodedRows, type Side } from './sides.js';
import { Diversity } from './watch.js';

/** The data's side of the game: rows, and what is given beside each. */
export interface GameData {
  readonly rows: Side;
  readonly given: Side;
}

/** Rows of data and generated ones with the same conditions, on a backend. */
interface Both {
  readonly data: Value;
  readonly generated: Value;
  readonly given: Value | undefined;
}

/** A generator against a discriminator. */
export class AdversarialGame {
  readonly generators: Learner;
  readonly discriminators: Learner;
  readonly #backend: Backend;
  readonly #settings: GenerativeAdversarialNetworkSettings;
  readonly #networks: AdversarialNetworks;
  readonly #data: GameData;
  /** h where the generator's loss has it; `undefined` too where h is the discriminator's own layer. */
  readonly #matched: FeatureMap | undefined;
  /** The separate discriminator of features. */
  readonly #second: MlpSpec | undefined;
  readonly #diversity: Diversity;

  constructor(
    backend: Backend,
    settings: GenerativeAdversarialNetworkSettings,
    networks: AdversarialNetworks,
    data: GameData,
    matched: FeatureMap | undefined,
    stream: RandomStream,
  ) {
    this.#backend = backend;
    this.#settings = settings;
    this.#networks = networks;
    this.#data = data;
    this.#matched = matched;
    this.#second = matched && secondDiscriminator(settings, matched.width);
    const spectral = settings.spectralNormalization !== undefined;
    const judges = this.#judges().flatMap((network) => discriminatorParameters(network, spectral));
    this.generators = new Learner(
      new Parameters(mlpParameters(networks.generator), stream),
      optimizerOf(settings, 'generator'),
    );
    this.discriminators = new Learner(new Parameters(judges, stream), optimizerOf(settings, 'discriminator'));
    for (const network of this.#judges()) prepareDiscriminator(this.discriminators, network, settings);
    const { surveyed, code } = data.rows;
    this.#diversity = new Diversity(Float64Array.from(surveyed.values), code.width, stream.child('diversity'));
  }

  #judges(): MlpSpec[] {
    const { discriminator } = this.#networks;
    return this.#second === undefined ? [discriminator] : [discriminator, this.#second];
  }

  /** The steps of a round, and its metrics in the order of `GAME_METRICS`. */
  round(batches: readonly Uint32Array[], place: TrainingPlace): Float64Array {
    let loss = 0;
    for (const batch of batches) loss += this.#judgeStep(batch, place) / batches.length;
    const { adversarial, norm } = this.#makerStep(batches[0], place);
    return Float64Array.of(0, loss, adversarial, norm, 0, 0, 0, 0, 0);
  }

  #judgeStep(batch: Uint32Array, place: TrainingPlace): number {
    const { stream } = place;
    const { objective } = this.#settings;
    let loss = 0;
    const step = (parameters: BoundParameters, context: Context, strengths: Strengths): Value => {
      const maker = this.generators.parameters.bind(context, 'constants');
      const both = this.#both(maker, context, batch, place);
      const mode = modeOf(strengths, stream);
      const noisy = (rows: Value): Value => this.#packed(withNoise(rows, strengths.instanceNoise, stream));
      const critic = (packs: Value): Value => this.#judge(parameters, packs, both.given, mode).outputs;
      const shown = { data: noisy(both.data), generated: noisy(both.generated) };
      const outcome = discriminatorObjective(objective, strengths, critic, shown, stream);
      loss = meanOf(outcome.adversarial);
      if (this.#second === undefined || this.#matched === undefined) return outcome.loss;
      const features = {
        data: this.#matched.apply(both.data),
        generated: this.#matched.apply(both.generated),
      };
      const second = criticOf(this.#second, parameters, mode);
      return add(outcome.loss, discriminatorObjective(objective, strengths, second, features, stream).loss);
    };
    discriminatorStep(this.#backend, this.discriminators, this.#judges(), this.#settings, place, step);
    return loss;
  }

  #makerStep(batch: Uint32Array, place: TrainingPlace): { adversarial: number; norm: number } {
    const { stream } = place;
    let adversarial = 0;
    const norm = generatorStep(
      this.#backend,
      this.generators,
      this.#settings,
      place,
      (parameters, context, strengths) => {
        const both = this.#both(parameters, context, batch, place);
        const judges = this.discriminators.parameters.bind(context, 'constants');
        const mode = modeOf(strengths, stream);
        const see = (rows: Value) =>
          this.#judge(judges, this.#packed(withNoise(rows, strengths.instanceNoise, stream)), both.given, mode);
        const seen = see(both.generated);
        const game = generatorLoss(this.#settings.objective, seen.outputs);
        adversarial = meanOf(game);
        const weight = annealedAt(this.#settings.featureWeight, place.progress);
        const matching =
          weight > 0 ? this.#matching(both, () => [see(both.data).features, seen.features], judges, mode) : undefined;
        return matching === undefined ? game : add(game, scale(matching, weight));
      },
    );
    return { adversarial, norm };
  }

  /** What matching adds to the generator's loss, before its weight. */
  #matching(
    { data, generated }: Both,
    layers: () => readonly [Value, Value],
    judges: BoundParameters,
    mode: DiscriminatorMode,
  ): Value | undefined {
    const { featureMatching, objective } = this.#settings;
    if (featureMatching === 'discriminator' && this.#second !== undefined && this.#matched !== undefined) {
      return generatorLoss(objective, judge(this.#second, judges, this.#matched.apply(generated), mode).outputs);
    }
    if (featureMatching !== 'loss') return undefined;
    const [ofData, ofGenerated] =
      this.#matched === undefined ? layers() : [this.#matched.apply(data), this.#matched.apply(generated)];
    return mean(square(subtract(mean(ofData, [0]), mean(ofGenerated, [0]))));
  }

  /** Rows of a minibatch, and as many generated ones. */
  #both(maker: BoundParameters, context: Context, batch: Uint32Array, { stream, progress }: TrainingPlace): Both {
    const { rows, given } = this.#data;
    const chosen = wholePacks(batch, this.#settings.packing);
    const data = batchOf(context, rows.training, chosen);
    const conditions = given.training.columns > 0 ? batchOf(context, given.training, chosen) : undefined;
    return {
      data,
      generated: this.#generate(maker, context, conditions, chosen.length, progress, stream),
      given: conditions,
    };
  }

  #generate(
    maker: BoundParameters,
    context: Context,
    given: Value | undefined,
    count: number,
    progress: number,
    stream: RandomStream,
  ): Value {
    const { generator, code, shape } = this.#networks;
    const { relaxation } = this.#settings;
    const codes = drawCodes(context, count, shape.latentDimension, stream);
    const temperature = annealedAt(this.#settings.temperature, progress);
    const outputs = applyMlp(generator, maker, sideBySide(codes, given));
    return drawRows(outputs, code, { relaxation, temperature, stream });
  }

  /** Rows side by side in packs. */
  #packed(rows: Value): Value {
    const { packing } = this.#settings;
    return reshape(rows, [rows.shape[0] / packing, rows.shape[1] * packing]);
  }

  /** The discriminator on packs of rows, with their features and what is given beside each row. */
  #judge(
    parameters: BoundParameters,
    packs: Value,
    given: Value | undefined,
    mode: DiscriminatorMode,
  ): ReturnType<typeof judge> {
    const { shown, discriminator } = this.#networks;
    if (shown === undefined && given === undefined) return judge(discriminator, parameters, packs, mode);
    const { packing } = this.#settings;
    const rows = reshape(packs, [packs.shape[0] * packing, packs.shape[1] / packing]);
    return judge(discriminator, parameters, this.#packed(sideBySide(rows, shown?.apply(rows), given)), mode);
  }

  /** The metrics on the rows that are watched. */
  watch({ progress, stream }: TrainingPlace): Float64Array {
    const { kernels } = this.#backend;
    const { objective, packing } = this.#settings;
    return this.#backend.run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const maker = this.generators.parameters.bind(context, 'constants');
        const judges = this.discriminators.parameters.bind(context, 'constants');
        const { rows, given } = this.#data;
        const part = (side: CodedRows, chosen: Uint32Array): Value | undefined =>
          side.columns > 0 ? batchOf(context, side, chosen) : undefined;
        const chosen = wholePacks(
          Uint32Array.from({ length: rows.watched.rows }, (_, i) => i),
          packing,
        );
        const conditions = part(given.watched, chosen);
        const generated = this.#generate(maker, context, conditions, chosen.length, progress, stream);
        const mode = judgingMode(strengthsAt(this.#settings, progress));
        const critic = (packs: Value): Value => this.#judge(judges, packs, conditions, mode).outputs;
        const data = this.#packed(batchOf(context, rows.watched, chosen));
        const seen = seenBy(objective, critic, data, this.#packed(generated));
        const all = Uint32Array.from({ length: rows.surveyed.rows }, (_, i) => i);
        const surveyed = this.#generate(maker, context, part(given.surveyed, all), all.length, progress, stream);
        const diversity = this.#diversity.of(entriesOf(surveyed));
        const { judged, jensenShannon, wasserstein } = seen;
        return Float64Array.of(-jensenShannon, 0, 0, 0, ...judged, jensenShannon, wasserstein, diversity);
      }),
    );
  }
}

/** The separate discriminator of features. */
function secondDiscriminator(
  { featureMatching, featureDiscriminator, discriminatorActivation }: GenerativeAdversarialNetworkSettings,
  inputs: number,
): MlpSpec | undefined {
  if (featureMatching !== 'discriminator') return undefined;
  const hidden = Array.from(featureDiscriminator);
  return { name: 'featureDiscriminator', inputs, hidden, outputs: 1, activation: discriminatorActivation };
}

/** As many of the rows as fill packs; where there are fewer than one pack takes, they come round again. */
function wholePacks(rows: Uint32Array, packing: number): Uint32Array {
  const packs = Math.floor(rows.length / packing);
  if (packs > 0) return rows.subarray(0, packs * packing);
  return Uint32Array.from({ length: packing }, (_, i) => rows[i % rows.length]);
}
