/**
 * Sums and largest entries of rows and columns of float32 matrices, and copies of blocks. Sums add up in doubles.
 *
 * @module
 */

/** to[i] = sum_j from[i, j]: four partial sums, of every fourth column each. */
export function sumRows(from: usize, to: usize, rows: i32, width: i32): void {
  const whole = width & ~3;
  for (let row = 0; row < rows; row++, to += 4) {
    let low = f64x2.splat(0);
    let high = f64x2.splat(0);
    for (const end = from + 4 * whole; from < end; from += 16) {
      const x = v128.load(from);
      low = f64x2.add(low, f64x2.promote_low_f32x4(x));
      high = f64x2.add(high, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
    }
    const four = f64x2.add(low, high);
    let sum = f64x2.extract_lane(four, 0) + f64x2.extract_lane(four, 1);
    for (let j = whole; j < width; j++, from += 4) sum += f32.load(from);
    f32.store(to, f32(sum));
  }
}

/** to[j] = sum_i from[i, j], eight columns at a time. Reads and writes up to 28 bytes beyond the last row. */
export function sumColumns(from: usize, to: usize, rows: i32, width: i32): void {
  for (let j = 0; j < width; j += 8, from += 32, to += 32) {
    let s0 = f64x2.splat(0);
    let s1 = f64x2.splat(0);
    let s2 = f64x2.splat(0);
    let s3 = f64x2.splat(0);
    for (let row = 0, at = from; row < rows; row++, at += 4 * width) {
      const x = v128.load(at);
      const y = v128.load(at, 16);
      s0 = f64x2.add(s0, f64x2.promote_low_f32x4(x));
      s1 = f64x2.add(s1, f64x2.promote_low_f32x4(i64x2.shuffle(x, x, 1, 1)));
      s2 = f64x2.add(s2, f64x2.promote_low_f32x4(y));
      s3 = f64x2.add(s3, f64x2.promote_low_f32x4(i64x2.shuffle(y, y, 1, 1)));
    }
    v128.store(to, i64x2.shuffle(f32x4.demote_f64x2_zero(s0), f32x4.demote_f64x2_zero(s1), 0, 2));
    v128.store(to, i64x2.shuffle(f32x4.demote_f64x2_zero(s2), f32x4.demote_f64x2_zero(s3), 0, 2), 16);
  }
}

/** to[i] = max_j from[i, j]. */
export function largestOfRows(from: usize, to: usize, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++, to += 4) {
    let largest: f32 = -Infinity;
    for (const end = from + 4 * width; from < end; from += 4) largest = max(largest, f32.load(from));
    f32.store(to, largest);
  }
}

/** Copies `rows` pieces of `width` entries that are `rowOfSource` and `rowOfTarget` bytes apart; 0 repeats the first. */
export function copyRows(from: usize, to: usize, rows: i32, width: i32, rowOfSource: usize, rowOfTarget: usize): void {
  for (let row = 0; row < rows; row++, from += rowOfSource, to += rowOfTarget) {
    // A call costs as much as copying about so many entries one by one.
    if (width > 8) memory.copy(to, from, 4 * width);
    else for (let j = 0; j < width; j++) f32.store(to + 4 * j, f32.load(from + 4 * j));
  }
}

/** to[i, j] = from[i] for rows of `width` entries. */
export function repeatEntries(from: usize, to: usize, rows: i32, width: i32): void {
  for (let row = 0; row < rows; row++, from += 4) {
    const x = f32.load(from);
    for (const end = to + 4 * width; to < end; to += 4) f32.store(to, x);
  }
}

/** Zeroes `bytes` bytes. */
export function clear(to: usize, bytes: usize): void {
  memory.fill(to, 0, bytes);
}
