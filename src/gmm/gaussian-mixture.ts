/**
 * Gaussian mixtures fitted by expectation maximisation.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Estimator } from '../core/estimator.js';
import { cholesky } from '../core/linalg.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { readSamples, type SamplesLike } from '../core/samples.js';
import { readWeights } from '../core/weights.js';
import { isDiagonal, isSpherical } from './covariance-type.js';
import type { WeightedRows } from './expectation.js';
import { heldByRidge, type Run, type RunSettings, runToEnd } from './expectation-maximization.js';
import { GaussianMixtureModel } from './gaussian-mixture-model.js';
import { overallCovariance, plusPlusCentres, randomCentres, startFromCentres } from './initialization.js';
import {
  type CheckedOptions,
  checkMixtureOptions,
  type FrozenInitialization,
  type GaussianMixtureOptions,
} from './options.js';
import { componentOrder, emptyParameters, type MixtureParameters, reorder } from './parameters.js';
import { logVolume, type Standardization, standardize, toDataUnits, toStandard } from './standardization.js';
import { runWarnings } from './warnings.js';

/**
 * A mixture of K Gaussians, fitted by maximum likelihood.
 *
 *     p(x) = sum_k w_k N(x; mu_k, Sigma_k)
 *
 * Fitting runs EM from several starts and keeps the likeliest result. Rows are standardised inside and parameters mapped
 * back, so offsets and units of the data change nothing but those of the result; nor does the order of the rows change
 * it. Components come by decreasing weight, equal ones by their means; after a given initialisation, in its order. Not
 * converging, and components that collapse, are no errors but told by the model's `converged` and `warnings`.
 *
 * Cost: O(N K d^2) per iteration, O(N K d) for spherical and diagonal covariances; memory O(N d), whatever K.
 *
 * Reference: Dempster, Laird & Rubin (1977), doi:10.1111/j.2517-6161.1977.tb01600.x; McLachlan & Peel (2000), *Finite
 * Mixture Models*.
 *
 * @example
 * const rows = [[-2.1], [-1.9], [-2.0], [-2.2], [3.9], [4.1]];
 * const model = await new GaussianMixture({ components: 2, seed: 1 }).fit(rows);
 * model.means.get(0, 0).toFixed(2); // '-2.05'
 * model.predict([[-1], [5]]); // Uint32Array [ 0, 1 ]
 */
export class GaussianMixture implements Estimator<GaussianMixtureModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<GaussianMixtureOptions>;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: GaussianMixtureOptions) {
    this.options = checkMixtureOptions('GaussianMixture', options);
  }

  /**
   * Fits the mixture to rows, with a weight for each if given.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows or weights that will not do or are fewer
   * than components; `degenerate-data` for a column without variance, and for collinear columns without regularization;
   * `not-positive-definite` when a covariance collapses for good, which needs `regularization: 0`.
   */
  async fit(rows: SamplesLike, options?: FitOptions): Promise<GaussianMixtureModel> {
    const owner = 'GaussianMixture.fit';
    const { weights, ...rest } = checkFitOptions(owner, options, ['weights', 'signal', 'onProgress']);
    const pacer = new Pacer(owner, rest);
    const settings = this.options as CheckedOptions;
    const samples = readSamples(rows, { owner });
    const rowWeights = weights === undefined ? undefined : readWeights(weights, samples.rows, owner);
    const given = typeof settings.initialization === 'string' ? undefined : settings.initialization;
    if (given && given.means[0].length !== samples.columns) throw wrongWidth(owner, given, samples.columns);
    const usable = rowWeights?.positive ?? samples.rows;
    if (usable < settings.components) throw tooFewRows(owner, settings.components, usable);
    const spherical = isSpherical(settings.covariance);
    const standardized = await standardize(samples, rowWeights?.values, spherical, owner, pacer);
    const fit = new Fit(owner, settings, standardized.rows, standardized.map, pacer);
    return fit.run();
  }
}

/** One call of `fit`, from standardised rows to the model. */
class Fit {
  readonly #owner: string;
  readonly #options: CheckedOptions;
  readonly #rows: WeightedRows;
  readonly #map: Standardization;
  readonly #pacer: Pacer;

  constructor(owner: string, options: CheckedOptions, rows: WeightedRows, map: Standardization, pacer: Pacer) {
    this.#owner = owner;
    this.#options = options;
    this.#rows = rows;
    this.#map = map;
    this.#pacer = pacer;
  }

