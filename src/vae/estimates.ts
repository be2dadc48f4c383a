/**
 * What is known of log p(x) by sampling codes: the bound, and the importance-sampled density.
 *
 * Draws for a row come from a stream that the row itself fixes. So each row's result depends on that row and the model
 * only, errors of different rows are independent, and a repeated call gives the same bits.
 *
 * @module
 */
import { RandomStream } from '../core/random.js';
import { logSumExp } from '../core/special-functions.js';
import { divergenceFromPrior, logPosterior, type Posterior } from './latent.js';
import { logLikelihood } from './likelihood.js';
import type { PlainNetworks } from './plain-networks.js';
import type { Prior } from './prior.js';

/**
 * One in so many draws comes from the prior instead of the posterior. It bounds the weights where the encoder, far from
 * what it was trained on, points to the wrong codes.
 *
 * Reference: Owen & Zhou (2000), doi:10.2307/2669533, section 2, for mixtures with shares fixed in advance.
 */
const ONE_IN = 10;

/** One coded row, its condition, and its posterior. */
export interface CodedRow {
  readonly coded: Float64Array;
  readonly given: Float64Array;
  readonly posterior: Posterior;
}

/** The bound of one row, in nats: elbo = reconstruction - regularization. */
export interface RowBound {
  readonly reconstruction: number;
  readonly regularization: number;
}

/** An importance-sampled log-density. */
export interface RowDensity {
  readonly logDensity: number;
  /** Standard deviation of the estimate of log p(x), by the delta method. */
  readonly standardError: number;
  /** (sum w)^2 / sum w^2 of the weights: how many of the draws count (Kish 1965). */
  readonly effectiveSampleSize: number;
}

/** The stream of a row's draws: fixed by the bits of the row and of its condition. */
export function streamOf({ coded, given }: Pick<CodedRow, 'coded' | 'given'>, purpose: string): RandomStream {
  return RandomStream.of(hash(coded, 0x811c9dc5), purpose, hash(given, 0x9dc5811c), hash(coded, 0x050c5d1f));
}

/** FNV-1a over the bytes of doubles (Fowler, Noll & Vo 1991). Both zeros count as one. */
function hash(values: Float64Array, start: number): number {
  const bytes = new Uint8Array(values.map((value) => value + 0).buffer);
  let state = start;
  for (let i = 0; i < bytes.length; i++) state = Math.imul(state ^ bytes[i], 0x01000193);
  return state >>> 0;
}

/** E_q log p(x|z) as a mean over draws, and KL(q || p): analytic, or over the same draws for another prior. */
export function boundOf(networks: PlainNetworks, row: CodedRow, samples: number, prior: Prior | undefined): RowBound {
  const points = drawPosterior(row.posterior, samples, streamOf(row, 'elbo'));
  const likelihoods = likelihoodsAt(networks, row, points, samples);
  const reconstruction = likelihoods.reduce((sum, value) => sum + value, 0) / samples;
  if (prior === undefined) return { reconstruction, regularization: divergenceFromPrior(row.posterior) };
  const logPrior = prior.logDensity(points, samples);
  const { length: L } = row.posterior.means;
  let total = 0;
  for (let k = 0; k < samples; k++) total += logPosterior(row.posterior, points, k * L) - logPrior[k];
  return { reconstruction, regularization: total / samples };
}

/**
 * log p(x) from draws z_k of the mixture r = (1 - a) q(z|x) + a p(z), with its shares fixed in advance:
 *
 *     p(x) ~ 1/K sum_k w_k,   w_k = p(x|z_k) p(z_k) / r(z_k)
 *
 * The mean of weights is unbiased for p(x); its logarithm is too low by about half of its variance.
 */
export function densityOf(networks: PlainNetworks, row: CodedRow, samples: number, prior: Prior): RowDensity {
  const stream = streamOf(row, 'logDensity');
  const fromPrior = Math.floor(samples / ONE_IN);
  const fromPosterior = samples - fromPrior;
  const { length: L } = row.posterior.means;
  const points = new Float64Array(samples * L);
  points.set(drawPosterior(row.posterior, fromPosterior, stream));
  if (fromPrior > 0) points.set(prior.draw(fromPrior, stream), fromPosterior * L);
  const likelihoods = likelihoodsAt(networks, row, points, samples);
  const logPrior = prior.logDensity(points, samples);
  const [shareOfPosterior, shareOfPrior] = [Math.log(fromPosterior / samples), Math.log(fromPrior / samples)];
  const logWeights = likelihoods.map((likelihood, k) => {
    const fromQ = shareOfPosterior + logPosterior(row.posterior, points, k * L);
    const fromP = shareOfPrior + logPrior[k];
    // log(e^a + e^b), the larger one taken out.
    const proposal = Math.max(fromQ, fromP) + Math.log1p(Math.exp(-Math.abs(fromQ - fromP)));
    const weight = likelihood + logPrior[k] - proposal;
    // Infinity minus infinity: a row so far away that nothing explains it.
    return Number.isNaN(weight) ? Number.NEGATIVE_INFINITY : weight;
  });
  return summarize(logWeights);
}

function summarize(logWeights: Float64Array): RowDensity {
  const K = logWeights.length;
  const logTotal = logSumExp(logWeights);
  if (logTotal === Number.NEGATIVE_INFINITY) {
    return { logDensity: logTotal, standardError: Number.POSITIVE_INFINITY, effectiveSampleSize: 0 };
  }
  let squares = 0;
  for (const logWeight of logWeights) squares += Math.exp(2 * (logWeight - logTotal));
  const variance = K > 1 ? Math.max(0, squares - 1 / K) * (K / (K - 1)) : Number.POSITIVE_INFINITY;
  return {
    logDensity: logTotal - Math.log(K),
    standardError: Math.sqrt(variance),
    effectiveSampleSize: 1 / squares,
  };
}

function drawPosterior({ means, logVariances }: Posterior, count: number, stream: RandomStream): Float64Array {
  const L = means.length;
  const deviations = logVariances.map((logVariance) => Math.exp(0.5 * logVariance));
  const points = new Float64Array(count * L);
  for (let k = 0; k < points.length; k++) points[k] = means[k % L] + deviations[k % L] * stream.normal();
  return points;
}

/** log p(x|z_k) at each point, in the data's units. */
function likelihoodsAt(networks: PlainNetworks, row: CodedRow, points: Float64Array, count: number): Float64Array {
  const decoded = networks.decode(points, row.given, count);
  const { code } = networks.networks;
  const jacobian = code.logJacobian;
  const values = new Float64Array(count);
  for (let k = 0; k < count; k++) {
    values[k] = jacobian + logLikelihood(code, networks.variances, row.coded, 0, decoded, k);
  }
  return values;
}
