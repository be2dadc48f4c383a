/**
 * Fits to streams against fits in memory.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { COVARIANCE_TYPES } from '../../src/gmm/covariance-type.js';
import { GaussianMixture } from '../../src/gmm/index.js';
import { arbitraryStart, clusters } from './naive.js';

const rows = clusters(700, 3, 3, 'stream');

function* cut(all: readonly number[][], size: number): Generator<number[][]> {
  for (let i = 0; i < all.length; i += size) yield all.slice(i, i + size);
}

async function* slowly(all: readonly number[][], size: number): AsyncGenerator<number[][]> {
  for (const batch of cut(all, size)) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    yield batch;
  }
}

describe.each(COVARIANCE_TYPES)('%s', (covariance) => {
  test('exact passes from a given start are those of a fit in memory, whatever the batches', async () => {
    for (const prior of ['none', 'conjugate'] as const) {
      const initialization = arbitraryStart(rows, 3, covariance);
      const estimator = new GaussianMixture({ components: 3, covariance, prior, initialization, maxIterations: 8 });
      const whole = await estimator.fit(rows);
      for (const size of [1, 64, 699, 5000]) {
        const model = await estimator.fitBatches(() => cut(rows, size));
        expect(model.iterations).toBe(whole.iterations);
        expect(model.rows).toBe(700);
        model.history.forEach((value, t) => {
          expect(value).toBeCloseTo(whole.history[t], 10);
        });
        expect(model.covariances[2].get(1, 1)).toBeCloseTo(whole.covariances[2].get(1, 1), 9);
      }
    }
  });

  test('exact passes from a sample come to the same maximum', async () => {
    const estimator = new GaussianMixture({ components: 3, covariance, seed: 1 });
    const whole = await estimator.fit(rows);
    const model = await estimator.fitBatches(() => slowly(rows, 100), { sampleRows: 200 });
    expect(model.meanLogDensity(rows)).toBeCloseTo(whole.meanLogDensity(rows), 4);
    expect(model.converged).toBe(true);
  });

  test('update with further rows nears the fit to all of them', async () => {
    const estimator = new GaussianMixture({ components: 3, covariance, seed: 1 });
    const [first, second] = [rows.slice(0, 400), rows.slice(400)];
    const model = await estimator.fit(first);
    const before = JSON.stringify(model);
    const updated = model.update(second);
    expect(JSON.stringify(model)).toBe(before);
    expect(updated.rows).toBe(700);
    const whole = (await estimator.fit(rows)).meanLogDensity(rows);
    expect(updated.meanLogDensity(rows)).toBeGreaterThan(model.meanLogDensity(rows));
    expect(whole - updated.meanLogDensity(rows)).toBeLessThan(0.01);
  });
});

describe('two-muon events', () => {
  const lines = readFileSync(new URL('../../data/zmumu.csv', import.meta.url), 'utf8')
    .trim()
    .split('\n')
    .slice(1);
  const muons = lines.map((line) => {
    const [, , pt1, eta1, phi1, , , , pt2, eta2, phi2] = line.split(',').map(Number);
    const angle = phi2 - phi1 - Math.PI;
    const wrapped = angle - 2 * Math.PI * Math.floor(angle / (2 * Math.PI) + 0.5);
    return [Math.log(pt1), eta1, Math.log(pt2), eta2, wrapped];
  });
  const order = RandomStream.of(1, 'shuffle').permutation(muons.length);
  const shuffled = Array.from(order, (i) => muons[i]);

  test('one stepwise pass comes within 0.01 nats a row of EM on all rows from the same start', async () => {
    for (const [components, covariance] of [
      [5, 'full'],
      [8, 'diagonal'],
      [5, 'tied'],
    ] as const) {
      for (const seed of [1, 2]) {
        const options = { components, covariance, seed, tolerance: 1e-6, acceleration: 'none' } as const;
        const { means, weights, covariances } = await new GaussianMixture({ ...options, restarts: 3 }).fit(
          shuffled.slice(0, 2000),
        );
        const estimator = new GaussianMixture({ ...options, initialization: { means, weights, covariances } });
        const whole = await estimator.fit(muons);
        const model = await estimator.fitBatches(cut(shuffled, 500), { method: 'stepwise', sampleRows: 2000 });
        expect(model.rows).toBe(muons.length);
        expect(model.history).toEqual([]);
        expect(whole.meanLogDensity(muons) - model.meanLogDensity(muons)).toBeLessThan(0.01);
      }
    }
  });
});

describe('what cannot be', () => {
  const estimator = new GaussianMixture({ components: 2, seed: 1 });

  test('an iterator that can be read only once, for exact passes', async () => {
    await expect(estimator.fitBatches(cut(rows, 10))).rejects.toThrow('as every iteration reads them, but got');
    const model = await estimator.fitBatches([...cut(rows, 100)]);
    expect(model.rows).toBe(700);
  });

  test('passes that differ', async () => {
    let pass = 0;
    const source = () => cut(rows.slice(0, 700 - pass++), 50);
    await expect(estimator.fitBatches(source)).rejects.toThrow(
      'batches must hold the same 700 rows on every pass, but got 699',
    );
  });

  test.each<[string, unknown, object, string]>([
    ['no iterable', 3, { method: 'stepwise' }, 'batches must be an iterable or async iterable of rows'],
    ['no iterable from the function', () => 3, {}, 'batches must be an iterable or async iterable of rows'],
    ['no rows', () => [], {}, 'batches must hold at least 2 rows, one per component, but got 0.'],
    ['batches of other widths', () => [rows, [[1]]], {}, 'batch 1 must have 3 columns'],
    ['NaN', () => [rows, [[1, 2, Number.NaN]]], {}, 'batch 1, row 0, column 2 must be finite, but got NaN.'],
    ['an unknown option', () => [rows], { weights: [] }, 'unknown option "weights"'],
    ['an unknown method', () => [rows], { method: 'online' }, 'option "method" must be one of "exact" or "stepwise"'],
  ])('%s', async (_, batches, options, message) => {
    await expect(estimator.fitBatches(batches as never, options)).rejects.toThrow(message);
  });

  test('an aborted fit closes the stream', async () => {
    const controller = new AbortController();
    let closed = 0;
    const source = async function* () {
      try {
        for (const batch of cut(rows, 10)) yield batch;
      } finally {
        closed++;
      }
    };
    const reason = new Error('enough');
    const onProgress = () => controller.abort(reason);
    await expect(estimator.fitBatches(source, { signal: controller.signal, onProgress, sampleRows: 50 })).rejects.toBe(
      reason,
    );
    expect(closed).toBeGreaterThan(0);
  });
});

test('update of a mixture built from parameters needs to know how many rows it stands for', async () => {
  const { GaussianMixtureModel } = await import('../../src/gmm/index.js');
  const model = GaussianMixtureModel.fromParameters({ weights: [1], means: [[0]], covariances: [[[1]]] });
  expect(() => model.update([[1], [2]])).toThrow('rows must be told');
  const updated = model.update([[4], [4]], { rows: 2 });
  // Mean of two rows at 0 and two at 4; variance (2 * 1 + 4 * 4) / 4.
  expect(updated.means.get(0, 0)).toBeCloseTo(2, 12);
  expect(updated.covariances[0].get(0, 0)).toBeCloseTo(0.5 + 4, 12);
  expect(() => model.update([[1, 2]], { rows: 3 })).toThrow('rows must have 1 column');
});

test('memory does not grow with the stream', async () => {
  const make = (n: number) =>
    function* () {
      const stream = RandomStream.of(1, 'big');
      for (let i = 0; i < n; i += 1000) {
        yield new Samples(
          Float64Array.from({ length: 2000 }, () => stream.normal() + (stream.uniform() < 0.5 ? 4 : 0)),
          1000,
          2,
        );
      }
    };
  const estimator = new GaussianMixture({ components: 2, seed: 1, restarts: 1, maxIterations: 3, tolerance: 0 });
  const model = await estimator.fitBatches(make(200_000), { sampleRows: 500 });
  expect(model.rows).toBe(200_000);
});
