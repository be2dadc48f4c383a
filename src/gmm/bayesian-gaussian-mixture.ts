/**
 * Gaussian mixtures fitted by variational Bayes.
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
import { BayesianGaussianMixtureModel } from './bayesian-gaussian-mixture-model.js';
import {
  type BayesianGaussianMixtureOptions,
  type CheckedBayesianOptions,
  checkBayesianOptions,
} from './bayesian-options.js';
import { type ConjugatePrior, makePrior } from './conjugate-prior.js';
import { isDiagonal, isSpherical } from './covariance-type.js';
import type { WeightedRows } from './expectation.js';
import { overallCovariance } from './initialization.js';
import { NOTHING_FROZEN } from './maximization.js';
import { checkPriorWidth } from './prior-options.js';
import { logVolume, type Standardization, standardize } from './standardization.js';
import { makeStart } from './starts.js';
import { type Inference, type InferenceSettings, infer } from './variational-inference.js';

/**
 * A mixture of at most K Gaussians, of whose parameters the fit keeps a distribution instead of a value.
 *
 *     w ~ Dirichlet(a, ..., a) or a Dirichlet process,   mu_k | Sigma_k ~ N(m, Sigma_k / kappa),
 *     Sigma_k ~ inverse Wishart(nu, Lambda)
 *
 * Variational inference finds the product of distributions of responsibilities and parameters that is closest to the
 * posterior, by raising the evidence lower bound, which the model's `history` holds. Components that the data do not ask
 * for keep next to no rows. The defaults follow the data: m is the rows' mean, kappa = 0.01, nu = d + 2, and
 * Lambda their covariance, whatever K. Weights of rows count as rows.
 *
 * Cost and memory: as {@link GaussianMixture}.
 *
 * Reference: Bishop (2006), *Pattern Recognition and Machine Learning*, section 10.2; Blei & Jordan (2006),
 * doi:10.1214/06-BA104.
 *
 * @example
 * const rows = Array.from({ length: 60 }, (_, i) => [(i % 3) * 10 + Math.sin(i)]);
 * const model = await new BayesianGaussianMixture({ components: 8, seed: 1 }).fit(rows);
 * model.effectiveComponents; // 3
 */
export class BayesianGaussianMixture implements Estimator<BayesianGaussianMixtureModel> {
  /** The options in force, defaults filled in; frozen. */
  readonly options: Readonly<BayesianGaussianMixtureOptions>;

  /** @throws ModelError `invalid-option` for an unknown option or a value outside its range. */
  constructor(options?: BayesianGaussianMixtureOptions) {
    this.options = checkBayesianOptions(options);
  }

  /**
   * Fits the mixture to rows, with a weight for each if given.
   *
   * @throws ModelError by rejection: `invalid-data` or `shape-mismatch` for rows or weights that will not do;
   * `degenerate-data` for a column without variance, and for collinear columns without regularization.
   */
  async fit(rows: SamplesLike, options?: FitOptions): Promise<BayesianGaussianMixtureModel> {
    const owner = 'BayesianGaussianMixture.fit';
    const { weights, ...rest } = checkFitOptions(owner, options, ['weights', 'signal', 'onProgress']);
    const pacer = new Pacer(owner, rest);
    const settings = this.options as CheckedBayesianOptions;
    const samples = readSamples(rows, { owner });
    const rowWeights = weights === undefined ? undefined : readWeights(weights, samples.rows, owner);
    if (typeof settings.prior !== 'string') checkPriorWidth(settings.prior, samples.columns, owner);
    const spherical = isSpherical(settings.covariance);
    const { rows: standard, map } = await standardize(samples, rowWeights?.values, spherical, owner, pacer);
    return run(owner, settings, standard, map, pacer);
  }
}

async function run(
  owner: string,
  options: CheckedBayesianOptions,
  rows: WeightedRows,
  map: Standardization,
  pacer: Pacer,
): Promise<BayesianGaussianMixtureModel> {
  const { components, covariance, prior: given, regularization: ridge } = options;
  const overall = await overallCovariance(rows, pacer);
  const prior = makePrior(given === 'conjugate' ? {} : given, covariance, 1, overall, ridge, map);
  checkScale(owner, prior, rows.columns, isDiagonal(covariance));
  const settings = {
    ...options,
    prior,
    weightConcentration: options.weightConcentration ?? 1 / components,
    logVolume: logVolume(map),
  };
  const stream = RandomStream.of(options.seed ?? freshSeed(), owner);
  const rules = { covariance, equalWeights: false, ridge: Math.max(ridge, START_RIDGE), frozen: NOTHING_FROZEN };
  const starts = components === 1 || options.initialization === 'splitting' ? 1 : options.restarts;
  let best: Inference | undefined;
  for (let index = 0; index < starts; index++) {
    const phase = starts === 1 ? 'inference' : `inference, restart ${index + 1} of ${starts}`;
    const start = await makeStart(options, rows, map, overall, rules, stream.child('restart', index), pacer);
    const inference = await infer(rows, start, { ...settings, phase } satisfies InferenceSettings, pacer);
    if (best === undefined || last(inference) > last(best)) best = inference;
  }
  return BayesianGaussianMixtureModel.fromFit(best as Inference, settings, map);
}

/** The start, which only shares rows out for the first time, may be as round as this, whatever the prior. */
const START_RIDGE = 1e-6;

function last({ history }: Inference): number {
  return history[history.length - 1];
}

function checkScale(owner: string, { scale }: ConjugatePrior, d: number, diagonal: boolean): void {
  if (diagonal || cholesky(scale, d)) return;
  throw modelError('degenerate-data', {
    owner,
    must: `rows must span all ${d} columns, but some column is a linear function of the others`,
    remedy: 'Leave it out, raise "regularization", give "prior" a scale, or set "covariance" to "diagonal"',
  });
}
