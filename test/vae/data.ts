import { RandomStream } from '../../src/core/random.js';

/** Points on two arcs with noise: neither column is normal, nor is one a function of the other. */
export function arcs(count: number, seed = 0): number[][] {
  const stream = RandomStream.of(seed, 'arcs');
  return Array.from({ length: count }, (_, i) => {
    const angle = Math.PI * stream.uniform();
    const side = i % 2 === 0 ? 1 : -1;
    return [
      5 + Math.cos(angle) * side + 0.1 * stream.normal(),
      -20 + 10 * (Math.sin(angle) * side + 0.1 * stream.normal()),
    ];
  });
}

/** Rows of the factor model x = offset + W a + noise with known W. */
export function factors(count: number, seed = 3): number[][] {
  const weights = [
    [2, 0],
    [1, 1],
    [0, 1.5],
    [-1, 0.5],
  ];
  const stream = RandomStream.of(seed, 'factors');
  return Array.from({ length: count }, () => {
    const [a, b] = [stream.normal(), stream.normal()];
    return weights.map(([u, v], j) => 10 * j + u * a + v * b + 0.5 * stream.normal());
  });
}

/** A continuous column that depends on a class of three, a flag that depends on it, and the class. */
export function mixedRows(count: number, seed = 5): number[][] {
  const stream = RandomStream.of(seed, 'mixed');
  return Array.from({ length: count }, () => {
    const kind = stream.categorical([0.5, 0.3, 0.2]);
    return [100 * kind + 10 * stream.normal(), Number(stream.uniform() < [0.9, 0.5, 0.1][kind]), kind];
  });
}

export function mean(values: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i];
  return total / values.length;
}
