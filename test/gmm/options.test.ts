import { describe, expect, test } from 'vitest';
import { Samples } from '../../src/core/samples.js';
import { GaussianMixture, type GaussianMixtureOptions } from '../../src/gmm/index.js';
import { GAUSSIAN_MIXTURE_OPTIONS } from '../../src/gmm/options.js';
import { expectFault, faultOf, HOSTILE } from '../core/faults.js';
import { clusters } from './naive.js';

const make = (options: unknown) => new GaussianMixture(options as GaussianMixtureOptions);

test('defaults', () => {
  expect(new GaussianMixture().options).toEqual({
    components: 1,
    covariance: 'full',
    initialization: 'k-means++',
    restarts: 1,
    maxIterations: 1000,
    missing: 'refuse',
    tolerance: 1e-5,
    regularization: 1e-6,
    prior: 'none',
    frozen: [],
    acceleration: 'squared-steps',
    equalWeights: false,
  });
});

describe('the table', () => {
  test.each(Object.entries(GAUSSIAN_MIXTURE_OPTIONS))('%s', (name, { rule }) => {
    for (const value of rule.inside) expect(make({ [name]: value }).options[name as 'seed']).toEqual(value);
    for (const value of rule.outside) expect(faultOf(() => make({ [name]: value })).code).toMatch(/^invalid/);
  });
});

test('a mistyped option is met with the right one', () => {
  expectFault(
    () => make({ covarianse: 'full' }),
    'invalid-option',
    'GaussianMixture: unknown option "covarianse"; did you mean "covariance"?',
  );
  expectFault(
    () => make({ components: 0 }),
    'invalid-option',
    'GaussianMixture: option "components" must be an integer >= 1, but got 0.',
  );
});

