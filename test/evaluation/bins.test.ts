import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/index.js';
import { dealBins, drawLabelings, FIRST, judge, SECOND } from '../../src/evaluation/bins.js';

const stream = RandomStream.of(0, 'bins');

describe('dealBins', () => {
  it.each([
    [5, 7, 1, 5, 7],
    [100, 100, 1, 100, 100],
    [4000, 4000, 40, 100, 100],
    [4007, 4013, 41, 97, 97],
    [3, 5000, 1, 3, 197],
    [5000, 3, 1, 197, 3],
    [1000, 5000, 20, 150, 50],
    [2, 2, 1, 2, 2],
  ])('%i and %i rows make bins of %i', (n, m, size, first, second) => {
    const bins = dealBins(n, m, stream);
    const [small, large] = n <= m ? [bins.first, bins.second] : [bins.second, bins.first];
    expect(bins.size).toBe(size);
    expect([small, large].sort((a, b) => a - b)).toEqual([first, second].sort((a, b) => a - b));
    // Every row once, the first sample's rows in the first sample's bins.
    expect(Uint32Array.from(bins.order).sort()).toEqual(Uint32Array.from({ length: n + m }, (_, i) => i));
    const moving = bins.first + bins.second;
    for (let b = 0; b < moving + 2; b++) {
      const isFirst = b < bins.first || b === moving;
      const rows = bins.order.subarray(bins.starts[b], bins.starts[b + 1]);
      if (b < moving) expect(rows).toHaveLength(size);
      expect(rows.every((row) => row < n === isFirst)).toBe(true);
    }
  });

  it('keeps the sizes of both samples under every permutation', () => {
    const bins = dealBins(1003, 777, stream);
    const { all, permutations } = drawLabelings(bins, 20, stream);
    expect(all).toHaveLength(1 + permutations + bins.first + bins.second);
    for (const labels of all.slice(0, 21)) {
      const sizes = [0, 0, 0];
      labels.forEach((label, b) => {
        sizes[label] += bins.starts[b + 1] - bins.starts[b];
      });
      expect(sizes).toEqual([0, 1003, 777]);
    }
    expect(all[1]).not.toEqual(all[2]);
  });
});

describe('judge', () => {
  it('with a mean of first rows less a mean of second rows, has the textbook standard error', () => {
    // The jackknife of a mean is s / sqrt n to the bit of arithmetic; of bins of one row each.
    const x = Array.from({ length: 30 }, () => stream.normal());
    const y = Array.from({ length: 40 }, () => 3 * stream.normal());
    const pooled = [...x, ...y];
    const bins = dealBins(30, 40, stream);
    const labelings = drawLabelings(bins, 99, stream);
    const values = Float64Array.from(labelings.all, (labels) => {
      const sums = [0, 0, 0];
      const counts = [0, 0, 0];
      bins.order.forEach((row, b) => {
        sums[labels[b]] += pooled[row];
        counts[labels[b]]++;
      });
      return sums[FIRST] / counts[FIRST] - sums[SECOND] / counts[SECOND];
    });
    const variance = (list: number[]) => {
      const m = list.reduce((sum, value) => sum + value, 0) / list.length;
      return list.reduce((sum, value) => sum + (value - m) ** 2, 0) / (list.length - 1);
    };
    const { standardError, pValue } = judge(bins, labelings, values);
    expect(standardError).toBeCloseTo(Math.sqrt(variance(x) / 30 + variance(y) / 40), 12);
    const reached = Array.from(values.subarray(1, 100)).filter((value) => value >= values[0]).length;
    expect(pValue).toBeCloseTo((1 + reached) / 100, 14);
  });
});
