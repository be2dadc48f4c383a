import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { KernelDensity, type KernelDensityOptions } from '../../src/kde/index.js';
import { bandwidthRules } from '../../src/kde/options.js';
import { type KernelName, kernelNamed, kernelNames } from '../../src/kernels/index.js';
import { integrate } from '../kernels/quadrature.js';

/** Densities of a one-column fit. */
async function densities(data: number[], options: KernelDensityOptions, at: number[], weights?: number[]) {
  const model = await new KernelDensity(options).fit(Samples.column(data), weights && { weights });
  return Array.from(model.logDensity(Samples.column(at)), Math.exp);
}

function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance: number): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    // Zeros must be zeros, and so on.
    if (actual[i] !== expected[i]) expect(Math.abs(actual[i] / expected[i] - 1)).toBeLessThan(tolerance);
  }
}

function normalRows(seed: number, n: number, d: number): number[][] {
  const stream = RandomStream.of(seed, 'rows');
  return Array.from({ length: n }, () => Array.from({ length: d }, () => stream.normal()));
}

describe('published values', () => {
  test('item 1: the gaussian density is the plain sum of normal densities', async () => {
    const data = [0.3, -1.2, 2.5, 0.31];
    const at = [-2, 0, 0.5, 4];
    const sums = at.map((x) => data.reduce((sum, m) => sum + Math.exp(-0.5 * ((x - m) / 0.7) ** 2), 0));
    const expected = sums.map((sum) => sum / (4 * 0.7 * Math.sqrt(2 * Math.PI)));
    expectClose(await densities(data, { bandwidth: 0.7 }, at), expected, 5e-14);
  });

  test('item 3: SciPy on [-7, -5, 1, 4, 5], by Scott, and far out', async () => {
    const data = [-7, -5, 1, 4, 5];
    const expected = [0.024633857551, 0.046892081618, 0.053954438692, 0.053377539066, 0.016644752728];
    expectClose(await densities(data, {}, [-10, -5, 0, 5, 10]), expected, 1e-10);
    const model = await new KernelDensity().fit(Samples.column(data));
    expect(model.logDensity([[50]])[0]).toBeCloseTo(-70.763774008579, 11);
    const half = 0.5 * 4.119931452888009;
    const atData = [0.06292987, 0.06346938, 0.05860291, 0.08657652, 0.07904017];
    expectClose(await densities(data, { bandwidth: half }, data), atData, 1e-6);
  });

  test('item 4: SciPy on 0, 1, 2, 3, 4, by Scott', async () => {
    const expected = [0.13480721, 0.18222869, 0.19514935, 0.18222869, 0.13480721];
    expectClose(await densities([0, 1, 2, 3, 4], {}, [0, 1, 2, 3, 4]), expected, 5e-8);
  });

  test('item 5: R and KDEpy on [0, 0.1, 1], bandwidths given as standard deviations', async () => {
    const data = [0, 0.1, 1];
    const five = [-1, -0.5, 0, 0.5, 1];
    const cases: [KernelName, number, number[], number[], number][] = [
      ['gaussian', 1, [-1, 0, 1], [0.17127129, 0.34595518, 0.30233275], 5e-8],
      ['gaussian', 0.1, five, [2.56493684e-22, 4.97598466e-6, 2.13637668, 4.56012216e-4, 1.3298076], 5e-8],
      // R's `density` interpolates a grid: 2e-3.
      ['linear', 0.6, [-1, 0, 1], [0.1298519, 0.5098009, 0.3865535], 4e-3],
      ['tophat', 0.6, [-1, 0, 1], [0.1603751, 0.4811252, 0.4811252], 4e-3],
      ['biweight', 2, five, [0.1524078, 0.1655184, 0.172987, 0.1743973, 0.1696706], 4e-3],
    ];
    for (const [kernel, deviation, at, expected, tolerance] of cases) {
      const bandwidth = deviation / Math.sqrt(kernelNamed(kernel).variance(1));
      expectClose(await densities(data, { kernel, bandwidth }, at), expected, tolerance);
    }
  });

  test('item 6: SciPy with weights 1, 2, 4, 8, 16', async () => {
    const data = [0.2, 13.5, 21, 75, 99];
    const weights = [1, 2, 4, 8, 16];
    const expected = [0.002700449906, 0.003291126595, 0.008955405393];
    expectClose(await densities(data, {}, [0.3, 11, 88], weights), expected, 2e-10);
  });
});

