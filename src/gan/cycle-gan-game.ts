/**
 * The game of two translators and two discriminators.
 *
 *     F: A -> B judged by D_B,   G: B -> A judged by D_A
 *     L(F, G) = L_adv(F, D_B) + L_adv(G, D_A) + cycle (E|G(F(a)) - a| + E|F(G(b)) - b|)
 *               + identity (E|F(b) - b| + E|G(a) - a|)
 *
 * Reference: Zhu, Park, Isola & Efros (2017), arXiv:1703.10593, equations 1 to 3 and section 5.2 for the identity term.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import type { Backend } from '../neural/backend.js';
import type { ColumnStatistics } from '../neural/columns.js';
import { Learner } from '../neural/learner.js';
import type { MlpSpec } from '../neural/mlp.js';
import { abs, add, mean, multiply, scale, subtract } from '../neural/operations.js';
import { type BoundParameters, Parameters } from '../neural/parameters.js';
import type { TrainingPlace } from '../neural/training.js';
import { type Context, constant, newContext, type Value } from '../neural/value.js';
import { annealedAt } from './annealing.js';
import type { CycleGanSettings } from './cycle-gan-options.js';
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
import { generatorLoss } from './objectives.js';
import { withNoise } from './penalties.js';
import { entriesOf, meanOf } from './play.js';
import { allOf, batchOf, type Side } from './sides.js';
import {
  applyTranslator,
  type TranslatorSpec,
  translatorParameters,
  translatorSpec,
  transposedMap,
} from './translator.js';
import { Diversity, jensenShannonSeen } from './watch.js';

/** What a cycle's training reports for each epoch; the first is the one that progress shows. */
export const CYCLE_METRICS = [
  'objective',
  'discriminatorLoss',
  'generatorLoss',
  'cycleLoss',
  'generatorGradientNorm',
  'jensenShannonForward',
  'jensenShannonBackward',
  'diversityForward',
  'diversityBackward',
  'cycleError',
] as const;

/** Rows of both sets, in the same number. */
interface Draw {
  readonly a: Uint32Array;
  readonly b: Uint32Array;
}

/** Both sets on a backend, and their translations. */
interface Shown {
  readonly a: Value;
  readonly b: Value;
  readonly ofA: Value;
  readonly ofB: Value;
}

/** Both translators, by direction. */
export interface CycleNetworks {
  readonly forward: TranslatorSpec;
  readonly backward: TranslatorSpec;
}

/** The networks of a shape; also those of a model file. */
export function cycleNetworks(
  hidden: readonly number[],
  activation: CycleGanSettings['generatorActivation'],
  from: number,
  to: number,
): CycleNetworks {
  return {
    forward: translatorSpec('forward', { inputs: from, hidden, outputs: to, activation }),
    backward: translatorSpec('backward', { inputs: to, hidden, outputs: from, activation }),
  };
}

/** Two translators against two discriminators. */
export class CycleGame {
  readonly generators: Learner;
  readonly discriminators: Learner;
  readonly #backend: Backend;
  readonly #settings: CycleGanSettings;
  readonly #a: Side;
  readonly #b: Side;
  readonly #networks: CycleNetworks;
  readonly #judges: { readonly a: MlpSpec; readonly b: MlpSpec };
  readonly #diversity: { readonly a: Diversity; readonly b: Diversity };

