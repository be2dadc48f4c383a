import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { type KernelName, kernelNames } from '../../src/kernels/index.js';
import { integrate } from '../kernels/quadrature.js';
import { directLogDensity } from './direct.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const at = (model: KernelDensityModel, ...x: number[]): number => Math.exp(model.logDensity([x])[0]);

const stream = RandomStream.of(1, 'bounds');
const positive = Array.from({ length: 60 }, () => [stream.exponential()]);
const shares = Array.from({ length: 60 }, () => [stream.beta(0.8, 1.5)]);
const angles = Array.from({ length: 60 }, () => {
  const x = 0.8 * stream.normal();
  return [x < 0 ? x + 2 * Math.PI : x];
});

/** The density without bounds, by direct summation. */
function free(kernel: KernelName, rows: number[][], h: number) {
  return (x: number): number => Math.exp(directLogDensity({ kernel, rows, bandwidth: [h] }, [x]));
}

describe.each(kernelNames)('%s', (kernel) => {
  test('reflection at one end and at both is the sum over images', async () => {
    for (const h of [0.05, 0.4, 2]) {
      const half = await fit(positive, { kernel, bandwidth: h, bounds: [{ lower: 0, by: 'reflection' }] });
      const upper = await fit(
        positive.map(([x]) => [-x]),
        { kernel, bandwidth: h, bounds: [{ upper: 0, by: 'reflection' }] },
      );
      const g = free(kernel, positive, h);
      for (const x of [0, 0.01, 0.7, 3]) {
        const expected = g(x) + g(-x);
        if (expected > 0) expect(at(half, x) / expected).toBeCloseTo(1, 7);
        expect(at(upper, -x)).toBeCloseTo(at(half, x), 12);
      }
      const both = await fit(shares, { kernel, bandwidth: h, bounds: [{ lower: 0, upper: 1, by: 'reflection' }] });
      const f = free(kernel, shares, h);
      for (const x of [0, 0.2, 0.99, 1]) {
        let expected = 0;
        for (let k = -60; k <= 60; k++) expected += f(x + 2 * k) + f(-x + 2 * k);
        if (expected > 0) expect(at(both, x) / expected).toBeCloseTo(1, 7);
      }
    }
  });

  test('wrapping is the sum over turns', async () => {
    const turn = 2 * Math.PI;
    for (const h of [0.05, 0.4, 5]) {
      const model = await fit(angles, { kernel, bandwidth: h, bounds: [{ lower: 0, upper: turn, by: 'wrapping' }] });
      const g = free(kernel, angles, h);
      for (const x of [0, 0.1, 3, turn]) {
        let expected = 0;
        for (let k = -40; k <= 40; k++) expected += g(x + k * turn);
        if (expected > 0) expect(at(model, x) / expected).toBeCloseTo(1, 7);
      }
      expect(at(model, 0)).toBeCloseTo(at(model, turn), 12);
    }
  });

  test('integrates to 1 between its bounds, whichever they are', async () => {
    const steps = kernel === 'tophat' ? 20_000 : 4000;
    for (const by of ['reflection', 'transformation', 'wrapping'] as const) {
      const bandwidth = by === 'transformation' ? 0.8 : 0.2;
      const model = await fit(shares, { kernel, bandwidth, bounds: [{ lower: 0, upper: 1, by }] });
      // The end points of a transformation have density 0.
      const mass = integrate((x) => at(model, x), 0, 1, steps);
      expect(mass).toBeCloseTo(1, kernel === 'exponential' && by === 'transformation' ? 1 : 2);
    }
  });

  test('samples stay inside and have a density', async () => {
    for (const by of ['reflection', 'transformation', 'wrapping'] as const) {
      const model = await fit(shares, { kernel, bounds: [{ lower: 0, upper: 1, by }] });
      const samples = model.sample(2000, { seed: 1 });
      for (const x of samples.data) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(1);
      }
      for (const log of model.logDensity(samples)) expect(log).toBeGreaterThan(Number.NEGATIVE_INFINITY);
    }
  });
});

test('a log transformation is the density of the logarithm, over x', async () => {
  const model = await fit(positive, { bandwidth: 0.3, bounds: [{ lower: 0, by: 'transformation' }] });
  const logs = positive.map(([x]) => [Math.log(x)]);
  const g = free('gaussian', logs, 0.3);
  for (const x of [1e-4, 0.5, 3, 200]) expect(at(model, x) / (g(Math.log(x)) / x)).toBeCloseTo(1, 7);
  const mirrored = await fit(
    positive.map(([x]) => [5 - x]),
    { bandwidth: 0.3, bounds: [{ upper: 5, by: 'transformation' }] },
  );
  expect(at(mirrored, 5 - 0.5)).toBeCloseTo(at(model, 0.5), 9);
  expect(model.logDensity([[0], [-1]])).toEqual(Float64Array.of(Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY));
});