  /** Runs EM from each start, and makes the best into a model. */
  async run(): Promise<GaussianMixtureModel> {
    const { components, initialization, restarts } = this.#options;
    const overall = await overallCovariance(this.#rows, this.#pacer);
    this.#checkRank(overall);
    const starts = components === 1 || typeof initialization !== 'string' ? 1 : restarts;
    const stream = RandomStream.of(this.#options.seed ?? freshSeed(), 'GaussianMixture.fit');
    let best: Candidate | undefined;
    let failure: unknown;
    for (let index = 0; index < starts; index++) {
      try {
        const candidate = await this.#runOnce(overall, stream.child('restart', index), index, starts);
        if (best === undefined || isBetter(candidate, best)) best = candidate;
      } catch (error) {
        // A start that collapses is no loss while another does not.
        if (!isCollapse(error)) throw error;
        failure = error;
      }
    }
    if (best === undefined) throw failure;
    return this.#finish(best);
  }

  async #runOnce(overall: Float64Array, stream: RandomStream, index: number, starts: number): Promise<Candidate> {
    const phase = starts === 1 ? 'EM' : `EM, restart ${index + 1} of ${starts}`;
    const { covariance, equalWeights, regularization: ridge, maxIterations, tolerance } = this.#options;
    const rules = { covariance, equalWeights, ridge };
    const settings: RunSettings = {
      ...rules,
      owner: this.#owner,
      phase,
      maxIterations,
      tolerance,
      logVolume: logVolume(this.#map),
    };
    const start = await this.#start(overall, stream, rules);
    const run = await runToEnd(this.#rows, start, settings, this.#pacer);
    return { run, held: heldByRidge(run.parameters, ridge) };
  }

  async #start(
    overall: Float64Array,
    stream: RandomStream,
    rules: Pick<RunSettings, 'covariance' | 'equalWeights' | 'ridge'>,
  ): Promise<MixtureParameters> {
    const { components, initialization } = this.#options;
    if (typeof initialization !== 'string') return this.#givenStart(initialization, overall, rules);
    const centres =
      initialization === 'random'
        ? randomCentres(this.#rows, components, stream)
        : await plusPlusCentres(this.#rows, components, stream, this.#pacer);
    return startFromCentres(this.#rows, centres, overall, rules, this.#pacer);
  }

  /** The given parameters in standardised units; what is left out is taken from the rows nearest each mean. */
  async #givenStart(
    given: FrozenInitialization,
    overall: Float64Array,
    rules: Pick<RunSettings, 'covariance' | 'equalWeights' | 'ridge'>,
  ): Promise<MixtureParameters> {
    const d = this.#rows.columns;
    const { components, equalWeights } = this.#options;
    const parameters = emptyParameters(components, d);
    given.means.forEach((mean, k) => {
      parameters.means.set(mean, k * d);
    });
    given.covariances?.forEach((matrix, k) => {
      matrix.forEach((row, i) => {
        parameters.covariances.set(row, (k * d + i) * d);
      });
    });
    const standard = toStandard(parameters, this.#map);
    // With covariances but no weights there is nothing that says how rows are shared: equally.
    if (given.covariances && !given.weights) standard.weights.fill(1 / components);
    const missing = !given.covariances || (!given.weights && !given.covariances);
    const start = missing
      ? await startFromCentres(this.#rows, standard.means, overall, rules, this.#pacer, true)
      : standard;
    if (given.weights) start.weights.set(normalized(given.weights));
    if (equalWeights) start.weights.fill(1 / components);
    return start;
  }

  /** Refuses collinear columns, of which full matrices without a ridge would be singular. */
  #checkRank(overall: Float64Array): void {
    const { covariance, regularization } = this.#options;
    const d = this.#rows.columns;
    if (isDiagonal(covariance)) return;
    const ridged = overall.map((entry, at) => entry + (at % (d + 1) === 0 ? regularization : 0));
    if (cholesky(ridged, d)) return;
    throw modelError('degenerate-data', {
      owner: this.#owner,
      must: `rows must span all ${d} columns, but some column is a linear function of the others`,
      remedy: 'Leave it out, raise "regularization", or set "covariance" to "diagonal"',
    });
  }

  #finish({ run, held }: Candidate): GaussianMixtureModel {
    const { covariance, equalWeights, initialization } = this.#options;
    const parameters = toDataUnits(run.parameters, this.#map);
    const order =
      typeof initialization === 'string'
        ? componentOrder(parameters)
        : Array.from({ length: parameters.components }, (_, k) => k);
    const volume = logVolume(this.#map);
    return GaussianMixtureModel.fromFit(reorder(parameters, order), {
      covariance,
      equalWeights,
      converged: run.converged,
      iterations: run.iterations,
      history: run.history.map((meanLogDensity) => meanLogDensity - volume),
      warnings: runWarnings(run, held, order, this.#options),
      collapsed: held.map((k) => order.indexOf(k)).sort((a, b) => a - b),
      missing: 'refuse',
      objective: 'log-likelihood',
      frozen: [],
      rows: this.#rows.total,
    });
  }
}

/** A run with the components that collapsed onto its ridge. */
interface Candidate {
  readonly run: Run;
  readonly held: readonly number[];
}

/** Runs without collapsed components come first: a collapsed one buys likelihood with a spike on a few rows. */
function isBetter(a: Candidate, b: Candidate): boolean {
  const [sound, otherSound] = [a.held.length === 0, b.held.length === 0];
  if (sound !== otherSound) return sound;
  return (a.run.history.at(-1) as number) > (b.run.history.at(-1) as number);
}

function isCollapse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'not-positive-definite';
}

function normalized(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}

function wrongWidth(owner: string, given: FrozenInitialization, columns: number): Error {
  const must = `rows must have ${given.means[0].length} columns, as initialization.means has`;
  return modelError('shape-mismatch', { owner, must, got: columns });
}

function tooFewRows(owner: string, components: number, rows: number): Error {
  const must = `rows must hold at least ${components} rows of positive weight, one per component`;
  return modelError('invalid-data', { owner, must, got: rows, remedy: 'Lower "components"' });
}
