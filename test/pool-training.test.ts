/**
 * Networks trained by threads, as they are shipped: threads start from the built package.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { DensityPool as Pool } from '../src/pool.js';

const DIST = new URL('../dist/', import.meta.url);
if (!existsSync(new URL('pool.js', DIST))) throw new Error('dist must exist: run npm run build first');

const library = (await import(new URL('index.js', DIST).href)) as typeof import('../src/index.js');
const { DensityPool } = (await import(new URL('pool.js', DIST).href)) as typeof import('../src/pool.js');
const { BidirectionalGan, CycleGan, GenerativeAdversarialNetwork, PairedGan, RandomStream, Samples } = library;
const { KernelDensity, VariationalAutoencoder } = library;

let pool: Pool;
beforeAll(() => {
  pool = new DensityPool({ threads: 3 });
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

const rows = normalRows(600, 3, 'rows');
const others = normalRows(600, 3, 'others');
const game = { generator: [96, 96], discriminator: [96, 96], batchSize: 200, epochs: 3, seed: 1 } as const;

/** A model after three epochs of each kind of network, on layers wide enough to be shared. */
const FITS: Record<string, (options: object) => Promise<{ toJSON(): unknown }>> = {
  'an adversarial network': (options) =>
    new GenerativeAdversarialNetwork({ ...game, r1: 1, densitySamples: 10 }).fit(rows, options),
  'a Wasserstein critic': (options) =>
    new GenerativeAdversarialNetwork({
      ...game,
      objective: 'wasserstein',
      gradientPenalty: 10,
      discriminatorActivation: 'tanh',
      densitySamples: 10,
    }).fit(rows, options),
  'a bidirectional one': (options) =>
    new BidirectionalGan({ ...game, encoder: [96, 96], densitySamples: 10 }).fit(rows, options),
  'translators of unpaired rows': (options) => new CycleGan(game).fit(rows, others, options),
  'a translator of pairs': (options) => new PairedGan(game).fit(rows, others, options),
  'an autoencoder': (options) =>
    new VariationalAutoencoder({ hidden: [128, 128], batchSize: 200, epochs: 3, seed: 1 }).fit(rows, options),
};

describe('training by threads', () => {
  test.each(Object.entries(FITS))('has the bits of one thread: %s', async (_, fit) => {
    const expected = JSON.stringify(await fit({}));
    let teams = 0;
    const spied = {
      threads: 3,
      openJobs: (jobs: Parameters<Pool['openJobs']>[0]) => {
        teams++;
        return pool.openJobs(jobs);
      },
    };
    expect(JSON.stringify(await fit({ pool: spied }))).toBe(expected);
    expect(teams).toBe(1);
    // Memory that was used before.
    expect(JSON.stringify(await fit({ pool: spied }))).toBe(expected);
  });

  test('goes on beside another, and beside densities', async () => {
    const fits = ['an adversarial network', 'an autoencoder'].map((name) => FITS[name]);
    const expected = await Promise.all(fits.map((fit) => fit({})));
    const model = await new KernelDensity().fit(rows);
    const [first, second, logDensity] = await Promise.all([
      fits[0]({ pool }),
      fits[1]({ pool }),
      pool.logDensity(model, others),
    ]);
    expect(JSON.stringify([first, second])).toBe(JSON.stringify(expected));
    expect(logDensity).toEqual(model.logDensity(others));
  });

  test('says on what it goes on', async () => {
    const phases: string[] = [];
    const onProgress = ({ phase }: { phase: string }): void => void phases.push(phase);
    await FITS['an autoencoder']({ pool, onProgress });
    expect(phases[0]).toBe('training on the wasm backend with up to 3 threads');
  });

  test('goes on alone where memory cannot be shared', async () => {
    const expected = JSON.stringify(await FITS['an autoencoder']({}));
    const fresh = new DensityPool({ threads: 2 });
    interface Memories {
      Memory: new (size: { initial: number; shared?: boolean }) => object;
    }
    const api = (globalThis as unknown as { WebAssembly: Memories }).WebAssembly;
    const { Memory } = api;
    const phases: string[] = [];
    try {
      api.Memory = class extends Memory {
        constructor(size: { initial: number; shared?: boolean }) {
          if (size.shared) throw new RangeError('no');
          super(size);
        }
      };
      const onProgress = ({ phase }: { phase: string }): void => void phases.push(phase);
      expect(JSON.stringify(await FITS['an autoencoder']({ pool: fresh, onProgress }))).toBe(expected);
    } finally {
      api.Memory = Memory;
    }
    expect(phases[0]).toContain('the pool is not used: memory cannot be shared here');
    await fresh.close();
  });

  test('needs no thread beside its own', async () => {
    const alone = new DensityPool({ threads: 1 });
    const fit = FITS['an autoencoder'];
    expect(JSON.stringify(await fit({ pool: alone }))).toBe(JSON.stringify(await fit({})));
    await alone.close();
  });
});