test('sk#27023, scipy PR#6114: an exponential distribution is level up to its edge, not halved there', async () => {
  const draws = Array.from({ length: 4000 }, () => [stream.exponential()]);
  const model = await fit(draws, { bounds: [{ lower: 0, by: 'reflection' }] });
  const without = await fit(draws, {});
  expect(at(model, 0)).toBeGreaterThan(0.8);
  expect(at(without, 0)).toBeLessThan(0.6);
  expect(model.logDensity([[-1e-9]])[0]).toBe(Number.NEGATIVE_INFINITY);
});

test('an azimuth beside a plain column and a bounded one: the sum over all images, with a matrix too', async () => {
  const rows = Array.from({ length: 30 }, () => [2 * Math.PI * stream.uniform(), stream.normal(), stream.uniform()]);
  const bounds = [
    { lower: 0, upper: 2 * Math.PI, by: 'wrapping' as const },
    null,
    { lower: 0, by: 'reflection' as const },
  ];
  const matrix = [
    [0.5, 0.2, 0.1],
    [0.2, 0.7, 0.15],
    [0.1, 0.15, 0.2],
  ];
  const model = await fit(rows, { bandwidth: matrix, bounds });
  const plain = await fit(rows, { bandwidth: matrix, relativeTolerance: 0 });
  for (const [x, y, z] of [...rows.slice(0, 5), [0, 3, 0], [6, -9, 4]]) {
    let expected = 0;
    for (let k = -8; k <= 8; k++) {
      for (const side of [z, -z]) expected += at(plain, x + 2 * Math.PI * k, y, side);
    }
    expect(at(model, x, y, z) / expected).toBeCloseTo(1, 7);
  }
});

describe('rules', () => {
  const searches = ['cross-validation', 'least-squares-cross-validation'] as const;

  test('a cluster on the seam of a circle is as narrow as anywhere', async () => {
    const bounds = [{ lower: 0, upper: 2 * Math.PI, by: 'wrapping' as const }];
    const turned = angles.map(([x]) => [(x + 3) % (2 * Math.PI)]);
    for (const bandwidth of ['scott', 'normal-reference', 'improved-sheather-jones', ...searches] as const) {
      const [seam] = (await fit(angles, { bandwidth, bounds })).bandwidth;
      const [middle] = (await fit(turned, { bandwidth, bounds })).bandwidth;
      expect(seam / middle).toBeCloseTo(1, 4);
      expect(seam).toBeLessThan(0.8);
    }
  });

  test.each(searches)('%s counts images: each step is the brute-force criterion', async (bandwidth) => {
    for (const by of ['reflection', 'wrapping'] as const) {
      const bounds = [{ lower: 0, upper: 1, by }];
      const model = await fit(shares, { bandwidth, bounds });
      const [scott] = (await fit(shares, { bounds })).bandwidth;
      for (const { factor, meanLogDensity, squaredError } of model.history.filter((_, i) => i % 7 === 0)) {
        const h = factor * scott;
        if (h > 0.5 || h < 0.01) continue;
        const folded = (x: number, width: number, except = -1): number => {
          const truth = { kernel: 'gaussian', rows: shares, bandwidth: [width] } as const;
          const images = Array.from({ length: 13 }, (_, i) => {
            const k = i - 6;
            return by === 'wrapping' ? [x + k] : [x + 2 * k, 2 * k - x];
          }).flat();
          return images.reduce((sum, y) => sum + Math.exp(directLogDensity(truth, [y], 1, except)), 0);
        };
        const left = shares.map(([x], i) => folded(x, h, i));
        const mean = left.reduce((sum, f) => sum + Math.log(f), 0) / shares.length;
        expect(meanLogDensity).toBeCloseTo(mean, 9);
        if (squaredError === undefined) continue;
        // The integral of f^2 by quadrature, not by convolved kernels.
        const square = integrate((x) => folded(x, h) ** 2, 0, 1, 500);
        const expected = square - (2 * left.reduce((sum, f) => sum + f, 0)) / shares.length;
        expect(squaredError).toBeCloseTo(expected, 6);
      }
    }
  });

  test.each(searches)('%s of columns that fold looks at no bandwidth that a model may not have', async (bandwidth) => {
    const rows = shares.slice(0, 12).map(([x], i) => [x, i % 5]);
    const bounds = [{ lower: 0, upper: 1, by: 'wrapping' as const }, null];
    for (const kernel of ['gaussian', 'linear'] as const) {
      const options = { kernel, bandwidth, bounds, bandwidthSearch: 'per-column' } as const;
      const [scott] = (await fit(rows, { kernel, bounds })).bandwidth;
      const model = await fit(rows, options);
      for (const { factors } of model.history) expect((factors?.[0] ?? 0) * scott).toBeLessThanOrEqual(10);
    }
  });

  test('of a transformed column are in its transformed unit', async () => {
    for (const bandwidth of ['scott', 'silverman', 'cross-validation'] as const) {
      const [h] = (await fit(positive, { bandwidth, bounds: [{ lower: 0, by: 'transformation' }] })).bandwidth;
      const logs = positive.map(([x]) => [Math.log(x)]);
      expect(h).toBeCloseTo((await fit(logs, { bandwidth })).bandwidth[0], 12);
    }
  });
});

