/**
 * How the loops of `simd` take arrays of any shape: as a few sizes and strides.
 *
 * @module
 */
import { type Shape, sameShape, sizeOf } from './kernels.js';

/** How the loops take two arrays that broadcast: see assembly/entrywise.ts. */
export interface BroadcastLayout {
  readonly shape: Shape;
  readonly form: number;
  readonly rows: number;
  readonly width: number;
  readonly rowOfA: number;
  readonly rowOfB: number;
}

const FIRST_REPEATS = 1;
const SECOND_REPEATS = 2;

/** What is asked of an array here. */
interface Sized {
  readonly shape: Shape;
  readonly size: number;
}

/** Same shapes, or one array that is a number, a row or a column beside the other; else `undefined`. */
export function broadcastLayout(a: Sized, b: Sized): BroadcastLayout | undefined {
  if (sameShape(a.shape, b.shape)) return { shape: a.shape, form: 0, rows: 1, width: a.size, rowOfA: 0, rowOfB: 0 };
  const bIsSmall = a.shape.length >= b.shape.length && a.size >= b.size;
  const [large, small] = bIsSmall ? [a, b] : [b, a];
  const { shape } = large;
  if (small.shape.length > shape.length) return undefined;
  const repeats = bIsSmall ? SECOND_REPEATS : FIRST_REPEATS;
  if (small.size === 1) return { shape, form: repeats, rows: 1, width: large.size, rowOfA: 0, rowOfB: 0 };
  const missing = shape.length - small.shape.length;
  const differing = shape.map((size, axis) => (axis < missing ? 1 : small.shape[axis - missing]) !== size);
  // Where the small array's own axes end, or begin, the large one's do too.
  const split = differing.indexOf(!differing[0]);
  if (split < 0 || differing.slice(split).some((differs) => differs === differing[0])) return undefined;
  const rows = sizeOf(shape.slice(0, split));
  const width = large.size / rows;
  const full = 4 * width;
  if (differing[0]) return { shape, form: 0, rows, width, rowOfA: bIsSmall ? full : 0, rowOfB: bIsSmall ? 0 : full };
  return { shape, form: repeats, rows, width, rowOfA: bIsSmall ? full : 4, rowOfB: bIsSmall ? 4 : full };
}

/** Sizes before, in and after a run of neighbouring axes; `undefined` where `axes` is no such run. */
export function partsOf(shape: Shape, axes: readonly number[]): readonly [number, number, number] | undefined {
  if (axes.length === 0) return [sizeOf(shape), 1, 1];
  const first = Math.min(...axes);
  const last = first + axes.length;
  if (!axes.every((axis) => axis < last)) return undefined;
  return [sizeOf(shape.slice(0, first)), sizeOf(shape.slice(first, last)), sizeOf(shape.slice(last))];
}
