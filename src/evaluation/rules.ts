/**
 * Rules of options that evaluation adds to those of core.
 *
 * @module
 */
import type { Rule } from '../core/options.js';
import type { Progress } from '../core/progress.js';

/** Weights as given; `readWeights` checks the entries, since it knows the number of rows. */
export function weightsList(): Rule<ArrayLike<number>> {
  return {
    words: 'an array of numbers, one per row',
    accepts: (value): value is ArrayLike<number> =>
      Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView)),
    inside: [[1], Float64Array.of(1)],
    outside: [1, '1', {}, null],
  };
}

/** A signal that ends the work. */
export function abortSignal(): Rule<AbortSignal> {
  return {
    words: 'an AbortSignal',
    accepts: (value): value is AbortSignal => value instanceof AbortSignal,
    inside: [new AbortController().signal],
    outside: [new AbortController(), {}, true, null],
  };
}

/** A function that hears of progress. */
export function progressListener(): Rule<(progress: Progress) => void> {
  return {
    words: 'a function',
    accepts: (value): value is (progress: Progress) => void => typeof value === 'function',
    inside: [() => {}],
    outside: [{}, 'log', true, null],
  };
}
