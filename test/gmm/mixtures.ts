/**
 * Mixtures and integrals to compare with.
 */
import { RandomStream } from '../../src/core/random.js';
import { type CovarianceType, GaussianMixtureModel } from '../../src/gmm/index.js';
import type { Mixture } from './naive.js';

/** K Gaussians in d dimensions of any shape, all different unless the type ties them. */
export function randomMixture(
  d: number,
  components: number,
  seed: number | string,
  type: CovarianceType = 'full',
): Mixture {
  const stream = RandomStream.of(seed, 'random mixture');
  const matrix = (): number[][] => {
    const factor = Array.from({ length: d }, (_, i) =>
      Array.from({ length: d }, (_, j) => (i === j ? 0.5 + stream.uniform() : j < i ? 0.6 * stream.normal() : 0)),
    );
    const full = factor.map((a) => factor.map((b) => a.reduce((sum, x, t) => sum + x * b[t], 0)));
    if (type.endsWith('diagonal')) return full.map((row, i) => row.map((x, j) => (i === j ? x : 0)));
    if (type.endsWith('spherical')) return full.map((row, i) => row.map((_, j) => (i === j ? full[0][0] : 0)));
    return full;
  };
  const shared = matrix();
  const weights = Array.from({ length: components }, () => 0.2 + stream.uniform());
  const total = weights.reduce((a, b) => a + b, 0);
  return {
    weights: weights.map((w) => w / total),
    means: Array.from({ length: components }, () => Array.from({ length: d }, () => 2 * stream.normal())),
    covariances: Array.from({ length: components }, () => (type.startsWith('tied') ? shared : matrix())),
  };
}

/** The model of a mixture. */
export function modelOf(mixture: Mixture, covariance: CovarianceType = 'full'): GaussianMixtureModel {
  return GaussianMixtureModel.fromParameters({ ...mixture, covariance });
}

/** The same mixture of x -> scale x + offset. */
export function mapped({ weights, means, covariances }: Mixture, scale: number, offset: number): Mixture {
  return {
    weights,
    means: means.map((mean) => mean.map((x) => scale * x + offset)),
    covariances: covariances.map((matrix) => matrix.map((row) => row.map((x) => scale * scale * x))),
  };
}

/**
 * The integral of f over [-reach, reach] by the trapezium rule, which converges faster than any power of the step for
 * such integrands.
 */
export function integrate(f: (x: number) => number, reach: number, step: number): number {
  let sum = 0;
  for (let x = -reach; x <= reach; x += step) sum += f(x);
  return sum * step;
}
