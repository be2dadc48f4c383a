import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Progress } from '../../src/core/progress.js';
import { clusters } from './data.js';
import { cases, subjects } from './subjects.js';

const rows = clusters(60, 2);

describe.each(cases)('$title: lifecycle', ({ subject, options }) => {
  const create = (): ReturnType<typeof subject.create> => subject.create(options);

  it('fitted twice, it is the same to the bit; fitted to other rows in between, too', async () => {
    const estimator = create();
    const first = await estimator.fit(rows);
    await estimator.fit(clusters(25, 1, 4));
    const second = await estimator.fit(rows);
    expect(second.toJSON()).toEqual(first.toJSON());
    expect(second.logDensity(rows)).toEqual(first.logDensity(rows));
    expect(second.sample(20, { seed: 0 })).toEqual(first.sample(20, { seed: 0 }));
  });

  it('two fits at once do not disturb each other', async () => {
    const estimator = create();
    const other = clusters(50, 2, 7);
    const [a, b] = await Promise.all([estimator.fit(rows), estimator.fit(other)]);
    expect(a.logDensity(rows)).toEqual((await estimator.fit(rows)).logDensity(rows));
    expect(b.logDensity(rows)).toEqual((await estimator.fit(other)).logDensity(rows));
  });

  it('fitting changes no option', async () => {
    const estimator = create();
    const before = JSON.stringify(estimator.options);
    await estimator.fit(rows);
    expect(JSON.stringify(estimator.options)).toBe(before);
  });

  it('the same seed gives the same samples, another seed others, no seed fresh ones', async () => {
    const model = await create().fit(rows);
    for (const seed of [0, 1, -2.5, '', 'a']) expect(model.sample(9, { seed })).toEqual(model.sample(9, { seed }));
    const draws = [
      model.sample(9, { seed: 0 }),
      model.sample(9, { seed: 1 }),
      model.sample(9, { seed: '1' }),
      model.sample(9),
      model.sample(9),
    ];
    const texts = new Set(draws.map(({ data }) => data.join()));
    expect(texts.size).toBe(draws.length);
  });

  it('sample gives exactly as many rows as asked for, of the right width', async () => {
    const model = await create().fit(rows);
    for (const count of [0, 1, 2, 17, 99]) {
      const draws = model.sample(count, { seed: 3 });
      expect([draws.rows, draws.columns]).toEqual([count, 2]);
      expect(draws.data.every(Number.isFinite)).toBe(true);
    }
  });

  it("what it hands out is the caller's to change", async () => {
    const model = await create().fit(rows);
    const before = model.logDensity(rows);
    const json = JSON.stringify(model);
    model.logDensity(rows).fill(Number.NaN);
    model.sample(5, { seed: 1 }).data.fill(Number.NaN);
    spoil(model.toState());
    spoil(model.toJSON());
    for (const key of new Set([...Object.keys(model), ...getters(model)]))
      spoil((model as unknown as Record<string, unknown>)[key]);
    expect(model.logDensity(rows)).toEqual(before);
    expect(JSON.stringify(model)).toBe(json);
  });

  it('prints without trouble', async () => {
    const model = await create().fit(rows);
    expect(String(model)).toBeTypeOf('string');
    expect(model.densityKind).toMatch(/^(exact|lower-bound|estimate)$/);
    expect(model.dimension).toBe(2);
  });
});

