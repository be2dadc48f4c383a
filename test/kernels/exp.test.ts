import { expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { expNegative } from '../../src/kernels/exp.js';

test('agrees with Math.exp to two units in the last place', () => {
  const stream = RandomStream.of(1, 'exp');
  let worst = 0;
  for (let i = 0; i < 200_000; i++) {
    const x = -708 * stream.uniform() ** (1 + (i % 8));
    const expected = Math.exp(x);
    worst = Math.max(worst, Math.abs(expNegative(x) / expected - 1));
  }
  expect(worst).toBeLessThan(2 * 2 ** -52);
});

test('is 1 at 0, and 0 where normal numbers end', () => {
  expect(expNegative(0)).toBe(1);
  expect(expNegative(-0)).toBe(1);
  expect(expNegative(-1e-300)).toBe(1);
  expect(expNegative(-708)).toBeCloseTo(Math.exp(-708), 320);
  expect(expNegative(-708.0001)).toBe(0);
  expect(expNegative(-1e300)).toBe(0);
  expect(expNegative(Number.NEGATIVE_INFINITY)).toBe(0);
});
