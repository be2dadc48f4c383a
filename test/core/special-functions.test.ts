import { describe, expect, test } from 'vitest';
import { LOG_2PI, LOG_PI, logGamma, logSumExp, normalCdf } from '../../src/core/special-functions.js';

test('constants', () => {
  expect(LOG_2PI).toBe(Math.log(2 * Math.PI));
  expect(LOG_PI).toBe(Math.log(Math.PI));
});

describe('logGamma', () => {
  // mpmath 1.2.1, loggamma at 40 digits of the double nearest to x, rounded to a double.
  test.each([
    [5e-324, 744.4400719213812],
    [1e-300, 690.7755278982137],
    [1e-10, 23.025850929882736],
    [0.001, 6.907178885383853],
    [0.01, 4.599479878042022],
    [0.1, 2.252712651734206],
    [0.25, 1.2880225246980774],
    [0.75, 0.20328095143129538],
    [0.9999, 5.7729791561193866e-5],
    [1.0001, -5.771334222047127e-5],
    [1.4616321449683622, -0.12148629053584961],
    [1.99, -0.004195529088791668],
    [2.01, 0.004260022907098346],
    [3.7, 1.428072326665388],
    [9.999, 12.799575780077413],
    [11.999, 17.499865227646104],
    [12, 17.502307845873887],
    [12.5, 18.734347511936445],
    [20.25, 40.08411059791735],
    [171.5, 709.1431630309282],
    [1000.5, 5908.674175848678],
    [1e10, 220258509288.81058],
    [1e100, 2.2925850929940456e102],
    [1e300, 6.897755278982137e302],
  ])('of %d', (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(Math.max(2e-14, 4e-16 * Math.abs(expected)));
  });

  test('at integers, log (n - 1)!', () => {
    expect(logGamma(1)).toBe(0);
    expect(logGamma(2)).toBe(0);
    let factorial = 1;
    for (let n = 2; n <= 18; n++) {
      factorial *= n;
      expect(Math.abs(logGamma(n + 1) - Math.log(factorial))).toBeLessThan(3e-14);
    }
  });

  test('at half integers, Gamma(n + 1/2) = (2n)! sqrt(pi) / (4^n n!)', () => {
    let gamma = Math.sqrt(Math.PI);
    for (let n = 0; n <= 30; n++) {
      const error = Math.abs(logGamma(n + 0.5) - Math.log(gamma));
      expect(error).toBeLessThan(3e-14 * Math.max(1, Math.log(gamma)));
      gamma *= n + 0.5;
    }
  });

  test('reflection, Gamma(x) Gamma(1 - x) = pi / sin(pi x)', () => {
    for (let x = 0.001; x < 1; x += 0.0173) {
      const product = Math.log(Math.PI / Math.sin(Math.PI * x));
      expect(Math.abs(logGamma(x) + logGamma(1 - x) - product)).toBeLessThan(5e-14);
    }
  });

  test('duplication, Gamma(x) Gamma(x + 1/2) = 2^(1 - 2x) sqrt(pi) Gamma(2x)', () => {
    for (let x = 0.01; x < 100; x *= 1.1) {
      const right = (1 - 2 * x) * Math.LN2 + 0.5 * LOG_PI + logGamma(2 * x);
      expect(Math.abs(logGamma(x) + logGamma(x + 0.5) - right)).toBeLessThan(5e-14 * Math.max(1, Math.abs(right)));
    }
  });

  test('recurrence across the switch to the series at 12', () => {
    for (let x = 10.5; x < 13; x += 0.037) {
      expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(2e-14);
    }
  });

  test('the ends', () => {
    expect(logGamma(0)).toBe(Number.POSITIVE_INFINITY);
    expect(logGamma(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY);
    expect(logGamma(-0.5)).toBeNaN();
    expect(logGamma(Number.NaN)).toBeNaN();
  });
});

describe('logSumExp', () => {
  test('sums where the terms themselves are within range', () => {
    const terms = [0.5, 3, 1e-3, 7];
    expect(logSumExp(terms.map(Math.log))).toBeCloseTo(Math.log(10.501), 14);
  });

  test('neither overflows nor underflows', () => {
    expect(logSumExp([1000, 1000])).toBe(1000 + Math.LN2);
    expect(logSumExp([-1e6, -1e6, -1e6])).toBe(-1e6 + Math.log(3));
    expect(logSumExp([-1e308, 0])).toBe(0);
  });

  test('zero densities', () => {
    expect(logSumExp([])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY])).toBe(Number.NEGATIVE_INFINITY);
    expect(logSumExp([Number.NEGATIVE_INFINITY, 2])).toBe(2);
    expect(logSumExp([Number.POSITIVE_INFINITY, 2])).toBe(Number.POSITIVE_INFINITY);
  });

  test('a part of an array', () => {
    const values = Float64Array.of(99, Math.log(1), Math.log(2), 99);
    expect(logSumExp(values, 1, 3)).toBeCloseTo(Math.log(3), 15);
    expect(logSumExp(values, 2, 2)).toBe(Number.NEGATIVE_INFINITY);
  });
});

// mpmath 1.2.1, ncdf at 40 digits, rounded to a double.
test.each([
  [-37.5, 4.605353009581955e-308],
  [-20, 2.7536241186062337e-89],
  [-8.3, 5.205569744890254e-17],
  [-4, 3.1671241833119924e-5],
  [-1.959963984540054, 0.025000000000000012],
  [-0.5, 0.3085375387259869],
  [-1e-9, 0.49999999960105773],
  [0, 0.5],
  [0.1, 0.539827837277029],
  [0.66, 0.7453730853286639],
  [3, 0.9986501019683699],
  [5, 0.9999997133484281],
  [9, 1.0],
])('normalCdf(%f)', (x, expected) => {
  expect(Math.abs(normalCdf(x) / expected - 1)).toBeLessThan(2e-15);
});

test('normalCdf at the ends', () => {
  expect(normalCdf(Number.NEGATIVE_INFINITY)).toBe(0);
  expect(normalCdf(Number.POSITIVE_INFINITY)).toBe(1);
  expect(normalCdf(-1e300)).toBe(0);
  expect(normalCdf(-39)).toBe(0);
});