describe('what goes wrong', () => {
  const long = { ...game, epochs: 100_000 };

  test('an abort ends the fit with its reason, and threads are free again', async () => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 200);
    const fit = new GenerativeAdversarialNetwork(long).fit(rows, { pool, signal: controller.signal });
    await expect(fit).rejects.toThrow('enough');
    const model = await new KernelDensity().fit(rows);
    expect(await pool.logDensity(model, others)).toEqual(model.logDensity(others));
  });

  test('an exception from a callback ends the fit, and a checkpoint goes on with or without threads', async () => {
    const estimator = new GenerativeAdversarialNetwork({ ...game, densitySamples: 10 });
    let kept: (() => unknown) | undefined;
    const broken = estimator.fit(rows, {
      pool,
      onCheckpoint: (checkpoint) => {
        kept ??= checkpoint;
        if (kept !== checkpoint) throw new Error('no more');
      },
    });
    await expect(broken).rejects.toThrow('no more');
    const resume = kept?.() as never;
    const expected = JSON.stringify(await estimator.fit(rows));
    expect(JSON.stringify(await estimator.fit(rows, { resume }))).toBe(expected);
    expect(JSON.stringify(await estimator.fit(rows, { resume, pool }))).toBe(expected);
  });

  test('a pool that is closed under way or before is a ModelError, and nothing hangs', async () => {
    for (const wait of [50, 200, 300]) {
      const short = new DensityPool({ threads: 3 });
      const pending = new GenerativeAdversarialNetwork(long).fit(rows, { pool: short });
      setTimeout(() => void short.close(), wait);
      await expect(pending).rejects.toMatchObject({ name: 'ModelError', code: 'missing-backend' });
      await expect(FITS['an autoencoder']({ pool: short })).rejects.toMatchObject({
        code: 'missing-backend',
        message: expect.stringContaining('VariationalAutoencoder.fit: the pool must be open'),
      });
    }
    const short = new DensityPool({ threads: 2 });
    // In the middle of an epoch's report, with no turn of the event loop before the next step.
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase.startsWith('training 2') || phase === 'training') void short.close();
    };
    const fit = new GenerativeAdversarialNetwork(long).fit(rows, { pool: short, onProgress });
    await expect(fit).rejects.toMatchObject({ code: 'missing-backend' });
  });

  test('what is no pool, and a pool with a backend of one thread, are refused', async () => {
    const must = /option "pool" must be a DensityPool of generative-models\/pool/;
    for (const none of [{}, 2, { openJobs: () => undefined }, { openJobs: () => undefined, threads: 0 }]) {
      for (const fit of Object.values(FITS)) await expect(fit({ pool: none })).rejects.toThrow(must);
    }
    const estimator = new VariationalAutoencoder({ backend: 'cpu', epochs: 1 });
    await expect(estimator.fit(rows, { pool })).rejects.toMatchObject({
      code: 'invalid-option',
      message:
        'VariationalAutoencoder.fit: option "pool" must be left out with this backend, for only "wasm" shares its work, but got "cpu".',
    });
  });

  test('a pool that gives no jobs ends the fit, and the next one asks again', async () => {
    let asked = 0;
    const broken = {
      threads: 2,
      openJobs: () => {
        asked++;
        throw new Error('no jobs');
      },
    };
    for (let fit = 1; fit <= 2; fit++) {
      await expect(FITS['an autoencoder']({ pool: broken })).rejects.toThrow('no jobs');
      expect(asked).toBe(fit);
    }
  });

  test('a program ends when its pool is closed right after a fit', () => {
    const program = `
      import { VariationalAutoencoder } from ${JSON.stringify(new URL('index.js', DIST).href)};
      import { DensityPool } from ${JSON.stringify(new URL('pool.js', DIST).href)};
      const rows = Array.from({ length: 400 }, (_, i) => [Math.sin(i), Math.cos(i * i)]);
      for (let k = 0; k < 3; k++) {
        const pool = new DensityPool({ threads: 2 });
        await new VariationalAutoencoder({ hidden: [128, 128], batchSize: 200, epochs: 2 + k, seed: 1 }).fit(rows, { pool });
        await pool.close();
      }
      console.log('done');`;
    const found = execFileSync(process.execPath, ['--input-type=module', '-e', program], {
      encoding: 'utf8',
      timeout: 60_000,
    });
    expect(found.trim()).toBe('done');
  });
});
