/**
 * Missing values: density and responsibilities against quadrature over what is missing, EM against the textbook's own
 * formulas and against complete data, imputation against conditional moments.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { symmetricEigen } from '../../src/core/linalg.js';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { expectation } from '../../src/gmm/expectation.js';
import { incompleteExpectation } from '../../src/gmm/incomplete-expectation.js';
import { GaussianMixture, GaussianMixtureModel } from '../../src/gmm/index.js';
import { formOf, whitenAs } from '../../src/gmm/log-joint.js';
import { emptyParameters, factorize } from '../../src/gmm/parameters.js';
import { expectFault, faultOf } from '../core/faults.js';
import { integrate, mapped, modelOf, randomMixture } from './mixtures.js';
import { clusters, density, gaussian, invert, type Mixture } from './naive.js';

const NONE = Number.NaN;

/** Rows with each value missing with the given probability. */
function withGaps(rows: readonly (readonly number[])[], share: number, seed: number | string): number[][] {
  const stream = RandomStream.of(seed, 'gaps');
  return rows.map((row) => row.map((x) => (stream.uniform() < share ? NONE : x)));
}

const missing = 'marginalize';

describe('densities of rows with missing values', () => {
  const mixture = randomMixture(2, 3, 'missing');
  const model = modelOf(mixture);

  test('are integrals over what is missing', () => {
    for (const [row, at] of [
      [[0.4, NONE], (y: number) => density([0.4, y], mixture)],
      [[NONE, -1], (x: number) => density([x, -1], mixture)],
    ] as const) {
      expect(model.logDensity([row], { missing })[0]).toBeCloseTo(Math.log(integrate(at, 30, 0.05)), 11);
    }
  });

  test('two of three missing: a double integral', () => {
    const three = randomMixture(3, 2, 'double');
    const expected = integrate((y) => integrate((z) => density([y, 0.3, z], three), 20, 0.2), 20, 0.2);
    expect(modelOf(three).logDensity([[NONE, 0.3, NONE]], { missing })[0]).toBeCloseTo(Math.log(expected), 10);
  });

  test('responsibilities are ratios of such integrals', () => {
    const terms = mixture.weights.map(
      (w, k) => w * integrate((y) => gaussian([0.4, y], mixture.means[k], mixture.covariances[k]), 30, 0.05),
    );
    const total = terms.reduce((a, b) => a + b);
    const shares = model.responsibilities([[0.4, NONE]], { missing });
    const logShares = model.logResponsibilities([[0.4, NONE]], { missing });
    terms.forEach((term, k) => {
      expect(shares.get(0, k)).toBeCloseTo(term / total, 11);
      expect(logShares.get(0, k)).toBeCloseTo(Math.log(term / total), 10);
    });
    expect(model.predict([[0.4, NONE]], { missing })[0]).toBe(terms.indexOf(Math.max(...terms)));
  });

  test('a row without any value has density 1 and the weights', () => {
    const nothing = [[NONE, NONE]];
    expect(model.logDensity(nothing, { missing })[0]).toBe(0);
    expect(model.responsibilities(nothing, { missing }).row(0)).toEqual(model.weights);
    expect(model.logResponsibilities(nothing, { missing }).row(0)).toEqual(model.weights.map(Math.log));
  });

  test('each row by itself, to the bit; complete rows as without the option', () => {
    const rows = withGaps(model.sample(300, { seed: 1 }).toArray(), 0.4, 'rows');
    const whole = model.logDensity(rows, { missing });
    expect(model.logDensity([...rows].reverse(), { missing })).toEqual(whole.slice().reverse());
    expect(model.logDensity(rows.slice(100, 120), { missing })).toEqual(whole.slice(100, 120));
    rows.forEach((row, i) => {
      if (!row.some(Number.isNaN)) expect(model.logDensity([row])[0]).toBe(whole[i]);
    });
    const shares = model.responsibilities(rows, { missing });
    for (let i = 0; i < 300; i++) expect(shares.row(i).reduce((a, b) => a + b)).toBeCloseTo(1, 13);
  });

  test('far rows: no NaN', () => {
    for (const far of [1e3, 1e155, 1e300, Number.MAX_VALUE]) {
      const rows = [
        [far, NONE],
        [NONE, -far],
      ];
      expect(model.logDensity(rows, { missing }).some(Number.isNaN)).toBe(false);
      const shares = model.responsibilities(rows, { missing });
      expect(shares.get(0, 0) + shares.get(0, 1) + shares.get(0, 2)).toBe(1);
      const logs = model.logResponsibilities(rows, { missing });
      expect(Math.max(...logs.row(1))).toBeLessThanOrEqual(0);
      expect(logs.data.some(Number.isNaN)).toBe(false);
    }
  });

  test('criteria and means take them too', () => {
    const rows = [
      [0.4, NONE],
      [1, 2],
      [NONE, 0],
    ];
    const sum = model.logDensity(rows, { missing }).reduce((a, b) => a + b);
    expect(model.meanLogDensity(rows, { missing })).toBeCloseTo(sum / 3, 14);
    expect(model.aic(rows, { missing })).toBeCloseTo(-2 * sum + 2 * model.degreesOfFreedom, 12);
    expect(model.icl(rows, { missing })).toBeGreaterThan(model.bic(rows, { missing }));
  });

  test('are refused unless asked for', () => {
    expect(faultOf(() => model.logDensity([[NONE, 1]])).message).toBe(
      'GaussianMixtureModel.logDensity: row 0, column 0 must be finite, but got NaN.',
    );
    expect(faultOf(() => model.logDensity([[Number.POSITIVE_INFINITY, 1]], { missing })).message).toBe(
      'GaussianMixtureModel.logDensity: row 0, column 0 must be finite, or NaN where it is missing, but got Infinity.',
    );
  });
});

