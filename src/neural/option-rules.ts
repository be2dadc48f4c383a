/**
 * Rules of options that networks share.
 *
 * @module
 */
import { integer, listOf, type Rule } from '../core/options.js';
import type { ColumnKind } from './columns.js';

/** Widths of hidden layers: as {@link listOf}, but there may be none. */
export function widths(): Rule<ArrayLike<number>> {
  const list = listOf(integer(1, MOST_UNITS));
  const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;
  return {
    words: `an array of layer widths, each ${integer(1, MOST_UNITS).words}`,
    accepts: (value): value is ArrayLike<number> => isEmpty(value) || list.accepts(value),
    inside: [[], [1], [8, 4]],
    outside: list.outside.filter((value) => !isEmpty(value)),
    copy: (value) => Object.freeze(Array.from(value)),
  };
}

/** A layer wider than this would not fit into memory beside its neighbour. */
export const MOST_UNITS = 65_536;

/** Whether a value is the kind of a column. */
function isColumnKind(value: unknown): value is ColumnKind {
  if (value === 'continuous' || value === 'binary') return true;
  if (typeof value !== 'object' || value === null) return false;
  const keys = Object.keys(value);
  return (
    keys.length === 1 &&
    keys[0] === 'categories' &&
    integer(2, MOST_UNITS).accepts((value as { categories: unknown }).categories)
  );
}

/** Kinds of columns. */
export function columnKinds(): Rule<readonly ColumnKind[]> {
  return {
    words: 'an array, each entry "continuous", "binary" or { categories: an integer >= 2 }',
    accepts: (value): value is readonly ColumnKind[] =>
      Array.isArray(value) && value.length > 0 && Array.from(value).every(isColumnKind),
    inside: [['continuous'], ['binary', { categories: 3 }]],
    outside: [[], ['numeric'], [{ categories: 1 }], [{}], {}, 'continuous', null],
    copy: (value) =>
      Object.freeze(
        Array.from(value, (kind) => (typeof kind === 'string' ? kind : Object.freeze({ categories: kind.categories }))),
      ),
  };
}
