import { describe, expect, it } from 'vitest';
import { ModelError, Samples } from '../../src/core/index.js';
import { splitRows } from '../../src/evaluation/index.js';
import { SPLIT_ROWS_OPTIONS } from '../../src/evaluation/split-rows.js';

/** Row i is (i, 2i). */
const rows = Samples.from(Array.from({ length: 101 }, (_, i) => [i, 2 * i]));

describe('splitRows', () => {
  it('gives two parts that share no row and together hold all', () => {
    const { training, test, trainingIndices, testIndices } = splitRows(rows, { seed: 0 });
    const all = [...training.toArray(), ...test.toArray()].map(([x]) => x).sort((a, b) => a - b);
    expect(all).toEqual(Array.from({ length: 101 }, (_, i) => i));
    expect(training.toArray()).toEqual(Array.from(trainingIndices, (i) => [i, 2 * i]));
    expect(test.toArray()).toEqual(Array.from(testIndices, (i) => [i, 2 * i]));
  });

  it.each([
    [{}, 25],
    [{ fraction: 0.5 }, 51],
    [{ fraction: 0.001 }, 1],
    [{ fraction: 0.999 }, 100],
    [{ testRows: 1 }, 1],
    [{ testRows: 100 }, 100],
  ])('with %o sets aside %i of 101 rows', (options, expected) => {
    const { training, test } = splitRows(rows, { ...options, seed: 3 });
    expect([training.rows, test.rows]).toEqual([101 - expected, expected]);
  });

  it('is the same for the same seed and another for another', () => {
    const indices = (seed?: number) => splitRows(rows, seed === undefined ? {} : { seed }).testIndices;
    expect(indices(0)).toEqual(indices(0));
    expect(indices(0)).not.toEqual(indices(1));
    expect(indices()).not.toEqual(indices());
  });

  it('puts a smaller test part within a larger one', () => {
    const small = splitRows(rows, { testRows: 10, seed: 5 }).testIndices;
    const large = splitRows(rows, { testRows: 40, seed: 5 }).testIndices;
    expect(Array.from(large)).toEqual(expect.arrayContaining(Array.from(small)));
  });

  it('sets every row aside equally often', () => {
    // 2,000 splits of 10 of 20 rows: each count is binomial(2000, 1/2), standard deviation 22.4; 5 of them never pass.
    const counts = new Float64Array(20);
    const twenty = rows.select(Array.from({ length: 20 }, (_, i) => i));
    for (let seed = 0; seed < 2000; seed++) {
      for (const i of splitRows(twenty, { testRows: 10, seed }).testIndices) counts[i]++;
    }
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(112);
  });

  it('splits weights along with the rows, and does not choose rows by them', () => {
    const weights = Float64Array.from({ length: 101 }, (_, i) => i % 3);
    const split = splitRows(rows, { weights, seed: 2 });
    expect(Array.from(split.trainingWeights)).toEqual(Array.from(split.trainingIndices, (i) => i % 3));
    expect(Array.from(split.testWeights)).toEqual(Array.from(split.testIndices, (i) => i % 3));
    expect(split.testIndices).toEqual(splitRows(rows, { seed: 2 }).testIndices);
  });

  it('copies: later changes of the given rows do not reach the parts', () => {
    const given = [[1], [2], [3]];
    const { test } = splitRows(given, { testRows: 2, seed: 1 });
    const before = test.toArray();
    for (const row of given) row[0] = 99;
    expect(test.toArray()).toEqual(before);
  });

  it.each([
    [
      { testRows: 101 },
      'splitRows: option "testRows" must leave a row to fit to: at most 100 of 101 rows, but got 101.',
    ],
    [
      { testRows: 5, fraction: 0.5 },
      'splitRows: options must hold one of "fraction" and "testRows", but got both. Leave one out.',
    ],
    [{ fraction: 1 }, 'splitRows: option "fraction" must be a finite number > 0 and < 1, but got 1.'],
    [{ share: 0.5 }, 'splitRows: unknown option "share"; known options are fraction, testRows, seed, weights.'],
    [{ fractoin: 0.5 }, 'splitRows: unknown option "fractoin"; did you mean "fraction"?'],
    [{ weights: [1, 2] }, 'splitRows: weights must hold one number per row, 101, but got 2.'],
  ])('refuses %o', (options, message) => {
    expect(() => splitRows(rows, options as object)).toThrow(ModelError);
    expect(() => splitRows(rows, options as object)).toThrow(message);
  });

  it('refuses a single row', () => {
    expect(() => splitRows([[1, 2]])).toThrow('splitRows: rows must hold at least 2 rows, but got 1.');
  });

  it('refuses every value one step outside its option table', () => {
    for (const [name, spec] of Object.entries(SPLIT_ROWS_OPTIONS)) {
      for (const value of spec.rule.outside) {
        expect(() => splitRows(rows, { [name]: value })).toThrow(
          `splitRows: option "${name}" must be ${spec.rule.words}`,
        );
      }
    }
  });
});
