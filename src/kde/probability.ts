/**
 * Probabilities of intervals and boxes.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { type ColumnBounds, transform } from './bounds.js';
import { boxShare } from './box-sum.js';
import type { Density } from './density.js';
import { type Fold, imageOf, isMirrored, ringOf } from './folding.js';
import { drawRows } from './sampling.js';

/** The probability of a box, and how sure it is. */
export interface BoxProbability {
  readonly probability: number;
  /**
   * The standard error of the estimate; 0 where the probability is exact, to the model's relative tolerance.
   */
  readonly standardError: number;
}

/** Images whose rows have less than this share of the probability so far are left out. */
const NEGLIGIBLE = 2 ** -60;

/** Whether box probabilities need no drawing: in one dimension, and for products of one-dimensional kernels. */
export function isProduct({ kernel, coordinates }: Density): boolean {
  return coordinates.dimension === 1 || (kernel.name === 'gaussian' && coordinates.factor === undefined);
}

/**
 * P(lower <= X <= upper), columnwise, for densities that are products along the columns: behind transformations, and over
 * the images of the box where columns fold.
 */
export function productProbability(
  density: Density,
  lower: ArrayLike<number>,
  upper: ArrayLike<number>,
  tolerance: number,
): number {
  const { coordinates } = density;
  const d = coordinates.dimension;
  const box = { lower: new Float64Array(d), upper: new Float64Array(d) };
  for (let j = 0; j < d; j++) {
    const [a, b] = clip(coordinates.boundsOf(j), lower[j], upper[j]);
    if (!(a < b)) return 0;
    box.lower[j] = a;
    box.upper[j] = b;
  }
  let sum = boxShare(density, box, tolerance);
  const { folds } = coordinates;
  for (let ring = 1; folds.length > 0; ring++) {
    let counts = false;
    for (const indices of ringOf(folds, ring)) {
      const share = boxShare(density, imageBox(folds, indices, box), tolerance);
      sum += share;
      if (share > NEGLIGIBLE * sum) counts = true;
    }
    if (!counts) break;
  }
  return Math.min(1, sum);
}

/** The part of [a, b] within the bounds of a column, transformed where it is. */
function clip(bounds: ColumnBounds | null, a: number, b: number): [number, number] {
  if (bounds === null) return [a, b];
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY } = bounds;
  const [from, to] = [Math.max(a, lower), Math.min(b, upper)];
  if (bounds.by !== 'transformation' || !(from < to)) return [from, to];
  const ofEnd = (x: number): number => {
    if (x <= lower) return Number.NEGATIVE_INFINITY;
    return x >= upper ? Number.POSITIVE_INFINITY : transform(bounds, x);
  };
  return [ofEnd(from), ofEnd(to)];
}

function imageBox(
  folds: readonly Fold[],
  indices: readonly number[],
  box: { lower: Float64Array; upper: Float64Array },
): { lower: Float64Array; upper: Float64Array } {
  const image = { lower: box.lower.slice(), upper: box.upper.slice() };
  folds.forEach((fold, i) => {
    const j = fold.column;
    const ends = [imageOf(fold, indices[i], box.lower[j]), imageOf(fold, indices[i], box.upper[j])];
    const [from, to] = isMirrored(fold, indices[i]) ? ends.reverse() : ends;
    image.lower[j] = from;
    image.upper[j] = to;
  });
  return image;
}

/**
 * Checks the corners of a box.
 *
 * @throws ModelError `invalid-data` or `shape-mismatch`.
 */
export function checkBox(lower: unknown, upper: unknown, d: number, owner: string): [Float64Array, Float64Array] {
  const corner = (given: unknown, name: string): Float64Array =>
    reading('invalid-data', owner, name, () => {
      const isList = Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
      if (!isList) {
        throw modelError('invalid-data', {
          owner,
          must: `${name} must be an array of numbers, one per column`,
          got: given,
        });
      }
      const values = given as ArrayLike<unknown>;
      if (values.length !== d) {
        throw modelError('shape-mismatch', {
          owner,
          must: `${name} must hold one number per column, ${d}`,
          got: values.length,
        });
      }
      return Float64Array.from({ length: d }, (_, j) => {
        const value = values[j];
        if (typeof value === 'number' && !Number.isNaN(value)) return value;
        throw modelError('invalid-data', { owner, must: `${name}, column ${j} must be a number`, got: value });
      });
    });
  const [a, b] = [corner(lower, 'lower'), corner(upper, 'upper')];
  for (let j = 0; j < d; j++) {
    if (a[j] <= b[j]) continue;
    throw modelError('invalid-data', { owner, must: `lower, column ${j} must be <= upper, ${b[j]}`, got: a[j] });
  }
  return [a, b];
}

/** @throws ModelError `shape-mismatch` for densities of more than one column. */
export function checkOneColumn(d: number, owner: string): void {
  if (d === 1) return;
  throw modelError('shape-mismatch', {
    owner,
    must: 'the density must be of one column',
    got: d,
    remedy: 'Take marginal([column]) first, or use boxProbability',
  });
}

/** @throws ModelError `invalid-data` for what is not a probability. */
export function checkProbabilities(given: unknown, owner: string): Float64Array {
  return reading('invalid-data', owner, 'probabilities', () => {
    const isList = Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
    if (!isList) {
      throw modelError('invalid-data', { owner, must: 'probabilities must be an array of numbers', got: given });
    }
    return Float64Array.from(given as ArrayLike<number>, (p, i) => {
      if (typeof p === 'number' && p >= 0 && p <= 1) return p;
      throw modelError('invalid-data', { owner, must: `probability ${i} must be a number from 0 to 1`, got: p });
    });
  });
}

/** Draws for boxes that no formula is known for. */
const DRAWS = 2 ** 16;

/** The share of draws inside the box. */
export function drawnProbability(
  density: Density,
  cumulative: Float64Array | undefined,
  lower: Float64Array,
  upper: Float64Array,
): BoxProbability {
  const owner = 'KernelDensityModel.boxProbability';
  const { data, rows, columns } = drawRows(density, cumulative, DRAWS, 'boxProbability', owner);
  let inside = 0;
  for (let i = 0; i < rows; i++) {
    let counts = 1;
    for (let j = 0; j < columns; j++) {
      const x = data[i * columns + j];
      if (!(x >= lower[j] && x <= upper[j])) counts = 0;
    }
    inside += counts;
  }
  // One draw more on either side, so that none or all inside do not pass for certain.
  const share = (inside + 1) / (rows + 2);
  return { probability: inside / rows, standardError: Math.sqrt((share * (1 - share)) / rows) };
}
