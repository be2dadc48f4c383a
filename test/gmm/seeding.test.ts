import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import type { WeightedRows } from '../../src/gmm/expectation.js';
import { plusPlusCentres } from '../../src/gmm/seeding.js';
import { clusters } from './naive.js';

const pacer = new Pacer('test');

function weighted(rows: readonly number[][], weights?: Float64Array): WeightedRows {
  const total = weights?.reduce((sum, weight) => sum + weight, 0) ?? rows.length;
  return { data: Float64Array.from(rows.flat()), rows: rows.length, columns: rows[0].length, weights, total };
}

function streams(count: number): RandomStream[] {
  return Array.from({ length: count }, (_, run) => RandomStream.of(run, 'seeding'));
}

/** Squared distance from the nearest centre, and its number. */
function nearestOf(row: readonly number[], centres: Float64Array): [number, number] {
  const d = row.length;
  let found: [number, number] = [Number.POSITIVE_INFINITY, -1];
  for (let k = 0; k < centres.length / d; k++) {
    const distance = row.reduce((sum, x, j) => sum + (x - centres[k * d + j]) ** 2, 0);
    if (distance < found[0]) found = [distance, k];
  }
  return found;
}

// Few numbers are gone through by plain loops, 2,000 and more by compiled ones.
describe.each([2, 4, 5, 9])('k-means++ in %i columns', (d) => {
  const rows = clusters(300, d, 4, `seeding ${d}`);

  test.each([1, 3, 10])('%i searches: centres are rows, labels name the nearest', async (count) => {
    const weights = Float64Array.from(rows, (_, i) => 1 + (i % 3));
    for (const each of await plusPlusCentres(weighted(rows, weights), 7, streams(count), pacer)) {
      for (let k = 0; k < 7; k++) {
        const centre = Array.from(each.centres.subarray(k * d, (k + 1) * d));
        expect(rows.some((row) => row.every((x, j) => x === centre[j]))).toBe(true);
      }
      for (const [i, row] of rows.entries()) expect(each.clusters.labels[i]).toBe(nearestOf(row, each.centres)[1]);
    }
  });

  test('each search finds what it finds alone', async () => {
    const together = await plusPlusCentres(weighted(rows), 5, streams(9), pacer);
    for (const [run, stream] of streams(9).entries()) {
      const [alone] = await plusPlusCentres(weighted(rows), 5, [stream], pacer);
      expect(together[run].centres).toEqual(alone.centres);
      expect(together[run].clusters).toEqual(alone.clusters);
    }
  });

  test('rows that lie close together beside their distance from the middle are told apart', async () => {
    // Pairs 1e-9 apart at a distance of 1 from the origin: what is left of the squares is 1e-18 of them.
    const pairs = Array.from({ length: 6 }, (_, i) =>
      Array.from({ length: d }, (_, j) => (j === i % d ? (i < 3 ? 1 : -1) : 0) + 1e-9 * Number(i % 2 === j)),
    );
    const [{ centres }] = await plusPlusCentres(weighted(pairs), 6, streams(1), pacer);
    const found = pairs.map((_, k) => Array.from(centres.subarray(k * d, (k + 1) * d)).join());
    expect(new Set(found).size).toBe(new Set(pairs.map((row) => row.join())).size);
  });

  test('equal rows are centres once, as long as there are others', async () => {
    const few = [0, 1, 2].flatMap((value) => Array.from({ length: 20 }, () => Array<number>(d).fill(value / 3)));
    const [{ centres }] = await plusPlusCentres(weighted(few), 3, streams(1), pacer);
    expect(new Set([0, 1, 2].map((k) => centres[k * d])).size).toBe(3);
  });
});

test('centres are drawn with probability proportional to squared distances', async () => {
  // Two far rows, and 98 at one point; with 30 columns compiled loops are asked.
  for (const d of [1, 30]) {
    const rows = Array.from({ length: 100 }, (_, i) => {
      const row = Array<number>(d).fill(0);
      row[0] = i === 0 ? 10 : i === 1 ? -10 : 0;
      return row;
    });
    for (const [{ centres }] of await Promise.all(
      streams(20).map((stream) => plusPlusCentres(weighted(rows), 3, [stream], pacer)),
    )) {
      const firsts = [0, 1, 2].map((k) => centres[k * d]).sort((a, b) => a - b);
      expect(firsts).toEqual([-10, 0, 10]);
    }
  }
});
