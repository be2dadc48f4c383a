/**
 * The mixture written out a second time, as plainly as the textbook has it: the slow twin of what src/gmm does.
 */
import { RandomStream } from '../../src/core/random.js';
import type { CovarianceType } from '../../src/gmm/index.js';

export interface Mixture {
  weights: number[];
  means: number[][];
  covariances: number[][][];
}

/** Determinant and inverse by Gauss and Jordan's elimination with pivoting. */
export function invert(matrix: number[][]): { inverse: number[][]; determinant: number } {
  const d = matrix.length;
  const work = matrix.map((row, i) => [...row, ...row.map((_, j) => Number(i === j))]);
  let determinant = 1;
  for (let column = 0; column < d; column++) {
    let pivot = column;
    for (let i = column; i < d; i++) if (Math.abs(work[i][column]) > Math.abs(work[pivot][column])) pivot = i;
    if (pivot !== column) {
      [work[pivot], work[column]] = [work[column], work[pivot]];
      determinant = -determinant;
    }
    determinant *= work[column][column];
    work[column] = work[column].map((entry) => entry / work[column][column]);
    for (let i = 0; i < d; i++) {
      if (i === column) continue;
      const factor = work[i][column];
      work[i] = work[i].map((entry, j) => entry - factor * work[column][j]);
    }
  }
  return { inverse: work.map((row) => row.slice(d)), determinant };
}

/** N(x; mean, covariance), by the formula. */
export function gaussian(x: readonly number[], mean: readonly number[], covariance: number[][]): number {
  const { inverse, determinant } = invert(covariance);
  const difference = x.map((value, j) => value - mean[j]);
  let form = 0;
  inverse.forEach((row, i) => {
    row.forEach((entry, j) => {
      form += difference[i] * entry * difference[j];
    });
  });
  return Math.exp(-0.5 * form) / Math.sqrt((2 * Math.PI) ** x.length * determinant);
}

/** p(x). */
export function density(x: readonly number[], { weights, means, covariances }: Mixture): number {
  return weights.reduce((sum, weight, k) => sum + weight * gaussian(x, means[k], covariances[k]), 0);
}

/** Responsibilities of one row. */
export function responsibility(x: readonly number[], mixture: Mixture): number[] {
  const { weights, means, covariances } = mixture;
  const terms = weights.map((weight, k) => weight * gaussian(x, means[k], covariances[k]));
  const total = terms.reduce((sum, term) => sum + term, 0);
  return terms.map((term) => term / total);
}

/** One E-step and M-step of maximum likelihood, with the covariances of the type. */
export function emStep(
  rows: readonly (readonly number[])[],
  mixture: Mixture,
  type: CovarianceType,
  rowWeights: readonly number[] = rows.map(() => 1),
): Mixture {
  const d = rows[0].length;
  const shares = rows.map((row, i) => responsibility(row, mixture).map((r) => r * rowWeights[i]));
  const mass = mixture.weights.map((_, k) => shares.reduce((sum, r) => sum + r[k], 0));
  const total = mass.reduce((sum, m) => sum + m, 0);
  const means = mass.map((m, k) =>
    Array.from({ length: d }, (_, j) => rows.reduce((sum, row, i) => sum + shares[i][k] * row[j], 0) / m),
  );
  let covariances = mass.map((m, k) => {
    const entry = (a: number, b: number) =>
      rows.reduce((sum, row, i) => sum + shares[i][k] * (row[a] - means[k][a]) * (row[b] - means[k][b]), 0) / m;
    return Array.from({ length: d }, (_, a) => Array.from({ length: d }, (_, b) => entry(a, b)));
  });
  const combine = (of: (k: number, a: number, b: number) => number) =>
    mass.map((_, k) => Array.from({ length: d }, (_, a) => Array.from({ length: d }, (_, b) => of(k, a, b))));
  const full = covariances;
  if (type.endsWith('diagonal')) covariances = combine((k, a, b) => (a === b ? full[k][a][a] : 0));
  if (type.endsWith('spherical')) {
    const trace = (k: number) => full[k].reduce((sum, row, a) => sum + row[a], 0);
    covariances = combine((k, a, b) => (a === b ? trace(k) / d : 0));
  }
  if (type.startsWith('tied')) {
    const own = covariances;
    covariances = combine((_, a, b) => own.reduce((sum, matrix, k) => sum + mass[k] * matrix[a][b], 0) / total);
  }
  return { weights: mass.map((m) => m / total), means, covariances };
}

/** Rows from K well-spread Gaussians with unequal axes. */
export function clusters(count: number, d: number, components: number, seed: number | string): number[][] {
  const stream = RandomStream.of(seed, 'test clusters');
  const centres = Array.from({ length: components }, () => Array.from({ length: d }, () => 4 * stream.normal()));
  return Array.from({ length: count }, () => {
    const centre = centres[stream.integer(components)];
    const shared = stream.normal();
    return centre.map((c, j) => c + 0.6 * shared + (0.5 + 0.25 * j) * stream.normal());
  });
}

/** A start for EM near nothing in particular, with covariances of the type. */
export function arbitraryStart(
  rows: readonly (readonly number[])[],
  components: number,
  type: CovarianceType,
): Mixture {
  const d = rows[0].length;
  const step = Math.floor(rows.length / components);
  const offDiagonal = type === 'full' || type === 'tied' ? 0.3 : 0;
  return {
    weights: Array.from({ length: components }, (_, k) => (2 * (k + 1)) / (components * (components + 1))),
    means: Array.from({ length: components }, (_, k) => [...rows[k * step]]),
    covariances: Array.from({ length: components }, (_, k) =>
      Array.from({ length: d }, (_, i) =>
        Array.from({ length: d }, (_, j) => {
          const own = type.startsWith('tied') ? 1 : 1 + 0.2 * k;
          if (i !== j) return own * offDiagonal;
          return own * (type.endsWith('spherical') ? 2 : 2 + 0.3 * i);
        }),
      ),
    ),
  };
}
