/**
 * Variational autoencoders fitted by stochastic gradients of the bound.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Estimator } from '../core/estimator.js';
import { checkPool, type JobPool } from '../core/jobs.js';
import type { ModelState } from '../core/model-state.js';
import { checkOptions } from '../core/options.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { loadBackend } from '../neural/backend.js';
import { readConditions } from '../neural/conditions.js';
import { type Checked, VARIATIONAL_AUTOENCODER_OPTIONS, type VariationalAutoencoderOptions } from './options.js';
import { columnKindsOf, rowArchitecture } from './preparation.js';
import { type Split, Trainer } from './trainer.js';
import { VariationalAutoencoderModel } from './variational-autoencoder-model.js';

/** What `fit` takes beside rows. */
export interface VariationalAutoencoderFitOptions extends Omit<FitOptions, 'weights'> {
  /** For a conditional model: the condition of each row, of the kinds that option `given` says. */
  readonly given?: SamplesLike;
  /** Called after each epoch with a function that gives all that is needed to go on later, should you want to keep it. */
  readonly onCheckpoint?: (checkpoint: () => ModelState) => void;
  /** Goes on from a checkpoint of a fit with the same rows and options: the result is the same as without the break. */
  readonly resume?: ModelState;
  /**
   * A `DensityPool` of `generative-models/pool`, whose threads share the work of backend `wasm`, which `auto` means then: the same
   * bits, sooner. One of them is the thread that trains; it pays from layers of some 100 units on.
   */
  readonly pool?: JobPool;
}

/**
 * A variational autoencoder: a latent code z ~ N(0, I), and rows that follow p(x | f(z)) for a network f.
 *
 *     log p(x) >= E_q(z|x) log p(x|z) - KL(q(z|x) || p(z)),   q(z|x) = N(means(x), diag variances(x))
 *
 * Encoder and decoder are multilayer perceptrons, with convolutions where rows are images, trained together on that bound by Adam, on draws
 * z = means + sqrt(variances) e with e ~ N(0, I). The decoder's law is normal, Bernoulli, categorical, or mixed by column;
 * continuous columns are standardised inside, and densities carry the Jacobian. With `given` columns the model is a
 * conditional one, p(x | given).
 *
 * Training needs TensorFlow.js, which is loaded at the first fit. The fitted model does not.
 *
 * Cost: O(epochs N (d H + H^2 + H L)) for hidden layers of width H.
 *
 * References: Kingma & Welling (2014), *Auto-encoding variational Bayes*, arXiv:1312.6114; Rezende, Mohamed & Wierstra
 * (2014), arXiv:1401.4082; Sohn, Lee & Yan (2015), *Learning structured output representation using deep conditional
 * generative models*, for conditions.
 *
 * @example
 * import { VariationalAutoencoder } from 'generative-models/vae';
 * const rows = Array.from({ length: 200 }, (_, i) => [Math.cos(i), Math.sin(i)]);
 * const model = await new VariationalAutoencoder({ latentDimension: 1, hidden: [16], epochs: 5, seed: 1 }).fit(rows);
 * model.sample(3, { seed: 2 }).rows; // 3
 * model.logDensity(rows).length; // 200
 */
export class VariationalAutoencoder implements Estimator<VariationalAutoencoderModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<VariationalAutoencoderOptions>;

  /** @throws ModelError `invalid-option` for an unknown option, a value outside its range, or two that exclude each other. */
  constructor(options?: VariationalAutoencoderOptions) {
    const owner = 'VariationalAutoencoder';
    this.options = checkOptions(owner, VARIATIONAL_AUTOENCODER_OPTIONS, options);
    const { importanceSamples, beta, warmup, freeBits, patience, validationFraction } = this.options as Checked;
    if (importanceSamples > 1 && (beta !== 1 || warmup > 0 || freeBits > 0)) {
      const must = 'options "beta", "warmup" and "freeBits" must be left out with "importanceSamples" above 1';
      throw modelError('invalid-option', {
        owner,
        must,
        remedy: 'That bound has no regularisation of its own to weigh',
      });
    }
    if (patience !== undefined && validationFraction === 0) {
      throw modelError('invalid-option', {
        owner,
        must: 'option "patience" must go with "validationFraction" above 0',
      });
    }
  }

  /**
   * Trains on rows, and keeps the parameters of the epoch with the best objective on rows held out.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows or conditions that will not do;
   * `degenerate-data` for a constant column whose standard deviation is to be learnt; `missing-backend`; `diverged`.
   */
  async fit(rows: SamplesLike, options?: VariationalAutoencoderFitOptions): Promise<VariationalAutoencoderModel> {
    const owner = 'VariationalAutoencoder.fit';
    const names = ['given', 'signal', 'onProgress', 'onCheckpoint', 'resume', 'pool'];
    const { signal, onProgress, given, onCheckpoint, resume, pool } = checkFitOptions(
      owner,
      options,
      names,
    ) as VariationalAutoencoderFitOptions;
    checkPool(owner, pool);
    const pacer = new Pacer(owner, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
    if (onCheckpoint !== undefined && typeof onCheckpoint !== 'function') {
      throw modelError('invalid-option', {
        owner,
        must: 'option "onCheckpoint" must be a function',
        got: onCheckpoint,
      });
    }
    const settings = this.options as Checked;
    const samples = readSamples(rows, { owner });
    const kinds = columnKindsOf(owner, settings, samples);
    const conditions = readConditions(owner, settings.given, given, samples.rows);
    const stream = RandomStream.of(settings.seed ?? freshSeed(), owner);
    const split = splitRows(samples.rows, settings.validationFraction, stream);
    const networks = rowArchitecture(
      owner,
      settings,
      kinds,
      samples.select(split.training),
      conditions,
      split.training,
    );
    const trainer = new Trainer({ owner, settings, networks, stream, pacer, split, resume, onCheckpoint });
    trainer.read(samples, conditions);
    const backend = await loadBackend(settings.backend, owner, pool);
    await pacer.step({ phase: backend.explanation, completed: 0, total: settings.epochs });
    return VariationalAutoencoderModel.fromParts(await backend.during(owner, () => trainer.train(backend)));
  }
}

function splitRows(rows: number, fraction: number, stream: RandomStream): Split {
  const order = stream.child('validation').permutation(rows);
  const count = Math.floor(fraction * rows);
  return { training: order.subarray(count).sort(), validation: order.subarray(0, count).sort() };
}
