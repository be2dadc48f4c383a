/**
 * Kullback-Leibler divergence between models, by simulation.
 *
 *     KL(p || q) = E_p[log p(x) - log q(x)] ~ mean over x_1, ..., x_n drawn from p
 *
 * The standard error is that of the mean. Unbiased; small divergences may come out below 0 by a few of these.
 *
 * Reference: Hershey & Olsen (2007), doi:10.1109/ICASSP.2007.366913, section 3.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import type { GenerativeModel } from '../core/estimator.js';
import { checkOptions, integer, type OptionTable, option, optional, seed as seedRule } from '../core/options.js';
import type { Seed } from '../core/random.js';

/** Options of what is simulated. */
export interface SimulationOptions {
  /** How many rows are drawn; 10,000 unless told otherwise. */
  readonly count?: number;
  /** Fixes the draws: same seed, same bits. */
  readonly seed?: Seed;
}

/** The option table of what is simulated. */
export const SIMULATION_OPTIONS: OptionTable<SimulationOptions> = {
  // A tail of 1 % is then known to a tenth of itself, and a divergence to a hundredth of its terms' spread.
  count: option(integer(2), 10_000),
  seed: optional(seedRule()),
};

/** A divergence in nats, with its error. */
export interface Divergence {
  /** `Infinity` where a draw has density 0 under the other model. */
  readonly divergence: number;
  /** `Infinity` where the divergence is. */
  readonly standardError: number;
}

/** KL(model || other) from draws of the model. */
export function klDivergence(
  owner: string,
  model: GenerativeModel,
  other: GenerativeModel,
  options: unknown,
): Divergence {
  const { count, seed } = checkOptions<SimulationOptions>(owner, SIMULATION_OPTIONS, options as SimulationOptions);
  const width = reading('invalid-data', owner, 'the other model', () => other?.dimension);
  if (width !== model.dimension) {
    const must = `the other model must be over ${model.dimension} columns`;
    throw modelError(width === undefined ? 'invalid-data' : 'shape-mismatch', { owner, must, got: width });
  }
  const rows = model.sample(count as number, seed === undefined ? {} : { seed });
  const differences = model.logDensity(rows);
  const others = other.logDensity(rows);
  for (let i = 0; i < differences.length; i++) differences[i] -= others[i];
  return meanWithError(differences);
}

function meanWithError(values: Float64Array): Divergence {
  const n = values.length;
  if (!values.every(Number.isFinite)) {
    return { divergence: Number.POSITIVE_INFINITY, standardError: Number.POSITIVE_INFINITY };
  }
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { divergence: mean, standardError: Math.sqrt(squares / (n - 1) / n) };
}
