import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Progress } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';
import { directLogDensity } from './direct.js';

const text = readFileSync(new URL('../../data/faithful.csv', import.meta.url), 'utf8');
const eruptions = text
  .trim()
  .split('\n')
  .slice(1)
  .map((line) => [Number(line.split(',')[0])]);

function normalRows(seed: number, n: number, d: number): number[][] {
  const stream = RandomStream.of(seed, 'rows');
  return Array.from({ length: n }, () => Array.from({ length: d }, () => stream.normal()));
}

test('item 13: the leave-one-out optimum of the eruptions', async () => {
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(eruptions);
  // NumPy, all pairs, with SciPy's scalar minimiser.
  expect(model.bandwidth[0] / 0.10267891497).toBeCloseTo(1, 6);
  const best = Math.max(...model.history.map((step) => step.meanLogDensity));
  expect(best).toBeCloseTo(-0.9955629325972, 11);
  expect(model.bandwidthRule).toBe('cross-validation');
});

describe.each(kernelNames)('%s', (kernel) => {
  const rows = normalRows(1, 40, 2);
  const weights = rows.map((_, i) => 1 + (i % 4));

  test.each([undefined, weights])('every step of the search is the brute-force criterion', async (given) => {
    const options = { kernel, bandwidth: 'cross-validation', leafSize: 4 } as const;
    const model = await new KernelDensity(options).fit(rows, given && { weights: given });
    const shape = (await new KernelDensity({ kernel }).fit(rows, given && { weights: given })).bandwidth;
    const total = rows.reduce((sum, _, i) => sum + (given?.[i] ?? 1), 0);
    const criterion = (factor: number, stretch = 1): number => {
      const truth = { kernel, rows, weights: given, bandwidth: shape.map((h) => h * factor) };
      const terms = rows.map((x, i) => ((given?.[i] ?? 1) / total) * directLogDensity(truth, x, stretch, i));
      return terms.reduce((sum, term) => sum + term, 0);
    };
    expect(model.history.length).toBeGreaterThan(5);
    for (const { factor, meanLogDensity, rows: count } of model.history) {
      expect(count).toBe(40);
      // Distances are right to rounding: next to the edge of a compact kernel that shows.
      expect(meanLogDensity).toBeGreaterThan(criterion(factor, 1 + 64 * 2 ** -53) - 1e-11);
      expect(meanLogDensity).toBeLessThan(criterion(factor, 1 - 64 * 2 ** -53) + 1e-11);
    }
    // No factor of a fine grid is better than the chosen one.
    const chosen = model.bandwidth[0] / shape[0];
    const reached = Math.max(...model.history.map((step) => step.meanLogDensity));
    expect(Math.abs(criterion(chosen) - reached)).toBeLessThan(1e-9);
    if (kernel === 'tophat') return;
    for (let x = -3; x <= 2; x += 0.02) expect(criterion(Math.exp(x))).toBeLessThan(reached + 1e-6);
  });
});

test('item 20: of blobs with standard deviation 0.1, it finds the tenth, not the distance between them', async () => {
  const stream = RandomStream.of(0, 'blobs');
  const centers = [
    [-5, 3],
    [8, 8],
    [1, -9],
  ];
  const rows = Array.from({ length: 300 }, (_, i) => centers[i % 3].map((x) => x + 0.1 * stream.normal()));
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(rows);
  for (const h of model.bandwidth) {
    expect(h).toBeGreaterThan(0.02);
    expect(h).toBeLessThan(0.1);
  }
});

test('item 20: of five bandwidths by five folds, the tenth is best for those blobs, as scikit-learn`s search has it', async () => {
  const stream = RandomStream.of(0, 'blobs');
  const rows = Array.from({ length: 300 }, (_, i) => [-5, 8, 1].map((x) => x * (1 + (i % 3)) + 0.1 * stream.normal()));
  const heldOut = async (bandwidth: number): Promise<number> => {
    let total = 0;
    for (let fold = 0; fold < 5; fold++) {
      const model = await new KernelDensity({ bandwidth }).fit(rows.filter((_, i) => i % 5 !== fold));
      total += model.logDensity(rows.filter((_, i) => i % 5 === fold)).reduce((sum, log) => sum + log, 0);
    }
    return total;
  };
  const scores: [number, number][] = [];
  for (const h of [0.001, 0.01, 0.1, 1, 10]) scores.push([h, await heldOut(h)]);
  expect(scores.reduce((a, b) => (b[1] > a[1] ? b : a))[0]).toBe(0.1);
});