describe('item 7: weights', () => {
  const rows = normalRows(1, 60, 2);
  const at = normalRows(2, 30, 2);
  const integers = rows.map((_, i) => (i * 7) % 4);
  const repeated = rows.flatMap((row, i) => new Array(integers[i]).fill(row));
  const fit = (data: number[][], options: KernelDensityOptions, weights?: number[]) =>
    new KernelDensity({ leafSize: 4, ...options }).fit(data, weights && { weights });

  test.each(kernelNames)('an integer weight is as many rows, to rounding (%s)', async (kernel) => {
    const weighted = await fit(rows, { kernel, bandwidth: 1.5, relativeTolerance: 0 }, integers);
    const plain = await fit(repeated, { kernel, bandwidth: 1.5, relativeTolerance: 0 });
    expectClose(weighted.logDensity(at).map(Math.exp), plain.logDensity(at).map(Math.exp), 1e-13);
    expect(weighted.sample(500, { seed: 3 }).data).toEqual(plain.sample(500, { seed: 3 }).data);
  });

  const everyRule = [...bandwidthRules, 0.7] as const;

  test.each(everyRule)('weight 0 is no row, with bandwidth %s, to the bit', async (bandwidth) => {
    const weights = rows.map((_, i) => (i % 3 === 0 ? 0 : 1 + (i % 5)));
    const kept = rows.filter((_, i) => weights[i] > 0);
    const keptWeights = weights.filter((weight) => weight > 0);
    const with0 = await fit(rows, { bandwidth }, weights);
    const without = await fit(kept, { bandwidth }, keptWeights);
    expect(with0.bandwidth).toEqual(without.bandwidth);
    expect(with0.rows).toBe(40);
    expect(with0.logDensity(at)).toEqual(without.logDensity(at));
    expect(with0.sample(50, { seed: 1 })).toEqual(without.sample(50, { seed: 1 }));
  });

  test.each(bandwidthRules)('only ratios count, by %s', async (bandwidth) => {
    const weights = rows.map((_, i) => 1 + (i % 5));
    const one = await fit(rows, { bandwidth }, weights);
    for (const factor of [1 / 4, 1e-200, 3e200]) {
      const other = await fit(
        rows,
        { bandwidth },
        weights.map((weight) => weight * factor),
      );
      expectClose(other.bandwidth, one.bandwidth, 1e-5);
      const same = await fit(
        rows,
        { bandwidth: one.bandwidth },
        weights.map((weight) => weight * factor),
      );
      expectClose(same.logDensity(at), one.logDensity(at), 1e-8);
    }
    const constant = await fit(
      rows,
      { bandwidth },
      rows.map(() => 2.5),
    );
    const none = await fit(rows, { bandwidth });
    expectClose(constant.bandwidth, none.bandwidth, 1e-5);
  });

  test('bad weights are refused by row, and good ones stay as they were', async () => {
    const estimator = new KernelDensity();
    const weights = [1, 2, 3];
    await estimator.fit([[1], [2], [4]], { weights });
    expect(weights).toEqual([1, 2, 3]);
    await expect(estimator.fit([[1], [2], [4]], { weights: [1, -1, 1] })).rejects.toThrow(
      'KernelDensity.fit: weight of row 1 must be finite and >= 0, but got -1.',
    );
    await expect(estimator.fit([[1], [2]], { weights: [1] })).rejects.toThrow('one number per row, 2, but got 1');
    await expect(estimator.fit([[1], [2]], { weights: [0, 0] })).rejects.toThrow('weights must not all be zero');
  });
});

