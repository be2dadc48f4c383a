/**
 * Fits of mixtures by threads, as they are shipped: threads start from the built package.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../src/index.js';
import type { DensityPool as Pool } from '../src/pool.js';

const DIST = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('pool.js', DIST))) throw new Error('dist must exist: run npm run build first');

const library = (await import(new URL('index.js', DIST).href)) as typeof import('../src/index.js');
const { DensityPool } = (await import(new URL('pool.js', DIST).href)) as typeof import('../src/pool.js');
const { GaussianMixture, ModelError, RandomStream, Samples, selectGaussianMixture } = library;

let one: Pool;
let three: Pool;
beforeAll(() => {
  one = new DensityPool({ threads: 1 });
  three = new DensityPool({ threads: 3 });
});
afterAll(() => Promise.all([one.close(), three.close()]));

/** Three clusters, some rows missing a value. */
function clusters(n: number, d: number, hasGaps = false) {
  const stream = RandomStream.of(1, 'clusters', n, d);
  const data = Float64Array.from({ length: n * d }, (_, i) => 4 * (Math.floor(i / d) % 3) + stream.normal());
  if (hasGaps) for (let i = 0; i < n; i += 7) data[i * d] = Number.NaN;
  return new Samples(data, n, d);
}

/** What a pool is asked for. */
function spyOn(pool: Pool) {
  const tasks: unknown[] = [];
  return {
    tasks,
    threads: pool.threads,
    openJobs: (jobs: Parameters<Pool['openJobs']>[0]) => {
      const open = pool.openJobs(jobs);
      const run: typeof open.run = (task, onProgress) => {
        tasks.push(task);
        return open.run(task, onProgress);
      };
      return { run, close: () => open.close() };
    },
  };
}

describe('restarts by threads', () => {
  const options = { components: 3, restarts: 5, seed: 7, tolerance: 1e-4 } as const;
  const weights = Float64Array.from({ length: 9000 }, (_, i) => (i % 5) + 0.5);

  test.each([
    ['full', options, false, undefined],
    ['diagonal, weights', { ...options, covariance: 'diagonal' }, false, weights],
    [
      'tied, a prior',
      {
        ...options,
        covariance: 'tied',
        prior: {
          meanPrecision: 2,
          scale: [
            [1, 0],
            [0, 1],
          ],
        },
      },
      false,
      undefined,
    ],
    ['missing values', { ...options, missing: 'marginalize', maxIterations: 20 }, true, weights],
    ['no ridge', { ...options, regularization: 0, restarts: 8 }, false, undefined],
  ] as const)('have the bits of those without: %s', async (_, given, hasGaps, rowWeights) => {
    const rows = clusters(9000, 2, hasGaps);
    const estimator = new GaussianMixture(given);
    const fitOptions = rowWeights ? { weights: rowWeights } : {};
    const expected = JSON.stringify(await estimator.fit(rows, fitOptions));
    for (const pool of [one, three]) {
      const spied = spyOn(pool);
      expect(JSON.stringify(await estimator.fit(rows, { ...fitOptions, pool: spied }))).toBe(expected);
      expect(spied.tasks).toEqual(Array.from({ length: given.restarts }, (__, index) => index));
    }
  });

  test('that collapse for good are reported as without', async () => {
    // As many places as components, so that any variance may vanish.
    const rows = Array.from({ length: 30_000 }, (_, i) => [i % 3, (i % 3) ** 2]);
    const estimator = new GaussianMixture({ components: 3, restarts: 4, regularization: 0, seed: 1 });
    const failure = await estimator.fit(rows).catch((error) => error);
    expect(failure.code).toBe('not-positive-definite');
    const found = await estimator.fit(rows, { pool: three }).catch((error) => error);
    expect(found).toBeInstanceOf(ModelError);
    expect([found.code, found.message]).toEqual([failure.code, failure.message]);
  });

  test('of small fits stay in this thread', async () => {
    const spied = spyOn(three);
    await new GaussianMixture(options).fit(clusters(200, 2), { pool: spied });
    expect(spied.tasks).toEqual([]);
  });

  test('report the progress of each', async () => {
    const seen: Progress[] = [];
    const onProgress = (progress: Progress) => seen.push(progress);
    await new GaussianMixture(options).fit(clusters(9000, 2), { pool: three, onProgress });
    for (let restart = 1; restart <= 5; restart++) {
      const own = seen.filter(({ phase }) => phase === `EM, restart ${restart} of 5`);
      expect(own.map(({ completed }) => completed)).toEqual(own.map((_, i) => i + 1));
      expect(own.length).toBeGreaterThan(0);
    }
  });
});

