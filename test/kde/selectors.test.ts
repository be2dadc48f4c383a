import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { readWeights, unitWeights } from '../../src/core/weights.js';
import {
  fixedPointResidual,
  type IsjGrid,
  improvedSheatherJones,
  linearBins,
} from '../../src/kde/improved-sheather-jones.js';
import {
  type BandwidthRule,
  KernelDensity,
  KernelDensityModel,
  type KernelDensityOptions,
} from '../../src/kde/index.js';
import { bandwidthRules } from '../../src/kde/options.js';
import { sortColumn } from '../../src/kde/sorted-column.js';
import { directLogDensity } from './direct.js';

const faithful = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8')
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => line.split(',').map(Number));
const eruptions = faithful.map(([x]) => [x]);
const waiting = faithful.map(([, y]) => [y]);

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const column = (values: number[]) => ({
  values: Float64Array.from(values),
  weights: unitWeights(values.length),
  name: 'x',
});

function normalRows(seed: number | string, n: number, d: number): number[][] {
  const stream = RandomStream.of(seed, 'rows');
  return Array.from({ length: n }, () => Array.from({ length: d }, () => stream.normal()));
}

describe('improved Sheather-Jones', () => {
  const isj: KernelDensityOptions = { bandwidth: 'improved-sheather-jones' };

  // Values of Botev's own program, quoted by KDEpy.
  test('item 14: the residual of the fixed point', async () => {
    const pacer = new Pacer('test');
    const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
    const [fifty, ten] = [upTo(50), upTo(10)].map((values) => ({ squares: values, powers: values }));
    expect(await fixedPointResidual(0.01, 50, fifty, pacer)).toBeCloseTo(0.009907622029396762, 15);
    expect(await fixedPointResidual(0.07, 25, ten, pacer)).toBeCloseTo(0.06834229152571748, 15);
    expect(Math.abs(await fixedPointResidual(9.237610787616029e-5, 50, fifty, pacer))).toBeLessThan(1e-12);
  });

  test('item 13: Old Faithful', async () => {
    expect((await fit(eruptions, isj)).bandwidth[0]).toBeCloseTo(0.18187, 4);
    expect((await fit(waiting, isj)).bandwidth[0]).toBeCloseTo(4.838, 2);
  });

  test('item 13: neither the size of the grid nor its padding matter by 1%', async () => {
    const pacer = new Pacer('test');
    for (const values of [eruptions.flat(), waiting.flat(), normalRows(3, 400, 1).flat()]) {
      const sorted = await sortColumn(column(values), 'sorting', pacer);
      const isj = async (grid?: IsjGrid) =>
        (await improvedSheatherJones(column(values), sorted, pacer, grid)) ?? Number.NaN;
      const reference = await isj();
      for (const cells of [2 ** 10, 2 ** 12, 2 ** 16]) {
        for (const padding of [0.25, 0.5, 1, 3]) {
          const other = await isj({ cells, padding });
          expect(Math.abs(other / reference - 1)).toBeLessThan(0.01);
        }
      }
    }
  });

  // KDEpy divides by the range of the data where the grid is wider: half as much at best, a thirtieth for sd = 0.05.
  test.each([1e-8, 0.05, 1, 100, 1e8])(
    'KDEpy#199, #201: 1,000 normal rows of deviation %f are smoothed alike',
    async (s) => {
      const rows = normalRows(0, 1000, 1).map(([x]) => [s * x]);
      const [h] = (await fit(rows, isj)).bandwidth;
      // 1.06 n^(-1/5) = 0.27 is best for the normal distribution.
      expect(h / s).toBeGreaterThan(0.24);
      expect(h / s).toBeLessThan(0.3);
      const [unit] = (await fit(normalRows(0, 1000, 1), isj)).bandwidth;
      expect(h / s / unit).toBeCloseTo(1, 6);
    },
  );

  test('keeps narrow clusters apart that are far from each other', async () => {
    const rows = normalRows(1, 400, 1).map(([x], i) => [x + (i % 2) * 1e4]);
    const model = await fit(rows, isj);
    // Each cluster alone: 1.06 * 200^(-1/5) = 0.37.
    expect(model.bandwidth[0]).toBeGreaterThan(0.2);
    expect(model.bandwidth[0]).toBeLessThan(0.5);
    expect(model.warnings).toEqual([]);
  });

  // KDEpy#133 asks for this in place of an exception.
  test('KDEpy#133: where there is no solution, another rule stands in, and the model says so', async () => {
    const rows = [[0], [1]];
    const model = await fit(rows, isj);
    expect(model.bandwidth).toEqual((await fit(rows, { bandwidth: 'normal-reference' })).bandwidth);
    expect(model.warnings).toEqual([
      'the improved Sheather-Jones equation has no solution for column 0; "normal-reference" stands in for it there.',
    ]);
  });

  test('in two dimensions each column is taken alone, and widened for the dimension', async () => {
    const factor = (d: number) => ((272 * (d + 2)) / 4) ** (-1 / (d + 4));
    const both = (await fit(faithful, isj)).bandwidth;
    for (const [j, rows] of [eruptions, waiting].entries()) {
      const alone = (await fit(rows, isj)).bandwidth[0];
      expect(both[j] / alone).toBeCloseTo(factor(2) / factor(1), 12);
    }
  });
});

