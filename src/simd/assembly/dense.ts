/**
 * Dense layers in doubles: the entry of the module that ../dense-product.ts loads.
 *
 * @module
 */

/* @inline */ function plusProduct(sum: v128, a: v128, b: v128): v128 {
  return f64x2.add(sum, f64x2.mul(a, b));
}

/**
 * y_rj = b_j + sum_i x_ri w_ij, for four rows and four outputs at a time: eight pairs of sums stay in registers.
 *
 * Every sum runs over i in order from its own 0, so an entry has the bits of the plain loop, whatever tile it falls into.
 *
 * @param weights - Panels of four outputs, one after another: w_i,j to w_i,j+3 for each i.
 * @param rows - A multiple of 4, as is `outputs`.
 */
export function dense(x: usize, weights: usize, biases: usize, y: usize, rows: i32, inputs: i32, outputs: i32): void {
  const row: i32 = 8 * inputs;
  const across: i32 = 8 * outputs;
  for (let j = 0; j < outputs; j += 4) {
    const low = v128.load(biases + 8 * j);
    const high = v128.load(biases + 8 * j, 16);
    const panel = weights + 8 * j * inputs;
    for (let r = 0; r < rows; r += 4) {
      let s0 = f64x2.splat(0);
      let t0 = s0;
      let s1 = s0;
      let t1 = s0;
      let s2 = s0;
      let t2 = s0;
      let s3 = s0;
      let t3 = s0;
      let at = x + r * row;
      let w = panel;
      for (const end = at + row; at < end; at += 8, w += 32) {
        const u = v128.load(w);
        const v = v128.load(w, 16);
        let value = v128.load64_splat(at);
        s0 = plusProduct(s0, value, u);
        t0 = plusProduct(t0, value, v);
        value = v128.load64_splat(at + row);
        s1 = plusProduct(s1, value, u);
        t1 = plusProduct(t1, value, v);
        value = v128.load64_splat(at + 2 * row);
        s2 = plusProduct(s2, value, u);
        t2 = plusProduct(t2, value, v);
        value = v128.load64_splat(at + 3 * row);
        s3 = plusProduct(s3, value, u);
        t3 = plusProduct(t3, value, v);
      }
      let to = y + r * across + 8 * j;
      v128.store(to, f64x2.add(low, s0));
      v128.store(to, f64x2.add(high, t0), 16);
      to += across;
      v128.store(to, f64x2.add(low, s1));
      v128.store(to, f64x2.add(high, t1), 16);
      to += across;
      v128.store(to, f64x2.add(low, s2));
      v128.store(to, f64x2.add(high, t2), 16);
      to += across;
      v128.store(to, f64x2.add(low, s3));
      v128.store(to, f64x2.add(high, t3), 16);
    }
  }
}
