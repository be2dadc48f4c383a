/**
 * Missing values filled in.
 *
 *     E[x_m | x_o] = sum_k r_k E[x_m | x_o, k]                   the mean
 *     x_m ~ sum_k r_k N(E[x_m | x_o, k], Cov[x_m | x_o, k])      a draw
 *
 * with r_k the responsibilities for what is there. Means understate the spread of what is missing; draws keep it, and
 * several drawn tables show what the missing values leave open (multiple imputation).
 *
 * Reference: Rubin (1987), *Multiple Imputation for Nonresponse in Surveys*; Schafer (1997), *Analysis of Incomplete
 * Multivariate Data*, section 5.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkOptions, flag, type OptionTable, option, optional, seed as seedRule } from '../core/options.js';
import { CategoricalSampler, RandomStream, type Seed } from '../core/random.js';
import { Samples } from '../core/samples.js';
import { type FactoredMixture, shareRow } from './marginal.js';
import { observedOf, type Pattern, patternsOf } from './patterns.js';
import { regress } from './regression.js';
import { conditionalShift, type Split, splitAt } from './split.js';

/** Options of `impute`. */
export interface ImputeOptions {
  /** Draws each row's missing values together from their conditional distribution, instead of taking its mean. */
  readonly draws?: boolean;
  /** Fixes the draws: same seed, same bits. Means need none. */
  readonly seed?: Seed;
}

const IMPUTE_OPTIONS: OptionTable<ImputeOptions> = {
  draws: option(flag(), false),
  seed: optional(seedRule()),
};

/** The rows with every `NaN` filled in; what was there stays to the bit. */
export function impute(owner: string, mixture: FactoredMixture, rows: Samples, options: unknown): Samples {
  const { draws, seed } = checkOptions<ImputeOptions>(owner, IMPUTE_OPTIONS, options as ImputeOptions);
  if (seed !== undefined && !draws) {
    const remedy = 'Set "draws", or leave "seed" out: means have no randomness';
    throw modelError('invalid-option', { owner, must: 'option "seed" must come with "draws"', got: seed, remedy });
  }
  const filled = new Samples(rows.data.slice(), rows.rows, rows.columns);
  const stream = RandomStream.of(seed, 'GaussianMixtureModel.impute');
  const streams = { choices: stream.child('components'), normals: stream.child('normals') };
  for (const pattern of patternsOf(rows)) {
    if (pattern.observed.length === rows.columns) continue;
    if (pattern.observed.length === 0) fillWhole(mixture, filled, pattern, draws ? streams : undefined);
    else if (draws) fillWithDraws(mixture, filled, pattern, streams);
    else fillWithMeans(owner, mixture, filled, pattern);
  }
  return filled;
}

interface Streams {
  readonly choices: RandomStream;
  readonly normals: RandomStream;
}

function fillWithMeans(owner: string, mixture: FactoredMixture, filled: Samples, pattern: Pattern): void {
  const { columns, means } = regress(owner, mixture, pattern.observed, observedOf(filled, pattern));
  pattern.rows.forEach((row, i) => {
    columns.forEach((column, j) => {
      filled.data[row * filled.columns + column] = means.get(i, j);
    });
  });
}

function fillWithDraws(
  mixture: FactoredMixture,
  filled: Samples,
  pattern: Pattern,
  { choices, normals }: Streams,
): void {
  const { means, dimension: d } = mixture.parameters;
  const split = splitAt(mixture, pattern.observed);
  const observed = observedOf(filled, pattern);
  const shares = new Float64Array(split.components.length);
  const [p, q] = [split.rest.length, pattern.observed.length];
  const [shift, y] = [new Float64Array(p), new Float64Array(q)];
  pattern.rows.forEach((row, i) => {
    shareRow(split.marginal, observed.data, i * q, shares);
    const k = choices.categorical(shares);
    conditionalShift(split, k, observed.data, i * q, shift, y);
    addNoise(split, k, shift, normals);
    split.rest.forEach((column, j) => {
      filled.data[row * d + column] = means[k * d + column] + shift[j];
    });
  });
}

/** Adds R_aa z, with z standard normal. */
function addNoise({ components, rest }: Split, k: number, shift: Float64Array, normals: RandomStream): void {
  const p = rest.length;
  const { rest: factor } = components[k];
  for (let t = 0; t < p; t++) {
    const z = normals.normal();
    for (let j = t; j < p; j++) shift[j] += factor[j * p + t] * z;
  }
}

/** Fills rows without any value: with the mixture's mean, or with draws from it. */
function fillWhole(
  { parameters, factors }: FactoredMixture,
  filled: Samples,
  pattern: Pattern,
  streams: Streams | undefined,
): void {
  const { components, dimension: d, weights, means } = parameters;
  const sampler = new CategoricalSampler(weights);
  for (const row of pattern.rows) {
    const k = streams ? sampler.draw(streams.choices) : 0;
    const z = Float64Array.from({ length: d }, () => streams?.normals.normal() ?? 0);
    for (let j = 0; j < d; j++) {
      let shift = 0;
      if (streams) for (let t = 0; t <= j; t++) shift += factors[k].lower[j * d + t] * z[t];
      else for (let c = 0; c < components; c++) shift += weights[c] * (means[c * d + j] - means[j]);
      filled.data[row * d + j] = means[k * d + j] + shift;
    }
  }
}
