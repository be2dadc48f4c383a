import { describe, expect, it } from 'vitest';
import { type Progress, Samples, type SamplesLike } from '../../src/core/index.js';
import { Pacer } from '../../src/core/progress.js';
import {
  CLASSIFIER_TWO_SAMPLE_TEST_OPTIONS,
  hypergeometricTail,
} from '../../src/evaluation/classifier-two-sample-test.js';
import { classifierTwoSampleTest, jensenShannonEstimate } from '../../src/evaluation/index.js';
import { JENSEN_SHANNON_ESTIMATE_OPTIONS } from '../../src/evaluation/jensen-shannon-estimate.js';
import { fitLogistic } from '../../src/evaluation/logistic.js';
import { deviation, mean, normalRows, stream } from './samples.js';

/** Divergence of N(0, 1) and N(d, 1) in nats, by quadrature. */
const SHIFTED_NORMALS = [
  [0.5, 0.030311],
  [1, 0.111421],
  [2, 0.336831],
  [3, 0.526777],
] as const;

describe('jensenShannonEstimate', () => {
  it.each(SHIFTED_NORMALS)('for normals %d apart approaches %d from below', async (shift, truth) => {
    for (const [classifier, n, d, gap] of [
      ['logistic', 3000, 1, 0.01],
      ['logistic', 3000, 2, 0.01],
      ['nearest-neighbours', 2000, 1, 0.03],
    ] as const) {
      const x = normalRows(stream('js x', shift, d), n, d);
      const y = normalRows(stream('js y', shift, d), n, d, shift);
      const { divergence, standardError, crossEntropy } = await jensenShannonEstimate(x, y, { classifier, seed: 1 });
      // Above by chance only: 3 standard errors happen once in 740 tries.
      expect(divergence).toBeLessThan(truth + 3 * standardError);
      expect(divergence).toBeGreaterThan(truth - gap - 3 * standardError);
      expect(crossEntropy).toBeCloseTo(Math.LN2 - divergence, 14);
    }
  });

  it.each([
    [1, 0.111421],
    [2, 0.336831],
  ])(
    'is below the truth on average over samples %d apart, and spread as its standard error says',
    async (shift, truth) => {
      const results = await Promise.all(
        Array.from({ length: 100 }, (_, r) => {
          const [x, y] = [normalRows(stream('mean x', r), 200, 1), normalRows(stream('mean y', r), 300, 1, shift)];
          return jensenShannonEstimate(x, y, { seed: r });
        }),
      );
      const values = results.map(({ divergence }) => divergence);
      // Once in 740 tries above by 3 standard errors of the mean, were there no gap at all.
      expect(mean(values)).toBeLessThan(truth + (3 * deviation(values)) / 10);
      expect(mean(values)).toBeGreaterThan(truth - 0.03);
      const ratio = mean(results.map(({ standardError }) => standardError)) / deviation(values);
      expect(ratio).toBeGreaterThan(0.75);
      expect(ratio).toBeLessThan(1.3);
    },
  );

  it('finds nothing where the distributions agree, and all but log 2 where they do not meet', async () => {
    for (const classifier of ['logistic', 'nearest-neighbours'] as const) {
      const x = normalRows(stream('same x'), 600, 2);
      const y = normalRows(stream('same y'), 500, 2);
      const far = normalRows(stream('far'), 500, 2, 50);
      const same = await jensenShannonEstimate(x, y, { classifier, seed: 1 });
      expect(same.divergence).toBeLessThan(3 * same.standardError);
      expect(same.divergence).toBeGreaterThan(-0.05);
      const { divergence } = await jensenShannonEstimate(x, far, { classifier, seed: 1 });
      expect(divergence).toBeLessThan(Math.LN2);
      expect(divergence).toBeGreaterThan(0.67);
    }
  });

  it('between normals of different spread is exact with quadratic features', async () => {
    // JSD of N(0, 1) and N(0, 3^2) by the trapezoidal rule, which is exact to 1e-12 for so smooth an integrand.
    const p = (x: number, s: number) => Math.exp(-0.5 * (x / s) ** 2) / (s * Math.sqrt(2 * Math.PI));
    let truth = 0;
    for (let x = -40; x <= 40; x += 0.01) {
      const [a, b] = [p(x, 1), p(x, 3)];
      if (a > 0) truth += 0.005 * a * Math.log((2 * a) / (a + b));
      if (b > 0) truth += 0.005 * b * Math.log((2 * b) / (a + b));
    }
    const x = normalRows(stream('narrow'), 4000, 1);
    const y = normalRows(stream('wide'), 2000, 1).map(([value]) => [3 * value]);
    const { divergence, standardError } = await jensenShannonEstimate(x, y, { seed: 1 });
    expect(Math.abs(divergence - truth)).toBeLessThan(4 * standardError);
    expect(Math.abs(divergence - truth)).toBeLessThan(0.02);
  });

  it('does not depend on units, offsets and constant columns', async () => {
    const [x, y] = [normalRows(stream('unit x'), 150, 2), normalRows(stream('unit y'), 150, 2, 1)];
    const move = (rows: number[][]) => rows.map(([a, b]) => [a * 1e-6, 1e8 + b, 7]);
    const plain = await jensenShannonEstimate(x, y, { seed: 1 });
    const moved = await jensenShannonEstimate(move(x), move(y), { seed: 1 });
    expect(moved.divergence).toBeCloseTo(plain.divergence, 6);
  });

  it('refuses more folds than rows', async () => {
    await expect(jensenShannonEstimate([[1], [2], [3]], [[1], [2]], { folds: 3 })).rejects.toThrow(
      'jensenShannonEstimate: option "folds" must be at most the rows of the smaller sample, 2, but got 3.',
    );
  });
});

