/**
 * Orders by radix against comparison sorts.
 */
import { expect, test } from 'vitest';
import { NumberOrder, orderByStrip } from '../../src/core/number-order.js';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';

test('whole numbers are ordered, equal ones as they came', () => {
  const stream = RandomStream.of(4, 'order');
  const order = new NumberOrder(500);
  for (const most of [1, 2, 2048, 2049, 2 ** 22, 2 ** 32]) {
    for (const length of [500, 1, 0, 77]) {
      const numbers = Uint32Array.from({ length }, () => Math.floor(stream.uniform() * most));
      const sorted = Array.from(numbers.keys()).sort((a, b) => numbers[a] - numbers[b]);
      expect(Array.from(order.of(numbers))).toEqual(sorted);
    }
  }
});

test('rows are ordered by strips of their first column, at any scale', () => {
  const stream = RandomStream.of(5, 'strips');
  for (const scale of [1, 1e308, 5e-324, 0]) {
    for (const n of [0, 1, 1000]) {
      const rows = new Samples(
        Float64Array.from({ length: 2 * n }, () => (2 * stream.uniform() - 1) * scale),
        n,
        2,
      );
      const order = Array.from(orderByStrip(rows));
      expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const firsts = order.map((row) => rows.data[2 * row]);
      const strip = (Math.max(...firsts) * 0.5 - Math.min(...firsts) * 0.5) / 2 ** 15;
      for (let i = 1; i < n; i++) expect(firsts[i] * 0.5).toBeGreaterThanOrEqual(firsts[i - 1] * 0.5 - strip);
    }
  }
});
