/**
 * Adversarial networks that also learn the way from a row to its code.
 *
 * @module
 */
import type { Estimator } from '../core/estimator.js';
import { checkOptions } from '../core/options.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, Samples, type SamplesLike } from '../core/samples.js';
import { loadBackend } from '../neural/backend.js';
import type { MlpSpec } from '../neural/mlp.js';
import { BIDIRECTIONAL_METRICS, BidirectionalGame } from './bidirectional-gan-game.js';
import { BidirectionalGanModel } from './bidirectional-gan-model.js';
import {
  BIDIRECTIONAL_GAN_OPTIONS,
  type BidirectionalGanOptions,
  type BidirectionalGanSettings,
} from './bidirectional-gan-options.js';
import { BIDIRECTIONAL_HISTORY } from './bidirectional-gan-state.js';
import { bidirectionalNetworks, PlainBidirectional } from './bidirectional-networks.js';
import { plainWeights } from './discriminator.js';
import { type GameFitOptions, readFitArguments, splitRows } from './fit-arguments.js';
import { strengthsAt } from './game.js';
import { checkGame } from './game-options.js';
import { OF_STEPS } from './history.js';
import { trainingLists } from './lists.js';
import { parzenWindow } from './parzen-window.js';
import { play } from './play.js';
import { decodeInto, sideOf } from './sides.js';
import { type Weights, weightsOf } from './stored-networks.js';

/**
 * A generator G of rows from codes z ~ N(0, I) and an encoder E of rows to codes, trained together against a discriminator
 * that sees pairs: (x, E(x)) of data, (G(z), z) generated. In the optimum both kinds of pairs have one distribution, and E
 * inverts G. With a `deterministic` encoder it is a BiGAN, with a `gaussian` one adversarially learned inference (ALI).
 *
 *     max_D V = max_D E log D(x, E(x)) + E log(1 - D(G(z), z)) = 2 JS((x, E(x)), (G(z), z)) - 2 log 2
 *
 * All of it is in standardised columns, which are continuous. `logDensity` is an estimate: a Parzen window over generated rows.
 *
 * Training needs TensorFlow.js, which is loaded at the first fit. The fitted model does not.
 *
 * Cost: O(epochs N (H^2 + (d + L) H)) for layers of width H.
 *
 * References: Donahue, Krahenbuhl & Darrell (2017), *Adversarial feature learning*, arXiv:1605.09782; Dumoulin et al. (2017),
 * *Adversarially learned inference*, arXiv:1606.00704.
 *
 * @example
 * import { BidirectionalGan } from 'generative-models/gan';
 * const rows = Array.from({ length: 200 }, (_, i) => [Math.cos(i), Math.sin(i)]);
 * const model = await new BidirectionalGan({ epochs: 3, seed: 1 }).fit(rows);
 * model.sample(3, { seed: 2 }).rows; // 3
 * model.encode(rows).means.columns; // 2
 * model.reconstruct(rows).rows; // 200
 */
export class BidirectionalGan implements Estimator<BidirectionalGanModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<BidirectionalGanOptions>;

  /** @throws ModelError `invalid-option` for an unknown option, a value outside its range, or two that exclude each other. */
  constructor(options?: BidirectionalGanOptions) {
    this.options = checkOptions('BidirectionalGan', BIDIRECTIONAL_GAN_OPTIONS, options);
    checkGame('BidirectionalGan', this.options as BidirectionalGanSettings);
  }

  /**
   * Trains on rows.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows that will not do; `missing-backend`;
   * `diverged`.
   */
  async fit(rows: SamplesLike, options?: GameFitOptions): Promise<BidirectionalGanModel> {
    const owner = 'BidirectionalGan.fit';
    const fitting = readFitArguments(owner, options);
    const settings = this.options as BidirectionalGanSettings;
    const samples = readSamples(rows, { owner });
    const stream = RandomStream.of(settings.seed ?? freshSeed(), owner);
    const split = splitRows(samples.rows, settings.validationFraction, stream);
    const side = sideOf(owner, 'rows', samples, split);
    const shape = { ...settings, dimension: samples.columns };
    const networks = bidirectionalNetworks(shape);
    const backend = await loadBackend(settings.backend, owner, fitting.pool);
    await fitting.pacer.step({ phase: backend.explanation, completed: 0, total: settings.epochs });
    const game = new BidirectionalGame(backend, settings, side, networks, stream);
    const { generators, discriminators } = game;
    const training = await play(
      {
        owner,
        kind: 'BidirectionalGanTraining',
        backend,
        settings,
        generators,
        discriminators,
        rows: side.training.rows,
        metrics: BIDIRECTIONAL_METRICS,
        stream,
        round: (batches, place) => game.round(batches, place),
        watch: (place) => game.watch(place),
      },
      fitting,
    );
    const { spectralNorm } = strengthsAt(settings, 1);
    const made = ({ parameters }: typeof generators, network: MlpSpec, norm?: number): Weights =>
      plainWeights(parameters, network, norm);
    const weights = new Map([
      ...made(generators, networks.generator),
      ...made(generators, networks.encoder),
      ...made(discriminators, networks.discriminator, spectralNorm),
    ]);
    const { code } = side;
    const codes = new Float64Array(settings.densitySamples * settings.latentDimension);
    const normal = stream.child('window');
    for (let k = 0; k < codes.length; k++) codes[k] = normal.normal();
    const plain = new PlainBidirectional(networks, weightsOf(weights));
    const generated = decodeInto(plain.generate(codes, settings.densitySamples), code);
    const window = await parzenWindow(
      new Samples(generated, settings.densitySamples, samples.columns),
      samples.select(split.watched),
      code.scales,
      fitting.pacer,
    );
    const history = trainingLists(BIDIRECTIONAL_HISTORY, OF_STEPS, training);
    const { objective } = settings;
    return BidirectionalGanModel.fromParts({ shape, objective, columns: code, weights, window, history });
  }
}
