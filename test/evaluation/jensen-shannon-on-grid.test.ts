import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/index.js';
import { jensenShannonOnGrid } from '../../src/evaluation/index.js';
import { JENSEN_SHANNON_ON_GRID_OPTIONS } from '../../src/evaluation/jensen-shannon-on-grid.js';
import { normalCdf } from '../core/statistics.js';
import { deviation, mean, normalRows, stream } from './samples.js';

/** JSD of two lists of probabilities, by its definition. */
function divergence(p: readonly number[], q: readonly number[]): number {
  return p.reduce((sum, a, c) => {
    const m = (a + q[c]) / 2;
    return sum + (a > 0 ? 0.5 * a * Math.log(a / m) : 0) + (q[c] > 0 ? 0.5 * q[c] * Math.log(q[c] / m) : 0);
  }, 0);
}

describe('jensenShannonOnGrid', () => {
  it('is the divergence of counts by hand', () => {
    const x = [
      [0, 0],
      [0.1, 0.9],
      [1, 1],
      [0.2, 0.1],
    ];
    const y = [
      [0, 0],
      [0.9, 0.9],
    ];
    // Cells (row, column): x has 2 at (0,0), 1 at (0,1), 1 at (1,1); y 1 and 1.
    const expected = divergence([0.5, 0.25, 0, 0.25], [0.5, 0, 0, 0.5]);
    const result = jensenShannonOnGrid(x, y, { cells: 2 });
    expect(result.divergence).toBeCloseTo(expected, 14);
    expect(result.occupied).toBe(3);
    expect(result.bias).toBeCloseTo((2 * (1 / 4 + 1 / 2)) / 8, 14);
  });

  it('is 0 for equal samples and log 2 for disjoint ones', () => {
    const x = normalRows(stream('grid'), 100, 2);
    expect(jensenShannonOnGrid(x, x).divergence).toBe(0);
    expect(
      jensenShannonOnGrid(
        x,
        x.map(([a, b]) => [a + 50, b]),
      ).divergence,
    ).toBeCloseTo(Math.LN2, 14);
  });

  it('for shifted normals is that of their cells, and near 0.111421, within its bias and standard error', () => {
    const edges = Array.from({ length: 41 }, (_, c) => -5 + (11 * c) / 40);
    const shares = (shift: number) =>
      edges.slice(1).map((edge, c) => normalCdf(edge - shift) - normalCdf(edges[c] - shift));
    const truth = divergence(shares(0), shares(1));
    expect(truth).toBeCloseTo(0.111421, 2);
    const values: number[] = [];
    const errors: number[] = [];
    for (let r = 0; r < 100; r++) {
      const [x, y] = [normalRows(stream('gx', r), 1000, 2), normalRows(stream('gy', r), 800, 2, 1)];
      const line = (rows: number[][]) => rows.map(([a]) => [a]);
      const result = jensenShannonOnGrid(line(x), line(y), { cells: 40, range: [[-5, 6]] });
      values.push(result.divergence - result.bias);
      errors.push(result.standardError);
    }
    // The bias is that of equal distributions, and somewhat too large here: by 0.003 at most.
    expect(Math.abs(mean(values) - truth)).toBeLessThan(0.003);
    expect(mean(errors) / deviation(values)).toBeGreaterThan(0.8);
    expect(mean(errors) / deviation(values)).toBeLessThan(1.25);
  });

  it('where the distributions agree is its bias on average, within its standard error', () => {
    const results = Array.from({ length: 200 }, (_, r) =>
      jensenShannonOnGrid(normalRows(stream('sx', r), 2000, 2), normalRows(stream('sy', r), 3000, 2), {
        cells: 4,
        range: [
          [-1.5, 1.5],
          [-1.5, 1.5],
        ],
      }),
    );
    const values = results.map((result) => result.divergence);
    const { bias, standardError, occupied } = results[0];
    expect(occupied).toBe(17);
    expect(Math.abs(mean(values) - bias)).toBeLessThan((4 * deviation(values)) / Math.sqrt(200) + 0.02 * bias);
    // The plug-in variances add one more K - 1 term to the true one.
    expect(standardError / deviation(values)).toBeGreaterThan(0.8);
    expect(standardError / deviation(values)).toBeLessThan(2);
  });

  it('puts rows beyond its range into one cell, and the upper end into the last', () => {
    const result = jensenShannonOnGrid([[0], [1], [7]], [[0], [1], [-9]], { cells: 2, range: [[0, 1]] });
    expect(result).toMatchObject({ divergence: 0, occupied: 3 });
  });

  it('takes constant columns, offsets and the ends of numbers', () => {
    expect(
      jensenShannonOnGrid(
        [
          [1, 5],
          [2, 5],
        ],
        [
          [1, 5],
          [2, 5],
        ],
      ).divergence,
    ).toBe(0);
    const [x, y] = [normalRows(stream('ox'), 300, 2), normalRows(stream('oy'), 300, 2, 1)];
    const plain = jensenShannonOnGrid(x, y, { cells: 7 });
    const move = (rows: number[][]) => rows.map(([a, b]) => [a * 2 ** 900, b * 2 ** 880]);
    expect(jensenShannonOnGrid(move(x), move(y), { cells: 7 })).toEqual(plain);
  });

  it.each([
    [() => jensenShannonOnGrid([[1, 2, 3]], [[1, 2, 3]]), 'rows must have 1 or 2 columns, but got 3. For more columns'],
    [
      () => jensenShannonOnGrid([[1, 2]], [[1, 2]], { range: [[0, 1]] }),
      'must hold one pair per column, 2, but got 1.',
    ],
    [() => jensenShannonOnGrid([], [[1]]), 'jensenShannonOnGrid: first must hold at least one row, but got 0.'],
    [() => jensenShannonOnGrid([[1]], [[1]], { cell: 3 } as object), 'did you mean "cells"?'],
  ])('refuses what is no data (%#)', (action, message) => {
    expect(action).toThrow(ModelError);
    expect(action).toThrow(message);
  });

  it('refuses every value one step outside its option table', () => {
    for (const [name, { rule }] of Object.entries(JENSEN_SHANNON_ON_GRID_OPTIONS)) {
      for (const value of rule.outside) {
        expect(() => jensenShannonOnGrid([[1]], [[1]], { [name]: value })).toThrow(`must be ${rule.words}`);
      }
    }
  });
});
