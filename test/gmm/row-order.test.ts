/**
 * Rows in lexicographic order, against Array.sort.
 */
import { describe, expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { sortRows } from '../../src/gmm/row-order.js';

const pacer = new Pacer('test');

/** Each row with its weight as one more column, in order. */
function sorted(rows: readonly number[][]): number[][] {
  return [...rows].sort((a, b) => {
    const differs = a.findIndex((x, j) => x !== b[j]);
    return differs < 0 ? 0 : a[differs] - b[differs];
  });
}

/** The same by sortRows. */
async function bySortRows(rows: readonly number[][], columns: number): Promise<number[][]> {
  const data = Float64Array.from(rows.flatMap((row) => row.slice(0, columns)));
  const weights = rows[0]?.length > columns ? Float64Array.from(rows, (row) => row[columns]) : undefined;
  await sortRows({ data, columns, weights }, pacer);
  return rows.map((_, i) => [...data.subarray(i * columns, (i + 1) * columns), ...(weights ? [weights[i]] : [])]);
}

describe.each([
  ['weights', 4],
  ['no weights', 3],
])('with %s', (_, width) => {
  // From 16,384 rows on they are dealt out by their bits; of 40,000 most agree in all columns.
  test.each([0, 1, 2, 3, 17, 64, 1000, 16_383, 16_384, 40_000])('%i rows of few values', async (count) => {
    const stream = RandomStream.of(count, 'order');
    const rows = Array.from({ length: count }, () => Array.from({ length: width }, () => stream.integer(5) - 2 + 0));
    expect(await bySortRows(rows, 3)).toEqual(sorted(rows));
  });

  test('rows that agree in the first columns, and many equal ones', async () => {
    const stream = RandomStream.of(1, 'agree');
    const rows = Array.from({ length: 30_000 }, (_, i) => {
      const row = i % 3 === 0 ? [1, 2, 3] : [1, 2, stream.normal()];
      return [...row, stream.integer(9)].slice(0, width);
    });
    expect(await bySortRows(rows, 3)).toEqual(sorted(rows));
  });
});

test.each([
  ['spread evenly', 0],
  ['but one, which lies far out', 1e200],
])('rows of a continuous column, %s', async (_, outlier) => {
  const stream = RandomStream.of(3, 'spread');
  const rows = Array.from({ length: 40_000 }, (_, i) => [i === 77 && outlier > 0 ? outlier : stream.normal(), i % 7]);
  expect(await bySortRows(rows, 2)).toEqual(sorted(rows));
});

test('numbers of all signs and sizes are ordered as they compare', async () => {
  const stream = RandomStream.of(7, 'signs');
  const least = 5e-324;
  const special = [0, least, -least, 1, -1, Number.MAX_VALUE, -Number.MAX_VALUE, 2 ** -1022, -(2 ** 52), 1 + 2 ** -52];
  special.push(Number.POSITIVE_INFINITY);
  const rows = Array.from({ length: 20_000 }, (_, i) => [
    i % 3 === 0 ? special[stream.integer(special.length)] : stream.normal() * 10 ** (stream.integer(600) - 300),
    stream.integer(3),
  ]);
  expect(await bySortRows(rows, 2)).toEqual(sorted(rows));
});

test('the order does not depend on that in which rows came, zeros of either sign being equal', async () => {
  const stream = RandomStream.of(2, 'zeros');
  const rows = Array.from({ length: 18_000 }, (_, i) => [i % 2 ? 0 : -0, stream.integer(50), stream.integer(2) || -0]);
  const expected = await bySortRows(rows, 2);
  expect(await bySortRows([...rows].reverse(), 2)).toEqual(expected);
  expect(expected.some(([zero]) => Object.is(zero, -0))).toBe(false);
});
