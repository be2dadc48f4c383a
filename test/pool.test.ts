/**
 * The pool as it is shipped: threads start from the built package.
 */
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DensityPool as Pool } from '../src/pool.js';

const DIST = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('pool.js', DIST))) throw new Error('dist must exist: run npm run build first');

const library = (await import(new URL('index.js', DIST).href)) as typeof import('../src/index.js');
const { DensityPool } = (await import(new URL('pool.js', DIST).href)) as typeof import('../src/pool.js');
const { GaussianMixture, KernelDensity, RandomStream, Samples } = library;

let pool: Pool;
beforeAll(() => {
  pool = new DensityPool({ threads: 2 });
});
afterAll(() => pool.close());

function normalRows(n: number, d: number, purpose: string) {
  const stream = RandomStream.of(1, purpose);
  return new Samples(
    Float64Array.from({ length: n * d }, () => stream.normal()),
    n,
    d,
  );
}

describe('densities by threads', () => {
  const queries = normalRows(5000, 2, 'queries');

  test.each(['gaussian', 'cosine'] as const)('have the bits of the model (%s)', async (kernel) => {
    const model = await new KernelDensity({ kernel, relativeTolerance: 1e-4 }).fit(normalRows(3000, 2, 'rows'));
    expect(await pool.logDensity(model, queries)).toEqual(model.logDensity(queries));
    expect(await pool.logDensity(model, queries.select([4]))).toEqual(model.logDensity(queries.select([4])));
  });

  test('of several models at once, and of a mixture', async () => {
    const rows = normalRows(500, 2, 'few');
    const models = await Promise.all([
      new KernelDensity().fit(rows),
      new KernelDensity({ bandwidth: 0.5, kernel: 'tophat' }).fit(rows),
      new GaussianMixture({ components: 2, seed: 1 }).fit(rows),
    ]);
    const found = await Promise.all([...models, ...models].map((model) => pool.logDensity(model, queries)));
    found.forEach((logDensity, i) => {
      expect(logDensity).toEqual(models[i % 3].logDensity(queries));
    });
  });

  test('are those of the rows as they were given', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0], [1]]);
    const rows = Samples.column(new Float64Array(3000));
    const before = model.logDensity(rows);
    const pending = pool.logDensity(model, rows);
    rows.data.fill(7);
    expect(await pending).toEqual(before);
  });

  test('report progress up to all rows', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0]]);
    const seen: number[] = [];
    await pool.logDensity(model, queries, {
      onProgress: ({ phase, completed, total }) => {
        expect([phase, total]).toEqual(['densities', 5000]);
        seen.push(completed);
      },
    });
    expect(seen.at(-1)).toBe(5000);
    expect([...seen].sort((a, b) => a - b)).toEqual(seen);
  });
});

describe('what goes wrong', () => {
  test('rows and options are checked before any thread is asked', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0]]);
    await expect(pool.logDensity(model, [[1, 2]])).rejects.toMatchObject({
      code: 'shape-mismatch',
      message: expect.stringContaining('DensityPool.logDensity: '),
    });
    await expect(pool.logDensity(model, [[Number.NaN]])).rejects.toMatchObject({ code: 'invalid-data' });
    expect(() => new DensityPool({ threads: 0 })).toThrow(/option "threads" must be an integer from 1 to 1024/);
  });

  test('an abort rejects with its reason, and the pool goes on', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0]]);
    const controller = new AbortController();
    const rows = normalRows(50_000, 2, 'many');
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(pool.logDensity(model, rows, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
    expect((await pool.logDensity(model, rows)).length).toBe(50_000);
  });

  test('a model that a thread cannot build is reported as by loading it', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0]]);
    const damaged = {
      dimension: 1,
      densityKind: 'exact' as const,
      sample: () => model.sample(1),
      logDensity: () => new Float64Array(1),
      toState: () => ({ ...model.toState(), kind: 'Nothing' }),
      toJSON: () => model.toJSON(),
    };
    await expect(pool.logDensity(damaged, [[1]])).rejects.toMatchObject({ code: 'invalid-model-file' });
  });

  test('a closed pool says so, calls under way included', async () => {
    const model = await new KernelDensity({ bandwidth: 1 }).fit([[0, 0]]);
    const short = new DensityPool({ threads: 1 });
    const calls = [1, 2].map(() => short.logDensity(model, normalRows(50_000, 2, 'many')));
    const settled = Promise.allSettled(calls);
    await short.close();
    for (const { status } of await settled) expect(status).toBe('rejected');
    await expect(short.logDensity(model, [[1, 2]])).rejects.toMatchObject({
      code: 'missing-backend',
      message: expect.stringContaining('the pool must be open'),
    });
  });
});
