/**
 * Products of float32 matrices with one or two columns: the first and the last layer of networks on few columns, whose
 * panels would be zeros for the most part.
 *
 *     C <- C + A B,    C m x n, A m x k, B k x n,    n = 1 or 2
 *
 * Where the rows of A are contiguous, each entry is the sum of four partial sums, of every fourth term each; where its columns are,
 * sums run over k in order, sixteen rows at a time. 256 x 128 by 128 x 1 takes 2.9 us, by 128 x 2 3.9 us; by panels 20.6 us each.
 *
 * @module
 */

/** Four partial sums of four rows, added up: the rows' sums in order. */
/* @inline */ function acrossRows(r0: v128, r1: v128, r2: v128, r3: v128): v128 {
  const low = f32x4.add(i32x4.shuffle(r0, r1, 0, 4, 1, 5), i32x4.shuffle(r0, r1, 2, 6, 3, 7));
  const high = f32x4.add(i32x4.shuffle(r2, r3, 0, 4, 1, 5), i32x4.shuffle(r2, r3, 2, 6, 3, 7));
  return f32x4.add(i64x2.shuffle(low, high, 0, 2), i64x2.shuffle(low, high, 1, 3));
}

/** sum + a b, the product and the sum each rounded. */
/* @inline */ export function plusProduct(sum: v128, a: v128, b: v128): v128 {
  return f32x4.add(sum, f32x4.mul(a, b));
}

/* @inline */ function addAt(to: usize, term: f32): void {
  f32.store(to, f32.load(to) + term);
}

/** Four entries, one column of C. */
/* @inline */ function addColumn(c: usize, stride: usize, terms: v128): void {
  addAt(c, f32x4.extract_lane(terms, 0));
  addAt(c + stride, f32x4.extract_lane(terms, 1));
  addAt(c + 2 * stride, f32x4.extract_lane(terms, 2));
  addAt(c + 3 * stride, f32x4.extract_lane(terms, 3));
}

/** Four rows of A by the columns at b and b2, the terms that come in fours. */
/* @inline */ function addFourRows(n: i32, a: usize, row: i32, b: usize, b2: usize, bytes: usize, c: usize): void {
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let t0 = zero;
  let t1 = zero;
  let t2 = zero;
  let t3 = zero;
  const second = a + row;
  const third = second + row;
  const fourth = third + row;
  for (let at: usize = 0; at < bytes; at += 16) {
    const x0 = v128.load(a + at);
    const x1 = v128.load(second + at);
    const x2 = v128.load(third + at);
    const x3 = v128.load(fourth + at);
    const u = v128.load(b + at);
    s0 = plusProduct(s0, x0, u);
    s1 = plusProduct(s1, x1, u);
    s2 = plusProduct(s2, x2, u);
    s3 = plusProduct(s3, x3, u);
    if (n > 1) {
      const v = v128.load(b2 + at);
      t0 = plusProduct(t0, x0, v);
      t1 = plusProduct(t1, x1, v);
      t2 = plusProduct(t2, x2, v);
      t3 = plusProduct(t3, x3, v);
    }
  }
  addColumn(c, 4 * n, acrossRows(s0, s1, s2, s3));
  if (n > 1) addColumn(c + 4, 4 * n, acrossRows(t0, t1, t2, t3));
}

/** One row: its partial sums are added up as those of four rows are. */
/* @inline */ function addRow(a: usize, b: usize, bytes: usize, c: usize): void {
  let sum = f32x4.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) sum = plusProduct(sum, v128.load(a + at), v128.load(b + at));
  const even = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 2);
  addAt(c, even + (f32x4.extract_lane(sum, 1) + f32x4.extract_lane(sum, 3)));
}

/** The terms from `from` on of one entry. */
/* @inline */ function addTerms(a: usize, b: usize, from: i32, k: i32, c: usize): void {
  let sum: f32 = 0;
  for (let i = from; i < k; i++) sum += f32.load(a + 4 * i) * f32.load(b + 4 * i);
  addAt(c, sum);
}

