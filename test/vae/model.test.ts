import { describe, expect, it } from 'vitest';
import { decodeModelFile, encodeModelFile } from '../../src/core/model-file.js';
import type { ModelState } from '../../src/core/model-state.js';
import type { Progress } from '../../src/core/progress.js';
import { ACTIVATION_NAMES } from '../../src/neural/activations.js';
import { loadBackend } from '../../src/neural/backend.js';
import {
  VariationalAutoencoder,
  VariationalAutoencoderModel,
  type VariationalAutoencoderOptions,
} from '../../src/vae/index.js';
import { arcs, mean, mixedRows } from './data.js';
import { runOnnx } from './onnx-reader.js';

const QUICK: VariationalAutoencoderOptions = {
  hidden: [12],
  epochs: 6,
  learningRate: 0.01,
  densitySamples: 20,
  seed: 1,
};
const MIXED: VariationalAutoencoderOptions = {
  ...QUICK,
  decoder: 'mixed',
  columns: ['continuous', 'binary', { categories: 3 }],
};
const rows = mixedRows(300);

const fit = (options: VariationalAutoencoderOptions, data = rows) => new VariationalAutoencoder(options).fit(data);
const faultOf = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => new Error('no fault'),
    (error) => error,
  );

describe('a mixed table', async () => {
  const model = await fit({ ...MIXED, epochs: 150, latentDimension: 3, validationFraction: 0.2 });

  it('is drawn with the categories that there are, and about as often', () => {
    const draws = model.sample(5000, { seed: 1 });
    const column = (j: number) => Array.from({ length: draws.rows }, (_, i) => draws.get(i, j));
    expect(new Set(column(1))).toEqual(new Set([0, 1]));
    expect(new Set(column(2))).toEqual(new Set([0, 1, 2]));
    const share = (data: number[], kind: number) => data.filter((value) => value === kind).length / data.length;
    for (const kind of [0, 1, 2]) {
      expect(
        Math.abs(
          share(column(2), kind) -
            share(
              rows.map((row) => row[2]),
              kind,
            ),
        ),
      ).toBeLessThan(0.08);
    }
    expect(Math.abs(mean(column(0)) - mean(rows.map(([x]) => x)))).toBeLessThan(12);
  });

  it('is reconstructed: the number near, the category right', () => {
    const again = model.reconstruct(rows);
    const right = rows.filter((row, i) => again.get(i, 2) === row[2]);
    expect(right.length / rows.length).toBeGreaterThan(0.95);
    expect(mean(rows.map(([x], i) => Math.abs(again.get(i, 0) - x)))).toBeLessThan(15);
    for (let i = 0; i < 20; i++) expect(again.get(i, 1)).toBeGreaterThan(0);
  });

  it('says which latent columns are used', () => {
    const active = model.activeUnits(rows);
    expect(active.length).toBeGreaterThan(0);
    expect(model.activeUnits(rows, { threshold: 1e9 })).toEqual([]);
    const { means } = model.encode(rows);
    for (const j of [0, 1, 2]) {
      const values = rows.map((_, i) => means.get(i, j));
      const variance = mean(values.map((value) => value ** 2)) - mean(values) ** 2;
      expect(active.includes(j)).toBe(variance > 0.01);
    }
  });

  it('interpolates from one row to the other', () => {
    const path = model.interpolate(rows[0], rows[5], 4);
    expect([path.rows, path.columns]).toEqual([4, 3]);
    expect(path.row(0)).toEqual(model.reconstruct([rows[0]]).row(0));
    expect(path.row(3)).toEqual(model.reconstruct([rows[5]]).row(0));
    expect(() => model.interpolate(rows[0], rows[5], 1)).toThrow(/steps must be an integer >= 2/);
  });
});