describe.each(subjects)('$name: arguments, progress and cancellation', (subject) => {
  const { options } = subject.variants[subject.variants.length - 1];
  const create = (): ReturnType<typeof subject.create> => subject.create(options);

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '3', null, undefined, 2 ** 53])(
    'sample refuses count %s',
    async (count) => {
      const model = await create().fit(rows);
      expect(() => model.sample(count as number)).toThrow(`${subject.name}Model.sample: count must be`);
    },
  );

  it.each([{ seed: Number.NaN }, { seed: null }, { seed: {} }, { sead: 1 }, 7, null])(
    'sample refuses options %j',
    async (given) => {
      const model = await create().fit(rows);
      expect(() => model.sample(1, given as never)).toThrow(`${subject.name}Model.sample: `);
    },
  );

  it.each([{ weigths: [] }, { signal: 1 }, { onProgress: 1 }, 7, null, []])('fit refuses options %j', async (given) => {
    await expect(create().fit(rows, given as never)).rejects.toMatchObject({
      name: 'ModelError',
      message: expect.stringContaining(`${subject.name}.fit: `),
    });
  });

  it('tells its progress', async () => {
    const events: Progress[] = [];
    await create().fit(clusters(300, 2), { onProgress: (event) => events.push(event) });
    expect(events.length).toBeGreaterThan(0);
    for (const { phase, completed, total } of events) {
      expect(phase).toBeTypeOf('string');
      expect(completed).toBeGreaterThanOrEqual(0);
      if (total !== undefined) expect(completed).toBeLessThanOrEqual(total);
    }
  });

  it('rejects with the reason of an aborted signal, before and during, and can be fitted again', async () => {
    const estimator = create();
    const reason = new Error('enough');
    await expect(estimator.fit(rows, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const fitting = estimator.fit(clusters(300, 2), {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(fitting).rejects.toBe(reason);
    await expect(estimator.fit(rows)).resolves.toBeDefined();
  });

  it('passes on what onProgress throws', async () => {
    const trouble = new Error('trouble');
    await expect(
      create().fit(rows, {
        onProgress: () => {
          throw trouble;
        },
      }),
    ).rejects.toBe(trouble);
  });

  it('lets timers run while it fits', async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const start = performance.now();
    await create().fit(clusters(6000, 2));
    clearInterval(timer);
    const spent = performance.now() - start;
    // Short fits owe no turn; long ones owe several a second.
    if (spent > 200) expect(ticks).toBeGreaterThan(spent / 200);
  });
});

describe.each(subjects.filter(({ weighted }) => weighted))('$name: weights', (subject) => {
  const tolerance = 1e-6;

  it.each(subject.variants)('equal weights change nothing, and only ratios matter ($label)', async (variant) => {
    const { options, weightsCount = false } = variant;
    const plain = (await subject.create(options).fit(rows)).logDensity(rows);
    for (const weight of weightsCount ? [1] : [1, 0.25, 1e9]) {
      const weights = new Array<number>(rows.length).fill(weight);
      const weighted = (await subject.create(options).fit(rows, { weights })).logDensity(rows);
      for (let i = 0; i < plain.length; i++) expect(Math.abs(weighted[i] - plain[i])).toBeLessThan(tolerance);
    }
  });

  it.each(subject.variants)('weight zero is absence to the bit ($label)', async ({ options }) => {
    const weights = rows.map((_, i) => (i % 3 === 0 ? 0 : 1));
    const kept = rows.filter((_, i) => i % 3 !== 0);
    const weighted = (await subject.create(options).fit(rows, { weights })).logDensity(rows);
    const removed = (await subject.create(options).fit(kept)).logDensity(rows);
    for (let i = 0; i < removed.length; i++) {
      if (removed[i] !== weighted[i]) expect(Math.abs(weighted[i] - removed[i])).toBeLessThan(tolerance);
    }
  });

  it('are never written', async () => {
    const weights = Object.freeze(rows.map((_, i) => 1 + (i % 2)));
    const typed = Float64Array.from(weights);
    await subject.create(subject.variants[0].options).fit(rows, { weights });
    await subject.create(subject.variants[0].options).fit(rows, { weights: typed });
    expect(Array.from(typed)).toEqual(weights);
  });

  it.each([
    [[1, 2], /weights must hold one number per row, 60, but got 2\./],
    [rows.map((_, i) => (i === 4 ? -1 : 1)), /weight of row 4 must be finite and >= 0, but got -1\./],
    [rows.map((_, i) => (i === 4 ? Number.NaN : 1)), /weight of row 4 must be finite and >= 0, but got NaN\./],
    [rows.map((_, i) => (i === 4 ? '1' : 1)), /weight of row 4 must be finite and >= 0, but got "1"\./],
    [rows.map(() => 0), /weights must not all be zero/],
    [3, /weights must be an array of numbers/],
    ['1', /weights must be an array of numbers/],
  ])('%# are refused when they cannot be weights', async (weights, message) => {
    const fitting = subject.create(subject.variants[0].options).fit(rows, { weights: weights as number[] });
    await expect(fitting).rejects.toThrow(message);
    await expect(fitting).rejects.toMatchObject({ name: 'ModelError' });
  });
});

describe('the library', () => {
  const spies = (['log', 'warn', 'error', 'info'] as const).map((method) => vi.spyOn(console, method));
  beforeAll(() => {
    for (const spy of spies) spy.mockClear();
  });
  afterAll(() => {
    for (const spy of spies) spy.mockRestore();
  });

  it('prints nothing', async () => {
    for (const { subject, options } of cases) (await subject.create(options).fit(rows)).sample(3);
    for (const spy of spies) expect(spy).not.toHaveBeenCalled();
  });
});

/** Overwrites every number that can be reached from a value, where it can be written at all. */
function spoil(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null || depth > 6) return;
  if (ArrayBuffer.isView(value)) {
    (value as Float64Array).fill(Number.NaN);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner === 'number') Reflect.set(value, key, Number.NaN);
    else spoil(inner, depth + 1);
  }
}

function getters(model: object): string[] {
  const prototype = Object.getOwnPropertyDescriptors(Object.getPrototypeOf(model));
  return Object.keys(prototype).filter((name) => prototype[name].get !== undefined);
}
