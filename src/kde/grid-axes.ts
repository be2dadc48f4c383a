/**
 * The points at which a density without bounds is taken, so that the one with bounds can be told at the cells of a grid.
 *
 *     f(x) = |dy / dx| sum_(images y' of y) g(y')
 *
 * Transformations and folds work column by column, so the points of a grid are those of its axes, combined.
 *
 * @module
 */
import { type ColumnBounds, isInside, logSlope, transform } from './bounds.js';
import type { Coordinates } from './coordinates.js';
import { foldOf, imageOf } from './folding.js';

/** The points of one axis. */
export interface AxisPoints {
  /** y of each point. */
  readonly y: Float64Array;
  /** The cell that it counts for. */
  readonly cell: Int32Array;
  /** Number of cells. */
  readonly cells: number;
  /** Most points of one cell. */
  readonly most: number;
  /** |dy / dx| of each cell; 0 out of bounds. */
  readonly slopes: Float64Array;
}

/**
 * The points of column j: of each cell inside the bounds its middle, and the images of that which lie between `low` and
 * `high`.
 */
export function axisPoints(
  coordinates: Coordinates,
  j: number,
  middles: Float64Array,
  low: number,
  high: number,
): AxisPoints {
  const bounds = coordinates.boundsOf(j);
  const y: number[] = [];
  const cell: number[] = [];
  const slopes = new Float64Array(middles.length);
  let most = 1;
  for (let c = 0; c < middles.length; c++) {
    if (bounds !== null && !isInside(bounds, middles[c])) continue;
    const before = y.length;
    slopes[c] = 1;
    if (bounds?.by === 'transformation') {
      slopes[c] = Math.exp(logSlope(bounds, middles[c]));
      y.push(transform(bounds, middles[c]));
    } else y.push(middles[c], ...imagesBetween(bounds, j, middles[c], low, high));
    most = Math.max(most, y.length - before);
    while (cell.length < y.length) cell.push(c);
  }
  return { y: Float64Array.from(y), cell: Int32Array.from(cell), cells: middles.length, most, slopes };
}

/** The images of x between two ends, x itself left out. */
function imagesBetween(bounds: ColumnBounds | null, j: number, x: number, low: number, high: number): number[] {
  const fold = foldOf(bounds, j);
  if (fold === undefined) return [];
  const { lower, upper } = fold.bounds;
  // Without two ends there is one mirror; images k and -k lie k widths off at least, less one.
  const width = lower === undefined || upper === undefined ? Number.POSITIVE_INFINITY : upper - lower;
  const farthest = Math.ceil(Math.max(high - x, x - low) / width) + 1;
  const images: number[] = [];
  for (let k = Math.max(fold.first, -farthest); k <= Math.min(fold.last, farthest); k++) {
    const image = imageOf(fold, k, x);
    if (k !== 0 && image >= low && image <= high) images.push(image);
  }
  return images;
}