describe('saving and loading', async () => {
  const plain = await fit(MIXED);
  const models = {
    mixed: plain,
    'a given deviation': await fit({ ...QUICK, standardDeviation: 2 }, arcs(100)),
    'a mixture prior': await plain.fitPrior(rows, { components: 2, seed: 1 }),
  };

  it.each(Object.entries(models))('with %s: the same bits from JSON and from a file', (_, model) => {
    const data = model.dimension === 3 ? rows.slice(0, 20) : arcs(20, 4);
    const text = JSON.stringify(model);
    const states = [VariationalAutoencoderModel.fromJSON(text)];
    states.push(VariationalAutoencoderModel.fromState(decodeModelFile(encodeModelFile(model.toState()), 'test')));
    for (const loaded of states) {
      expect(loaded.logDensity(data)).toEqual(model.logDensity(data));
      expect(loaded.sample(30, { seed: 0 })).toEqual(model.sample(30, { seed: 0 }));
      expect(JSON.stringify(loaded)).toBe(text);
      expect(loaded.history).toEqual(model.history);
    }
  });

  it('holds no training row', () => {
    const size = JSON.stringify(plain).length;
    expect(size).toBeLessThan(30_000);
  });

  it('an epoch on WASM and one on the CPU lead to nearly the same model', async () => {
    // Models do not run on backends at all; float32 rounding of training is all that differs.
    const [wasm, cpu] = await Promise.all(
      (['wasm', 'cpu'] as const).map((backend) => fit({ ...MIXED, epochs: 1, backend }, rows)),
    );
    const [a, b] = [wasm, cpu].map((model) =>
      model
        .decode([
          [0.3, -0.2],
          [1, 1],
        ])
        .toArray(),
    );
    a.flat().forEach((value, i) => {
      expect(Math.abs(value - b.flat()[i])).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
    });
  });

  it('refuses a state whose parts do not fit together', () => {
    const state = plain.toState();
    const damaged = (change: Partial<ModelState>) => () =>
      VariationalAutoencoderModel.fromState({ ...state, ...change });
    const settings = (more: Record<string, unknown>) =>
      ({ settings: { ...state.settings, ...more } }) as Partial<ModelState>;
    expect(damaged(settings({ latentDimension: 3 }))).toThrow(/must have shape/);
    expect(damaged(settings({ hidden: [99999999] }))).toThrow(/layer widths/);
    expect(damaged(settings({ columns: ['continuous'] }))).toThrow(/must have shape/);
    expect(damaged(settings({ standardDeviation: 'given' }))).toThrow(/tensors must have "standardDeviations"/);
    expect(damaged({ kind: 'GaussianMixtureModel' })).toThrow(/kind must be "VariationalAutoencoderModel"/);
    const scales = { shape: [3], data: Float64Array.of(1, -1, 1) };
    expect(damaged({ tensors: { ...state.tensors, 'columns.scales': scales } })).toThrow(/must be > 0/);
  });
});

