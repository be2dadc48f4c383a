import { describe, expect, it } from 'vitest';
import { Samples, type SamplesLike } from '../../src/core/index.js';
import { Pacer } from '../../src/core/progress.js';
import { precisionAndRecall } from '../../src/evaluation/index.js';
import { NeighbourSearch } from '../../src/evaluation/neighbours.js';
import { PRECISION_AND_RECALL_OPTIONS } from '../../src/evaluation/precision-and-recall.js';
import { distance, normalRows, stream } from './samples.js';

/** The share of rows in the union of balls, by all distances. */
function shareByPairs(rows: number[][], reference: number[][], k: number): number {
  const radii = reference.map(
    (a, i) =>
      reference
        .filter((_, j) => i !== j)
        .map((b) => distance(a, b))
        .sort((p, q) => p - q)[k - 1],
  );
  return rows.filter((row) => reference.some((a, i) => distance(a, row) <= radii[i])).length / rows.length;
}

describe('precisionAndRecall', () => {
  it.each([
    [1, 60, 80, 3],
    [2, 300, 250, 3],
    [5, 200, 150, 1],
    [10, 150, 200, 7],
  ])('in %i columns is the share by all distances', async (d, n, m, neighbours) => {
    const [x, y] = [normalRows(stream('pr x', d), n, d), normalRows(stream('pr y', d), m, d, 1)];
    const result = await precisionAndRecall(x, y, { neighbours });
    const [precision, recall] = [shareByPairs(y, x, neighbours), shareByPairs(x, y, neighbours)];
    expect(result.precision).toBeCloseTo(precision, 14);
    expect(result.recall).toBeCloseTo(recall, 14);
    expect(result.precisionStandardError).toBeCloseTo(Math.sqrt((precision * (1 - precision)) / m), 14);
    expect(result.recallStandardError).toBeCloseTo(Math.sqrt((recall * (1 - recall)) / n), 14);
  });

  it('tells a generator that keeps to one mode from one that spreads', async () => {
    const two = [...normalRows(stream('left'), 300, 2, -10), ...normalRows(stream('right'), 300, 2, 10)];
    const one = normalRows(stream('one'), 600, 2, 10);
    const collapsed = await precisionAndRecall(two, one);
    expect(collapsed.precision).toBeGreaterThan(0.9);
    expect(collapsed.recall).toBeLessThan(0.55);
    const wide = normalRows(stream('wide'), 600, 2).map((row) => row.map((value) => 12 * value));
    const spread = await precisionAndRecall(two, wide);
    expect(spread.precision).toBeLessThan(0.4);
    expect(spread.recall).toBeGreaterThan(0.95);
  });

  it('has balls of duplicates hold their duplicates only', async () => {
    const real = [...Array.from({ length: 5 }, () => [1, 1]), ...Array.from({ length: 5 }, () => [2, 2])];
    const generated = [
      [1, 1],
      [1, 1.001],
      [2, 2],
      [2, 2],
    ];
    expect((await precisionAndRecall(real, generated)).precision).toBe(0.75);
  });

  it('refuses as many neighbours as rows, and options outside its table', async () => {
    const rows = [[1], [2], [3]];
    await expect(precisionAndRecall(rows, [[1], [2], [3], [4]])).rejects.toThrow(
      'precisionAndRecall: option "neighbours" must be below the number of real rows, 3, but got 3.',
    );
    await expect(precisionAndRecall([[1]], rows)).rejects.toThrow('real must hold at least 2 rows, but got 1.');
    await expect(
      precisionAndRecall(rows, [
        [1, 2],
        [3, 4],
      ] as SamplesLike),
    ).rejects.toThrow('generated must have as many columns as real, 1, but got 2.');
    for (const [name, { rule }] of Object.entries(PRECISION_AND_RECALL_OPTIONS)) {
      for (const value of rule.outside) {
        await expect(precisionAndRecall(rows, rows, { [name]: value })).rejects.toThrow(`must be ${rule.words}`);
      }
    }
  });

  it('ends with the reason of its signal', async () => {
    const rows = normalRows(stream('abort'), 5000, 3);
    const controller = new AbortController();
    const onProgress = () => controller.abort(new Error('enough'));
    await expect(precisionAndRecall(rows, rows, { signal: controller.signal, onProgress })).rejects.toThrow('enough');
  });
});

describe('NeighbourSearch', () => {
  it.each([1, 2, 4, 10])('in %i columns finds the nearest rows, ties and all', async (d) => {
    const rows = normalRows(stream('knn', d), 400, d).map((row) => row.map((value) => Math.round(4 * value) / 4));
    const search = await NeighbourSearch.of(Samples.from(rows), new Pacer('test'));
    for (let i = 0; i < 40; i++) {
      const expected = rows
        .filter((_, j) => j !== i)
        .map((row) => distance(row, rows[i]))
        .sort((a, b) => a - b)
        .slice(0, 9);
      const { squares, rows: found } = search.nearest(Float64Array.from(rows[i]), 9, i);
      expect(new Set(found).size).toBe(9);
      expect(found).not.toContain(i);
      found.forEach((row, k) => {
        expect(Math.sqrt(squares[k])).toBeCloseTo(expected[k], 12);
        expect(distance(rows[row], rows[i])).toBeCloseTo(expected[k], 12);
      });
    }
  });
});
