/**
 * Squared scaled distances from a query to a run of rows, two rows at once.
 *
 *     t_i = sum_j ((x_j - p_ij) s_j)^2
 *
 * Coordinates lie axis by axis: axis j of row i is the double at `points + j * stride + 8 i` (stride in bytes). Each t_i takes
 * the same steps in the same order as the plain loops, so that it has the same bits and bounds of boxes hold for it.
 *
 * @module
 */

/** ((x_j - p_j) s_j)^2 for two rows. */
/* @inline */ function square(query: usize, scales: usize, points: usize, stride: usize, j: usize): v128 {
  const u = f64x2.mul(
    f64x2.sub(v128.load64_splat(query + 8 * j), v128.load(points + j * stride)),
    v128.load64_splat(scales + 8 * j),
  );
  return f64x2.mul(u, u);
}

/** The sum over the first d <= 6 axes. */
/* @inline */ function squares(d: i32, query: usize, scales: usize, points: usize, stride: usize): v128 {
  let t = square(query, scales, points, stride, 0);
  if (d > 1) t = f64x2.add(t, square(query, scales, points, stride, 1));
  if (d > 2) t = f64x2.add(t, square(query, scales, points, stride, 2));
  if (d > 3) t = f64x2.add(t, square(query, scales, points, stride, 3));
  if (d > 4) t = f64x2.add(t, square(query, scales, points, stride, 4));
  if (d > 5) t = f64x2.add(t, square(query, scales, points, stride, 5));
  return t;
}

/** One loop for each d <= 6: the compiler unrolls the axes. */
/* @inline */ function fill(
  d: i32,
  query: usize,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  out: usize,
): void {
  const end = out + 8 * count;
  for (; out < end; out += 16, points += 16) v128.store(out, squares(d, query, scales, points, stride));
}

function fillAny(
  columns: i32,
  query: usize,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  out: usize,
): void {
  const end = out + 8 * count;
  for (; out < end; out += 16, points += 16) {
    let t = squares(6, query, scales, points, stride);
    for (let j: usize = 6; j < <usize>columns; j++) t = f64x2.add(t, square(query, scales, points, stride, j));
    v128.store(out, t);
  }
}

/** Writes t_0 to t_(count - 1) to `out`; `count` is even. */
export function squaredDistances(
  columns: i32,
  query: usize,
  scales: usize,
  points: usize,
  stride: usize,
  count: i32,
  out: usize,
): void {
  if (columns === 1) fill(1, query, scales, points, stride, count, out);
  else if (columns === 2) fill(2, query, scales, points, stride, count, out);
  else if (columns === 3) fill(3, query, scales, points, stride, count, out);
  else if (columns === 4) fill(4, query, scales, points, stride, count, out);
  else if (columns === 5) fill(5, query, scales, points, stride, count, out);
  else if (columns === 6) fill(6, query, scales, points, stride, count, out);
  else fillAny(columns, query, scales, points, stride, count, out);
}
