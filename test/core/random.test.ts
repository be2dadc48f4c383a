import { describe, expect, test } from 'vitest';
import { CategoricalSampler, freshSeed, isSeed, RandomStream } from '../../src/core/random.js';
import { expectFault, faultOf } from './faults.js';
import { expectCounts, expectDistribution, expectMean, gammaCdf, normalCdf } from './statistics.js';

const N = 100_000;
const draw = (count: number, next: () => number) => Float64Array.from({ length: count }, next);
const stream = (purpose: string) => RandomStream.of(20, 'test', purpose);

describe('streams', () => {
  const first = (random: RandomStream) => [random.uniform(), random.normal(), random.integer(1000)];

  test('same seed and purpose, same draws; another of either, others', () => {
    expect(first(RandomStream.of(0, 'a'))).toEqual(first(RandomStream.of(0, 'a')));
    const keys: [number | string, ...(string | number)[]][] = [
      [0, 'a'],
      [0, 'b'],
      [0],
      [1],
      ['1'],
      [''],
      ['a'],
      [-1],
      [1.5],
      [1e21],
      [0, 'a', 'b'],
      [0, 'ab'],
      [0, 1],
      [0, '1'],
    ];
    const starts = keys.map(([seed, ...purpose]) => RandomStream.of(seed, ...purpose).uniform());
    starts.push(RandomStream.of(0, 'a').child('b').uniform(), RandomStream.of(0).child().uniform());
    expect(new Set(starts).size).toBe(keys.length + 2);
  });

  test('a child depends on its ancestry, not on what was drawn', () => {
    const parent = RandomStream.of(3, 'fit');
    const before = parent.child('restart', 1).uniform();
    first(parent);
    expect(parent.child('restart', 1).uniform()).toBe(before);
    expect(parent.child('restart', 2).uniform()).not.toBe(before);
  });

  test('without a seed, draws differ', () => {
    const starts = Array.from({ length: 100 }, () => RandomStream.of(undefined).uniform());
    expect(new Set(starts).size).toBe(100);
    expect(Number.isSafeInteger(freshSeed()) && freshSeed() >= 0).toBe(true);
  });

  test('seeds', () => {
    for (const seed of [0, -1, 0.5, '', 'a']) expect(isSeed(seed)).toBe(true);
    for (const seed of [Number.NaN, Number.POSITIVE_INFINITY, null, undefined, true, 1n, {}]) {
      expect(isSeed(seed)).toBe(false);
    }
    const message = 'RandomStream.of: seed must be a finite number or a string, but got NaN.';
    expectFault(() => RandomStream.of(Number.NaN), 'invalid-option', message);
  });

  test('the first draws of neighbouring seeds are uniform and uncorrelated', () => {
    const starts = draw(
      20_000,
      (() => {
        let seed = 0;
        return () => RandomStream.of(seed++).uniform();
      })(),
    );
    expectDistribution(starts, (x) => x);
    const pairs = new Float64Array(100);
    for (let i = 0; i + 1 < starts.length; i++) {
      pairs[10 * Math.floor(10 * starts[i]) + Math.floor(10 * starts[i + 1])]++;
    }
    expectCounts(pairs, new Float64Array(100).fill(0.01));
    expect(new Set(starts).size).toBe(starts.length);
  });

  test('two children of one stream are uncorrelated', () => {
    const [a, b] = [stream('pair').child('a'), stream('pair').child('b')];
    const products = draw(N, () => (a.uniform() - 0.5) * (b.uniform() - 0.5));
    expectMean(products, 0, 1 / 12);
  });

  // A change of any of these changes every seeded result of every user: it is a breaking change.
  test('the streams stay as they are, to the bit', () => {
    const random = RandomStream.of(0, 'pinned');
    expect([random.uniform(), random.uniform(), random.integer(1000), random.normal(), random.normal()]).toEqual([
      0.8936424404595511, 0.39352169851318786, 24, -2.181429670502799, 1.9572040498608827,
    ]);
    expect([random.exponential(), random.gamma(2.5), random.gamma(0.1), random.beta(2, 3)]).toEqual([
      0.5509282749759025, 0.29193848744681267, 0.6748543206435141, 0.4137356411628286,
    ]);
    expect([random.categorical([1, 2, 3]), Array.from(random.permutation(8))]).toEqual([2, [2, 0, 5, 4, 7, 3, 6, 1]]);
    expect([random.child('child').uniform(), RandomStream.of('0', 'pinned').uniform()]).toEqual([
      0.09751646992446539, 0.30279957366433385,
    ]);
  });
});

