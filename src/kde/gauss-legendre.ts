/**
 * Quadrature by Gauss and Legendre.
 *
 * @module
 */

/** int_-1^1 f(x) dx is about sum_i weights_i f(nodes_i). */
export interface QuadratureRule {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/**
 * The rule of n nodes, exact for polynomials of degree 2 n - 1: the zeros of Legendre's polynomial by Newton's method, from
 * cos(pi (i + 3/4) / (n + 1/2)), and weights 2 / ((1 - x^2) P_n'(x)^2).
 *
 * Reference: Davis & Rabinowitz (1984), *Methods of Numerical Integration*, section 2.7.
 */
export function gaussLegendre(n: number): QuadratureRule {
  const nodes = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < n; i++) {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 1;
    // Each step doubles the digits, of which the start has three.
    for (let step = 0; step < 5; step++) {
      let [before, value] = [1, x];
      for (let k = 2; k <= n; k++) [before, value] = [value, ((2 * k - 1) * x * value - (k - 1) * before) / k];
      slope = (n * (x * value - before)) / (x * x - 1);
      x -= value / slope;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}