describe('item 10: a density', () => {
  test.each(kernelNames)('integrates to 1 in one dimension (%s)', async (kernel) => {
    const model = await new KernelDensity({ kernel, bandwidth: 0.5 }).fit(Samples.column([-1, 0, 0.3, 2]));
    const far = kernel === 'exponential' ? 30 : 8;
    const mass = integrate((x) => Math.exp(model.logDensity([[x]])[0]), -far, far, 4000);
    expect(mass).toBeCloseTo(1, 3);
  });

  test.each(kernelNames)('integrates to 1 in two dimensions, with a bandwidth per column (%s)', async (kernel) => {
    const rows = [
      [0, 0],
      [1, 3],
      [0.5, -2],
    ];
    const model = await new KernelDensity({ kernel, bandwidth: [0.5, 2], relativeTolerance: 1e-4 }).fit(rows);
    const far = kernel === 'exponential' ? 20 : 6;
    const cells = 200;
    // Midpoints in units of the bandwidths.
    const at: number[][] = [];
    for (let i = 0; i < cells; i++) {
      for (let j = 0; j < cells; j++) {
        const [u, v] = [i, j].map((k) => ((2 * k + 1) / cells - 1) * far);
        at.push([0.5 + 0.5 * u, 2 * v]);
      }
    }
    const sum = model.logDensity(at).reduce((partial, x) => partial + Math.exp(x), 0);
    expect(sum * ((2 * far) / cells) ** 2).toBeCloseTo(1, kernel === 'tophat' ? 1 : 2);
  });

  test('item 17: a marginal is the density of the columns alone, with the same bandwidths', async () => {
    const rows = normalRows(5, 20, 2);
    const joint = await new KernelDensity({ bandwidth: [0.5, 0.8] }).fit(rows);
    const marginal = await new KernelDensity({ bandwidth: 0.5 }).fit(rows.map(([x]) => [x]));
    for (const x of [-1, 0.2, 3]) {
      const mass = integrate((y) => Math.exp(joint.logDensity([[x, y]])[0]), -12, 12, 400);
      expect(mass / Math.exp(marginal.logDensity([[x]])[0])).toBeCloseTo(1, 7);
    }
  });
});

describe('invariances', () => {
  test('item 11: two parts add up to the whole', async () => {
    const rows = normalRows(6, 50, 3);
    const at = normalRows(7, 20, 3);
    const fit = async (part: number[][]) =>
      (await new KernelDensity({ bandwidth: 0.6, relativeTolerance: 0 }).fit(part)).logDensity(at).map(Math.exp);
    const [all, first, second] = [await fit(rows), await fit(rows.slice(0, 13)), await fit(rows.slice(13))];
    expectClose(
      first.map((f, i) => (13 * f + 37 * second[i]) / 50),
      all,
      1e-12,
    );
  });

  test.each(bandwidthRules)(
    'item 12: shift and scale carry over to bandwidth and density, by %s',
    async (bandwidth) => {
      const rows = normalRows(8, 80, 2);
      const at = normalRows(9, 20, 2);
      const plain = await new KernelDensity({ bandwidth }).fit(rows);
      const map = (points: number[][], scale: number, shift: number) =>
        points.map((row) => row.map((x) => scale * x + shift));
      for (const [scale, shift] of [
        [1e-8, 0],
        [1e-6, 1],
        [1e8, -1e8],
        [1, 1e8],
        [1e-150, 0],
        [1e150, 0],
      ]) {
        const mapped = await new KernelDensity({ bandwidth }).fit(map(rows, scale, shift));
        // A shift by 1e8 leaves 8 digits of each coordinate.
        const digits = Math.max(1e-5, (4 * Math.abs(shift) * 2 ** -52) / scale);
        expectClose(
          mapped.bandwidth.map((h) => h / scale),
          plain.bandwidth,
          digits,
        );
        const logDensity = mapped.logDensity(map(at, scale, shift)).map((x) => x + 2 * Math.log(scale));
        plain.logDensity(at).forEach((x, i) => {
          expect(Math.abs(logDensity[i] - x)).toBeLessThan(100 * digits);
        });
      }
    },
  );

  test('item 12: one bandwidth for all columns does not notice a rotation', async () => {
    const rows = normalRows(10, 60, 2);
    const at = normalRows(11, 20, 2);
    const turn = ([x, y]: number[]) => [0.6 * x - 0.8 * y, 0.8 * x + 0.6 * y];
    const plain = await new KernelDensity({ bandwidth: 0.4 }).fit(rows);
    const turned = await new KernelDensity({ bandwidth: 0.4 }).fit(rows.map(turn));
    expectClose(turned.logDensity(at.map(turn)), plain.logDensity(at), 1e-7);
  });

  test('item 12: the order of the rows does not matter, to the tolerance', async () => {
    const rows = normalRows(12, 200, 3);
    const at = normalRows(13, 20, 3);
    const order = RandomStream.of(1).permutation(200);
    const shuffled = Array.from(order, (i) => rows[i]);
    for (const bandwidth of ['scott', 0.3] as const) {
      const options = { bandwidth, relativeTolerance: 0, leafSize: 5 };
      const [a, b] = [await new KernelDensity(options).fit(rows), await new KernelDensity(options).fit(shuffled)];
      expectClose(b.logDensity(at), a.logDensity(at), 1e-12);
    }
  });

  test('each row of a call is answered alone: subsets and other orders give the same bits', async () => {
    const model = await new KernelDensity({ leafSize: 8 }).fit(normalRows(14, 300, 2));
    const at = [...normalRows(15, 40, 2), [100, 100], [0, 1e6]];
    const all = model.logDensity(at);
    expect(model.logDensity([...at].reverse())).toEqual(all.slice().reverse());
    for (const [i, row] of at.entries()) expect(model.logDensity([row])[0]).toBe(all[i]);
    expect(model.logDensity(at)).toEqual(all);
  });
});

