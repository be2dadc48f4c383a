import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { type KernelName, kernelNames } from '../../src/kernels/index.js';
import { integrate } from '../kernels/quadrature.js';
import { directLogDensity } from './direct.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const stream = RandomStream.of(1, 'adaptive');
const plane = Array.from({ length: 60 }, (_, i) => [stream.normal() * (i % 3 === 0 ? 4 : 0.5), stream.normal()]);
const weights = plane.map((_, i) => 1 + (i % 4));
const line = plane.map(([x]) => [x]);

/** Abramson's estimate straight from its definition. */
function byHand(kernel: KernelName, rows: number[][], given: number[], h: number[], alpha: number) {
  const total = given.reduce((sum, w) => sum + w, 0);
  const pilot = rows.map((x) => directLogDensity({ kernel, rows, weights: given, bandwidth: h }, x));
  const mean = pilot.reduce((sum, log, i) => sum + (given[i] / total) * log, 0);
  const factors = pilot.map((log) => Math.exp(-alpha * (log - mean)));
  const density = (x: number[]): number =>
    rows.reduce((sum, row, i) => {
      const one = { kernel, rows: [row], bandwidth: h.map((b) => b * factors[i]) };
      return sum + (given[i] / total) * Math.exp(directLogDensity(one, x));
    }, 0);
  return { factors, density };
}

describe.each(kernelNames)('%s', (kernel) => {
  test('the density is Abramson`s, by direct summation, at any tolerance', async () => {
    const bandwidth = [0.9, 1.2];
    for (const adaptation of [0.5, 1]) {
      const { factors, density } = byHand(kernel, plane, weights, bandwidth, adaptation);
      for (const relativeTolerance of [1e-3, 1e-8]) {
        const model = await fit(plane, { kernel, bandwidth, adaptation, relativeTolerance, leafSize: 4 }, weights);
        model.bandwidthFactors?.forEach((factor, i) => {
          expect(factor / factors[i]).toBeCloseTo(1, 7);
        });
        for (const x of [[0, 0], [1, -2], [-5, 0.4], [9, 1], plane[3]]) {
          const expected = density(x);
          const found = Math.exp(model.logDensity([x])[0]);
          // The factors themselves are good to eight digits: at a kernel's edge that shows.
          if (expected > 1e-12) expect(Math.abs(found / expected - 1)).toBeLessThan(1.1 * relativeTolerance + 2e-6);
        }
      }
    }
  });

  test('in one dimension mass, distribution function and samples belong to it', async () => {
    const model = await fit(line, { kernel, bandwidth: 0.8, adaptation: 0.5 }, weights);
    const f = (x: number): number => Math.exp(model.logDensity([[x]])[0]);
    const [a, b] = model.quantile([0.2, 0.9]);
    expect(integrate(f, a, b, 8000)).toBeCloseTo(0.7, 3);
    const drawn = model.sample(20_000, { seed: 1 }).data.slice().sort();
    let distance = 0;
    for (let i = 0; i < drawn.length; i += 200) {
      distance = Math.max(distance, Math.abs(model.cdf([[drawn[i]]])[0] - (i + 0.5) / drawn.length));
    }
    expect(distance).toBeLessThan(1.95 / Math.sqrt(20_000));
    const [low, high] = model.quantile([0, 1]);
    for (const x of drawn) {
      expect(x).toBeGreaterThanOrEqual(low);
      expect(x).toBeLessThanOrEqual(high);
    }
  });
});

test('tails: far out the widest kernels decide, and no logarithm is lost', async () => {
  const model = await fit(line, { bandwidth: 0.3, adaptation: 0.5 });
  const { factors } = byHand(
    'gaussian',
    line,
    line.map(() => 1),
    [0.3],
    0.5,
  );
  const terms = line.map(([x], i) => -0.5 * ((1e4 - x) / (0.3 * factors[i])) ** 2 - Math.log(factors[i]));
  const most = Math.max(...terms);
  const sum = Math.log(terms.reduce((partial, term) => partial + Math.exp(term - most), 0)) + most;
  const expected = sum - Math.log(line.length * 0.3 * Math.sqrt(2 * Math.PI));
  expect(model.logDensity([[1e4]])[0] / expected).toBeCloseTo(1, 7);
});

