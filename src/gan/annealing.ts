/**
 * Numbers that may change over a training: restrictions that are relaxed as learning goes on.
 *
 * @module
 */
import { number, type Range, type Rule } from '../core/options.js';

/**
 * A number, or one that moves along a line: `from` at the start, `to` when the fraction `until` of the training is done
 * (1, the end, unless told otherwise), and `to` from then on.
 *
 * @example
 * import type { Annealed } from 'generative-models/gan';
 * const noise: Annealed = { from: 0.5, to: 0, until: 0.8 };
 */
export type Annealed = number | { readonly from: number; readonly to: number; readonly until?: number };

/** from + (to - from) min(progress / until, 1). */
export function annealedAt(value: Annealed, progress: number): number {
  if (typeof value === 'number') return value;
  const { from, to, until = 1 } = value;
  return progress >= until ? to : from + (to - from) * (progress / until);
}

/** Whether a value is above 0 at some time. */
export function isEverPositive(value: Annealed | undefined): boolean {
  if (value === undefined) return false;
  return typeof value === 'number' ? value > 0 : value.from > 0 || value.to > 0;
}

const UNTIL = number({ above: 0, most: 1 });

/** An {@link Annealed} number whose ends both lie in a range. */
export function annealed(range: Range): Rule<Annealed> {
  const ends = number(range);
  const [low, high] = [ends.inside[0], ends.inside[ends.inside.length - 1]];
  return {
    words: `${ends.words}, or { from, to, until } of such numbers with until > 0 and <= 1`,
    accepts: (value): value is Annealed => ends.accepts(value) || isLine(value, ends),
    inside: [...ends.inside, { from: high, to: low }, { from: low, to: high, until: 0.5 }],
    outside: [...ends.outside, {}, { from: low }, { from: low, to: high, until: 0 }, { from: low, to: '1' }],
    copy: (value) => (typeof value === 'number' ? value : Object.freeze({ ...value })),
  };
}

function isLine(value: unknown, ends: Rule<number>): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { from, to, until, ...rest } = value as Record<string, unknown>;
  return (
    ends.accepts(from) &&
    ends.accepts(to) &&
    (until === undefined || UNTIL.accepts(until)) &&
    Object.keys(rest).length === 0
  );
}
