/**
 * Folding a line onto an interval: by mirrors at its ends, or by winding it around a circle.
 *
 * The images of x are the points that fold onto it. With w the interval's width, image k is
 *
 *     reflection:  x + k w for even k,  2 lower - x + (k + 1) w for odd k;      wrapping:  x + k w.
 *
 * With one mirror only there are two images.
 *
 * @module
 */
import type { ColumnBounds } from './bounds.js';

/** The images of one column, numbered by k from `first` to `last`; 0 is the point itself. */
export interface Fold {
  readonly column: number;
  readonly bounds: ColumnBounds;
  readonly first: number;
  readonly last: number;
}

/** How a column folds; `undefined` where it does not. */
export function foldOf(bounds: ColumnBounds | null, column: number): Fold | undefined {
  if (bounds === null || bounds.by === 'transformation') return undefined;
  const first = bounds.lower === undefined ? 0 : bounds.upper === undefined ? -1 : Number.NEGATIVE_INFINITY;
  const last = bounds.upper === undefined ? 0 : bounds.lower === undefined ? 1 : Number.POSITIVE_INFINITY;
  return { column, bounds, first, last };
}

/** Whether image k runs against x. */
export function isMirrored({ bounds }: Fold, k: number): boolean {
  return bounds.by === 'reflection' && k % 2 !== 0;
}

/** Image k of x. */
export function imageOf({ bounds }: Fold, k: number, x: number): number {
  const { lower, upper, by } = bounds;
  if (k === 0) return x;
  if (lower === undefined) return 2 * (upper as number) - x;
  if (upper === undefined) return 2 * lower - x;
  const width = upper - lower;
  return by === 'wrapping' || k % 2 === 0 ? x + k * width : lower - x + lower + (k + 1) * width;
}

/** The point of the interval that has the image x. */
export function foldBack({ bounds }: Fold, x: number): number {
  const { lower, upper, by } = bounds;
  if (lower === undefined) return (upper as number) - Math.abs((upper as number) - x);
  if (upper === undefined) return lower + Math.abs(x - lower);
  const width = upper - lower;
  const period = by === 'wrapping' ? width : 2 * width;
  let rest = (x - lower) % period;
  if (rest < 0) rest += period;
  const folded = rest <= width ? rest : period - rest;
  return Math.min(upper, Math.max(lower, lower + folded));
}

/** All images whose farthest index is `ring`. */
export function ringOf(folds: readonly Fold[], ring: number): number[][] {
  let partial: number[][] = [[]];
  for (const { first, last } of folds) {
    const longer: number[][] = [];
    for (const indices of partial) {
      for (let k = Math.max(-ring, first); k <= Math.min(ring, last); k++) longer.push([...indices, k]);
    }
    partial = longer;
  }
  return partial.filter((indices) => indices.some((k) => Math.abs(k) === ring));
}
