import { RandomStream } from '../../src/core/random.js';
import type { Samples } from '../../src/core/samples.js';

/** Three clusters of unequal weights on a triangle of unequal sides: no turn and no mirror image maps it to itself. */
export function triangle(count: number, seed: number): number[][] {
  const stream = RandomStream.of(seed, 'triangle');
  const centers = [
    [0, 0],
    [3, 0],
    [1, 2],
  ];
  return Array.from({ length: count }, () => {
    const center = centers[stream.categorical([0.5, 0.3, 0.2])];
    return center.map((c) => c + 0.3 * stream.normal());
  });
}

/** A turn by 70 degrees and a shift. */
export function turned([x, y]: readonly number[]): number[] {
  const [c, s] = [Math.cos((70 * Math.PI) / 180), Math.sin((70 * Math.PI) / 180)];
  return [10 + c * x - s * y, -4 + s * x + c * y];
}

/** A curved cloud with an offset: the first column is normal, the second its square with noise. */
export function banana(count: number, seed: number): number[][] {
  const stream = RandomStream.of(seed, 'banana');
  return Array.from({ length: count }, () => {
    const a = stream.normal();
    return [100 + 10 * a, a * a - 0.5 * a + 0.5 * stream.normal()];
  });
}

/** Standard normal rows. */
export function normals(count: number, columns: number, seed: number): number[][] {
  const stream = RandomStream.of(seed, 'normals');
  return Array.from({ length: count }, () => Array.from({ length: columns }, () => stream.normal()));
}

/** Standard deviation of each column. */
export function deviations(rows: readonly (readonly number[])[]): number[] {
  return rows[0].map((_, j) => {
    const mean = rows.reduce((sum, row) => sum + row[j], 0) / rows.length;
    return Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean) ** 2, 0) / rows.length);
  });
}

/** Root mean square distance of rows from others, which begin `shift` rows further on. */
export function distance(found: Samples, rows: readonly (readonly number[])[], shift = 0): number {
  let total = 0;
  rows.forEach((_, i) => {
    const row = rows[(i + shift) % rows.length];
    row.forEach((value, j) => {
      total += (found.get(i, j) - value) ** 2;
    });
  });
  return Math.sqrt(total / rows.length);
}

/** Mean |found - row| over entries, in the units given, from rows that begin `shift` rows further on. */
export function meanError(
  found: Samples,
  rows: readonly (readonly number[])[],
  units: readonly number[],
  shift = 0,
): number {
  let total = 0;
  rows.forEach((_, i) => {
    units.forEach((unit, j) => {
      total += Math.abs(found.get(i, j) - rows[(i + shift) % rows.length][j]) / unit;
    });
  });
  return total / (rows.length * units.length);
}
