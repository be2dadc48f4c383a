/**
 * How far out rows are, by the share of probability at densities no greater than theirs.
 *
 *     P(x) = Pr[p(X) <= p(x)],    X from the model itself or from rows at hand
 *
 * Sets of the form p(x) > c are the smallest that hold their share of probability, so that a row with P(x) = 0.01 lies
 * just outside the smallest set of 99 %.
 *
 * Reference: Hyndman (1996), *Computing and graphing highest density regions*, doi:10.1080/00031305.1996.10474359.
 *
 * @module
 */
import { checkOptions, number, type OptionTable, option, type Rule } from '../core/options.js';
import type { Samples, SamplesLike } from '../core/samples.js';
import type { SimulationOptions } from './kl-divergence.js';
import { SIMULATION_OPTIONS } from './kl-divergence.js';

/** What rows are measured against. */
export interface ReferenceOptions extends SimulationOptions {
  /** Rows that are as they should be, such as those of the fit. Left out, `count` rows are drawn from the model. */
  readonly reference?: SamplesLike;
}

/** Options of `outlierThreshold`. */
export interface ThresholdOptions extends ReferenceOptions {
  /** The share of the reference that is to fall below the threshold; 0.01 unless told otherwise. */
  readonly quantile?: number;
}

/** Whatever is given: reading it as rows tells what is wrong with it. */
const anyRows: Rule<SamplesLike> = {
  words: 'rows',
  accepts: (value): value is SamplesLike => value !== undefined,
  inside: [[[0]]],
  outside: [],
};

/** The option tables. */
const REFERENCE_OPTIONS: OptionTable<ReferenceOptions> = {
  ...SIMULATION_OPTIONS,
  reference: { rule: anyRows, default: undefined },
};
const THRESHOLD_OPTIONS: OptionTable<ThresholdOptions> = {
  ...REFERENCE_OPTIONS,
  quantile: option(number({ above: 0, below: 1 }), 0.01),
};

/** Checks the options of `tailProbabilities`. */
export function checkReference(owner: string, options: unknown): Readonly<ReferenceOptions> {
  return checkOptions<ReferenceOptions>(owner, REFERENCE_OPTIONS, options as ReferenceOptions);
}

/** Checks the options of `outlierThreshold`. */
export function checkThreshold(owner: string, options: unknown): Readonly<ThresholdOptions> {
  return checkOptions<ThresholdOptions>(owner, THRESHOLD_OPTIONS, options as ThresholdOptions);
}

/** Densities of the reference, ascending. */
export function referenceDensities(
  { reference, count, seed }: ReferenceOptions,
  read: (rows: SamplesLike) => Float64Array,
  draw: (count: number, options: { seed?: NonNullable<SimulationOptions['seed']> }) => Samples,
): Float64Array {
  const rows = reference ?? draw(count as number, seed === undefined ? {} : { seed });
  return read(rows).sort();
}

/** The quantile of ascending numbers, by linear interpolation (definition 7 of Hyndman & Fan 1996). */
export function quantileOf(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const low = Math.floor(place);
  const high = Math.min(low + 1, sorted.length - 1);
  const [a, b] = [sorted[low], sorted[high]];
  // Between -Infinity and a number there is nothing to interpolate.
  return place === low || a === b || a === Number.NEGATIVE_INFINITY ? a : a + (place - low) * (b - a);
}

/**
 * (1 + number of the reference that are no greater) / (1 + size of the reference), for each value: never 0, and an exact
 * significance level where value and reference come from one distribution (Davison & Hinkley 1997, section 4.2.1).
 */
export function tailShares(values: Float64Array, sorted: Float64Array): Float64Array {
  return values.map((value) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (sorted[middle] <= value) low = middle + 1;
      else high = middle;
    }
    return (1 + low) / (1 + sorted.length);
  });
}