  /** @param start - The linear part of F at first; G starts as its transpose. */
  constructor(
    backend: Backend,
    settings: CycleGanSettings,
    [a, b]: readonly [Side, Side],
    start: Float64Array,
    stream: RandomStream,
  ) {
    const [from, to] = [a.code.width, b.code.width];
    const { generator, discriminator, generatorActivation, discriminatorActivation: activation } = settings;
    this.#backend = backend;
    this.#settings = settings;
    [this.#a, this.#b] = [a, b];
    const networks = cycleNetworks(Array.from(generator), generatorActivation, from, to);
    this.#networks = networks;
    const hidden = Array.from(discriminator);
    const judge = (name: string, inputs: number): MlpSpec => ({ name, inputs, hidden, outputs: 1, activation });
    this.#judges = { a: judge('judgeOfFrom', from), b: judge('judgeOfTo', to) };
    const spectral = settings.spectralNormalization !== undefined;
    this.generators = new Learner(
      new Parameters(
        [
          ...translatorParameters(networks.forward, start),
          ...translatorParameters(networks.backward, transposedMap(start, from, to)),
        ],
        stream,
      ),
      optimizerOf(settings, 'generator'),
    );
    this.discriminators = new Learner(
      new Parameters(
        [this.#judges.a, this.#judges.b].flatMap((spec) => discriminatorParameters(spec, spectral)),
        stream,
      ),
      optimizerOf(settings, 'discriminator'),
    );
    for (const spec of [this.#judges.a, this.#judges.b]) prepareDiscriminator(this.discriminators, spec, settings);
    const diversity = ({ surveyed, code }: Side, name: string): Diversity =>
      new Diversity(Float64Array.from(surveyed.values), code.width, stream.child('diversity', name));
    this.#diversity = { a: diversity(a, 'from'), b: diversity(b, 'to') };
  }

  /** Rows of an epoch: the larger set passes by once, the other is drawn from at random. */
  get rows(): number {
    return Math.max(this.#a.training.rows, this.#b.training.rows);
  }

  round(batches: readonly Uint32Array[], place: TrainingPlace): Float64Array {
    let discriminatorTotal = 0;
    for (const batch of batches) discriminatorTotal += this.#judgesStep(this.#draw(batch, place.stream), place);
    const { adversarial, cycle, norm } = this.#translatorsStep(this.#draw(batches[0], place.stream), place);
    return Float64Array.of(0, discriminatorTotal / batches.length, adversarial, cycle, norm, 0, 0, 0, 0, 0);
  }

  #draw(batch: Uint32Array, stream: RandomStream): Draw {
    const other = (rows: number): Uint32Array => batch.map(() => stream.integer(rows));
    const [a, b] = [this.#a.training.rows, this.#b.training.rows];
    return a >= b ? { a: batch, b: other(b) } : { a: other(a), b: batch };
  }

  /** One step of both discriminators; their loss without penalties. */
  #judgesStep(draw: Draw, place: TrainingPlace): number {
    const { objective } = this.#settings;
    const { a: judgeOfA, b: judgeOfB } = this.#judges;
    const { stream } = place;
    let loss = 0;
    const both = (parameters: BoundParameters, context: Context, strengths: Strengths): Value => {
      const shown = this.#translated(context, draw, this.generators.parameters.bind(context, 'constants'));
      const { a, b, ofA, ofB } = this.#noisy(shown, strengths, stream);
      const mode = modeOf(strengths, stream);
      const onA = criticOf(judgeOfA, parameters, mode);
      const onB = criticOf(judgeOfB, parameters, mode);
      const first = discriminatorObjective(objective, strengths, onA, { data: a, generated: ofB }, stream);
      const second = discriminatorObjective(objective, strengths, onB, { data: b, generated: ofA }, stream);
      loss = meanOf(first.adversarial) + meanOf(second.adversarial);
      return add(first.loss, second.loss);
    };
    const specs = [judgeOfA, judgeOfB];
    discriminatorStep(this.#backend, this.discriminators, specs, this.#settings, place, both);
    return loss;
  }

  /** One step of both translators. */
  #translatorsStep(draw: Draw, place: TrainingPlace): { adversarial: number; cycle: number; norm: number } {
    const { objective, cycle, identity } = this.#settings;
    const { stream, progress } = place;
    let [adversarial, cycleLoss] = [0, 0];
    const all = (parameters: BoundParameters, context: Context, strengths: Strengths): Value => {
      const shown = this.#translated(context, draw, parameters);
      const { ofA, ofB } = this.#noisy(shown, strengths, stream);
      const judges = this.discriminators.parameters.bind(context, 'constants');
      const mode = modeOf(strengths, stream);
      const onA = criticOf(this.#judges.a, judges, mode)(ofB);
      const onB = criticOf(this.#judges.b, judges, mode)(ofA);
      const game = add(generatorLoss(objective, onA), generatorLoss(objective, onB));
      const error = this.#cycleError(shown, parameters);
      [adversarial, cycleLoss] = [meanOf(game), meanOf(error)];
      const weight = annealedAt(identity, progress);
      const loss = add(game, scale(error, annealedAt(cycle, progress)));
      return weight === 0 ? loss : add(loss, scale(this.#identityError(shown, parameters), weight));
    };
    const norm = generatorStep(this.#backend, this.generators, this.#settings, place, all);
    return { adversarial, cycle: cycleLoss, norm };
  }

  #translated(context: Context, { a, b }: Draw, parameters: BoundParameters): Shown {
    return this.#shown(batchOf(context, this.#a.training, a), batchOf(context, this.#b.training, b), parameters);
  }

  #shown(a: Value, b: Value, parameters: BoundParameters): Shown {
    const { forward, backward } = this.#networks;
    return { a, b, ofA: applyTranslator(forward, parameters, a), ofB: applyTranslator(backward, parameters, b) };
  }

  #noisy({ a, b, ofA, ofB }: Shown, { instanceNoise }: Strengths, stream: RandomStream): Shown {
    const noisy = (rows: Value): Value => withNoise(rows, instanceNoise, stream);
    return { a: noisy(a), b: noisy(b), ofA: noisy(ofA), ofB: noisy(ofB) };
  }

  /** E|G(F(a)) - a| + E|F(G(b)) - b|, means over entries. */
  #cycleError({ a, b, ofA, ofB }: Shown, parameters: BoundParameters): Value {
    const { forward, backward } = this.#networks;
    const around = (back: TranslatorSpec, there: Value, here: Value): Value =>
      mean(abs(subtract(applyTranslator(back, parameters, there), here)));
    return add(around(backward, ofA, a), around(forward, ofB, b));
  }

  /** E|F(b) - b| + E|G(a) - a|: a row of the one set enters in the units of the other, as if it were one of its rows. */
  #identityError({ a, b }: Shown, parameters: BoundParameters): Value {
    const { forward, backward } = this.#networks;
    const kept = (map: TranslatorSpec, rows: Value, own: ColumnStatistics, other: ColumnStatistics): Value =>
      mean(abs(subtract(applyTranslator(map, parameters, recoded(rows, own, other)), rows)));
    const [from, to] = [this.#a.code, this.#b.code];
    return add(kept(forward, b, to, from), kept(backward, a, from, to));
  }

  /** The metrics on the rows that are watched. */
  watch({ progress }: TrainingPlace): Float64Array {
    const { kernels } = this.#backend;
    return this.#backend.run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const mode = judgingMode(strengthsAt(this.#settings, progress));
        const maps = this.generators.parameters.bind(context, 'constants');
        const judges = this.discriminators.parameters.bind(context, 'constants');
        const shown = this.#shown(allOf(context, this.#a.watched), allOf(context, this.#b.watched), maps);
        const seen = (spec: MlpSpec, data: Value, generated: Value): number => {
          const critic = criticOf(spec, judges, mode);
          return jensenShannonSeen(this.#settings.objective, entriesOf(critic(data)), entriesOf(critic(generated)));
        };
        const forward = seen(this.#judges.b, shown.b, shown.ofA);
        const backward = seen(this.#judges.a, shown.a, shown.ofB);
        const many = this.#shown(allOf(context, this.#a.surveyed), allOf(context, this.#b.surveyed), maps);
        const spread = [this.#diversity.b.of(entriesOf(many.ofA)), this.#diversity.a.of(entriesOf(many.ofB))];
        const error = meanOf(this.#cycleError(shown, maps));
        return Float64Array.of(-forward - backward, 0, 0, 0, 0, forward, backward, ...spread, error);
      }),
    );
  }
}

/** Standardised rows of one set in the standard units of the other. */
function recoded(rows: Value, own: ColumnStatistics, other: ColumnStatistics): Value {
  const { context } = rows;
  const columns = own.centers.length;
  const row = (entry: (k: number) => number): Value =>
    constant(
      context,
      Float32Array.from({ length: columns }, (_, k) => entry(k)),
      [1, columns],
    );
  const ratios = row((k) => own.scales[k] / other.scales[k]);
  const shifts = row((k) => (own.centers[k] - other.centers[k]) / other.scales[k]);
  return add(multiply(rows, ratios), shifts);
}
