/**
 * Quantiles of a density of one column.
 *
 * @module
 */
import { transformBack } from './bounds.js';
import type { Density } from './density.js';
import { productProbability } from './probability.js';

const MOST_STEPS = 300;

/**
 * The least x with F(x) >= p, F being known to the model's tolerance. From the lower half the lower tail is followed, from the upper half the upper one, each in
 * logarithms, so that quantiles far out have all their digits.
 *
 * The bracket is found in steps of the bandwidth that double, then closed by the secant of log F with Illinois' rule, or by
 * halving where F is flat or 0: about 10 to 60 evaluations of F, whatever the scale of the data.
 *
 * Reference: Dowell & Jarratt (1971), *A modified regula falsi method for computing the root of an equation*,
 * doi:10.1007/BF01934364.
 */
export function quantileAt(density: Density, p: number): number {
  const { coordinates } = density;
  const bounds = coordinates.boundsOf(0);
  const fromBelow = p <= 0.5;
  const target = Math.log(fromBelow ? p : 1 - p);
  const out = (y: number): number => (bounds?.by === 'transformation' ? transformBack(bounds, y) : y);
  /** Negative left of the quantile, positive right of it. */
  const excess = (y: number): number => {
    const [a, b] = fromBelow ? [Number.NEGATIVE_INFINITY, out(y)] : [out(y), Number.POSITIVE_INFINITY];
    const log = Math.log(productProbability(density, [a], [b], density.fitted.relativeTolerance)) - target;
    return fromBelow ? log : -log;
  };
  const [low, high] = bracket(density, excess);
  return out(close(excess, low, high, coordinates.bandwidth.columns[0]));
}

/** The ends of the support, as far as it has any: quantiles of 0 and 1. */
export function supportOf(density: Density): [low: number, high: number] {
  const { kernel, coordinates, tree, fitted, placed } = density;
  const bounds = coordinates.boundsOf(0);
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = bounds ?? {};
  if (!kernel.isCompact) return [lower, upper];
  const h = coordinates.bandwidth.columns[0];
  let [low, high] = [tree.boxes[0] - h, tree.boxes[1] + h];
  if (fitted.factors !== undefined) {
    [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (const [i, factor] of fitted.factors.entries()) {
      low = Math.min(low, placed.data[i] - h * factor);
      high = Math.max(high, placed.data[i] + h * factor);
    }
  }
  if (bounds?.by === 'transformation') return [transformBack(bounds, low), transformBack(bounds, high)];
  // What leaks over one end of a circle comes in at the other.
  if (bounds?.by === 'wrapping' && (low < lower || high > upper)) return [lower, upper];
  return [Math.max(lower, low), Math.min(upper, high)];
}

interface Point {
  readonly y: number;
  readonly excess: number;
}

/** Two points with the quantile between them. */
function bracket({ coordinates, tree }: Density, excess: (y: number) => number): [Point, Point] {
  const bounds = coordinates.boundsOf(0);
  const folds = bounds !== null && bounds.by !== 'transformation';
  const lower = (folds ? bounds.lower : undefined) ?? Number.NEGATIVE_INFINITY;
  const upper = (folds ? bounds.upper : undefined) ?? Number.POSITIVE_INFINITY;
  const h = coordinates.bandwidth.columns[0];
  let stride = h;
  let low = Math.max(lower, tree.boxes[0]);
  while (low > lower && !(excess(low) < 0)) {
    low = Math.max(lower, low - stride);
    stride *= 2;
  }
  stride = h;
  let high = Math.min(upper, tree.boxes[1]);
  while (high < upper && !(excess(high) >= 0)) {
    high = Math.min(upper, high + stride);
    stride *= 2;
  }
  // At the ends of the interval nothing is left to the outside, whatever rounding says.
  return [
    { y: low, excess: low === lower ? Number.NEGATIVE_INFINITY : excess(low) },
    { y: high, excess: high === upper ? Number.POSITIVE_INFINITY : excess(high) },
  ];
}

/** Closes in until no double lies between, counted beside the bandwidth. */
function close(excess: (y: number) => number, from: Point, to: Point, h: number): number {
  let [low, high] = [from, to];
  // Illinois' rule: the value at an end that stays twice is halved, so that it does not stay for good.
  let [lowWeight, highWeight, lastSide] = [1, 1, 0];
  let width = high.y - low.y;
  for (let step = 0; step < MOST_STEPS; step++) {
    if (high.y - low.y <= 2 ** -52 * Math.max(Math.abs(low.y), Math.abs(high.y), h)) break;
    const [a, b] = [low.excess * lowWeight, high.excess * highWeight];
    let y = low.y + (high.y - low.y) * (a / (a - b));
    const isStuck = step % 4 === 3 && high.y - low.y > 0.25 * width;
    if (step % 4 === 3) width = high.y - low.y;
    if (!(y > low.y && y < high.y) || isStuck) y = 0.5 * low.y + 0.5 * high.y;
    if (y <= low.y || y >= high.y) break;
    const point = { y, excess: excess(y) };
    const side = point.excess >= 0 ? 1 : -1;
    if (side === 1) {
      high = point;
      highWeight = 1;
      lowWeight = lastSide === 1 ? 0.5 * lowWeight : 1;
    } else {
      low = point;
      lowWeight = 1;
      highWeight = lastSide === -1 ? 0.5 * highWeight : 1;
    }
    lastSide = side;
  }
  return high.y;
}
