/**
 * Products of float32 matrices.
 *
 *     C <- C + A B,   C m x n, A m x k, B k x n, A and B read by row and column strides, so that either may be a transpose
 *
 * Blocks of A and B are first packed into panels of 4 rows and 8 columns that the inner loop reads one after the other
 * (Goto & van de Geijn 2008, doi:10.1145/1356052.1356053): a block of B of 512 KiB stays in the second-level cache, one of A
 * of 64 KiB beside it, a panel of B of 8 KiB in the first. The inner loop holds a tile of 4 x 8 sums in registers; 6 x 8
 * sums do not fit beside their factors into the 16 of x86 and run at two thirds of the speed.
 *
 * Every entry is one sum over k in order, whatever the block that it falls into. Products of one or two columns have loops of
 * their own.
 *
 * @module
 */
import { addByColumns, addByRows, plusProduct } from './thin-products.js';

/** Terms of a sum per pass. */
const DEPTH: i32 = 256;
/** Rows of A, and columns of B, that are packed at a time. */
const ROWS: i32 = 64;
const COLUMNS: i32 = 512;

/** Bytes of a room for panels: of A, of B, and a tile at the edge. */
const BYTES_OF_A: usize = 4 * DEPTH * ROWS;
const BYTES_OF_B: usize = 4 * DEPTH * COLUMNS;
const BYTES_OF_EDGE: usize = 128;

/** Where this instance packs. The module's own data end before the second page. */
let panelsOfA: usize = 65_536;
let panelsOfB: usize = panelsOfA + BYTES_OF_A;

/** Has this instance pack elsewhere: those that share a memory need a room each. */
export function packAt(room: usize): void {
  panelsOfA = room;
  panelsOfB = room + BYTES_OF_A;
}

/** The end of this instance's room: memory is free from there on. */
export function firstFree(): usize {
  return panelsOfB + BYTES_OF_B + BYTES_OF_EDGE;
}

/** Four rows of four, transposed: stored `stride` bytes apart. */
/* @inline */ function storeTransposed(r0: v128, r1: v128, r2: v128, r3: v128, to: usize, stride: i32): void {
  const low01 = i32x4.shuffle(r0, r1, 0, 4, 1, 5);
  const high01 = i32x4.shuffle(r0, r1, 2, 6, 3, 7);
  const low23 = i32x4.shuffle(r2, r3, 0, 4, 1, 5);
  const high23 = i32x4.shuffle(r2, r3, 2, 6, 3, 7);
  v128.store(to, i64x2.shuffle(low01, low23, 0, 2));
  v128.store(to + stride, i64x2.shuffle(low01, low23, 1, 3));
  v128.store(to + 2 * stride, i64x2.shuffle(high01, high23, 0, 2));
  v128.store(to + 3 * stride, i64x2.shuffle(high01, high23, 1, 3));
}

/**
 * A panel: for each of `depth` steps, `width` neighbours, filled up with zeros to `full`, 4 or 8.
 *
 * @param step - Bytes from one term of the sums to the next.
 * @param across - Bytes from one row of A, or column of B, to the next.
 */
function pack(from: usize, to: usize, depth: i32, width: i32, full: i32, step: i32, across: i32): void {
  const stride: i32 = 4 * full;
  let k = 0;
  if (width === full && across === 4) {
    for (; k < depth; k++, from += step, to += stride) {
      v128.store(to, v128.load(from));
      if (full === 8) v128.store(to, v128.load(from, 16), 16);
    }
  } else if (width === full && step === 4) {
    for (; k + 4 <= depth; k += 4, from += 16, to += 4 * stride) {
      for (let j = 0; j < full; j += 4) {
        const at = from + j * across;
        storeTransposed(
          v128.load(at),
          v128.load(at + across),
          v128.load(at + 2 * across),
          v128.load(at + 3 * across),
          to + 4 * j,
          stride,
        );
      }
    }
  }
  for (; k < depth; k++, from += step, to += stride) {
    for (let j = 0; j < full; j++) f32.store(to + 4 * j, j < width ? f32.load(from + j * across) : 0);
  }
}