describe('uniform and integer', () => {
  test('uniform on the open interval, with more than 32 bits', () => {
    const random = stream('uniform');
    const draws = draw(N, () => random.uniform());
    expectDistribution(draws, (x) => x);
    expect(draws.every((x) => x > 0 && x < 1)).toBe(true);
    // Bits 33 to 52 are uniform too: the fraction that 32 bits leave.
    expectDistribution(
      draws.map((x) => (x * 2 ** 32) % 1),
      (x) => x,
    );
  });

  test('consecutive draws are independent', () => {
    const random = stream('pairs');
    const counts = new Float64Array(1024);
    for (let i = 0; i < N; i++) counts[32 * random.integer(32) + random.integer(32)]++;
    expectCounts(counts, new Float64Array(1024).fill(1 / 1024));
  });

  test('integer: each equally likely, never the end', () => {
    const random = stream('integer');
    const counts = new Float64Array(7);
    for (let i = 0; i < N; i++) counts[random.integer(7)]++;
    expectCounts(counts, new Float64Array(7).fill(1 / 7));
    expect(random.integer(1)).toBe(0);
    expectFault(() => random.integer(0), 'invalid-data', 'RandomStream.integer: count must be >= 1, but got 0.');
    // The largest uniform, 1 - 2^-53, times any count still rounds below the count.
    for (const count of [2, 3, 5, 7, 1e3, 2 ** 31 - 1, 2 ** 32, 1e15 + 1, 2 ** 53 - 1]) {
      expect(Math.floor((1 - 2 ** -53) * count)).toBeLessThan(count);
    }
  });
});

describe('normal', () => {
  const random = stream('normal');
  const draws = draw(400_000, () => random.normal());

  test('distribution', () => expectDistribution(draws, normalCdf));

  test('moments 1 to 4 and 6: 0, 1, 0, 3, 15', () => {
    // The variance of x^k is E[x^2k] - E[x^k]^2 with E[x^2m] = (2m - 1)!!.
    expectMean(draws, 0, 1);
    expectMean(
      draws.map((x) => x ** 2),
      1,
      Math.sqrt(3 - 1),
    );
    expectMean(
      draws.map((x) => x ** 3),
      0,
      Math.sqrt(15),
    );
    expectMean(
      draws.map((x) => x ** 4),
      3,
      Math.sqrt(105 - 9),
    );
    expectMean(
      draws.map((x) => x ** 6),
      15,
      Math.sqrt(10_395 - 225),
    );
  });

  test('tails beyond the base layer of the ziggurat, both sides', () => {
    const base = 3.442619855899;
    const edges = [Number.NEGATIVE_INFINITY, -4, -3.7, -base, -3, 3, base, 3.7, 4, Number.POSITIVE_INFINITY];
    const counts = new Float64Array(edges.length - 1);
    for (const x of draws) counts[edges.findIndex((_, i) => x < edges[i + 1])]++;
    expectCounts(
      counts,
      counts.map((_, i) => normalCdf(edges[i + 1]) - normalCdf(edges[i])),
    );
  });

  test('signs and magnitudes of neighbours are independent', () => {
    const counts = new Float64Array(16);
    const quartile = (x: number) => Math.floor(4 * normalCdf(x));
    for (let i = 0; i + 1 < draws.length; i += 2) counts[4 * quartile(draws[i]) + quartile(draws[i + 1])]++;
    expectCounts(counts, new Float64Array(16).fill(1 / 16));
  });
});

test('exponential', () => {
  const random = stream('exponential');
  const draws = draw(N, () => random.exponential());
  expectDistribution(draws, (x) => -Math.expm1(-x));
  expectMean(draws, 1, 1);
});

describe('gamma', () => {
  // log Gamma(shape + 1) from mpmath.
  test.each([
    [0.1, -0.04987244125983973],
    [0.5, -0.12078223763524522],
    [1, 0],
    [2.5, 1.2009736023470743],
    [10, 15.104412573075516],
    [300, 1414.905849945068],
  ])('shape %d', (shape, logGammaOfNext) => {
    const random = stream(`gamma ${shape}`);
    const draws = draw(N, () => random.gamma(shape));
    expectDistribution(draws, (x) => gammaCdf(x, shape, logGammaOfNext));
    expectMean(draws, shape, Math.sqrt(shape));
  });

  test('shape 0.001 in logarithms: below 1e-5, P(X < x) = x^a / Gamma(a + 1) to 1e-8', () => {
    const [shape, logGammaOfNext] = [0.001, -0.0005763935982833696];
    const random = stream('small gamma');
    const logs = draw(N, () => random.logGamma(shape));
    expect(logs.every(Number.isFinite)).toBe(true);
    const cdf = (log: number) => Math.exp(shape * log - logGammaOfNext);
    // The few larger draws count as one point.
    expectDistribution(logs, (log) => (log < -12 ? cdf(log) : gammaCdf(Math.exp(log), shape, logGammaOfNext)));
    // E log X = digamma(0.001), sd = sqrt(trigamma(0.001)), both from mpmath.
    expectMean(logs, -1000.5755719318103, 1000.0008212662607);
  });

  test('shapes at the ends and beyond', () => {
    const random = stream('gamma ends');
    for (const shape of [1e-300, 1e-30, 1e15, 1e300]) expect(random.logGamma(shape)).toSatisfy(Number.isFinite);
    for (const shape of [0, -1, Number.NaN, Number.POSITIVE_INFINITY, 1e-301]) {
      const message = `RandomStream.gamma: shape must be from 1e-300 to 1e300, but got ${shape}.`;
      expectFault(() => random.gamma(shape), 'invalid-data', message);
    }
  });
});