/** One step of EM by the formulas of Ghahramani & Jordan (1994), with full matrices and explicit inverses. */
function textbookStep(rows: number[][], weights: number[], mixture: Mixture): Mixture & { logLikelihood: number } {
  const d = rows[0].length;
  const pick = (matrix: number[][], a: number[], b: number[]) => a.map((i) => b.map((j) => matrix[i][j]));
  let logLikelihood = 0;
  const mass = mixture.weights.map(() => 0);
  const first = mixture.weights.map(() => new Array<number>(d).fill(0));
  const second = mixture.weights.map(() => Array.from({ length: d }, () => new Array<number>(d).fill(0)));
  rows.forEach((row, n) => {
    const o = row.flatMap((x, j) => (Number.isNaN(x) ? [] : [j]));
    const m = row.flatMap((x, j) => (Number.isNaN(x) ? [j] : []));
    const terms = mixture.weights.map(
      (w, k) =>
        w *
        gaussian(
          o.map((j) => row[j]),
          o.map((j) => mixture.means[k][j]),
          pick(mixture.covariances[k], o, o),
        ),
    );
    const total = terms.reduce((a, b) => a + b);
    logLikelihood += weights[n] * Math.log(total);
    mixture.weights.forEach((_, k) => {
      const r = (weights[n] * terms[k]) / total;
      const [mean, covariance] = [mixture.means[k], mixture.covariances[k]];
      const { inverse } = invert(pick(covariance, o, o));
      const gain = pick(covariance, m, o).map((line) =>
        o.map((_, j) => line.reduce((s, x, t) => s + x * inverse[t][j], 0)),
      );
      const expected = [...row];
      m.forEach((column, i) => {
        expected[column] = mean[column] + gain[i].reduce((s, g, t) => s + g * (row[o[t]] - mean[o[t]]), 0);
      });
      mass[k] += r;
      for (let a = 0; a < d; a++) first[k][a] += r * expected[a];
      for (let a = 0; a < d; a++) for (let b = 0; b < d; b++) second[k][a][b] += r * expected[a] * expected[b];
      m.forEach((a, i) => {
        m.forEach((b) => {
          second[k][a][b] += r * (covariance[a][b] - gain[i].reduce((s, g, t) => s + g * covariance[o[t]][b], 0));
        });
      });
    });
  });
  const total = mass.reduce((a, b) => a + b);
  const means = first.map((sum, k) => sum.map((x) => x / mass[k]));
  return {
    weights: mass.map((m) => m / total),
    means,
    covariances: second.map((matrix, k) =>
      matrix.map((line, a) => line.map((x, b) => x / mass[k] - means[k][a] * means[k][b])),
    ),
    logLikelihood,
  };
}