/** Adds the product of a panel of A and one of B to 4 x 8 entries of C, whose rows are `row` bytes apart. */
function addTile(a: usize, b: usize, depth: i32, c: usize, row: i32): void {
  const second = c + row;
  const third = second + row;
  const fourth = third + row;
  let s0 = v128.load(c);
  let t0 = v128.load(c, 16);
  let s1 = v128.load(second);
  let t1 = v128.load(second, 16);
  let s2 = v128.load(third);
  let t2 = v128.load(third, 16);
  let s3 = v128.load(fourth);
  let t3 = v128.load(fourth, 16);
  // One counter for both panels, looked at behind: a tenth faster than two pointers on Node 20, as fast on Node 24.
  a += 16 * depth;
  b += 32 * depth;
  let k: isize = -16 * depth;
  do {
    const u = v128.load(b + 2 * k);
    const v = v128.load(b + 2 * k, 16);
    let x = v128.load32_splat(a + k);
    s0 = plusProduct(s0, x, u);
    t0 = plusProduct(t0, x, v);
    x = v128.load32_splat(a + k, 4);
    s1 = plusProduct(s1, x, u);
    t1 = plusProduct(t1, x, v);
    x = v128.load32_splat(a + k, 8);
    s2 = plusProduct(s2, x, u);
    t2 = plusProduct(t2, x, v);
    x = v128.load32_splat(a + k, 12);
    s3 = plusProduct(s3, x, u);
    t3 = plusProduct(t3, x, v);
    k += 16;
  } while (k !== 0);
  v128.store(c, s0);
  v128.store(c, t0, 16);
  v128.store(second, s1);
  v128.store(second, t1, 16);
  v128.store(third, s2);
  v128.store(third, t2, 16);
  v128.store(fourth, s3);
  v128.store(fourth, t3, 16);
}

/** The same at the edge of C, by way of a tile of its own. */
function addEdge(a: usize, b: usize, depth: i32, c: usize, row: i32, height: i32, width: i32): void {
  const edge = panelsOfB + BYTES_OF_B;
  for (let i = 0; i < height; i++) memory.copy(edge + 32 * i, c + i * row, 4 * width);
  addTile(a, b, depth, edge, 32);
  for (let i = 0; i < height; i++) memory.copy(c + i * row, edge + 32 * i, 4 * width);
}

/** Adds the product of the packed blocks to `rows` x `columns` entries of C. */
function addBlock(c: usize, row: i32, rows: i32, columns: i32, depth: i32): void {
  for (let j = 0; j < columns; j += 8) {
    const b = panelsOfB + 4 * j * depth;
    for (let i = 0; i < rows; i += 4) {
      const a = panelsOfA + 4 * i * depth;
      const at = c + i * row + 4 * j;
      if (j + 8 <= columns && i + 4 <= rows) addTile(a, b, depth, at, row);
      else addEdge(a, b, depth, at, row, min(4, rows - i), min(8, columns - j));
    }
  }
}

/** Terms of thin products per pass: columns of B, made contiguous, take the room of its panels. */
const THIN_DEPTH: i32 = 65_536;

/** One or two columns of C. */
function addThin(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  rowOfA: i32,
  columnOfA: i32,
  rowOfB: i32,
  columnOfB: i32,
): void {
  const first = panelsOfB;
  const second = first + 4 * THIN_DEPTH;
  for (let k0 = 0; k0 < k; k0 += THIN_DEPTH) {
    const depth = min(THIN_DEPTH, k - k0);
    const from = b + k0 * rowOfB;
    for (let i = 0; i < depth; i++) {
      f32.store(first + 4 * i, f32.load(from + i * rowOfB));
      if (n > 1) f32.store(second + 4 * i, f32.load(from + i * rowOfB + columnOfB));
    }
    const at = a + k0 * columnOfA;
    if (columnOfA === 4) addByRows(n, at, rowOfA, first, second, m, depth, c);
    else addByColumns(n, at, columnOfA, first, second, m, depth, c);
  }
}

/**
 * Adds A B to C. Strides are in bytes: from row to row, and from column to column.
 *
 * Cost: 2 m n k operations, about 43 thousand million a second on the machine of the benchmarks.
 */
export function addProduct(
  a: usize,
  b: usize,
  c: usize,
  m: i32,
  n: i32,
  k: i32,
  rowOfA: i32,
  columnOfA: i32,
  rowOfB: i32,
  columnOfB: i32,
): void {
  if (n <= 2 && (columnOfA === 4 || rowOfA === 4)) {
    addThin(a, b, c, m, n, k, rowOfA, columnOfA, rowOfB, columnOfB);
    return;
  }
  const row: i32 = 4 * n;
  for (let j0 = 0; j0 < n; j0 += COLUMNS) {
    const columns = min(COLUMNS, n - j0);
    for (let k0 = 0; k0 < k; k0 += DEPTH) {
      const depth = min(DEPTH, k - k0);
      for (let j = 0; j < columns; j += 8) {
        const from = b + k0 * rowOfB + (j0 + j) * columnOfB;
        pack(from, panelsOfB + 4 * j * depth, depth, min(8, columns - j), 8, rowOfB, columnOfB);
      }
      for (let i0 = 0; i0 < m; i0 += ROWS) {
        const rows = min(ROWS, m - i0);
        for (let i = 0; i < rows; i += 4) {
          const from = a + (i0 + i) * rowOfA + k0 * columnOfA;
          pack(from, panelsOfA + 4 * i * depth, depth, min(4, rows - i), 4, columnOfA, rowOfA);
        }
        addBlock(c + i0 * row + 4 * j0, row, rows, columns, depth);
      }
    }
  }
}
