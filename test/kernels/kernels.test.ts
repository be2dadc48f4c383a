import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { integrate, radialMoment, radialProfile, reach, sphereArea } from './quadrature.js';

const dimensions = [1, 2, 3, 4, 5, 6];

describe.each(kernelNames)('%s', (name) => {
  const kernel = kernelNamed(name);

  test.each(dimensions)('integrates to 1 and has the stated variance in %i dimensions', (d) => {
    const mass = radialMoment(name, d, 0);
    expect(Math.exp(kernel.logNormalizer(d)) / mass).toBeCloseTo(1, 11);
    expect(kernel.variance(d) / (radialMoment(name, d, 2) / mass / d)).toBeCloseTo(1, 10);
  });

  test('has the defined profile: 1 at 0, never rising, never negative, and its logarithm', () => {
    expect(kernel.profile(0)).toBe(1);
    let last = 1;
    for (let i = 0; i <= 400; i++) {
      const r = i / 200;
      const value = kernel.profile(r * r);
      expect(value).toBeCloseTo(radialProfile[name](r), 14);
      expect(value).toBeLessThanOrEqual(last);
      expect(value).toBeGreaterThanOrEqual(0);
      expect(kernel.logProfile(r * r)).toBeCloseTo(Math.log(value), 11);
      last = value;
    }
    expect(kernel.isCompact).toBe(kernel.profile(1.0001) === 0);
    expect(kernel.profile(Number.POSITIVE_INFINITY)).toBe(0);
    expect(kernel.logProfile(Number.POSITIVE_INFINITY)).toBe(Number.NEGATIVE_INFINITY);
  });

  test('gives finite constants in 1,000 dimensions', () => {
    expect(Number.isFinite(kernel.logNormalizer(1000))).toBe(true);
    expect(kernel.variance(1000)).toBeGreaterThan(0);
    const out = new Float64Array(1000);
    kernel.sample(RandomStream.of(1), 1000, out, 0);
    expect(out.every(Number.isFinite)).toBe(true);
  });

  test.each([1, 2, 3, 6])('draws radii that follow the kernel in %i dimensions', (d) => {
    const radii = drawMany(name, d, 10_000).map((u) => Math.hypot(...u));
    radii.sort((a, b) => a - b);
    // The distribution of the radius, by quadrature on a grid fine enough for a distance of 2e-3.
    const cells = 1000;
    const end = Math.min(reach(name), 60);
    const mass = radialMoment(name, d, 0);
    let below = 0;
    let i = 0;
    let distance = 0;
    for (let cell = 0; cell < cells; cell++) {
      const [from, to] = [(end * cell) / cells, (end * (cell + 1)) / cells];
      below += (sphereArea(d) * integrate((r) => r ** (d - 1) * radialProfile[name](r), from, to, 2)) / mass;
      while (i < radii.length && radii[i] <= to) i++;
      distance = Math.max(distance, Math.abs(i / radii.length - below));
    }
    // Kolmogorov's 0.1% point.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(radii.length));
  });

  test.each([1, 2, 3])('draws in all directions alike, with the stated variance, in %i dimensions', (d) => {
    const draws = drawMany(name, d, 10_000);
    const variance = kernel.variance(d);
    for (let j = 0; j < d; j++) {
      const mean = draws.reduce((sum, u) => sum + u[j], 0) / draws.length;
      expect(Math.abs(mean)).toBeLessThan(4.5 * Math.sqrt(variance / draws.length));
      for (let k = 0; k <= j; k++) {
        const products = draws.map((u) => u[j] * u[k]);
        const expected = j === k ? variance : 0;
        const error = products.reduce((sum, x) => sum + x, 0) / draws.length - expected;
        const spread = Math.sqrt(products.reduce((sum, x) => sum + (x - expected) ** 2, 0)) / draws.length;
        expect(Math.abs(error)).toBeLessThan(4.5 * spread);
      }
    }
  });
});

function drawMany(name: (typeof kernelNames)[number], d: number, count: number): number[][] {
  const stream = RandomStream.of(7, name, d);
  const out = new Float64Array(d + 2).fill(Number.NaN);
  const draws = Array.from({ length: count }, () => {
    kernelNamed(name).sample(stream, d, out, 1);
    return Array.from(out.subarray(1, d + 1));
  });
  // The sampler writes where it was told to, and nowhere else.
  expect([out[0], out[d + 1]]).toEqual([Number.NaN, Number.NaN]);
  return draws;
}

// Research item 9: values of 1 / Z_d and of the variance per axis, from closed forms.
const constants: readonly (readonly [(typeof kernelNames)[number], readonly (readonly [number, number])[]])[] = [
  [
    'tophat',
    [
      [1, 0.5],
      [2, 0.3183098862],
      [3, 0.2387324146],
    ],
  ],
  [
    'epanechnikov',
    [
      [1, 0.75],
      [2, 0.6366197724],
      [3, 0.5968310366],
      [6, 0.7740368264],
    ],
  ],
  [
    'biweight',
    [
      [1, 0.9375],
      [2, 0.9549296586],
      [3, 1.044454314],
    ],
  ],
  [
    'triweight',
    [
      [1, 1.09375],
      [2, 1.2732395447],
      [3, 1.5666814711],
    ],
  ],
  [
    'linear',
    [
      [1, 1],
      [2, 0.9549296586],
      [3, 0.9549296586],
    ],
  ],
  [
    'exponential',
    [
      [1, 0.5],
      [2, 0.1591549431],
      [3, 0.0397887358],
      [6, 0.000268762787],
    ],
  ],
];
test.each(constants)('published normalisers of %s', (name, values) => {
  for (const [d, value] of values) expect(Math.exp(-kernelNamed(name).logNormalizer(d)) / value).toBeCloseTo(1, 8);
});

test('published normalisers of the cosine, which scikit-learn has wrong in every even dimension', () => {
  const values = [0.7853981634, 0.6879845985, 0.6598725107, 0.6838594401, 0.758165935, 0.8922440901];
  values.forEach((value, i) => {
    expect(Math.exp(-kernelNamed('cosine').logNormalizer(i + 1)) / value).toBeCloseTo(1, 9);
  });
});

test('published variances per axis, in 1, 2 and 3 dimensions', () => {
  const variances: [(typeof kernelNames)[number], number, number, number][] = [
    ['gaussian', 1, 1, 1],
    ['exponential', 2, 3, 4],
    ['tophat', 1 / 3, 1 / 4, 1 / 5],
    ['epanechnikov', 1 / 5, 1 / 6, 1 / 7],
    ['biweight', 1 / 7, 1 / 8, 1 / 9],
    ['triweight', 1 / 9, 1 / 10, 1 / 11],
    ['linear', 1 / 6, 0.15, 2 / 15],
    ['cosine', 0.1894305309, 0.1601149932, 0.1385210902],
  ];
  for (const [name, ...values] of variances) {
    values.forEach((value, i) => {
      expect(kernelNamed(name).variance(i + 1) / value).toBeCloseTo(1, 8);
    });
  }
});

test('an unknown name is refused with the list of names', () => {
  expect(() => kernelNamed('gauss' as 'gaussian')).toThrow(
    'kernelNamed: name must be one of "gaussian", "epanechnikov", "tophat", "exponential", "linear", "cosine", ' +
      '"biweight" or "triweight", but got "gauss".',
  );
  expect(() => kernelNamed('toString' as 'gaussian')).toThrow('kernelNamed');
});