describe('EM with missing values', () => {
  const rows = withGaps(clusters(120, 4, 2, 'em'), 0.3, 'em').filter((row) => !row.every(Number.isNaN));
  const weights = rows.map((_, i) => 1 + (i % 3));
  const start: Mixture = {
    weights: [0.4, 0.6],
    means: [rows[0], rows[7]].map((row) => row.map((x, j) => (Number.isNaN(x) ? j : x))),
    covariances: [2, 3].map((v) => [0, 1, 2, 3].map((i) => [0, 1, 2, 3].map((j) => (i === j ? v + i : 0.3)))),
  };

  test('takes the textbook steps', async () => {
    let expected: Mixture = start;
    const logLikelihoods: number[] = [];
    for (let step = 0; step < 5; step++) {
      const next = textbookStep(rows, weights, expected);
      logLikelihoods.push(next.logLikelihood);
      expected = next;
    }
    const estimator = new GaussianMixture({
      components: 2,
      missing,
      initialization: start,
      regularization: 0,
      acceleration: 'none',
      maxIterations: 5,
      tolerance: 0,
    });
    const model = await estimator.fit(rows, { weights });
    const total = weights.reduce((a, b) => a + b);
    logLikelihoods.forEach((logLikelihood, step) => {
      expect(model.history[step]).toBeCloseTo(logLikelihood / total, 10);
    });
    for (let k = 0; k < 2; k++) {
      expect(model.weights[k]).toBeCloseTo(expected.weights[k], 10);
      for (let a = 0; a < 4; a++) {
        expect(model.means.get(k, a)).toBeCloseTo(expected.means[k][a], 9);
        for (let b = 0; b < 4; b++)
          expect(model.covariances[k].get(a, b)).toBeCloseTo(expected.covariances[k][a][b], 8);
      }
    }
  });

  test.each(COVARIANCE_TYPES)('%s: the objective never falls, and is that of the model', async (covariance) => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1e6 }), fc.constantFrom(0.05, 0.3, 0.6), async (seed, share) => {
        const data = withGaps(clusters(60, 3, 2, seed), share, seed);
        const options = { components: 2, covariance, missing, regularization: 0, maxIterations: 40, seed } as const;
        const model = await new GaussianMixture(options).fit(data).catch((error: Error) => error);
        // A component may collapse without a ridge; that is an error of its own.
        if (model instanceof Error) return expect(model.message).toContain('collapsed');
        if (model.warnings.some((warning) => warning.includes('seeded anew'))) return;
        for (let i = 1; i < model.history.length; i++) {
          expect(model.history[i]).toBeGreaterThanOrEqual(model.history[i - 1] - 1e-10);
        }
        expect(model.missing).toBe(missing);
        // On its way into a collapse, a density is as ill-conditioned as its covariances.
        const least = model.covariances.map(({ data: matrix }) => symmetricEigen(matrix, 3).values[0]);
        const room = 0.5e-9 * Math.max(1, 1e-6 / Math.min(...least));
        expect(Math.abs(model.meanLogDensity(data) - (model.history.at(-1) as number))).toBeLessThan(room);
      }),
      { numRuns: 8 },
    );
  });

  test('with a prior and extrapolated steps it never falls either', async () => {
    const options = { components: 3, missing, prior: 'conjugate', acceleration: 'squared-steps', seed: 1 } as const;
    const { history } = await new GaussianMixture(options).fit(rows);
    for (let i = 1; i < history.length; i++) expect(history[i]).toBeGreaterThanOrEqual(history[i - 1] - 1e-10);
  });

  test.each(COVARIANCE_TYPES)(
    '%s: nothing missing gives the bits of the plain fit, and the same statistics',
    async (type) => {
      const complete = clusters(90, 4, 2, 'complete');
      const plain = new GaussianMixture({ components: 2, covariance: type, seed: 1 });
      const open = new GaussianMixture({ components: 2, covariance: type, seed: 1, missing });
      const [a, b] = [await plain.fit(complete), await open.fit(complete)];
      expect([b.weights, b.means.data, b.history]).toEqual([a.weights, a.means.data, a.history]);

      // And complete rows among incomplete ones go through the same loops.
      const mixture = randomMixture(4, 2, type, type);
      const parameters = emptyParameters(2, 4);
      parameters.weights.set(mixture.weights);
      parameters.means.set(mixture.means.flat());
      parameters.covariances.set(mixture.covariances.flat(2));
      const factors = factorize(parameters, type) as { lower: Float64Array; logDeterminant: number }[];
      const rowsOf = (data: Samples) => ({
        data: data.data,
        rows: data.rows,
        columns: data.columns,
        weights: undefined,
        total: data.rows,
      });
      const data = Samples.from(complete);
      const pacer = new Pacer('test');
      const form = formOf(type, 4);
      const expected = await expectation(rowsOf(data), whitenAs(form, parameters, factors), pacer);
      const found = await incompleteExpectation(
        [{ observed: [0, 1, 2, 3], rows: rowsOf(data) }],
        parameters,
        factors,
        form,
        pacer,
      );
      expect(found).toEqual(expected);
    },
  );

  test('independent columns: each is fitted to what is there of it', async () => {
    const both = clusters(100, 2, 1, 'independent');
    const model = await new GaussianMixture({
      covariance: 'diagonal',
      missing,
      regularization: 0,
      tolerance: 1e-14,
    }).fit(both.map(([x, y], i) => [x, i % 3 === 0 ? NONE : y]));
    const mean = both.reduce((sum, [x]) => sum + x, 0) / 100;
    const present = both.filter((_, i) => i % 3 !== 0);
    const other = present.reduce((sum, [, y]) => sum + y, 0) / present.length;
    expect(model.means.get(0, 0)).toBeCloseTo(mean, 10);
    expect(model.means.get(0, 1)).toBeCloseTo(other, 7);
    const variance = present.reduce((sum, [, y]) => sum + (y - other) ** 2, 0) / present.length;
    expect(model.covariances[0].get(1, 1)).toBeCloseTo(variance, 6);
  });

  test('one Gaussian with monotone gaps: the factored likelihood (Little & Rubin 2002, section 7.2)', async () => {
    // y is missing for the last rows: mean and variance of x from all, regression of y on x from the complete.
    const stream = RandomStream.of(1, 'monotone');
    const pairs = Array.from({ length: 150 }, () => {
      const x = stream.normal();
      return [x, 2 + 1.5 * x + 0.5 * stream.normal()];
    }).sort((a, b) => a[0] - b[0]);
    const complete = pairs.slice(0, 90);
    const model = await new GaussianMixture({ missing, regularization: 0, tolerance: 1e-14 }).fit(
      pairs.map(([x, y], i) => [x, i < 90 ? y : NONE]),
    );
    const moments = (values: number[][]) => {
      const n = values.length;
      const [mx, my] = [0, 1].map((j) => values.reduce((sum, row) => sum + row[j], 0) / n);
      const c = (i: number, j: number) =>
        values.reduce((sum, row) => sum + (row[i] - [mx, my][i]) * (row[j] - [mx, my][j]), 0) / n;
      return { mx, my, xx: c(0, 0), xy: c(0, 1), yy: c(1, 1) };
    };
    const [all, part] = [moments(pairs), moments(complete)];
    const slope = part.xy / part.xx;
    expect(model.means.get(0, 0)).toBeCloseTo(all.mx, 9);
    expect(model.means.get(0, 1)).toBeCloseTo(part.my + slope * (all.mx - part.mx), 5);
    expect(model.covariances[0].get(0, 0)).toBeCloseTo(all.xx, 9);
    expect(model.covariances[0].get(0, 1)).toBeCloseTo(slope * all.xx, 5);
    expect(model.covariances[0].get(1, 1)).toBeCloseTo(part.yy - slope * part.xy + slope ** 2 * all.xx, 5);
  });

  test('integer weights are repetitions, weight 0 is absence', async () => {
    const options = { components: 2, missing, initialization: start, maxIterations: 10, tolerance: 0 } as const;
    const counts = rows.map((_, i) => i % 4);
    const weighted = await new GaussianMixture(options).fit(rows, { weights: counts });
    const repeated = await new GaussianMixture(options).fit(
      rows.flatMap((row, i) => Array.from({ length: counts[i] }, () => row)),
    );
    expect(weighted.history.at(-1)).toBeCloseTo(repeated.history.at(-1) as number, 10);
    expect(weighted.means.get(1, 2)).toBeCloseTo(repeated.means.get(1, 2), 9);
  });

  test('the order of rows changes nothing, to the bit; nor do rows without any value change the parameters', async () => {
    const estimator = new GaussianMixture({ components: 2, missing, seed: 3 });
    const model = await estimator.fit(rows);
    const reversed = await estimator.fit([...rows].reverse());
    expect([reversed.weights, reversed.means.data, reversed.history]).toEqual([
      model.weights,
      model.means.data,
      model.history,
    ]);
    const nothing = [NONE, NONE, NONE, NONE];
    const padded = await estimator.fit([nothing, ...rows, nothing]);
    expect([padded.weights, padded.means.data]).toEqual([model.weights, model.means.data]);
    expect(padded.meanLogDensity([nothing, ...rows, nothing])).toBeCloseTo(padded.history.at(-1) as number, 10);
    expect(model.rows).toBe(rows.length);
  });

  test.each([
    [1e-6, 0, 7],
    [1e6, 0, 7],
    [1, 1e8, 4],
  ])('scale %d, offset %d change the units alone', async (scale, offset, digits) => {
    const estimator = new GaussianMixture({ components: 2, missing, seed: 3 });
    const model = await estimator.fit(rows);
    const other = await estimator.fit(rows.map((row) => row.map((x) => scale * x + offset)));
    const observed = rows.flat().filter((x) => !Number.isNaN(x)).length / rows.length;
    expect((other.history.at(-1) as number) + observed * Math.log(scale)).toBeCloseTo(
      model.history.at(-1) as number,
      digits,
    );
    for (let j = 0; j < 4; j++)
      expect((other.means.get(0, j) - offset) / scale).toBeCloseTo(model.means.get(0, j), digits);
    expect(other.covariances[1].get(0, 2) / scale / scale).toBeCloseTo(model.covariances[1].get(0, 2), digits);
  });

  test('finds the clusters of data of which a third is missing', async () => {
    const truth = randomMixture(4, 2, 'recovery');
    const apart = {
      ...truth,
      means: [
        [0, 0, 0, 0],
        [5, -5, 5, 5],
      ],
    };
    const draws = modelOf(apart).sample(2000, { seed: 1 }).toArray();
    const model = await new GaussianMixture({ components: 2, missing, seed: 1 }).fit(withGaps(draws, 0.33, 'recovery'));
    const order = apart.weights[0] > apart.weights[1] ? [0, 1] : [1, 0];
    order.forEach((k, place) => {
      expect(model.weights[place]).toBeCloseTo(apart.weights[k], 1);
      apart.means[k].forEach((mean, j) => {
        expect(Math.abs(model.means.get(place, j) - mean)).toBeLessThan(0.15);
        apart.covariances[k].forEach((line, i) => {
          expect(Math.abs(model.covariances[place].get(i, j) - line[j])).toBeLessThan(0.25);
        });
      });
    });
  });

  test('data that will not do', async () => {
    const fit = (data: number[][], options = {}) => new GaussianMixture({ missing, ...options }).fit(data);
    await expect(
      fit([
        [1, NONE],
        [2, NONE],
      ]),
    ).rejects.toMatchObject({
      code: 'degenerate-data',
      message: 'GaussianMixture.fit: column 1 must hold at least one value. Leave the column out.',
    });
    await expect(
      fit([
        [1, 3],
        [2, NONE],
        [4, NONE],
      ]),
    ).rejects.toMatchObject({ code: 'degenerate-data' });
    await expect(fit([[NONE], [NONE]])).rejects.toMatchObject({ code: 'invalid-data' });
    await expect(
      fit(
        [
          [1, 2],
          [NONE, NONE],
          [3, 5],
        ],
        { components: 3 },
      ),
    ).rejects.toMatchObject({ code: 'invalid-data' });
    await expect(new GaussianMixture().fit([[1], [NONE]])).rejects.toMatchObject({
      message: 'GaussianMixture.fit: row 1, column 0 must be finite, but got NaN.',
    });
    // Two columns that are never seen together: their correlation is anybody's guess, but finite.
    const apart = clusters(40, 2, 1, 'apart').map(([x, y], i) => (i % 2 ? [x, NONE] : [NONE, y]));
    const model = await fit(apart, { components: 2, seed: 1 });
    expect(model.covariances.every((matrix) => matrix.data.every(Number.isFinite))).toBe(true);
  });

  test('the model remembers the rule, in files too', async () => {
    const model = await new GaussianMixture({ components: 2, missing, seed: 3 }).fit(rows);
    const loaded = GaussianMixtureModel.fromJSON(JSON.stringify(model));
    expect(loaded.logDensity(rows)).toEqual(model.logDensity(rows));
    expect(loaded.marginal([0, 1]).missing).toBe(missing);
    expect(faultOf(() => loaded.logDensity(rows, { missing: 'refuse' })).code).toBe('invalid-data');
  });

  test('rows are copied, and a signal ends the fit', async () => {
    const data = Samples.from(clusters(50, 2, 1, 'copied'));
    data.data[3] = NONE;
    const before = data.data.slice();
    await new GaussianMixture({ missing, components: 2, seed: 1 }).fit(data);
    expect(data.data).toEqual(before);
    const reason = new Error('enough');
    const controller = new AbortController();
    const fitting = new GaussianMixture({ missing, components: 2 }).fit(data, {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(fitting).rejects.toBe(reason);
  });
});