describe('what is refused', () => {
  test('bandwidths of another number than the columns', async () => {
    await expect(new KernelDensity({ bandwidth: [1, 2] }).fit([[1, 2, 3]])).rejects.toThrow(
      'KernelDensity.fit: option "bandwidth" must hold one number per column, 3, but got 2.',
    );
  });

  test('rows of another width than those of the fit', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[1, 2]]);
    expect(() => model.logDensity([[1, 2, 3]])).toThrow(
      'KernelDensityModel.logDensity: rows must have 2 columns, as in fit, but got 3.',
    );
  });

  test('options that are none', () => {
    expect(() => new KernelDensity({ bandwith: 1 } as KernelDensityOptions)).toThrow(
      'KernelDensity: unknown option "bandwith"; did you mean "bandwidth"?',
    );
    expect(() => new KernelDensity({ bandwidth: 0 })).toThrow(
      'KernelDensity: option "bandwidth" must be a finite number > 0, or an array, each entry a finite number > 0, or a ' +
        'symmetric positive definite matrix as an array of rows, or one of "scott", "silverman", "normal-reference", ' +
        '"improved-sheather-jones", "cross-validation" or "least-squares-cross-validation", but got 0.',
    );
  });
});

test('the model does not share its inside', async () => {
  const bandwidth = [1, 2];
  const rows = [
    [1, 2],
    [3, 4],
  ];
  const model = await new KernelDensity({ bandwidth }).fit(rows);
  const before = model.logDensity([[0, 0]])[0];
  bandwidth[0] = 9;
  rows[0][0] = 9;
  model.bandwidth[0] = 9;
  model.toState().tensors.rows.data[0] = 9;
  expect(model.bandwidth).toEqual(Float64Array.of(1, 2));
  expect(model.logDensity([[0, 0]])[0]).toBe(before);
});

test('rows may be changed while the fit is under way', async () => {
  const rows = normalRows(1, 50, 1);
  const expected = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(rows);
  const copy = rows.map((row) => [...row]);
  const fitting = new KernelDensity({ bandwidth: 'cross-validation' }).fit(copy);
  for (const row of copy) row[0] = Number.NaN;
  expect((await fitting).bandwidth).toEqual(expected.bandwidth);
});