/* @inline */ function byRowsOf(n: i32, a: usize, row: i32, b: usize, b2: usize, m: i32, k: i32, c: usize): void {
  const whole = k & ~3;
  let i = 0;
  for (; i + 4 <= m; i += 4) addFourRows(n, a + i * row, row, b, b2, 4 * whole, c + 4 * n * i);
  for (; i < m; i++) {
    addRow(a + i * row, b, 4 * whole, c + 4 * n * i);
    if (n > 1) addRow(a + i * row, b2, 4 * whole, c + 4 * n * i + 4);
  }
  if (whole === k) return;
  for (i = 0; i < m; i++) {
    addTerms(a + i * row, b, whole, k, c + 4 * n * i);
    if (n > 1) addTerms(a + i * row, b2, whole, k, c + 4 * n * i + 4);
  }
}

/** The rows of A are contiguous, `row` bytes apart, and so are the two columns at b and b2. */
export function addByRows(n: i32, a: usize, row: i32, b: usize, b2: usize, m: i32, k: i32, c: usize): void {
  if (n === 1) byRowsOf(1, a, row, b, b2, m, k, c);
  else byRowsOf(2, a, row, b, b2, m, k, c);
}

/** Four rows of C, their two columns side by side. */
/* @inline */ function addPairs(c: usize, left: v128, right: v128): void {
  v128.store(c, f32x4.add(v128.load(c), i32x4.shuffle(left, right, 0, 4, 1, 5)));
  v128.store(c, f32x4.add(v128.load(c, 16), i32x4.shuffle(left, right, 2, 6, 3, 7)), 16);
}

/* @inline */ function store4(n: i32, c: usize, left: v128, right: v128): void {
  if (n > 1) addPairs(c, left, right);
  else v128.store(c, f32x4.add(v128.load(c), left));
}

/** Sixteen rows of C where `wide`, else four. */
/* @inline */ function addRun(n: i32, wide: bool, a: usize, column: i32, b: usize, b2: usize, k: i32, c: usize): void {
  const zero = f32x4.splat(0);
  let s0 = zero;
  let s1 = zero;
  let s2 = zero;
  let s3 = zero;
  let t0 = zero;
  let t1 = zero;
  let t2 = zero;
  let t3 = zero;
  for (const end = b + 4 * k; b < end; b += 4, b2 += 4, a += column) {
    const u = v128.load32_splat(b);
    const v = n > 1 ? v128.load32_splat(b2) : u;
    const x0 = v128.load(a);
    s0 = plusProduct(s0, x0, u);
    if (n > 1) t0 = plusProduct(t0, x0, v);
    if (wide) {
      const x1 = v128.load(a, 16);
      const x2 = v128.load(a, 32);
      const x3 = v128.load(a, 48);
      s1 = plusProduct(s1, x1, u);
      s2 = plusProduct(s2, x2, u);
      s3 = plusProduct(s3, x3, u);
      if (n > 1) {
        t1 = plusProduct(t1, x1, v);
        t2 = plusProduct(t2, x2, v);
        t3 = plusProduct(t3, x3, v);
      }
    }
  }
  const step = 16 * n;
  store4(n, c, s0, t0);
  if (!wide) return;
  store4(n, c + step, s1, t1);
  store4(n, c + 2 * step, s2, t2);
  store4(n, c + 3 * step, s3, t3);
}

/* @inline */ function byColumnsOf(n: i32, a: usize, column: i32, b: usize, b2: usize, m: i32, k: i32, c: usize): void {
  let i = 0;
  for (; i + 16 <= m; i += 16) addRun(n, true, a + 4 * i, column, b, b2, k, c + 4 * n * i);
  for (; i < m; i += 4) addRun(n, false, a + 4 * i, column, b, b2, k, c + 4 * n * i);
}

/** The columns of A are contiguous, `column` bytes apart. Reads and writes up to 24 bytes beyond the last entry of A and C. */
export function addByColumns(n: i32, a: usize, column: i32, b: usize, b2: usize, m: i32, k: i32, c: usize): void {
  if (n === 1) byColumnsOf(1, a, column, b, b2, m, k, c);
  else byColumnsOf(2, a, column, b, b2, m, k, c);
}