describe('beta', () => {
  test.each<[number, number, (x: number) => number]>([
    [3, 1, (x) => x ** 3],
    [1, 0.2, (x) => 1 - (1 - x) ** 0.2],
    [0.5, 0.5, (x) => (2 / Math.PI) * Math.asin(Math.sqrt(x))],
    [2, 3, (x) => x * x * (6 - 8 * x + 3 * x * x)],
    [0.01, 1, (x) => x ** 0.01],
  ])('(%d, %d)', (a, b, cdf) => {
    const random = stream(`beta ${a} ${b}`);
    const draws = draw(N, () => random.beta(a, b));
    expectDistribution(draws, cdf);
    expectMean(draws, a / (a + b), Math.sqrt((a * b) / (a + b + 1)) / (a + b));
  });

  test('small shapes are near 0 and 1 with the right odds', () => {
    const random = stream('small beta');
    const counts = [0, 0];
    for (let i = 0; i < 20_000; i++) counts[random.beta(1e-3, 2e-3) < 0.5 ? 0 : 1]++;
    expectMean(
      Float64Array.from({ length: 20_000 }, (_, i) => (i < counts[1] ? 1 : 0)),
      1 / 3,
      Math.sqrt(2 / 9) * 1.01,
    );
  });
});

describe('categorical draws, one by one and by alias', () => {
  const big = Float64Array.from({ length: 1000 }, (_, i) => ((i * 7919) % 1000) ** 3);
  const cases: [string, ArrayLike<number>][] = [
    ['equal', [1, 1, 1, 1]],
    ['uneven', [0.1, 5, 2, 0.7]],
    ['with zeros at both ends and inside', [0, 3, 0, 1, 0]],
    ['one', [4]],
    ['one of many', [0, 0, 1, 0]],
    ['beyond the range of their sum', [1e308, 1e308, 1e308]],
    ['tiny', [5e-324, 1e-323]],
    ['of most uneven size', [1e-300, 1, 1e-12]],
    ['a thousand', big],
  ];
  test.each(cases)('%s', (name, weights) => {
    const largest = Math.max(...Array.from(weights));
    const relative = Array.from(weights, (weight) => weight / largest);
    const total = relative.reduce((sum, weight) => sum + weight, 0);
    const probabilities = relative.map((weight) => weight / total);
    const random = stream(`categorical ${name}`);
    const alias = new CategoricalSampler(weights);
    for (const next of [() => random.categorical(weights), () => alias.draw(random)]) {
      const counts = new Float64Array(weights.length);
      for (let i = 0; i < N; i++) counts[next()]++;
      // Cells that expect fewer than 5 are pooled, as Pearson's statistic needs.
      const rare = probabilities.map((probability) => probability > 0 && N * probability < 5);
      const pool = (values: ArrayLike<number>) =>
        Array.from(values).reduce((sum, x, i) => (rare[i] ? sum + x : sum), 0);
      const keep = (values: ArrayLike<number>) => [...Array.from(values).filter((_, i) => !rare[i]), pool(values)];
      if (N * pool(probabilities) < 5) {
        expect(pool(counts)).toBeLessThan(5 + N * pool(probabilities));
        expectCounts(keep(counts).slice(0, -1), keep(probabilities).slice(0, -1));
      } else expectCounts(keep(counts), keep(probabilities));
    }
  });

  test.each<[unknown, string]>([
    [[], 'weights must not all be zero.'],
    [[0, 0], 'weights must not all be zero.'],
    [[1, -1], 'weight 1 must be finite and >= 0, but got -1.'],
    [[Number.NaN], 'weight 0 must be finite and >= 0, but got NaN.'],
    [[1, Number.POSITIVE_INFINITY], 'weight 1 must be finite and >= 0, but got Infinity.'],
  ])('refused: %o', (weights, message) => {
    const given = weights as number[];
    expectFault(() => new CategoricalSampler(given), 'invalid-data', `CategoricalSampler: ${message}`);
    const random = stream('refused');
    expectFault(() => random.categorical(given), 'invalid-data', `RandomStream.categorical: ${message}`);
  });
});

describe('permutation', () => {
  test('all 24 orders of 4 are equally likely', () => {
    const random = stream('permutation');
    const counts = new Map<string, number>();
    for (let i = 0; i < N; i++) {
      const order = random.permutation(4).join();
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    expectCounts([...counts.values()], new Float64Array(24).fill(1 / 24));
  });

  test('each number once', () => {
    const order = stream('order').permutation(1000);
    expect(Array.from(order.toSorted())).toEqual(Array.from({ length: 1000 }, (_, i) => i));
    expect(stream('order').permutation(0).length).toBe(0);
    faultOf(() => stream('order').permutation(-1));
    faultOf(() => stream('order').permutation(1.5));
  });
});