describe('a choice among mixtures by threads', () => {
  test.each(['bic', 'cross-validation'] as const)('has the bits of one without: %s', async (criterion) => {
    const rows = clusters(9000, 2);
    const options = {
      components: [3, 1, 2],
      covariances: ['full', 'spherical'],
      criterion,
      seed: 1,
      folds: 3,
    } as const;
    const expected = await selectGaussianMixture(rows, options);
    const spied = spyOn(three);
    const found = await selectGaussianMixture(rows, { ...options, pool: spied });
    expect(spied.tasks.length).toBe(criterion === 'bic' ? 6 : 24);
    expect(JSON.stringify(found.table)).toBe(JSON.stringify(expected.table));
    expect(JSON.stringify(found.best)).toBe(JSON.stringify(expected.best));
    expect(found.model.logDensity(rows)).toEqual(expected.model.logDensity(rows));
  });

  test('keeps the failures of mixtures in its table', async () => {
    const rows = Array.from({ length: 20_000 }, (_, i) => [i % 2, (i * 7919) % 13]);
    const options = { components: [1, 4], covariances: ['full'], regularization: 0, seed: 1 } as const;
    const expected = await selectGaussianMixture(rows, options);
    const found = await selectGaussianMixture(rows, { ...options, pool: three });
    expect(found.table.map(({ failure }) => failure?.message)).toEqual(
      expected.table.map(({ failure }) => failure?.message),
    );
    expect(found.table[1].failure).toBeInstanceOf(ModelError);
  });
});

describe('what goes wrong', () => {
  const estimator = new GaussianMixture({ components: 8, restarts: 12, seed: 1, tolerance: 0, maxIterations: 500 });
  const rows = clusters(20_000, 2);

  test('an abort rejects at once with its reason, threads stop, and the pool goes on', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 150);
    await expect(estimator.fit(rows, { pool: three, signal: controller.signal })).rejects.toThrow('enough');
    const began = performance.now();
    const quick = new GaussianMixture({ components: 2, restarts: 3, seed: 1 });
    await quick.fit(rows, { pool: three });
    // To the end each of the twelve takes seconds.
    expect(performance.now() - began).toBeLessThan(5000);
  });

  test('an exception from a callback ends the fit', async () => {
    const onProgress = () => {
      throw new Error('no more');
    };
    await expect(estimator.fit(rows, { pool: three, onProgress })).rejects.toThrow('no more');
    await expect(
      selectGaussianMixture(rows, { components: [1, 2, 3], seed: 1, pool: three, onProgress }),
    ).rejects.toThrow('no more');
  });

  test('threads that end under way, and a pool that is closed, are ModelErrors', async () => {
    const short = new DensityPool({ threads: 2 });
    const pending = estimator.fit(rows, { pool: short });
    setTimeout(() => void short.close(), 150);
    await expect(pending).rejects.toMatchObject({ name: 'ModelError', code: 'missing-backend' });
    await expect(estimator.fit(rows, { pool: short })).rejects.toMatchObject({
      code: 'missing-backend',
      message: expect.stringContaining('GaussianMixture.fit: the pool must be open'),
    });
  });

  test('what is no pool is refused', async () => {
    const must = /option "pool" must be a DensityPool of generative-models\/pool/;
    await expect(estimator.fit(rows, { pool: {} as never })).rejects.toThrow(must);
    await expect(selectGaussianMixture(rows, { pool: 2 as never })).rejects.toThrow(must);
  });

  test('threads let go of their input when jobs are closed', async () => {
    const data = new Float64Array(1e6).map((_, i) => Math.sin(i));
    // One Gaussian of ten rows: all others are left out.
    const task = { options: { components: 1 }, held: Uint32Array.from({ length: 1e6 - 10 }, (_, i) => i) };
    const before = process.memoryUsage().rss;
    // 8 MB each: 240 MB, were they kept.
    for (let i = 0; i < 30; i++) {
      const jobs = three.openJobs({ owner: 'test', kind: 'mixture-fit', input: { data, columns: 1 } });
      await jobs.run(task);
      jobs.close();
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(150e6);
  });
});