test('a bounded model read back gives the same bits', async () => {
  const rows = shares.map(([x], i) => [x, positive[i][0], angles[i][0]]);
  const bounds = [
    { lower: 0, upper: 1, by: 'transformation' as const },
    { lower: 0, by: 'reflection' as const },
    { lower: 0, upper: 2 * Math.PI, by: 'wrapping' as const },
  ];
  for (const bandwidthShape of ['diagonal', 'full'] as const) {
    const model = await fit(rows, { bounds, bandwidthShape, bandwidth: 'cross-validation' });
    const copy = KernelDensityModel.fromJSON(JSON.stringify(model));
    expect(copy.logDensity(rows)).toEqual(model.logDensity(rows));
    expect(copy.sample(50, { seed: 1 })).toEqual(model.sample(50, { seed: 1 }));
    expect(copy.toState()).toEqual(model.toState());
    expect(copy.bounds).toEqual(bounds);
    const json = model.toJSON();
    json.tensors.rows.data[0] = 1.5;
    expect(() => KernelDensityModel.fromJSON(json)).toThrow(
      'entry 0 of tensor "rows" must be > 0 and < 1, but got 1.5.',
    );
  }
});

test('what does not fit the bounds is refused by row and column', async () => {
  await expect(fit([[0.5], [2]], { bounds: [{ lower: 0, upper: 1, by: 'reflection' }] })).rejects.toThrow(
    'KernelDensity.fit: row 1, column 0 must be >= 0 and <= 1, as option "bounds" says, but got 2.',
  );
  await expect(fit([[0], [2]], { bounds: [{ lower: 0, by: 'transformation' }] })).rejects.toThrow(
    'KernelDensity.fit: row 0, column 0 must be > 0, as option "bounds" says, but got 0.',
  );
  await expect(fit([[0, 1]], { bounds: [null] })).rejects.toThrow(
    'KernelDensity.fit: option "bounds" must hold one entry per column, 2, but got 1.',
  );
  await expect(
    fit([[0], [1]], { bandwidth: 20, bounds: [{ lower: 0, upper: 1, by: 'reflection' }] }),
  ).rejects.toMatchObject({ code: 'invalid-option' });
});

test('along a slanted kernel the only images in reach may be some turns away', async () => {
  const rows = [
    [0.5, 0],
    [0.3, 0.1],
  ];
  // Scales of 3 along the slant and 0.3 across it: at y = 2 the kernel is where x is about 2 too, in the next cell but one.
  const [long, short] = [4.5, 0.045];
  const bandwidth = [
    [long + short, long - short],
    [long - short, long + short],
  ];
  const determinant = bandwidth[0][0] ** 2 - bandwidth[0][1] ** 2;
  for (const kernel of ['biweight', 'tophat', 'gaussian'] as const) {
    for (const by of ['reflection', 'wrapping'] as const) {
      const model = await fit(rows, { kernel, bandwidth, bounds: [{ lower: 0, upper: 1, by }, null] });
      for (const x of [
        [0.2, 2],
        [0.6, -1.5],
        [0.9, 2.4],
        [0.1, 9],
      ]) {
        let sum = 0;
        for (let k = -40; k <= 40; k++) {
          for (const at of by === 'wrapping' ? [x[0] + k] : [x[0] + 2 * k, 2 * k - x[0]]) {
            for (const [p, q] of rows) {
              const [u, v] = [at - p, x[1] - q];
              const t = (bandwidth[0][0] * (u * u + v * v) - 2 * bandwidth[0][1] * u * v) / determinant;
              sum += { biweight: Math.max(0, 1 - t) ** 2, tophat: t <= 1 ? 1 : 0, gaussian: Math.exp(-t / 2) }[kernel];
            }
          }
        }
        const volume = { biweight: Math.PI / 3, tophat: Math.PI, gaussian: 2 * Math.PI }[kernel];
        const expected = Math.log(sum / (rows.length * volume * Math.sqrt(determinant)));
        const [found] = model.logDensity([x]);
        if (found !== expected) expect(found).toBeCloseTo(expected, 7);
      }
    }
  }
});