describe('imputation', () => {
  const mixture = randomMixture(3, 3, 'imputation');
  const model = modelOf(mixture);
  const rows = withGaps(model.sample(200, { seed: 1 }).toArray(), 0.4, 'imputation');

  test('by means: those of the conditional mixture; what is there stays', () => {
    const filled = model.impute(rows);
    rows.forEach((row, i) => {
      const there = row.flatMap((x, j) => (Number.isNaN(x) ? [] : [j]));
      for (const j of there) expect(filled.get(i, j)).toBe(row[j]);
      if (there.length === 3) return;
      const source =
        there.length === 0 ? model : model.conditional({ given: Object.fromEntries(there.map((j) => [j, row[j]])) });
      const gaps = [0, 1, 2].filter((j) => !there.includes(j));
      gaps.forEach((j, place) => {
        const mean = source.weights.reduce((sum, w, k) => sum + w * source.means.get(k, place), 0);
        expect(filled.get(i, j)).toBeCloseTo(mean, 10);
      });
    });
  });

  test('by draws: of the conditional distribution, same seed same bits', () => {
    const many = Array.from({ length: 20_000 }, () => [0.5, NONE, NONE]);
    const filled = model.impute(many, { draws: true, seed: 1 });
    const { means, variances } = model.regress([[0.5]], { given: [0] });
    for (const j of [1, 2]) {
      const column = Array.from({ length: filled.rows }, (_, i) => filled.get(i, j));
      const mean = column.reduce((a, b) => a + b) / column.length;
      const variance = column.reduce((sum, x) => sum + (x - mean) ** 2, 0) / column.length;
      const expected = variances.get(0, j - 1);
      expect(Math.abs(mean - means.get(0, j - 1))).toBeLessThan(4 * Math.sqrt(expected / 20_000));
      expect(Math.abs(variance / expected - 1)).toBeLessThan(0.06);
    }
    // Both columns of a row come together: their product has the conditional mixture's mean.
    const conditional = model.conditional({ given: { 0: 0.5 } });
    const product = conditional.weights.reduce(
      (sum, w, k) =>
        sum + w * (conditional.covariances[k].get(0, 1) + conditional.means.get(k, 0) * conditional.means.get(k, 1)),
      0,
    );
    const products = Array.from({ length: filled.rows }, (_, i) => filled.get(i, 1) * filled.get(i, 2));
    const mean = products.reduce((a, b) => a + b) / products.length;
    const error = Math.sqrt(products.reduce((sum, x) => sum + (x - mean) ** 2, 0) / products.length ** 2);
    expect(Math.abs(mean - product)).toBeLessThan(4 * error);
    expect(model.impute(many, { draws: true, seed: 1 }).data).toEqual(filled.data);
  });

  test('rows without any value get the mean of the mixture, or a draw of it', () => {
    const nothing = Array.from({ length: 5000 }, () => [NONE, NONE, NONE]);
    const expected = mixture.weights.reduce((sum, w, k) => sum + w * mixture.means[k][1], 0);
    expect(model.impute(nothing).get(7, 1)).toBeCloseTo(expected, 13);
    const drawn = model.impute(nothing, { draws: true, seed: 2 });
    const mean = Array.from({ length: 5000 }, (_, i) => drawn.get(i, 1)).reduce((a, b) => a + b) / 5000;
    expect(Math.abs(mean - expected)).toBeLessThan(0.2);
  });

  test('follows scale and offset; far rows give numbers', () => {
    const filled = model.impute(rows);
    for (const [scale, offset, digits] of [
      [1e-6, 0, 9],
      [1e6, 0, 9],
      [1, 1e8, 5],
    ]) {
      const other = modelOf(mapped(mixture, scale, offset)).impute(
        rows.map((row) => row.map((x) => scale * x + offset)),
      );
      for (let at = 0; at < 60; at++) expect((other.data[at] - offset) / scale).toBeCloseTo(filled.data[at], digits);
    }
    expect(
      model
        .impute([
          [1e300, NONE, 3],
          [NONE, -1e155, NONE],
        ])
        .data.every(Number.isFinite),
    ).toBe(true);
  });

  test('arguments that will not do', () => {
    expectFault(
      () => model.impute([[1, 2, NONE]], { seed: 1 }),
      'invalid-option',
      'GaussianMixtureModel.impute: option "seed" must come with "draws", but got 1. Set "draws", or leave "seed" out: means have no randomness.',
    );
    expect(faultOf(() => model.impute([[1, 2]])).code).toBe('shape-mismatch');
    expect(faultOf(() => model.impute([[1, 2, Number.NEGATIVE_INFINITY]])).code).toBe('invalid-data');
    expect(GaussianMixtureModel.fromJSON(model.toJSON()).missing).toBe('refuse');
  });
});
