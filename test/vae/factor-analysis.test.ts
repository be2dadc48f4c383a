import { describe, expect, it } from 'vitest';
import { symmetricEigen } from '../../src/core/linalg.js';
import { RandomStream } from '../../src/core/random.js';
import { VariationalAutoencoder } from '../../src/vae/index.js';
import { factors, mean } from './data.js';

const LATENT = 2;
const SIGMA = 0.5;
const rows = factors(600);
const d = rows[0].length;
const center = Array.from({ length: d }, (_, j) => mean(rows.map((row) => row[j])));

/** Covariance of the rows, with divisor n. */
function covariance(): Float64Array {
  const total = new Float64Array(d * d);
  for (const row of rows) {
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < d; j++) total[i * d + j] += ((row[i] - center[i]) * (row[j] - center[j])) / rows.length;
    }
  }
  return total;
}

// Probabilistic PCA with given s^2 (Tipping & Bishop 1999, doi:10.1111/1467-9868.00196): the model's covariance keeps the
// L leading eigenvalues of the sample covariance and has s^2 for the rest. Mean log-likelihood at the optimum:
//   -1/2 (d log 2 pi + sum_{k <= L} (log e_k + 1) + sum_{k > L} (log s^2 + e_k / s^2)).
const { values } = symmetricEigen(covariance(), d);
const kept = (k: number): boolean => k >= d - LATENT;
const optimum =
  -0.5 *
  values.reduce(
    (sum, e, k) => sum + Math.log(2 * Math.PI) + (kept(k) ? Math.log(e) + 1 : Math.log(SIGMA ** 2) + e / SIGMA ** 2),
    0,
  );

describe('linear encoder and decoder with given standard deviation are probabilistic PCA', async () => {
  const model = await new VariationalAutoencoder({
    latentDimension: LATENT,
    hidden: [],
    standardDeviation: SIGMA,
    epochs: 500,
    batchSize: 100,
    learningRate: 0.02,
    validationFraction: 0,
    seed: 1,
  }).fit(rows);

  // The model itself in closed form: x = m + A z + s e, from the decoder's weights in its state, so that what sampling
  // estimates is compared with exactly what it estimates.
  const { tensors } = model.toState();
  const [weights, biases, scales, centers] = [
    'decoder.0.weights',
    'decoder.0.biases',
    'columns.scales',
    'columns.centers',
  ].map((name) => tensors[name].data);
  const middle = Array.from(scales, (scale, j) => centers[j] + scale * biases[j]);
  const modelCovariance = new Float64Array(d * d);
  for (let i = 0; i < d; i++) {
    for (let j = 0; j < d; j++) {
      for (let l = 0; l < LATENT; l++) {
        modelCovariance[i * d + j] += scales[i] * weights[l * d + i] * scales[j] * weights[l * d + j];
      }
    }
    modelCovariance[i * d + i] += SIGMA ** 2;
  }
  const { values: variances, vectors: axes } = symmetricEigen(modelCovariance, d);
  const exactLogDensity = (row: number[]): number => {
    let sum = 0;
    variances.forEach((variance, k) => {
      let projection = 0;
      for (let j = 0; j < d; j++) projection += axes[k * d + j] * (row[j] - middle[j]);
      sum -= 0.5 * (Math.log(2 * Math.PI * variance) + projection ** 2 / variance);
    });
    return sum;
  };

  it('the bound reaches the closed-form optimum, and does not exceed it', () => {
    const { elbo } = model.elbo(rows, { samples: 200 });
    // Standard deviation of one draw's reconstruction is about 1 nat: over 600 x 200 draws, 0.003.
    expect(mean(elbo)).toBeGreaterThan(optimum - 0.02);
    expect(mean(elbo)).toBeLessThan(optimum + 0.01);
  });

  it('so does the log-density, which agrees with the exact normal density within its stated error', () => {
    const { logDensity, standardError, effectiveSampleSize } = model.estimateLogDensity(rows, { samples: 400 });
    expect(mean(logDensity)).toBeGreaterThan(optimum - 0.01);
    expect(mean(logDensity)).toBeLessThan(optimum + 0.01);
    const exact = rows.map(exactLogDensity);
    const misses = rows.filter((_, i) => {
      return Math.abs(logDensity[i] - exact[i]) > 4 * standardError[i];
    });
    // The normal law has 6e-5 beyond four standard errors; estimated errors have heavier tails.
    expect(misses.length / rows.length).toBeLessThan(0.005);
    expect(Math.abs(mean(logDensity) - mean(exact))).toBeLessThan(0.003);
    expect(mean(standardError)).toBeLessThan(0.05);
    expect(mean(effectiveSampleSize)).toBeGreaterThan(200);
    expect(mean(effectiveSampleSize)).toBeLessThanOrEqual(400);
  });

  it('samples have the covariance of the model', () => {
    const draws = model.sample(20_000, { seed: 2 });
    for (let j = 0; j < d; j++) {
      const column = Array.from({ length: draws.rows }, (_, i) => draws.get(i, j));
      const center = mean(column);
      const variance = mean(column.map((x) => (x - center) ** 2));
      const expected = modelCovariance[j * d + j];
      // Five standard errors: sqrt(v / n) for the mean, v sqrt(2 / n) for the variance.
      expect(Math.abs(center - middle[j])).toBeLessThan(5 * Math.sqrt(expected / 20_000));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(5 * Math.sqrt(2 / 20_000));
    }
  });

  it('hands out the given standard deviation in the units of the data', () => {
    for (const s of model.standardDeviations) expect(s).toBeCloseTo(SIGMA, 12);
  });
});

it('a learnt standard deviation finds the noise of the data', async () => {
  // One factor and five columns, in units from 1 to 10,000, determine the noise (factor analysis).
  const stream = RandomStream.of(8, 'one factor');
  const noise = [0.3, 0.6, 0.3, 0.6, 0.3];
  const data = Array.from({ length: 2000 }, () => {
    const factor = stream.normal();
    return noise.map((s, j) => 10 ** j * (factor + s * stream.normal()));
  });
  const model = await new VariationalAutoencoder({
    latentDimension: 1,
    hidden: [],
    standardDeviation: 'column',
    epochs: 60,
    learningRate: 0.02,
    validationFraction: 0,
    seed: 1,
  }).fit(data);
  model.standardDeviations.forEach((s, j) => {
    expect(Math.abs(s / (10 ** j * noise[j]) - 1)).toBeLessThan(0.15);
  });
});
