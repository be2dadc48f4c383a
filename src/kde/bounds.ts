/**
 * Bounds of columns: where a density ends, and how it is kept from leaking over.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Rule } from '../core/options.js';
import type { Samples } from '../core/samples.js';

/** What happens at the bounds of a column. */
export const BOUNDARY_METHODS = ['reflection', 'transformation', 'wrapping'] as const;

/**
 * The bounds of one column.
 *
 * - `'reflection'`: what would leak over a bound is folded back: f(x) = sum of g over x and its mirror images, with g the
 *   density without bounds. Level at the bounds; for densities that do not vanish there.
 * - `'transformation'`: the kernels smooth log(x - lower), -log(upper - x) or log((x - lower) / (upper - x)), and the
 *   derivative of that enters the density. It vanishes at the bounds; for skew or scale-like columns. Rows must lie strictly
 *   inside, and bandwidths are in the transformed unit.
 * - `'wrapping'`: `lower` and `upper` are the same point, as of an angle: f(x) = sum_k g(x + k (upper - lower)).
 *
 * Reference: Silverman (1986), *Density Estimation*, section 2.10; Mardia & Jupp (2000), *Directional Statistics*,
 * section 12.
 */
export interface ColumnBounds {
  /** The least value; left out, the column has no lower end. */
  readonly lower?: number;
  /** The greatest value; left out, the column has no upper end. */
  readonly upper?: number;
  /** What happens at the bounds. */
  readonly by: (typeof BOUNDARY_METHODS)[number];
}

/** One entry per column; `null` for columns without bounds. */
export type Bounds = readonly (ColumnBounds | null)[];

/** The rule of the option. */
export const boundsRule: Rule<Bounds> = {
  words:
    'an array with one entry per column, each null or { lower, upper, by } with lower < upper, of which one may be left ' +
    'out, but neither for "wrapping", and by one of "reflection", "transformation" or "wrapping"',
  accepts: (value): value is Bounds =>
    Array.isArray(value) && value.length > 0 && Array.from(value).every(isColumnBounds),
  inside: [[{ lower: 0, by: 'reflection' }], [null, { lower: -1, upper: 1, by: 'wrapping' }]],
  outside: [
    [],
    [{ by: 'reflection' }],
    [{ lower: 1, upper: 1, by: 'reflection' }],
    [{ lower: 0, by: 'wrapping' }],
    [{ lower: 0, by: 'clipping' }],
    [{ lower: Number.NaN, by: 'reflection' }],
    [undefined],
    { lower: 0 },
  ],
  copy: (value) => Object.freeze(Array.from(value, (entry) => entry && Object.freeze({ ...entry }))),
};

/** Whether a value is an entry of {@link Bounds}. */
export function isColumnBounds(value: unknown): value is ColumnBounds | null {
  if (value === null) return true;
  if (typeof value !== 'object' || Array.isArray(value)) return false;
  const { lower, upper, by, ...rest } = value as Record<string, unknown>;
  if (Object.keys(rest).length > 0 || !(BOUNDARY_METHODS as readonly unknown[]).includes(by)) return false;
  if (![lower, upper].every((end) => end === undefined || (typeof end === 'number' && Number.isFinite(end))))
    return false;
  if (lower === undefined || upper === undefined)
    return by !== 'wrapping' && (lower !== undefined || upper !== undefined);
  const width = (upper as number) - (lower as number);
  return width > 0 && width < Number.POSITIVE_INFINITY;
}

/** Whether a value lies where its column's density can be positive: bounds included, but for transformations. */
export function isInside(bounds: ColumnBounds, x: number): boolean {
  const { lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY, by } = bounds;
  return by === 'transformation' ? x > lower && x < upper : x >= lower && x <= upper;
}

/** `from 0 to 1`, `>= 0`, `> 0 and < 1`, ... */
export function describeBounds({ lower, upper, by }: ColumnBounds): string {
  const [above, below] = by === 'transformation' ? ['>', '<'] : ['>=', '<='];
  const ends = [lower === undefined ? [] : `${above} ${lower}`, upper === undefined ? [] : `${below} ${upper}`].flat();
  return ends.join(' and ');
}

/**
 * Checks that all rows lie inside the bounds.
 *
 * @throws ModelError `shape-mismatch` for bounds of another number of columns, `invalid-data` naming row and column.
 */
export function checkInside(samples: Samples, bounds: Bounds | undefined, owner: string): void {
  if (bounds === undefined) return;
  const { data, rows, columns } = samples;
  if (bounds.length !== columns) {
    const must = `option "bounds" must hold one entry per column, ${columns}`;
    throw modelError('shape-mismatch', { owner, must, got: bounds.length });
  }
  for (let j = 0; j < columns; j++) {
    const column = bounds[j];
    if (column === null) continue;
    for (let i = 0; i < rows; i++) {
      const x = data[i * columns + j];
      if (isInside(column, x)) continue;
      const must = `row ${i}, column ${j} must be ${describeBounds(column)}, as option "bounds" says`;
      throw modelError('invalid-data', { owner, must, got: x });
    }
  }
}

/** y of x for a transformed column: any number. */
export function transform({ lower, upper }: ColumnBounds, x: number): number {
  if (upper === undefined) return Math.log(x - (lower as number));
  if (lower === undefined) return -Math.log(upper - x);
  return Math.log((x - lower) / (upper - x));
}

/** x of y: the inverse of {@link transform}, strictly inside the bounds. */
export function transformBack({ lower, upper }: ColumnBounds, y: number): number {
  if (upper === undefined) return above(lower as number, (lower as number) + Math.exp(Math.min(y, 709)));
  if (lower === undefined) return below(upper, upper - Math.exp(Math.min(-y, 709)));
  const width = upper - lower;
  const x = y < 0 ? lower + width / (1 + Math.exp(-y)) : upper - width / (1 + Math.exp(y));
  return below(upper, above(lower, x));
}

/** log |dy / dx| at x. */
export function logSlope({ lower, upper }: ColumnBounds, x: number): number {
  if (upper === undefined) return -Math.log(x - (lower as number));
  if (lower === undefined) return -Math.log(upper - x);
  return Math.log(upper - lower) - Math.log(x - lower) - Math.log(upper - x);
}

/** The derivative of {@link logSlope}. */
export function logSlopeDerivative({ lower, upper }: ColumnBounds, x: number): number {
  const fromLower = lower === undefined ? 0 : -1 / (x - lower);
  return upper === undefined ? fromLower : fromLower + 1 / (upper - x);
}

/** x, or the next double above the end where rounding has put x on it. */
function above(end: number, x: number): number {
  return x > end ? x : end + Math.max(Number.MIN_VALUE, Math.abs(end) * Number.EPSILON);
}

function below(end: number, x: number): number {
  return x < end ? x : end - Math.max(Number.MIN_VALUE, Math.abs(end) * Number.EPSILON);
}
