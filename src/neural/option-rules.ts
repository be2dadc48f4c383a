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

/** Rows that are images: entry (y width + x) channels + c. */
export interface ImageOption {
  readonly height: number;
  readonly width: number;
  /** Numbers per pixel. Default 1. */
  readonly channels?: number;
}

/** A convolutional layer: its channels alone, or also the side of its kernel (default 4) and its stride (default 2). */
export type ConvolutionOption =
  | number
  | { readonly channels: number; readonly kernel?: number; readonly stride?: number };

/** A wider kernel is a dense layer in all but name. */
const MOST_KERNEL = 16;

const size = integer(1, MOST_UNITS);
const side = integer(1, MOST_KERNEL);

/** Whether a value is an object of whole numbers within rules, those in `optional` left out at will. */
function isRecord(value: unknown, needed: readonly string[], optional: readonly string[], rule: Rule<number>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const entries = value as Record<string, unknown>;
  const keys = Object.keys(value);
  if (!needed.every((key) => Object.hasOwn(value, key))) return false;
  return keys.every((key) => (needed.includes(key) || optional.includes(key)) && rule.accepts(entries[key]));
}

/** The shape of images. */
export function image(): Rule<ImageOption> {
  return {
    words: 'an object { height, width, channels }, each an integer >= 1',
    accepts: (value): value is ImageOption => isRecord(value, ['height', 'width'], ['channels'], size),
    inside: [
      { height: 8, width: 8 },
      { height: 2, width: 3, channels: 3 },
    ],
    outside: [8, [8, 8], { height: 8 }, { height: 0, width: 8 }, { height: 8, width: 8, depth: 1 }, null],
    copy: ({ height, width, channels = 1 }) => Object.freeze({ height, width, channels }),
  };
}

function isConvolution(value: unknown): value is ConvolutionOption {
  if (typeof value === 'number') return size.accepts(value);
  if (!isRecord(value, ['channels'], ['kernel', 'stride'], size)) return false;
  const { kernel = 4, stride = 2 } = value as { kernel?: number; stride?: number };
  // A stride beyond the kernel would leave pixels out.
  return side.accepts(kernel) && stride <= kernel;
}

/** Convolutional layers, the first next to the image. */
export function convolutionLayers(): Rule<readonly ConvolutionOption[]> {
  return {
    words: `an array, each entry a number of channels or { channels, kernel, stride } with stride <= kernel <= ${MOST_KERNEL}`,
    accepts: (value): value is readonly ConvolutionOption[] =>
      Array.isArray(value) && value.length > 0 && Array.from(value).every(isConvolution),
    inside: [[8], [{ channels: 4, kernel: 3, stride: 1 }, 8]],
    outside: [[], 8, [0], [{ channels: 4, kernel: 2, stride: 3 }], [{ kernel: 3 }], [{ channels: 4, size: 3 }], null],
    copy: (value) =>
      Object.freeze(Array.from(value, (layer) => (typeof layer === 'number' ? layer : Object.freeze({ ...layer })))),
  };
}
