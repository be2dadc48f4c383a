/**
 * Options that all permutation tests here share.
 *
 * @module
 */
import { integer, type OptionTable, option, optional, seed as seedRule } from '../core/options.js';
import type { FitOptions } from '../core/progress.js';
import type { Seed } from '../core/random.js';
import { abortSignal, progressListener } from './rules.js';

/** Options of a measure with a permutation test. */
export interface PermutationOptions extends Pick<FitOptions, 'signal' | 'onProgress'> {
  /**
   * Number of random permutations P: the p-value is a multiple of 1 / (P + 1), and has a standard error of its own of
   * sqrt(p (1 - p) / P). With 0 there is no test, and the p-value is 1.
   */
  readonly permutations?: number;
  /** Fixes all random choices: same seed, same bits. Left out, they differ from call to call. */
  readonly seed?: Seed;
}

/** The table of {@link PermutationOptions}. */
export function permutationTable(permutations: number): OptionTable<PermutationOptions> {
  return {
    permutations: option(integer(0), permutations),
    seed: optional(seedRule()),
    signal: optional(abortSignal()),
    onProgress: optional(progressListener()),
  };
}
