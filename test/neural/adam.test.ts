import { describe, expect, it } from 'vitest';
import { Adam, type AdamOptions, euclideanNorm } from '../../src/neural/adam.js';
import { scheduleFactor } from '../../src/neural/schedule.js';

/** The textbook form, in doubles, one step after the other. */
function textbook(start: number[], gradients: number[][], rate: number, options: AdamOptions): number[] {
  const {
    beta1 = 0.9,
    beta2 = 0.999,
    epsilon = 1e-8,
    weightDecay = 0,
    maxGradientNorm = Number.POSITIVE_INFINITY,
  } = options;
  let w = [...start];
  let m = start.map(() => 0);
  let v = start.map(() => 0);
  gradients.forEach((raw, index) => {
    const t = index + 1;
    const norm = Math.hypot(...raw);
    const g = raw.map((value) => (norm > maxGradientNorm ? (value * maxGradientNorm) / norm : value));
    m = m.map((value, i) => beta1 * value + (1 - beta1) * g[i]);
    v = v.map((value, i) => beta2 * value + (1 - beta2) * g[i] ** 2);
    w = w.map((value, i) => {
      const mean = m[i] / (1 - beta1 ** t);
      const root = Math.sqrt(v[i] / (1 - beta2 ** t));
      return value - rate * (mean / (root + epsilon) + weightDecay * value);
    });
  });
  return w;
}

const GRADIENTS = [
  [1, -2, 0.5],
  [0.1, 3, -40],
  [0, 0.01, 5],
  [-7, 0.2, 1e-4],
];

describe('Adam', () => {
  it.each<AdamOptions>([
    {},
    { weightDecay: 0.1 },
    { maxGradientNorm: 1 },
    { beta1: 0.5, beta2: 0.9, epsilon: 1e-3, weightDecay: 0.01, maxGradientNorm: 2 },
  ])('follows its formulas with %j', (options) => {
    const values = Float32Array.of(1, 2, -3);
    const adam = new Adam(3, options);
    for (const gradient of GRADIENTS) adam.step(values, [gradient.slice(0, 1), gradient.slice(1)], 0.05);
    const expected = textbook([1, 2, -3], GRADIENTS, 0.05, options);
    values.forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 5);
    });
  });

  it('goes on from a snapshot as if nothing had happened', () => {
    const run = (breakAt: number): Float32Array => {
      const values = Float32Array.of(1, 2, -3);
      let adam = new Adam(3, { averaging: 0.9 });
      GRADIENTS.forEach((gradient, step) => {
        if (step === breakAt) {
          const state = adam.snapshot();
          adam = new Adam(3, { averaging: 0.9 });
          adam.restore(state);
        }
        adam.step(values, [gradient], 0.1);
      });
      return Float32Array.of(...values, ...(adam.average ?? []));
    };
    expect(run(2)).toEqual(run(-1));
  });

  it('averages parameters, forgetting where they started', () => {
    const adam = new Adam(1, { averaging: 0.99 });
    const values = Float32Array.of(100);
    adam.step(values, [[1]], 0.1);
    // After the first step the average is what there is, not a remnant of zero.
    expect(adam.average?.[0]).toBeCloseTo(values[0], 5);
  });

  it('the norm does not overflow float32', () =>
    expect(euclideanNorm([Float32Array.of(3e30), [4e30]]) / 5e30).toBeCloseTo(1, 6));
});

describe('schedules', () => {
  it.each([
    ['constant', 0.3, 1],
    ['linear', 0.25, 0.75],
    ['cosine', 0, 1],
    ['cosine', 0.5, 0.5],
    ['cosine', 0.25, (1 + Math.SQRT1_2) / 2],
  ] as const)('%s at %f is %f', (name, progress, factor) =>
    expect(scheduleFactor(name, progress)).toBeCloseTo(factor, 12),
  );
});
