/**
 * Translation between two sets of rows that nobody has paired.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { loadBackend } from '../neural/backend.js';
import { alignedMap } from './alignment.js';
import { isEverPositive } from './annealing.js';
import { CYCLE_METRICS, CycleGame } from './cycle-gan-game.js';
import { CycleGanModel } from './cycle-gan-model.js';
import { CYCLE_GAN_OPTIONS, type CycleGanOptions, type CycleGanSettings } from './cycle-gan-options.js';
import { cyclePartsOf } from './cycle-gan-state.js';
import { type GameFitOptions, readFitArguments, splitRows } from './fit-arguments.js';
import { checkGame } from './game-options.js';
import { play } from './play.js';
import { sideOf } from './sides.js';

/**
 * A pair of maps between two kinds of rows, found without any pairs of rows: F takes rows of the first kind to the second,
 * G takes them back. Each has a discriminator that compares its results with real rows, and each must undo the other.
 *
 *     L(F, G) = L_adv(F, D_B) + L_adv(G, D_A) + cycle (E|G(F(a)) - a| + E|F(G(b)) - b|)
 *
 * All of it is in standardised columns, which are continuous. A map starts as the best of many turns and mirror images
 * (option `alignments`): a set that looks the same from several sides has as many good maps, and no method can tell which
 * one is meant.
 *
 * The model translates; it is no distribution, and has neither `sample` nor `logDensity`.
 *
 * Training needs TensorFlow.js, which is loaded at the first fit. The fitted model does not.
 *
 * Cost: O(epochs N (H^2 + d H)) for layers of width H and N rows in the larger set.
 *
 * Reference: Zhu, Park, Isola & Efros (2017), *Unpaired image-to-image translation using cycle-consistent adversarial
 * networks*, arXiv:1703.10593.
 *
 * @example
 * import { CycleGan } from 'generative-models/gan';
 * const here = Array.from({ length: 100 }, (_, i) => [Math.sin(i), Math.cos(i) ** 3]);
 * const there = Array.from({ length: 120 }, (_, i) => [5 - Math.cos(2 * i) ** 3, Math.sin(2 * i)]);
 * const model = await new CycleGan({ epochs: 3, seed: 1 }).fit(here, there);
 * model.translate(here).rows; // 100
 * model.translateBack(there).rows; // 120
 */
export class CycleGan {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<CycleGanOptions>;

  /** @throws ModelError `invalid-option` for an unknown option, a value outside its range, or two that exclude each other. */
  constructor(options?: CycleGanOptions) {
    this.options = checkOptions('CycleGan', CYCLE_GAN_OPTIONS, options);
    checkGame('CycleGan', this.options as CycleGanSettings);
  }

  /**
   * Trains on rows of both kinds; which row stands beside which does not matter, nor do their numbers.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows that will not do; `missing-backend`;
   * `diverged`.
   */
  async fit(from: SamplesLike, to: SamplesLike, options?: GameFitOptions): Promise<CycleGanModel> {
    const owner = 'CycleGan.fit';
    const fitting = readFitArguments(owner, options);
    const settings = this.options as CycleGanSettings;
    const [first, second] = [readSamples(from, { owner, name: 'from' }), readSamples(to, { owner, name: 'to' })];
    if (isEverPositive(settings.identity) && first.columns !== second.columns) {
      const must = 'option "identity" must be left out where the two sets have different numbers of columns';
      throw modelError('invalid-option', { owner, must, got: `${first.columns} and ${second.columns}` });
    }
    const stream = RandomStream.of(settings.seed ?? freshSeed(), owner);
    const split = (rows: number, name: string) => splitRows(rows, settings.validationFraction, stream.child(name));
    const a = sideOf(owner, 'from', first, split(first.rows, 'from'));
    const b = sideOf(owner, 'to', second, split(second.rows, 'to'));
    const { epochs } = settings;
    // Who asks for the identity says where to start: a mirror image could never be turned into it.
    const alignments = isEverPositive(settings.identity) ? 0 : settings.alignments;
    const start = await alignedMap(a.training, b.training, alignments, stream.child('alignment'), fitting.pacer);
    const backend = await loadBackend(settings.backend, owner, fitting.pool);
    await fitting.pacer.step({ phase: backend.explanation, completed: 0, total: epochs });
    const game = new CycleGame(backend, settings, [a, b], start, stream);
    const { generators, discriminators, rows } = game;
    const history = await play(
      {
        owner,
        kind: 'CycleGanTraining',
        backend,
        settings,
        generators,
        discriminators,
        rows,
        metrics: CYCLE_METRICS,
        stream,
        round: (batches, place) => game.round(batches, place),
        watch: (place) => game.watch(place),
      },
      fitting,
    );
    return CycleGanModel.fromParts(cyclePartsOf(settings, a.code, b.code, generators.parameters, history));
  }
}
