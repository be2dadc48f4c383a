/**
 * Generative adversarial networks.
 *
 * @module
 */

import { modelError } from '../core/errors.js';
import type { Estimator } from '../core/estimator.js';
import { checkOptions } from '../core/options.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type Samples, type SamplesLike } from '../core/samples.js';
import { loadBackend } from '../neural/backend.js';
import type { ColumnCode, ColumnKind } from '../neural/columns.js';
import { readConditions } from '../neural/conditions.js';
import type { MlpSpec } from '../neural/mlp.js';
import { AdversarialGame, type GameData } from './adversarial-game.js';
import { type AdversarialNetworks, adversarialNetworks } from './adversarial-networks.js';
import { plainWeights } from './discriminator.js';
import { momentProgram, writeProgram } from './expressions.js';
import { FeatureMap } from './features.js';
import { type GameFitOptions, readFitArguments, type Split, splitRows } from './fit-arguments.js';
import { strengthsAt } from './game.js';
import { GenerativeAdversarialNetworkModel } from './generative-adversarial-network-model.js';
import {
  checkSettings,
  GENERATIVE_ADVERSARIAL_NETWORK_OPTIONS,
  type GenerativeAdversarialNetworkOptions,
  type GenerativeAdversarialNetworkSettings,
} from './generative-adversarial-network-options.js';
import { GAME_METRICS, HISTORY_NAMES, OF_STEPS } from './history.js';
import { trainingLists } from './lists.js';
import { PlainAdversarial } from './plain-adversarial.js';
import { play } from './play.js';
import { sideOf } from './sides.js';
import { type Weights, weightsOf } from './stored-networks.js';
import { chooseBandwidth } from './window-bandwidth.js';

/** What `fit` takes beside rows. */
export interface AdversarialFitOptions extends GameFitOptions {
  /** For a conditional model: the condition of each row, of the kinds that option `given` says. */
  readonly given?: SamplesLike;
}

/**
 * A generator G of rows from codes z ~ N(0, I), trained against a discriminator D that tells its rows from data.
 *
 *     min_G max_D  E log D(x) + E log(1 - D(G(z))) = 2 JS(p_data, p_G) - 2 log 2
 *
 * and its relatives: non-saturating, least-squares, hinge and Wasserstein objectives, and all that keeps the game from going
 * wrong: several steps of the discriminator, annealed noise on what it sees, penalties on its gradient, spectral
 * normalisation, dropout, smoothed labels, packing and feature matching. Whatever restricts it may be relaxed over the training.
 *
 * Continuous columns are standardised inside; categories are drawn by Gumbel-softmax. With `given` columns the model is a
 * conditional one. `logDensity` is an estimate: a Parzen window over generated rows.
 *
 * Training needs TensorFlow.js, which is loaded at the first fit. The fitted model does not.
 *
 * Cost: O(epochs N s (H^2 + (d + L) H)) for layers of width H and s steps of the discriminator.
 *
 * References: Goodfellow et al. (2014), *Generative adversarial nets*, arXiv:1406.2661; Salimans et al. (2016), *Improved
 * techniques for training GANs*, arXiv:1606.03498; Mescheder, Geiger & Nowozin (2018), *Which training methods for GANs do
 * actually converge?*, arXiv:1801.04406; others beside the options.
 *
 * @example
 * import { GenerativeAdversarialNetwork } from 'generative-models/gan';
 * const rows = Array.from({ length: 200 }, (_, i) => [Math.cos(i), Math.sin(i)]);
 * const model = await new GenerativeAdversarialNetwork({ r1: 1, epochs: 3, seed: 1 }).fit(rows);
 * model.sample(3, { seed: 2 }).rows; // 3
 * model.discriminate(rows).length; // 200
 * model.densityKind; // 'estimate'
 */