test('clusters a million standard deviations apart are found out too', async () => {
  const stream = RandomStream.of(0, 'far');
  const rows = Array.from({ length: 200 }, (_, i) => [stream.normal() + (i % 2) * 1e6]);
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(rows);
  // 1.06 n^(-1/5) = 0.42 for 100 rows of each.
  expect(model.bandwidth[0]).toBeGreaterThan(0.2);
  expect(model.bandwidth[0]).toBeLessThan(0.7);
});

test('two rows: the optimum is their distance, in closed form', async () => {
  // log f = -D^2 / (2 h^2) - log h is greatest at h = D.
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit([[1], [4]]);
  expect(model.bandwidth[0]).toBeCloseTo(3, 5);
});

test.each(kernelNames)('an outlier keeps its density: compact kernels reach its neighbour (%s)', async (kernel) => {
  const rows = [...normalRows(3, 60, 1), [9]];
  const model = await new KernelDensity({ kernel, bandwidth: 'cross-validation' }).fit(rows);
  const rest = await new KernelDensity({ kernel, bandwidth: model.bandwidth }).fit(rows.slice(0, -1));
  expect(rest.logDensity([[9]])[0]).toBeGreaterThan(Number.NEGATIVE_INFINITY);
});

test('rows that all repeat are refused, with a remedy; one that does not is enough', async () => {
  const pairs = [1, 2, 4, 8, 16].flatMap((x) => [[x], [x]]);
  for (const kernel of kernelNames) {
    await expect(new KernelDensity({ kernel, bandwidth: 'cross-validation' }).fit(pairs)).rejects.toMatchObject({
      code: 'degenerate-data',
      message: expect.stringContaining('some row must differ from all others. Rows that all repeat'),
    });
    const model = await new KernelDensity({ kernel, bandwidth: 'cross-validation' }).fit([...pairs, [3]]);
    expect(model.bandwidth[0]).toBeGreaterThan(0);
  }
});

test('one row that outweighs all others costs no digits', async () => {
  const rows = normalRows(5, 30, 1);
  const weights = rows.map((_, i) => (i === 3 ? 1e9 : 1));
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(rows, { weights });
  // All of the criterion's weight is on row 3, whose left-out density is that of the others.
  const others = rows.filter((_, i) => i !== 3);
  const truth = { kernel: 'gaussian', rows: others, bandwidth: model.bandwidth } as const;
  const best = Math.max(...model.history.map((step) => step.meanLogDensity));
  expect(best).toBeCloseTo(directLogDensity(truth, rows[3]), 5);
});

test('it reports progress, gives way to the event loop, and can be aborted', async () => {
  const rows = normalRows(6, 3000, 2);
  const reports: Progress[] = [];
  let turns = 0;
  const ticking = setInterval(() => turns++, 1);
  const estimator = new KernelDensity({ bandwidth: 'cross-validation', relativeTolerance: 1e-4 });
  const controller = new AbortController();
  const onProgress = (progress: Progress): void => {
    reports.push(progress);
    if (reports.filter((report) => report.objective !== undefined).length === 6) controller.abort(new Error('enough'));
  };
  await expect(estimator.fit(rows, { onProgress, signal: controller.signal })).rejects.toThrow('enough');
  clearInterval(ticking);
  expect(turns).toBeGreaterThan(2);
  expect(reports[0].phase).toMatch(/building the tree|nearest neighbours|cross-validation, pass 1/);
  for (const { completed, total } of reports) expect(completed).toBeLessThanOrEqual(total ?? 0);
});

test('the search is part of the model: it is saved, frozen and read back', async () => {
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(normalRows(7, 30, 2));
  expect(Object.isFrozen(model.history)).toBe(true);
  expect(KernelDensityModel.fromJSON(JSON.stringify(model)).history).toEqual(model.history);
});

test('large data: the coarse pass samples the rows, the climb takes all', async () => {
  const model = await new KernelDensity({ bandwidth: 'cross-validation' }).fit(normalRows(8, 1500, 1));
  const counts = new Set(model.history.map((step) => step.rows));
  expect([...counts].sort((a, b) => a - b)).toEqual([1024, 1500]);
  // Near the best for normal data, 1.06 n^(-1/5) = 0.245.
  expect(model.bandwidth[0]).toBeGreaterThan(0.12);
  expect(model.bandwidth[0]).toBeLessThan(0.4);
});