describe('fitLogistic', () => {
  it('is at the minimum of its loss', async () => {
    // For one column the loss has three parameters: no step of a fine cross along them may lower it.
    const values = [0.3, -1.2, 0.8, 2.1, -0.4, 1.5, -0.9, 0.1];
    const isFirst = Uint8Array.of(1, 0, 1, 1, 0, 0, 0, 1);
    const rows = Samples.column(values);
    const { logOdds } = await fitLogistic({ rows, isFirst, first: 4, second: 4 }, new Pacer('test'));
    const at = (x: number) => logOdds(Float64Array.of(x));
    const [b0, b1, b2] = [at(0), (at(1) - at(-1)) / 2, (at(1) + at(-1)) / 2 - at(0)];
    const loss = (b: readonly number[]) =>
      mean(values.map((x, i) => Math.log1p(Math.exp((isFirst[i] ? -1 : 1) * (b[0] + b[1] * x + b[2] * x * x))))) +
      (b[1] ** 2 + b[2] ** 2) / 16;
    const best = loss([b0, b1, b2]);
    for (const step of [1e-3, -1e-3]) {
      for (let f = 0; f < 3; f++)
        expect(loss([b0, b1, b2].map((b, g) => b + (f === g ? step : 0)))).toBeGreaterThan(best);
    }
  });
});

