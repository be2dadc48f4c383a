/**
 * The objective of training, on a backend: Kingma and Welling's bound with its variants, and Burda's.
 *
 *     L   = E_q log p(x|z) - KL(q(z|x) || p(z))
 *     L_K = E log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x),   z_k = means + sqrt(variances) e_k,   e_k ~ N(0, I)
 *
 * References: Kingma & Welling (2014), arXiv:1312.6114; Higgins et al. (2017) for beta; Kingma et al. (2016),
 * arXiv:1606.04934, for free bits; Burda et al. (2016), arXiv:1509.00519, for L_K.
 *
 * @module
 */
import { LOG_2PI } from '../core/special-functions.js';
import { applyNetwork } from '../neural/network.js';
import {
  add,
  bernoulliLogLikelihood,
  columns,
  concat,
  divide,
  exp,
  expand,
  log,
  logSumExp,
  mean,
  multiply,
  negate,
  relu,
  reshape,
  scale,
  shift,
  square,
  subtract,
  sum,
} from '../neural/operations.js';
import type { BoundParameters } from '../neural/parameters.js';
import { type Context, constant, type Value } from '../neural/value.js';
import { type Architecture, LEAST_STANDARD_DEVIATION, LOG_STANDARD_DEVIATIONS } from './architecture.js';

/** One batch: coded rows, coded conditions, and standard normal draws, all row-major. */
export interface Batch {
  readonly rows: number;
  readonly coded: Float32Array;
  readonly given: Float32Array;
  /** `rows * samples * latentDimension` numbers. */
  readonly noise: Float32Array;
  /** Draws of the code per row, K. */
  readonly samples: number;
}

/** What the objective weighs. */
export interface ObjectiveWeights {
  /** Weight of the regularisation, warm-up included. */
  readonly beta: number;
  /** Nats per latent column that are free. */
  readonly freeBits: number;
}

/** The objective, and per row what it is made of, each of shape [rows, 1], in standardised units. */
export interface Objective {
  /** To be minimised, as a mean over its entries. */
  readonly loss: Value;
  /** L, or L_K for more than one sample. */
  readonly bound: Value;
  /** E_q log p(x|z), estimated by the samples. */
  readonly reconstruction: Value;
  /** KL(q || p), analytic. */
  readonly regularization: Value;
}

/** Builds the objective of one batch. */
export function objective(
  networks: Architecture,
  parameters: BoundParameters,
  context: Context,
  batch: Batch,
  { beta, freeBits }: ObjectiveWeights,
): Objective {
  const { latentDimension: L } = networks;
  const { rows: B, samples: K } = batch;
  const x = constant(context, batch.coded, [B, networks.code.width]);
  const given =
    networks.givenCode.width > 0 ? constant(context, batch.given, [B, networks.givenCode.width]) : undefined;
  const noise = constant(context, batch.noise, [B * K, L]);

  const encoded = applyNetwork(networks.encoder, parameters, given ? concat([x, given], 1) : x);
  const means = columns(encoded, 0, L);
  const logVariances = columns(encoded, L, 2 * L);
  const deviations = exp(scale(logVariances, 0.5));
  // The reparameterisation: z = means + deviations e.
  const z = add(repeat(means, K), multiply(repeat(deviations, K), noise));
  const decoded = applyNetwork(networks.decoder, parameters, given ? concat([z, repeat(given, K)], 1) : z);
  const likelihood = logLikelihood(networks, parameters, repeat(x, K), decoded);

  // KL_j = (m_j^2 + v_j - 1 - log v_j) / 2, per row and latent column.
  const divergences = scale(shift(subtract(add(square(means), square(deviations)), logVariances), -1), 0.5);
  const regularization = sum(divergences, [1]);
  if (K > 1) {
    const bound = importanceWeightedBound(likelihood, z, noise, logVariances, B, K);
    const reconstruction = mean(reshape(likelihood, [B, K]), [1]);
    return { loss: negate(bound), bound, reconstruction, regularization };
  }
  const bound = subtract(likelihood, regularization);
  const charged = freeBits > 0 ? chargedAbove(divergences, freeBits) : regularization;
  const loss = subtract(beta === 1 ? charged : scale(charged, beta), likelihood);
  return { loss, bound, reconstruction: likelihood, regularization };
}

/** sum_j max(free, mean over the batch of KL_j), as a single number that broadcasts over rows. */
function chargedAbove(divergences: Value, free: number): Value {
  return sum(shift(relu(shift(mean(divergences, [0]), -free)), free), [1]);
}

/** log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x); log p(z) - log q(z|x) = sum_j (e_j^2 + log v_j - z_j^2) / 2. */
function importanceWeightedBound(
  likelihood: Value,
  z: Value,
  noise: Value,
  logVariances: Value,
  B: number,
  K: number,
): Value {
  const ratio = add(subtract(square(noise), square(z)), repeat(logVariances, K));
  const logWeights = add(likelihood, scale(sum(ratio, [1]), 0.5));
  return shift(logSumExp(reshape(logWeights, [B, K])), -Math.log(K));
}

/** Each row K times in succession. */
function repeat(a: Value, K: number): Value {
  if (K === 1) return a;
  const [rows, width] = a.shape;
  return reshape(expand(reshape(a, [rows, 1, width]), [rows, K, width]), [rows * K, width]);
}

/** log p(x|z) of each row, constants included, Jacobian of the standardisation left out. */
function logLikelihood(networks: Architecture, parameters: BoundParameters, x: Value, decoded: Value): Value {
  const { code } = networks;
  const continuous = code.continuous.length;
  const binary = continuous + code.binary.length;
  const terms: Value[] = [];
  if (continuous > 0) {
    terms.push(gaussian(networks, parameters, columns(x, 0, continuous), columns(decoded, 0, continuous)));
  }
  if (binary > continuous) {
    terms.push(bernoulliLogLikelihood(columns(x, continuous, binary), columns(decoded, continuous, binary)));
  }
  for (const { start, categories } of code.categorical) {
    const logits = columns(decoded, start, start + categories);
    const chosen = sum(multiply(columns(x, start, start + categories), logits), [1]);
    terms.push(subtract(chosen, logSumExp(logits)));
  }
  return terms.reduce(add);
}

/** -(sum_j (x_j - m_j)^2 / s_j^2 + log s_j^2 + log 2 pi) / 2. */
function gaussian(networks: Architecture, parameters: BoundParameters, x: Value, means: Value): Value {
  const { standardDeviation } = networks;
  const { context } = x;
  const width = x.shape[1];
  const squares = square(subtract(x, means));
  if (typeof standardDeviation !== 'string') {
    const precisions = constant(
      context,
      Float32Array.from(standardDeviation, (s) => -0.5 / (s * s)),
      [1, width],
    );
    const constants = standardDeviation.reduce((total, s) => total - Math.log(s) - 0.5 * LOG_2PI, 0);
    return shift(sum(multiply(squares, precisions), [1]), constants);
  }
  const logDeviations = reshape(parameters[LOG_STANDARD_DEVIATIONS], [1, standardDeviation === 'shared' ? 1 : width]);
  const variances = shift(exp(scale(logDeviations, 2)), LEAST_STANDARD_DEVIATION ** 2);
  const logVariances = log(variances);
  const logDeterminant = standardDeviation === 'shared' ? scale(logVariances, width) : sum(logVariances, [1]);
  return scale(add(sum(divide(squares, variances), [1]), shift(logDeterminant, width * LOG_2PI)), -0.5);
}