test('item 19: values are shared out between the nearest two cells, as KDEpy does', async () => {
  const pacer = new Pacer('test');
  const values = Float64Array.of(1, 2, 2.5, 3);
  // Cells from 0.5 to 3.5: their middles are 1, 2, 3.
  const plain = await linearBins({ values, weights: unitWeights(4), name: 'x' }, 0.5, 1, 3, pacer);
  expect(Array.from(plain)).toEqual([1 / 4, 1.5 / 4, 1.5 / 4]);
  const weights = readWeights([2, 1, 3, 2], 4, 'test');
  const weighted = await linearBins({ values, weights, name: 'x' }, 0.5, 1, 3, pacer);
  expect(Array.from(weighted)).toEqual([2 / 8, 2.5 / 8, 3.5 / 8]);
});

describe('the robust normal reference', () => {
  test('item 13: R`s nrd0 and nrd of the eruptions, by their own constants', async () => {
    const [h] = (await fit(eruptions, { bandwidth: 'normal-reference' })).bandwidth;
    // All are a constant times min(s, IQR / 1.35) n^(-1/5); here s is the smaller. (R prints 0.3348 and 0.3943.)
    const constant = (4 / 3) ** 0.2;
    expect((0.9 / constant) * h).toBeCloseTo(0.33477703446, 10);
    expect((1.06 / constant) * h).toBeCloseTo(0.39429295, 8);
    expect(h).toBeCloseTo(0.39400424, 8);
  });

  test('item 14: 0 to 8', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => [i]);
    expect((await fit(rows, { bandwidth: 'normal-reference' })).bandwidth[0]).toBeCloseTo(1.8692607078355594, 12);
  });

  test('an outlier does not widen it, by the quartiles of NumPy', async () => {
    const rows = [...Array.from({ length: 99 }, (_, i) => [i]), [1e6]];
    // np.percentile(x, [25, 75]) = 24.75, 74.25.
    const expected = ((100 * 3) / 4) ** -0.2 * (49.5 / 1.3489795003921634);
    expect((await fit(rows, { bandwidth: 'normal-reference' })).bandwidth[0]).toBeCloseTo(expected, 9);
  });

  test('weights: quartiles of weighted rows lie where weight is', async () => {
    const rows = normalRows(2, 500, 1);
    const weights = rows.map(([x]) => (x < 0 ? 1e-6 : 1));
    const [h] = (await fit(rows, { bandwidth: 'normal-reference' }, weights)).bandwidth;
    const kept = rows.filter(([x]) => x >= 0);
    const [expected] = (await fit(kept, { bandwidth: 'normal-reference' })).bandwidth;
    expect(h / expected).toBeCloseTo(1, 2);
  });

  // vega#2085, KDEpy#9 and statsmodels GH-6679: a bandwidth of 0, and NaN from there on.
  test.each(bandwidthRules)(
    'item 16: ties that make the quartiles equal leave a positive bandwidth (%s)',
    async (bandwidth) => {
      const tied = [377, 347, 347, 347, 347, 347].map((x) => [x]);
      const model = await fit(tied, { bandwidth });
      expect(model.bandwidth[0]).toBeGreaterThan(0);
      expect(model.bandwidth[0]).toBeLessThan(20);
      // The vector of statsmodels' own test: ten ties of thirteen.
      const mostlyTied = [...new Array(10).fill(4.59511985), 5.67332327, 6.19847872, 7.43189192].map((x) => [x]);
      const [h] = (await fit(mostlyTied, { bandwidth })).bandwidth;
      expect(h).toBeGreaterThan(0.01);
      expect(h).toBeLessThan(1);
      if (bandwidth === 'cross-validation' || bandwidth === 'least-squares-cross-validation') return;
      await expect(fit([[1], [1], [1]], { bandwidth })).rejects.toMatchObject({ code: 'degenerate-data' });
      await expect(fit([[1]], { bandwidth })).rejects.toMatchObject({ code: 'degenerate-data' });
    },
  );
});