describe('classifierTwoSampleTest', () => {
  it.each(['logistic', 'nearest-neighbours'] as const)(
    'with %s has the accuracy that it can have',
    async (classifier) => {
      // The best classifier of N(0, 1) and N(2, 1) is right with probability Phi(1) = 0.8413447 (Abramowitz & Stegun 26.2).
      const x = normalRows(stream('acc x'), 3000, 1);
      const y = normalRows(stream('acc y'), 2000, 1, 2);
      const result = await classifierTwoSampleTest(x, y, { classifier, seed: 1 });
      expect(result.accuracy).toBeLessThan(0.8413447 + 3 * result.standardError);
      expect(result.accuracy).toBeGreaterThan(0.8413447 - 0.02 - 3 * result.standardError);
      expect(result).toMatchObject({ firstRows: 1500, secondRows: 1000 });
      expect(result.pValue).toBeLessThan(1e-100);
    },
  );

  it.each([
    ['logistic', 200, 150, 1000],
    ['nearest-neighbours', 200, 150, 200],
  ] as const)(
    'with %s has p-values that are uniform but for their steps where distributions agree',
    async (classifier, n, m, repeats) => {
      const pValues: number[] = [];
      for (let r = 0; r < repeats; r++) {
        const x = normalRows(stream('null x', classifier, r), n, 1);
        const y = normalRows(stream('null y', classifier, r), m, 1);
        pValues.push((await classifierTwoSampleTest(x, y, { classifier, seed: r })).pValue);
      }
      for (const level of [0.05, 0.1, 0.25, 0.5, 0.75, 0.9]) {
        const share = pValues.filter((p) => p <= level).length / repeats;
        // False alarms: at most 4 binomial deviations above the level, once in 30,000 tries. Below by no more than a step:
        // one answer of 100 moves p by 0.11 at most, by less in the tails.
        const spread = 4 * Math.sqrt((level * (1 - level)) / repeats);
        expect(share).toBeLessThan(level + spread);
        expect(share).toBeGreaterThan(level - 0.12 - spread);
      }
    },
  );

  it('with nearest neighbours sees what leaves means and covariances alone; with logistic regression it does not', async () => {
    const x = Array.from({ length: 800 }, (_, i) => [Math.cos(i), Math.sin(i)]);
    const y = x.map(([a, b], i) => (i % 2 === 0 ? [1.3 * a, 1.3 * b] : [0.5568 * a, 0.5568 * b]));
    const near = await classifierTwoSampleTest(x, y, { seed: 1 });
    expect(near.pValue).toBeLessThan(1e-6);
    const blind = await classifierTwoSampleTest(x, y, { seed: 1, classifier: 'logistic' });
    expect(blind.accuracy).toBeLessThan(0.6);
  });

  it('has the tail of Fisher’s tea-tasting experiment, and those of small tables by counting', () => {
    // All 4 of 4 right: 1 / 70; 3 or more: 17 / 70.
    expect(hypergeometricTail(4, 4, 4, 4)).toBeCloseTo(1 / 70, 14);
    expect(hypergeometricTail(3, 4, 4, 4)).toBeCloseTo(17 / 70, 14);
    expect(hypergeometricTail(0, 4, 4, 4)).toBeCloseTo(1, 14);
    const choose = (n: number, k: number): number =>
      k < 0 || k > n ? 0 : k === 0 ? 1 : (choose(n - 1, k - 1) * n) / k;
    for (const [n, m, told] of [
      [9, 6, 7],
      [5, 12, 10],
      [3, 3, 6],
      [8, 2, 0],
    ]) {
      for (let a = Math.max(0, told - m); a <= Math.min(n, told); a++) {
        let tail = 0;
        for (let k = a; k <= Math.min(n, told); k++) tail += (choose(n, k) * choose(m, told - k)) / choose(n + m, told);
        expect(hypergeometricTail(a, n, m, told)).toBeCloseTo(tail, 12);
      }
    }
  });
});

const TESTS = [
  ['classifierTwoSampleTest', classifierTwoSampleTest, CLASSIFIER_TWO_SAMPLE_TEST_OPTIONS],
  ['jensenShannonEstimate', jensenShannonEstimate, JENSEN_SHANNON_ESTIMATE_OPTIONS],
] as const;

describe.each(TESTS)('%s', (owner, measure, table) => {
  it('is the same for the same seed', async () => {
    const [x, y] = [normalRows(stream('seed x'), 100, 2), normalRows(stream('seed y'), 90, 2)];
    expect(await measure(x, y, { seed: 0 })).toEqual(await measure(x, y, { seed: 0 }));
  });

  it('reports progress and ends with the reason of its signal', async () => {
    const rows = normalRows(stream('abort'), 3000, 6);
    const seen: Progress[] = [];
    const controller = new AbortController();
    const onProgress = (progress: Progress) => {
      seen.push(progress);
      controller.abort(new Error('enough'));
    };
    await expect(measure(rows, rows, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect(seen).toHaveLength(1);
  });

  it('refuses what is no data, and options outside their table', async () => {
    const pair = [[1], [2], [3], [4], [5]];
    const call = (x: unknown, options?: object) => measure(x as SamplesLike, pair, options);
    await expect(call([[1]])).rejects.toThrow(`${owner}: first must hold at least 2 rows, but got 1.`);
    await expect(call([1, 2])).rejects.toThrow('For one column of numbers, use Samples.column(values).');
    for (const [name, { rule }] of Object.entries(table)) {
      for (const value of rule.outside) {
        await expect(call(pair, { [name]: value })).rejects.toThrow(`option "${name}" must be ${rule.words}`);
      }
    }
  });

  it('answers with numbers for duplicates, two rows, and rows far out', async () => {
    for (const classifier of ['logistic', 'nearest-neighbours'] as const) {
      for (const [x, y] of [
        [
          [[0], [1]],
          [[2], [3]],
        ],
        [Array.from({ length: 9 }, () => [4, 4]), Array.from({ length: 7 }, () => [4, 4])],
        [
          [[0], [1], [1e300]],
          [[-1e300], [2], [3]],
        ],
      ]) {
        const result = await measure(x, y, {
          classifier,
          seed: 1,
          ...(owner === 'jensenShannonEstimate' && { folds: 2 }),
        });
        for (const value of Object.values(result)) expect(value).not.toBeNaN();
      }
    }
  });
});