test('the gradient and the modes are those of the density', async () => {
  for (const kernel of ['gaussian', 'exponential', 'triweight'] as const) {
    const options = { kernel, bandwidth: 2, adaptation: 0.5, relativeTolerance: 1e-13 };
    const model = await fit(plane, options, weights);
    for (const x of [
      [0.3, 0.2],
      [-1, 1.1],
    ]) {
      const gradient = model.logDensityGradient([x]);
      for (let j = 0; j < 2; j++) {
        const at = (step: number): number => model.logDensity([x.map((v, k) => (k === j ? v + step * 1e-3 : v))])[0];
        const difference = (8 * (at(1) - at(-1)) - (at(2) - at(-2))) / 12e-3;
        expect(Math.abs(gradient.get(0, j) - difference)).toBeLessThan(1e-5);
      }
    }
    if (kernel === 'exponential') continue;
    const { points } = model.modes();
    expect(points.rows).toBeGreaterThan(0);
    for (const g of model.logDensityGradient(points).data) expect(Math.abs(g)).toBeLessThan(1e-6);
  }
});

test('with bounds, matrices, marginals, conditionals and files', async () => {
  const rows = plane.map(([x, y], i) => [x, y, (i * 0.37) % 1]);
  const bounds = [null, null, { lower: 0, upper: 1, by: 'reflection' as const }];
  for (const bandwidthShape of ['diagonal', 'full'] as const) {
    const model = await fit(rows, { bandwidthShape, bounds, adaptation: 0.5, relativeTolerance: 1e-12 }, weights);
    const copy = KernelDensityModel.fromJSON(JSON.stringify(model));
    expect(copy.logDensity(rows)).toEqual(model.logDensity(rows));
    expect(copy.sample(20, { seed: 1 })).toEqual(model.sample(20, { seed: 1 }));
    expect(copy.bandwidthFactors).toEqual(model.bandwidthFactors);
    const marginal = model.marginal([2, 0]);
    const mass = integrate((y) => Math.exp(model.logDensity([[0.4, y, 0.9]])[0]), -25, 25, 3000);
    expect(Math.exp(marginal.logDensity([[0.9, 0.4]])[0]) / mass).toBeCloseTo(1, 6);
    const conditional = model.conditional({ given: { 0: 0.4, 2: 0.9 } });
    const expected = model.logDensity([[0.4, 0.7, 0.9]])[0] - marginal.logDensity([[0.9, 0.4]])[0];
    expect(conditional.logDensity([[0.7]])[0]).toBeCloseTo(expected, 8);
    const json = model.toJSON();
    json.tensors.factors.data[3] = 0;
    expect(() => KernelDensityModel.fromJSON(json)).toThrow('entry 3 of tensor "factors" must be > 0, but got 0.');
  }
  const box = await fit(plane, { adaptation: 0.5 }, weights);
  const inside = box.boxProbability([-1, -1], [0.5, 2]);
  expect(inside.standardError).toBe(0);
  const share = box
    .sample(40_000, { seed: 2 })
    .toArray()
    .filter(([x, y]) => x >= -1 && x <= 0.5 && y >= -1 && y <= 2);
  expect(Math.abs(share.length / 40_000 - inside.probability)).toBeLessThan(4.5 * Math.sqrt(0.25 / 40_000));
  expect(box.densityOnGrid({ cells: 4 }).error).toBe(0);
});

test('narrow where rows are dense, wide where they are rare: a bump and its tail', async () => {
  const model = await fit(line, { adaptation: 0.5 });
  const factors = model.bandwidthFactors as Float64Array;
  const order = Array.from(line.keys()).sort((a, b) => Math.abs(line[a][0]) - Math.abs(line[b][0]));
  expect(factors[order[0]]).toBeLessThan(1);
  expect(factors[order[59]]).toBeGreaterThan(1);
  // Weighted geometric mean 1, but for the pilot's tolerance.
  expect(factors.reduce((sum, factor) => sum + Math.log(factor), 0)).toBeCloseTo(0, 6);
  expect((await fit(line, {})).bandwidthFactors).toBeUndefined();
});

test('pilots leaf by leaf are those row by row: large data, every number of columns, matrices and mirrors', async () => {
  for (const d of [1, 2, 3, 4]) {
    const draws = RandomStream.of(d, 'large');
    const rows = Array.from({ length: 3000 }, () => Array.from({ length: d }, () => Math.abs(draws.normal())));
    const given = rows.map((_, i) => 1 + (i % 3));
    const total = given.reduce((sum, w) => sum + w, 0);
    const mirrored = [{ lower: 0, by: 'reflection' as const }, ...new Array(d - 1).fill(null)];
    for (const options of [{}, { bandwidthShape: 'full' }, { bounds: mirrored, bandwidth: 0.5 }] as const) {
      const logs = (await fit(rows, { ...options, relativeTolerance: 1e-12 }, given)).logDensity(rows);
      const mean = logs.reduce((sum, log, i) => sum + (given[i] / total) * log, 0);
      const { bandwidthFactors } = await fit(rows, { ...options, adaptation: 0.5 }, given);
      bandwidthFactors?.forEach((factor, i) => {
        expect(Math.abs(Math.log(factor) + 0.5 * (logs[i] - mean))).toBeLessThan(1.1e-8);
      });
    }
  }
});
