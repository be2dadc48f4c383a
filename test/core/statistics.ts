/**
 * Goodness-of-fit tests against closed-form distribution functions.
 */
import { expect } from 'vitest';

/**
 * sqrt(n) D of Kolmogorov and Smirnov exceeds this once in 10,000 independent tries: 2 exp(-2 x^2) = 1e-4.
 * Seeds are fixed, so that a test that passes keeps passing; the rate says what a change of seed risks.
 */
const KOLMOGOROV = 2.2253;

/** Expects draws to follow a continuous distribution function. */
export function expectDistribution(draws: Float64Array, cdf: (x: number) => number): void {
  const sorted = draws.toSorted();
  const n = sorted.length;
  let distance = 0;
  for (let i = 0; i < n; i++) {
    const probability = cdf(sorted[i]);
    distance = Math.max(distance, (i + 1) / n - probability, probability - i / n);
  }
  expect(Math.sqrt(n) * distance).toBeLessThan(KOLMOGOROV);
}

/**
 * Expects counts to have the given probabilities: Pearson's statistic stays below its quantile 1 - 1e-4, by Wilson and
 * Hilferty's (1931) cube root, which errs by less than 1 % here.
 */
export function expectCounts(counts: ArrayLike<number>, probabilities: ArrayLike<number>): void {
  const n = Array.from(counts).reduce((sum, count) => sum + count, 0);
  let statistic = 0;
  let degrees = -1;
  for (let i = 0; i < counts.length; i++) {
    if (probabilities[i] === 0) {
      expect(counts[i]).toBe(0);
      continue;
    }
    degrees++;
    statistic += (counts[i] - n * probabilities[i]) ** 2 / (n * probabilities[i]);
  }
  if (degrees === 0) return;
  const spread = 2 / (9 * degrees);
  expect(statistic).toBeLessThan(degrees * (1 - spread + 3.719 * Math.sqrt(spread)) ** 3);
}

/** Expects the mean of draws to be within 4 standard errors (once in 16,000) of its closed form. */
export function expectMean(draws: ArrayLike<number>, mean: number, standardDeviation: number): void {
  let sum = 0;
  for (let i = 0; i < draws.length; i++) sum += draws[i] - mean;
  expect(Math.abs(sum / draws.length)).toBeLessThan((4 * standardDeviation) / Math.sqrt(draws.length));
}

/** Standard normal distribution function, by its series to 6 standard deviations (Abramowitz & Stegun 26.2.11). */
export function normalCdf(x: number): number {
  if (Math.abs(x) > 6) return x > 0 ? 1 : 0;
  let term = x;
  let sum = x;
  for (let k = 3; Math.abs(term) > 1e-17 * Math.abs(sum); k += 2) {
    term *= (x * x) / k;
    sum += term;
  }
  return 0.5 + (sum * Math.exp(-0.5 * x * x)) / Math.sqrt(2 * Math.PI);
}

/**
 * Distribution function of Gamma(shape, 1) by its series (Abramowitz & Stegun 6.5.29), given log Gamma(shape + 1) from
 * elsewhere.
 */
export function gammaCdf(x: number, shape: number, logGammaOfNext: number): number {
  let term = 1;
  let sum = 1;
  for (let n = 1; term > 1e-17 * sum; n++) {
    term *= x / (shape + n);
    sum += term;
  }
  return Math.exp(shape * Math.log(x) - x - logGammaOfNext) * sum;
}