describe('a given initialisation', () => {
  const start = { means: [[0], [1]], weights: [0.5, 0.5], covariances: [[[1]], [[2]]] };
  const given = (change: object, options: object = {}) =>
    faultOf(() => make({ components: 2, initialization: { ...start, ...change }, ...options })).message;

  test.each<[object, string]>([
    [{ means: [[0]] }, 'initialization.weights must be 1 numbers, one per row of means'],
    [
      { means: [[0], [1], [2]], weights: undefined, covariances: undefined },
      'initialization.means must have 2 rows, one per component, but got 3.',
    ],
    [{ means: [[0], ['1']] }, 'initialization.means, row 1, column 0 must be a finite number, but got "1".'],
    [{ means: [0, 1] }, 'row 0 must be an array of numbers, but got 0.'],
    [{ weights: [0.5, 0.6] }, 'initialization: weights must sum to 1, but got 1.1.'],
    [{ weights: [1.5, -0.5] }, 'initialization: weight 1 must be >= 0, but got -0.5.'],
    [{ weights: [1] }, 'initialization.weights must be 2 numbers, one per row of means'],
    [{ covariances: [[[1]]] }, 'initialization.covariances must be 2 matrices of 1 x 1'],
    [{ covariances: [1, 2] }, 'initialization.covariances[0] must be Samples, an array of rows, or a matrix'],
    [{ covariances: [[[1]], [[0]]] }, 'initialization: covariance 1 must be positive definite.'],
    [{ covariances: [[[1]], [[1, 0]]] }, 'initialization.covariances[1] must be 1 x 1, but got [1, 2].'],
    [
      { precisions: [[[1]]] },
      'GaussianMixture: initialization: unknown option "precisions"; known options are means, weights, covariances.',
    ],
  ])('%j', (change, message) => {
    expect(given(change)).toContain(message);
  });

  test('must be of the covariance type', () => {
    expect(given({}, { covariance: 'tied' })).toContain("covariance 1 must equal covariance 0, as the type is 'tied'");
    const means = [
      [0, 1],
      [1, 2],
    ];
    const matrix = [
      [1, 0.1],
      [0.1, 2],
    ];
    const covariances = [matrix, matrix];
    expect(given({ means, covariances }, { covariance: 'diagonal' })).toContain('covariance 0 must be diagonal');
    expect(
      given(
        {
          means,
          covariances: [
            [
              [1, 0],
              [0, 2],
            ],
            [
              [1, 0],
              [0, 2],
            ],
          ],
        },
        { covariance: 'spherical' },
      ),
    ).toContain('covariance 0 must have equal variances');
  });

  test('must have equal weights where these are asked for', () => {
    expect(given({ weights: [0.4, 0.6] }, { equalWeights: true })).toContain('must be left out or equal');
    expect(make({ components: 2, equalWeights: true, initialization: start }).options.equalWeights).toBe(true);
  });

  test('must have the width of the rows', async () => {
    await expect(make({ components: 2, initialization: start }).fit(clusters(9, 2, 1, 1))).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: 'GaussianMixture.fit: rows must have 1 columns, as initialization.means has, but got 2.',
    });
  });

  test('is copied, frozen, and makes the same estimator again', async () => {
    const means = new Samples(Float64Array.of(0, 1), 2, 1);
    const estimator = make({ components: 2, initialization: { means, covariances: [Samples.from([[1]]), [[2]]] } });
    const again = make(estimator.options);
    means.data[0] = 9;
    expect(estimator.options.initialization).toEqual({ means: [[0], [1]], covariances: [[[1]], [[2]]] });
    expect(again.options).toEqual(estimator.options);
    const { initialization } = estimator.options;
    const parts = initialization as { means: number[][]; covariances: number[][][] };
    for (const part of [parts, parts.means, parts.means[0], parts.covariances, parts.covariances[0][0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  test('means alone: weights and covariances are those of the nearest rows', async () => {
    const rows = [[0], [1], [10], [12], [14], [16]];
    const initialization = { means: [[0.5], [13]] };
    const model = await make({ components: 2, initialization, maxIterations: 0 }).fit(rows);
    expect(model.means.data).toEqual(Float64Array.of(0.5, 13));
    // Shares of 1/3 and 2/3, drawn together by a tenth; variances 0.25 and 5 likewise.
    expect(model.weights[0]).toBeCloseTo((1 / 3 + 0.05) / 1.1, 12);
    expect(model.covariances[0].get(0, 0)).toBeGreaterThan(0.25);
    expect(model.covariances[0].get(0, 0)).toBeLessThan(1);
    expect(model.covariances[1].get(0, 0)).toBeCloseTo(5, 0);
  });

  test.each(Object.entries(HOSTILE))('%s is a ModelError', (_, hostile) => {
    for (const options of [
      { initialization: hostile() },
      { initialization: { means: hostile() } },
      { initialization: { means: [[0]], weights: hostile() } },
      { initialization: { means: [[0]], covariances: hostile() } },
      { initialization: { means: [[0]], covariances: [hostile()] } },
    ]) {
      expect(faultOf(() => make(options)).code).toMatch(/^(invalid|shape)/);
    }
  });
});

describe('fit', () => {
  const rows = clusters(3000, 2, 3, 'fit');

  test('splitting draws nothing at random, and k-means starts no worse than k-means++', async () => {
    const start = async (initialization: 'k-means++' | 'k-means' | 'splitting', seed: number) => {
      const options = { components: 3, initialization, seed, restarts: 1, covariance: 'tied-spherical' } as const;
      return make({ ...options, maxIterations: 0 }).fit(rows);
    };
    const [a, b] = [await start('splitting', 1), await start('splitting', 2)];
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    const scatter = ({ means }: Awaited<ReturnType<typeof start>>) =>
      rows.reduce((sum, [x, y]) => sum + Math.min(...means.toArray().map(([a, b]) => (x - a) ** 2 + (y - b) ** 2)), 0);
    for (const seed of [1, 2, 3]) {
      expect(scatter(await start('k-means', seed))).toBeLessThan(scatter(await start('k-means++', seed)) * (1 + 1e-9));
    }
    expect(scatter(a)).toBeLessThan(scatter(await start('k-means++', 1)) * (1 + 1e-9));
  });

  test('tells its progress', async () => {
    const seen: string[] = [];
    let last = 0;
    const model = await make({ components: 3, restarts: 2, seed: 1 }).fit(rows, {
      onProgress: ({ phase, completed, total, objective }) => {
        if (seen.at(-1) !== phase) seen.push(phase);
        expect(completed).toBeGreaterThanOrEqual(1);
        expect(total).toBe(phase.endsWith('short run') ? 8 : 1000);
        last = objective as number;
        expect(Number.isFinite(last)).toBe(true);
      },
    });
    expect(seen).toEqual(
      [1, 2].flatMap((restart) => [`EM, restart ${restart} of 2, short run`, `EM, restart ${restart} of 2`]),
    );
    // In nats per row of the data, not of what is inside.
    expect(Math.abs(last - model.meanLogDensity(rows))).toBeLessThan(1);
  });

  test('can be aborted, before and in its course', async () => {
    const reason = new Error('enough');
    await expect(make({}).fit(rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const fit = make({ components: 3 }).fit(rows, {
      signal: controller.signal,
      onProgress: ({ completed }) => {
        if (completed === 2) controller.abort(reason);
      },
    });
    await expect(fit).rejects.toBe(reason);
  });

  test('gives way to the event loop', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    await make({ components: 8, seed: 1, restarts: 2, maxIterations: 50, tolerance: 0 }).fit(
      clusters(20_000, 2, 8, 'busy'),
    );
    clearInterval(timer);
    expect(ticks).toBeGreaterThan(5);
  });

  test('does not read the rows again once it has begun', async () => {
    const copy = rows.map((row) => [...row]);
    const estimator = make({ components: 2, seed: 1 });
    const fit = estimator.fit(copy);
    for (const row of copy) row.fill(Number.NaN);
    expect(JSON.stringify(await fit)).toBe(JSON.stringify(await estimator.fit(rows)));
  });

  test.each<[string, unknown, object | undefined, string]>([
    ['a flat array', [1, 2, 3], {}, 'For one column of numbers, use Samples.column(values).'],
    ['no rows', [], {}, 'rows must hold at least one row'],
    ['a ragged row', [[1, 2], [3]], {}, 'row 1 must have 2 columns, as row 0 has, but got 1.'],
    ['NaN', [[1, Number.NaN]], {}, 'row 0, column 1 must be finite, but got NaN.'],
    ['weights of another length', [[1], [2]], { weights: [1] }, 'weights must hold one number per row, 2, but got 1.'],
    ['a negative weight', [[1], [2]], { weights: [1, -1] }, 'weight of row 1 must be finite and >= 0, but got -1.'],
    ['an unknown option', [[1], [2]], { epochs: 1 }, 'unknown option "epochs"'],
  ])('refuses %s', async (_, rows, options, message) => {
    await expect(make({}).fit(rows as never, options as never)).rejects.toThrow(message);
  });
});
