/**
 * Translation learnt from pairs of rows.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { loadBackend } from '../neural/backend.js';
import { type GameFitOptions, readFitArguments, splitRows } from './fit-arguments.js';
import { checkGame } from './game-options.js';
import { PAIRED_METRICS, PairedGame } from './paired-gan-game.js';
import { PairedGanModel } from './paired-gan-model.js';
import { PAIRED_GAN_OPTIONS, type PairedGanOptions, type PairedGanSettings } from './paired-gan-options.js';
import { pairedPartsOf } from './paired-gan-state.js';
import { play } from './play.js';
import { sideOf } from './sides.js';

/**
 * A map of rows to rows with chance in it: y = T(x, z) with z ~ N(0, I), learnt from pairs (x, y). A discriminator compares
 * (x, T(x, z)) with (x, y), so that draws follow p(y | x); a term of reconstruction holds them to the y of their pair.
 *
 *     L(T) = L_adv(T, D) + reconstruction E (y - T(x, z)) (y - T(x, z'))
 *
 * All of it is in standardised columns, which are continuous.
 *
 * The model translates; what it could draw from, it must be given, so it has neither `sample` nor `logDensity`.
 *
 * Training needs TensorFlow.js, which is loaded at the first fit. The fitted model does not.
 *
 * Cost: O(epochs N (H^2 + d H)) for layers of width H.
 *
 * References: Isola, Zhu, Zhou & Efros (2017), *Image-to-image translation with conditional adversarial networks*,
 * arXiv:1611.07004; Mirza & Osindero (2014), arXiv:1411.1784.
 *
 * @example
 * import { PairedGan } from 'generative-models/gan';
 * const x = Array.from({ length: 100 }, (_, i) => [Math.sin(i)]);
 * const y = x.map(([value], i) => [value ** 2, value + 0.1 * Math.cos(7 * i)]);
 * const model = await new PairedGan({ epochs: 3, seed: 1 }).fit(x, y);
 * model.translate([[0.5]], { seed: 2 }).columns; // 2
 */
export class PairedGan {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<PairedGanOptions>;

  /** @throws ModelError `invalid-option` for an unknown option, a value outside its range, or two that exclude each other. */
  constructor(options?: PairedGanOptions) {
    this.options = checkOptions('PairedGan', PAIRED_GAN_OPTIONS, options);
    checkGame('PairedGan', this.options as PairedGanSettings);
  }

  /**
   * Trains on pairs: row i of `from` with row i of `to`.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows that will not do; `missing-backend`;
   * `diverged`.
   */
  async fit(from: SamplesLike, to: SamplesLike, options?: GameFitOptions): Promise<PairedGanModel> {
    const owner = 'PairedGan.fit';
    const fitting = readFitArguments(owner, options);
    const settings = this.options as PairedGanSettings;
    const [first, second] = [readSamples(from, { owner, name: 'from' }), readSamples(to, { owner, name: 'to' })];
    if (first.rows !== second.rows) {
      const must = `from and to must have as many rows, for row i of one belongs to row i of the other`;
      throw modelError('shape-mismatch', { owner, must, got: `${first.rows} and ${second.rows}` });
    }
    const stream = RandomStream.of(settings.seed ?? freshSeed(), owner);
    const split = splitRows(first.rows, settings.validationFraction, stream);
    const [x, y] = [sideOf(owner, 'from', first, split), sideOf(owner, 'to', second, split)];
    const backend = await loadBackend(settings.backend, owner, fitting.pool);
    await fitting.pacer.step({ phase: backend.explanation, completed: 0, total: settings.epochs });
    const game = new PairedGame(backend, settings, x, y, stream);
    const { generators, discriminators } = game;
    const history = await play(
      {
        owner,
        kind: 'PairedGanTraining',
        backend,
        settings,
        generators,
        discriminators,
        rows: x.training.rows,
        metrics: PAIRED_METRICS,
        stream,
        round: (batches, place) => game.round(batches, place),
        watch: (place) => game.watch(place),
      },
      fitting,
    );
    return PairedGanModel.fromParts(pairedPartsOf(settings, x.code, y.code, generators.parameters, history));
  }
}
