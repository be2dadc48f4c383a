import { expect, test } from 'vitest';
import { digamma } from '../../src/core/digamma.js';

// mpmath 1.2.1, digamma at 30 digits.
test.each([
  [0.001, -1000.5755719318103],
  [0.1, -10.423754940411078],
  [0.5, -1.9635100260214235],
  [1, -0.5772156649015329],
  [1.4616321449683622, -3.9928730412463132e-17],
  [2, 0.42278433509846713],
  [3.7, 1.1671535393615113],
  [11.9, 2.433933536882537],
  [12, 2.442661679975812],
  [100, 4.600161852738087],
  [1e10, 23.02585092989046],
])('digamma(%d)', (x, expected) => {
  expect(Math.abs(digamma(x) - expected)).toBeLessThan(1e-15 + 4e-16 * Math.abs(expected));
});

test('at 0 and below', () => {
  expect(digamma(0)).toBe(Number.NEGATIVE_INFINITY);
  expect(digamma(-1)).toBeNaN();
});