describe('least squares', () => {
  const lscv: KernelDensityOptions = { bandwidth: 'least-squares-cross-validation' };

  /** The criterion by all pairs, for one factor per column. */
  function criterion(rows: number[][], bandwidth: number[], weights = rows.map(() => 1)): number {
    const total = weights.reduce((sum, w) => sum + w, 0);
    const wide = bandwidth.map((h) => h * Math.SQRT2);
    let sum = 0;
    for (const [i, x] of rows.entries()) {
      const square = directLogDensity({ kernel: 'gaussian', rows, weights, bandwidth: wide }, x);
      const left = directLogDensity({ kernel: 'gaussian', rows, weights, bandwidth }, x, 1, i);
      sum += (weights[i] / total) * (Math.exp(square) - 2 * Math.exp(left));
    }
    return sum;
  }

  test('item 13: the exact optimum of the eruptions, ties and all', async () => {
    const model = await fit(eruptions, lscv);
    expect(model.bandwidth[0]).toBeCloseTo(0.1026267, 6);
    const chosen = model.bandwidth[0] / (await fit(eruptions, {})).bandwidth[0];
    const step = model.history.find(({ factor }) => Math.abs(factor / chosen - 1) < 1e-12);
    expect(step?.squaredError).toBeCloseTo(-0.4284678, 7);
    // Rounded to seconds, the eruptions repeat: towards bandwidth 0 the criterion falls without end.
    expect(criterion(eruptions, [1e-4])).toBeLessThan(-1);
    expect(model.warnings[0]).toMatch(/rows repeat, so that least squares have no optimum but local ones/);
  });

  test.each([undefined, 'weights'])('every step is the brute-force criterion (%s)', async (weighted) => {
    const rows = normalRows(4, 40, 2);
    const weights = weighted && rows.map((_, i) => 1 + (i % 3));
    const model = await fit(rows, lscv, weights || undefined);
    const scott = (await fit(rows, {}, weights || undefined)).bandwidth;
    expect(model.history.length).toBeGreaterThan(5);
    for (const { factor, squaredError } of model.history) {
      const expected = criterion(
        rows,
        Array.from(scott, (h) => h * factor),
        weights || undefined,
      );
      expect(Math.abs((squaredError ?? 0) - expected)).toBeLessThan(1e-10);
    }
  });

  // Such samples have local minima beside the best: statsmodels' simplex ends in one or the other.
  test('statsmodels#3145: the optimum is the global one', async () => {
    for (let seed = 0; seed < 12; seed++) {
      const rows = normalRows(seed, 30, 1).map(([x], i) => [i % 3 === 0 ? 0.05 * x : x]);
      const model = await fit(rows, lscv);
      const reached = criterion(rows, [model.bandwidth[0]]);
      for (let x = -4; x < 1; x += 0.01) expect(criterion(rows, [Math.exp(x)])).toBeGreaterThan(reached - 1e-5);
    }
  });
});

