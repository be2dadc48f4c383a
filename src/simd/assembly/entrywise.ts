/**
 * Operations on float32 arrays, entry by entry, four at a time.
 *
 * Loops run over whole vectors: arrays are followed by room for 32 bytes, and what is written beyond a row is the start
 * of the next, which comes later.
 *
 * @module
 */
import { expOf, logOf, sigmoidOf, sineOf, softplusOf, tanhOf } from './floats.js';

/** Numbers of the operations: those of {@link ArrayLoops} in ../array-loops.ts. */
/* @inline */ function unaryOf(operation: i32, x: v128): v128 {
  if (operation === 0) return f32x4.neg(x);
  if (operation === 1) return f32x4.div(f32x4.splat(1), x);
  if (operation === 2) return f32x4.mul(x, x);
  if (operation === 3) return f32x4.sqrt(x);
  if (operation === 4) return f32x4.abs(x);
  if (operation === 5) return expOf(x);
  if (operation === 6) return logOf(x);
  if (operation === 7) return tanhOf(x);
  if (operation === 8) return sigmoidOf(x);
  if (operation === 9) return softplusOf(x);
  if (operation === 10) return f32x4.max(x, f32x4.splat(0));
  return sineOf(x, operation === 11);
}

/* @inline */ function mapAll(operation: i32, from: usize, to: usize, count: i32): void {
  for (const end = from + 4 * count; from < end; from += 16, to += 16) {
    v128.store(to, unaryOf(operation, v128.load(from)));
  }
}

/** to[i] = f(from[i]). */
export function unary(operation: i32, from: usize, to: usize, count: i32): void {
  switch (operation) {
    case 0:
      mapAll(0, from, to, count);
      break;
    case 1:
      mapAll(1, from, to, count);
      break;
    case 2:
      mapAll(2, from, to, count);
      break;
    case 3:
      mapAll(3, from, to, count);
      break;
    case 4:
      mapAll(4, from, to, count);
      break;
    case 5:
      mapAll(5, from, to, count);
      break;
    case 6:
      mapAll(6, from, to, count);
      break;
    case 7:
      mapAll(7, from, to, count);
      break;
    case 8:
      mapAll(8, from, to, count);
      break;
    case 9:
      mapAll(9, from, to, count);
      break;
    case 10:
      mapAll(10, from, to, count);
      break;
    case 11:
      mapAll(11, from, to, count);
      break;
    default:
      mapAll(12, from, to, count);
  }
}

/** to[i] = from[i] where by[i] > 0, `slope` times that elsewhere. `to` may be either of the others. */
export function gate(from: usize, by: usize, to: usize, count: i32, slope: f32): void {
  for (const end = from + 4 * count; from < end; from += 16, by += 16, to += 16) {
    const isPositive = f32x4.gt(v128.load(by), f32x4.splat(0));
    const x = v128.load(from);
    v128.store(to, v128.bitselect(x, f32x4.mul(x, f32x4.splat(slope)), isPositive));
  }
}

/* @inline */ function binaryOf(operation: i32, x: v128, y: v128): v128 {
  if (operation === 0) return f32x4.add(x, y);
  if (operation === 1) return f32x4.sub(x, y);
  if (operation === 2) return f32x4.mul(x, y);
  if (operation === 3) return f32x4.div(x, y);
  return f32x4.max(x, y);
}

/** Which factor is one number for a whole row. */
const NEITHER: i32 = 0;
const FIRST: i32 = 1;

/* @inline */ function rowsOf(
  operation: i32,
  form: i32,
  a: usize,
  b: usize,
  to: usize,
  rows: i32,
  width: i32,
  rowOfA: usize,
  rowOfB: usize,
): void {
  for (let row = 0; row < rows; row++, a += rowOfA, b += rowOfB, to += 4 * width) {
    if (form === NEITHER) {
      for (let at: usize = 0, end: usize = 4 * width; at < end; at += 16) {
        v128.store(to + at, binaryOf(operation, v128.load(a + at), v128.load(b + at)));
      }
    } else if (form === FIRST) {
      const x = v128.load32_splat(a);
      for (let at: usize = 0, end: usize = 4 * width; at < end; at += 16) {
        v128.store(to + at, binaryOf(operation, x, v128.load(b + at)));
      }
    } else {
      const y = v128.load32_splat(b);
      for (let at: usize = 0, end: usize = 4 * width; at < end; at += 16) {
        v128.store(to + at, binaryOf(operation, v128.load(a + at), y));
      }
    }
  }
}

/* @inline */ function formsOf(
  operation: i32,
  form: i32,
  a: usize,
  b: usize,
  to: usize,
  rows: i32,
  width: i32,
  rowOfA: usize,
  rowOfB: usize,
): void {
  if (form === 0) rowsOf(operation, 0, a, b, to, rows, width, rowOfA, rowOfB);
  else if (form === 1) rowsOf(operation, 1, a, b, to, rows, width, rowOfA, rowOfB);
  else rowsOf(operation, 2, a, b, to, rows, width, rowOfA, rowOfB);
}

/**
 * to[i, j] = f(a[i, j], b[i, j]) for rows of `width` entries.
 *
 * @param form - 1 where a is one number for each row, 2 where b is, else 0.
 * @param rowOfA - Bytes from row to row of a; 0 where it is the same for all.
 */
export function binary(
  operation: i32,
  form: i32,
  a: usize,
  b: usize,
  to: usize,
  rows: i32,
  width: i32,
  rowOfA: usize,
  rowOfB: usize,
): void {
  if (operation === 0) formsOf(0, form, a, b, to, rows, width, rowOfA, rowOfB);
  else if (operation === 1) formsOf(1, form, a, b, to, rows, width, rowOfA, rowOfB);
  else if (operation === 2) formsOf(2, form, a, b, to, rows, width, rowOfA, rowOfB);
  else if (operation === 3) formsOf(3, form, a, b, to, rows, width, rowOfA, rowOfB);
  else formsOf(4, form, a, b, to, rows, width, rowOfA, rowOfB);
}