describe('fitting', () => {
  it('with the same seed gives the same bits, without one others', async () => {
    const [a, b] = await Promise.all([fit(MIXED), fit(MIXED)]);
    expect(JSON.stringify(a)).toBe(JSON.stringify(b));
    const { seed: _, ...unseeded } = MIXED;
    expect(JSON.stringify(await fit(unseeded))).not.toBe(JSON.stringify(a));
  });

  it('resumed from a checkpoint gives the model of an unbroken fit', async () => {
    const options = { ...MIXED, averaging: 0.99, patience: 5 };
    const whole = await fit(options);
    const checkpoints: ModelState[] = [];
    const estimator = new VariationalAutoencoder(options);
    await estimator.fit(rows, { onCheckpoint: (checkpoint) => checkpoints.push(checkpoint()) });
    const saved = decodeModelFile(encodeModelFile(checkpoints[2]), 'test');
    const resumed = await estimator.fit(rows, { resume: saved });
    expect(JSON.stringify(resumed)).toBe(JSON.stringify(whole));
    const fault = await faultOf(new VariationalAutoencoder({ ...options, hidden: [5] }).fit(rows, { resume: saved }));
    expect(fault).toMatchObject({ code: 'invalid-model-file' });
  });

  it('tells first where it trains, and then of each epoch', async () => {
    const events: Progress[] = [];
    const { history } = await new VariationalAutoencoder(MIXED).fit(rows, {
      onProgress: (event) => events.push(event),
    });
    expect(events[0].phase).toMatch(/^training on the (native|wasm) backend/);
    expect(events.slice(1).map(({ completed }) => completed)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(history.training.elbo).toHaveLength(6);
    expect(history.validation.elbo).toHaveLength(6);
  });

  it('leaks nothing, not even when aborted', async () => {
    const { kernels } = await loadBackend('auto', 'test');
    await fit(MIXED);
    const before = kernels.alive();
    await fit(MIXED);
    const controller = new AbortController();
    const fitting = new VariationalAutoencoder({ ...MIXED, epochs: 500 }).fit(rows, {
      signal: controller.signal,
      onProgress: ({ completed }) => completed === 2 && controller.abort(),
    });
    await expect(fitting).rejects.toMatchObject({ name: 'AbortError' });
    expect(kernels.alive()).toBe(before);
  });

  it('names a divergence', async () => {
    const wild = { ...MIXED, learningRate: 1e30, maxGradientNorm: 1e30 };
    expect(await faultOf(fit(wild))).toMatchObject({ code: 'diverged' });
  });

  it.each<[string, VariationalAutoencoderOptions]>([
    ['beta and warm-up', { beta: 0.5, warmup: 3 }],
    ['free bits', { freeBits: 0.5 }],
    ['importance samples', { importanceSamples: 5 }],
    [
      'decay, clipping, averaging and a line',
      { weightDecay: 0.01, maxGradientNorm: 1, averaging: 0.9, schedule: 'linear' },
    ],
    ['no held-out rows', { validationFraction: 0 }],
    ['a shared deviation', { standardDeviation: 'shared' }],
  ])('works with %s', async (_, more) => {
    const model = await fit({ ...MIXED, ...more });
    expect(model.logDensity(rows).every(Number.isFinite)).toBe(true);
  });

  it('with more freedom from regularisation keeps more of it', async () => {
    const [strict, free] = await Promise.all([0, 2].map((freeBits) => fit({ ...MIXED, epochs: 60, freeBits })));
    expect(mean(free.elbo(rows).regularization)).toBeGreaterThan(mean(strict.elbo(rows).regularization));
  });
});

describe('what cannot be is refused, with a way out:', () => {
  it.each<[VariationalAutoencoderOptions, number[][], RegExp]>([
    [{ decoder: 'mixed' }, rows, /option "columns" must say the kind/],
    [{ columns: ['binary'] }, rows, /option "columns" must go with decoder "mixed"/],
    [{ categories: 3 }, rows, /option "categories" must go with decoder "categorical"/],
    [{ decoder: 'mixed', columns: ['binary'] }, rows, /rows must have 1 columns, as option "columns" says, but got 3/],
    [
      { decoder: 'bernoulli' },
      [[0, 0.5]],
      /rows, row 0, column 1 must be 0 or 1, but got 0.5\. Use option "binarization"/,
    ],
    [{ decoder: 'bernoulli', binarization: 'threshold' }, [[0, 2]], /must be a number from 0 to 1, but got 2/],
    [
      { decoder: 'categorical', categories: 2 },
      [[0], [2]],
      /row 1, column 0 must be a category from 0 to 1, but got 2/,
    ],
    [{ decoder: 'categorical' }, [[0], [1.5]], /must be a category, an integer/],
    [
      {},
      [
        [1, 2],
        [3, 2],
      ],
      /column 1 must hold more than one value.*Leave the column out/,
    ],
    [{ backend: 'native' }, rows, /tfjs-node|no fault/],
  ])('%j', async (options, data, message) => {
    expect((await faultOf(fit({ ...options, epochs: 1 }, data))).message).toMatch(message);
  });

  it('options that exclude each other', () => {
    expect(() => new VariationalAutoencoder({ importanceSamples: 5, beta: 2 })).toThrow(/must be left out/);
    expect(() => new VariationalAutoencoder({ patience: 5, validationFraction: 0 })).toThrow(/must go with/);
  });

  it('codes of another width and counts of nothing', async () => {
    const model = await fit({ ...MIXED, epochs: 1 });
    expect(() => model.decode([[1]])).toThrow(/codes must have 2 columns/);
    expect(() => model.elbo(rows, { samples: 0 })).toThrow(/option "samples" must be an integer >= 1/);
    expect(() => model.logDensity(rows, { given: rows })).toThrow(/the model has no conditions/);
    expect(() => model.logDensity([[1, 0, 7]])).toThrow(/category from 0 to 2/);
  });
});

describe('grey values', () => {
  const grey = Array.from({ length: 200 }, (_, i) => [0.9, 0.1, (i % 10) / 9]);

  it('are cut at one half', async () => {
    const model = await fit({ ...QUICK, decoder: 'bernoulli', binarization: 'threshold' }, grey);
    const cut = grey.map((row) => row.map((x) => Number(x >= 0.5)));
    expect(model.logDensity(grey)).toEqual(model.logDensity(cut));
  });

  it('or drawn anew in each epoch, and for a density by the row itself', async () => {
    const model = await fit({ ...QUICK, epochs: 60, decoder: 'bernoulli', binarization: 'stochastic' }, grey);
    const draws = model.sample(4000, { seed: 1 });
    const share = (j: number) => mean(Array.from({ length: draws.rows }, (_, i) => draws.get(i, j)));
    expect(Math.abs(share(0) - 0.9)).toBeLessThan(0.05);
    expect(Math.abs(share(1) - 0.1)).toBeLessThan(0.05);
    expect(model.logDensity(grey)).toEqual(model.logDensity(grey));
  });
});

describe('the decoder as ONNX gives what decode gives, to 1e-5', () => {
  const codes = [
    [0.3, -1],
    [2, 1],
    [-3, 0.5],
  ];

  it.each(ACTIVATION_NAMES)('with %s', async (activation) => {
    const model = await fit({ ...MIXED, hidden: [8, 5], epochs: 2, activation });
    const found = runOnnx(model.decoderToOnnx(), { code: codes });
    const expected = model.decode(codes);
    found.forEach(([number, flag, ...categories], i) => {
      expect(Math.abs(number / expected.get(i, 0) - 1)).toBeLessThan(1e-5);
      expect(Math.abs(flag - expected.get(i, 1))).toBeLessThan(1e-5);
      expect(categories.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      expect(categories.indexOf(Math.max(...categories))).toBe(expected.get(i, 2));
    });
  });

  it('with conditions, coded as the network sees them', async () => {
    const data = rows.map(([x]) => [x]);
    const given = rows.map((row) => [row[2]]);
    const model = await new VariationalAutoencoder({ ...QUICK, given: [{ categories: 3 }] }).fit(data, { given });
    const found = runOnnx(model.decoderToOnnx(), { code: codes, given: codes.map(() => [0, 0, 1]) });
    const expected = model.decode(codes, { given: [[2]] });
    found.forEach(([value], i) => {
      expect(Math.abs(value / expected.get(i, 0) - 1)).toBeLessThan(1e-5);
    });
  });
});