describe('item 15: a bandwidth for each column, as R`s np finds them', () => {
  // The first 50 rows of np's oecdpanel$growth and Italy$gdp.
  const growth = [
    -0.0017584, 0.00740688, 0.03424461, 0.03848719, 0.02932506, 0.03769199, 0.0466038, 0.00199456, 0.03679607,
    0.01917304, -0.00221, 0.00787269, 0.03441118, -0.0109228, 0.02043064, -0.0307962, 0.02008947, 0.00580313,
    0.00344502, 0.04706358, 0.03585851, 0.01464953, 0.04525762, 0.04109222, -0.0087903, 0.04087915, 0.04551403,
    0.036916, 0.00369293, 0.0718669, 0.02577732, -0.0130759, -0.01656641, 0.00676429, 0.08833017, 0.05092105,
    0.02005877, 0.00183858, 0.03903173, 0.05832116, 0.0494571, 0.02078484, 0.09213897, 0.0070534, 0.08677202,
    0.06830603, -0.00041, 0.0002856, 0.03421225, -0.0036825,
  ];
  const gdp = [
    8.556, 12.262, 9.587, 8.119, 5.537, 6.796, 8.638, 6.483, 6.212, 5.111, 6.001, 7.027, 4.616, 3.922, 4.688, 3.957,
    3.159, 3.763, 3.829, 5.242, 6.275, 8.518, 11.542, 9.348, 8.02, 5.527, 6.865, 8.666, 6.672, 6.289, 5.286, 6.271,
    7.94, 4.72, 4.357, 4.672, 3.883, 3.065, 3.489, 3.635, 5.443, 6.302, 9.054, 12.485, 9.896, 8.33, 6.161, 7.055, 8.717,
    6.95,
  ];
  const rows = growth.map((x, i) => [x, gdp[i]]);

  test('least squares', async () => {
    const model = await fit(rows, { bandwidth: 'least-squares-cross-validation', bandwidthSearch: 'per-column' });
    expect(model.bandwidth[0]).toBeCloseTo(0.00435959, 5);
    expect(model.bandwidth[1]).toBeCloseTo(1.93612148, 2);
    const expected = [1.6202284, 0.7914245, 1.6084174, 2.4987204, 1.3705258];
    const found = model.logDensity(rows.slice(0, 5)).map(Math.exp);
    for (const [i, f] of expected.entries()) expect(Math.abs(found[i] - f)).toBeLessThan(1e-3);
    // Steps with a common factor come first, and they too tell each column's.
    for (const { factors } of model.history) expect(factors?.length).toBe(2);
    expect(KernelDensityModel.fromJSON(JSON.stringify(model)).history).toEqual(model.history);
  });

  test('a column of few values: its bandwidth stays within a range, and the model says that it lies at the end', async () => {
    const stream = RandomStream.of(1, 'lattice');
    const lattice = Array.from({ length: 60 }, () => [stream.integer(3), stream.normal()]);
    const search = { bandwidth: 'least-squares-cross-validation', bandwidthSearch: 'per-column' } as const;
    for (const kernel of ['gaussian', 'cosine'] as const) {
      const model = await fit(lattice, { ...search, kernel });
      for (const h of model.bandwidth) {
        expect(h).toBeGreaterThan(1e-5);
        expect(h).toBeLessThan(1e3);
      }
      expect(model.warnings.join(' ')).toMatch(/bandwidth of column 0 is at the end of the range that is searched/);
    }
  });

  test('likelihood', async () => {
    const model = await fit(rows, { bandwidth: 'cross-validation', bandwidthSearch: 'per-column' });
    expect(model.bandwidth[0]).toBeCloseTo(0.02061451, 4);
    expect(model.bandwidth[1]).toBeCloseTo(0.60989243, 3);
    // P(growth <= x, gdp <= y) at the first five rows.
    const below = [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
    const expected = [0.19218077, 0.299505196, 0.557303666, 0.513387712, 0.21098535];
    for (const [i, p] of expected.entries()) {
      expect(Math.abs(model.boxProbability(below, rows[i]).probability - p)).toBeLessThan(1e-3);
    }
  });
});

describe('shapes', () => {
  test.each(['scott', 'silverman', 'normal-reference', 'improved-sheather-jones'] as const)(
    'scalar is the root mean square of the columns`, full a matrix that follows any scaling (%s)',
    async (bandwidth) => {
      const diagonal = (await fit(faithful, { bandwidth })).bandwidth;
      const scalar = (await fit(faithful, { bandwidth, bandwidthShape: 'scalar' })).bandwidth;
      const mean = Math.sqrt((diagonal[0] ** 2 + diagonal[1] ** 2) / 2);
      for (const h of scalar) expect(h / mean).toBeCloseTo(1, 12);
      const full = (await fit(faithful, { bandwidth, bandwidthShape: 'full' })).bandwidthMatrix;
      expect(full.get(0, 1)).toBe(full.get(1, 0));
      const scaled = faithful.map(([x, y]) => [1e6 * x, 1e-6 * y + 3]);
      const other = (await fit(scaled, { bandwidth, bandwidthShape: 'full' })).bandwidthMatrix;
      expect(other.get(0, 0) / full.get(0, 0) / 1e12).toBeCloseTo(1, 6);
      expect(other.get(0, 1) / full.get(0, 1)).toBeCloseTo(1, 6);
      expect((other.get(1, 1) / full.get(1, 1)) * 1e12).toBeCloseTo(1, 6);
    },
  );

  // SciPy's gaussian_kde.
  test('item 8: five points in the plane, by Scott`s rule for the full covariance', async () => {
    const rows = [
      [0, 0],
      [1, 0.5],
      [2, -1],
      [0.5, 2],
      [-1, 1],
    ];
    const model = await fit(rows, { bandwidthShape: 'full' });
    const expected = [0.731004434553, -0.402052439004, -0.402052439004, 0.731004434553];
    for (const [i, h] of model.bandwidthMatrix.data.entries()) expect(h).toBeCloseTo(expected[i], 11);
    const density = model.logDensity([
      [0.3, 0.2],
      [1, -0.5],
      [30, 40],
    ]);
    expect(Math.exp(density[0])).toBeCloseTo(0.091014006367, 11);
    expect(Math.exp(density[1])).toBeCloseTo(0.075276749541, 11);
    expect(density[2]).toBeCloseTo(-3481.59653352786, 8);
  });

  const searches: BandwidthRule[] = ['cross-validation', 'least-squares-cross-validation'];
  test.each(searches)('%s scales each shape by the best factor', async (bandwidth) => {
    for (const bandwidthShape of ['scalar', 'diagonal', 'full'] as const) {
      const model = await fit(faithful, { bandwidth, bandwidthShape });
      const shape = (await fit(faithful, { bandwidthShape })).bandwidthMatrix.data;
      const ratios = Array.from(model.bandwidthMatrix.data, (h, i) => (shape[i] === 0 ? 0 : h / shape[i]));
      for (const ratio of ratios) if (ratio !== 0) expect(ratio / ratios[0]).toBeCloseTo(1, 9);
      const best = model.history.reduce((a, b) =>
        bandwidth === 'cross-validation'
          ? a.meanLogDensity >= b.meanLogDensity && a.rows >= b.rows
            ? a
            : b
          : (a.squaredError ?? 0) <= (b.squaredError ?? 0)
            ? a
            : b,
      );
      if (bandwidth === 'cross-validation') expect(best.factor ** 2 / ratios[0]).toBeCloseTo(1, 3);
    }
  });

  test('item 16: where the columns depend on each other, full is refused with advice, and scalar works', async () => {
    const line = normalRows(5, 20, 1).map(([x]) => [x, 2 * x]);
    await expect(fit(line, { bandwidthShape: 'full' })).rejects.toMatchObject({
      code: 'degenerate-data',
      message:
        'KernelDensity.fit: for bandwidthShape "full" no column may follow from the others, and there must be more rows ' +
        'than columns. Use "diagonal" or "scalar".',
    });
    const few = [
      [1, 2, 3],
      [2, 4, 7],
    ];
    await expect(fit(few, { bandwidthShape: 'full' })).rejects.toMatchObject({ code: 'degenerate-data' });
    expect((await fit(line, { bandwidthShape: 'scalar' })).bandwidth[0]).toBeGreaterThan(0);
    expect((await fit(few, { bandwidthShape: 'scalar' })).bandwidth[2]).toBeGreaterThan(0);
  });
});