export class GenerativeAdversarialNetwork implements Estimator<GenerativeAdversarialNetworkModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<GenerativeAdversarialNetworkOptions>;

  /** @throws ModelError `invalid-option` for an unknown option, a value outside its range, or two that exclude each other. */
  constructor(options?: GenerativeAdversarialNetworkOptions) {
    const owner = 'GenerativeAdversarialNetwork';
    this.options = checkOptions(owner, GENERATIVE_ADVERSARIAL_NETWORK_OPTIONS, options);
    checkSettings(owner, this.options as GenerativeAdversarialNetworkSettings);
  }

  /**
   * Trains on rows, and keeps the parameters of the last epoch.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows or conditions that will not do;
   * `missing-backend`; `diverged`.
   */
  async fit(rows: SamplesLike, options?: AdversarialFitOptions): Promise<GenerativeAdversarialNetworkModel> {
    const owner = 'GenerativeAdversarialNetwork.fit';
    const { given, ...fitting } = readFitArguments(owner, options, ['given']);
    const settings = this.options as GenerativeAdversarialNetworkSettings;
    const samples = readSamples(rows, { owner });
    const kinds = kindsOf(owner, settings, samples.columns);
    const conditions = readConditions(owner, settings.given, given, samples.rows);
    const stream = RandomStream.of(settings.seed ?? freshSeed(), owner);
    const split = splitRows(samples.rows, settings.validationFraction, stream);
    const data: GameData = {
      rows: sideOf(owner, 'rows', samples, split, kinds),
      given: sideOf(owner, 'given', conditions, split, settings.given ?? []),
    };
    const features = featuresOf(owner, settings, data.rows.code, data);
    const networks = networksOf(settings, data, features);
    const backend = await loadBackend(settings.backend, owner, fitting.pool);
    await fitting.pacer.step({ phase: backend.explanation, completed: 0, total: settings.epochs });
    const matched = settings.featureMatching === 'input' ? undefined : features;
    const game = new AdversarialGame(backend, settings, networks, data, matched, stream);
    const { generators, discriminators } = game;
    const training = await play(
      {
        owner,
        kind: 'GenerativeAdversarialNetworkTraining',
        backend,
        settings,
        generators,
        discriminators,
        rows: data.rows.training.rows,
        metrics: GAME_METRICS,
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
      ...made(discriminators, networks.discriminator, spectralNorm),
    ]);
    const codes = new Float64Array(settings.densitySamples * settings.latentDimension);
    const normal = stream.child('window');
    for (let k = 0; k < codes.length; k++) codes[k] = normal.normal();
    const plain = new PlainAdversarial(networks, weightsOf(weights));
    const bandwidth = await chooseBandwidth(
      plain,
      codes,
      watchedRows(samples, conditions, split, networks),
      fitting.pacer,
    );
    const history = trainingLists(HISTORY_NAMES, OF_STEPS, training);
    const { objective } = settings;
    return GenerativeAdversarialNetworkModel.fromParts({ networks, objective, weights, codes, bandwidth, history });
  }
}

function kindsOf(
  owner: string,
  { columns }: GenerativeAdversarialNetworkSettings,
  count: number,
): readonly ColumnKind[] {
  if (columns === undefined) return new Array<ColumnKind>(count).fill('continuous');
  if (columns.length === count) return columns;
  const must = `rows must have ${columns.length} columns, as option "columns" says`;
  throw modelError('shape-mismatch', { owner, must, got: count });
}

/** h, standardised on the training rows; `undefined` where there are none or they are the discriminator's own layer. */
function featuresOf(
  owner: string,
  { featureMatching, features }: GenerativeAdversarialNetworkSettings,
  code: ColumnCode,
  { rows }: GameData,
): FeatureMap | undefined {
  if (featureMatching === 'none') return undefined;
  const source = features ?? (featureMatching === 'loss' ? 'layer' : 'moments');
  if (source === 'layer') return undefined;
  const isMoments = source === 'moments';
  const program = isMoments ? momentProgram(code.width) : writeProgram(owner, source, code.kinds.length);
  const map = new FeatureMap(code, program, isMoments).standardized(rows.training.values, rows.training.rows);
  const wrong = map.centers.findIndex((center) => !Number.isFinite(center));
  if (wrong < 0) return map;
  const must = `feature ${wrong} of option "features" must be a finite number for every row`;
  throw modelError('invalid-data', { owner, must });
}

function networksOf(
  settings: GenerativeAdversarialNetworkSettings,
  { rows, given }: GameData,
  features: FeatureMap | undefined,
): AdversarialNetworks {
  const { latentDimension, generator, discriminator, generatorActivation, discriminatorActivation, packing } = settings;
  const shape = {
    latentDimension,
    generator,
    discriminator,
    generatorActivation,
    discriminatorActivation,
    packing,
    rows: statisticsOf(rows.code),
    given: statisticsOf(given.code),
  };
  return adversarialNetworks(shape, rows.code, settings.featureMatching === 'input' ? features : undefined);
}

function statisticsOf({ kinds, centers, scales }: ColumnCode): Pick<ColumnCode, 'kinds' | 'centers' | 'scales'> {
  return { kinds, centers, scales };
}

/** Rows held out and their conditions, coded. */
function watchedRows(
  samples: Samples,
  conditions: Samples,
  { watched }: Split,
  { code, givenCode }: AdversarialNetworks,
): { coded: Float64Array; given: Float64Array; rows: number } {
  const owner = 'GenerativeAdversarialNetwork.fit';
  const read = (own: ColumnCode, part: Samples, name: string): Float64Array =>
    own.encode(part.select(watched), { owner, name, binarization: 'refuse' });
  return {
    coded: read(code, samples, 'rows'),
    given: read(givenCode, conditions, 'given'),
    rows: watched.length,
  };
}
