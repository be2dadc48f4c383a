import { expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { readWeights, unitWeights } from '../../src/core/weights.js';
import { KernelDensity } from '../../src/kde/index.js';
import { sortColumn } from '../../src/kde/sorted-column.js';

const pacer = new Pacer('test');

test.each([1, 2, 8192, 8193, 30_000, 65_536])('%i values come in order, each with its weight', async (n) => {
  const stream = RandomStream.of(1, 'sorting', n);
  // Ties among them.
  const values = Float64Array.from({ length: n }, () => Math.round(1000 * stream.normal()) + 0);
  const expected = values.slice().sort();
  const plain = await sortColumn({ values, weights: unitWeights(n), name: 'x' }, 'sorting', pacer);
  expect(plain).toEqual({ values: expected, weights: undefined });
  // A weight that tells its value.
  const weights = readWeights(
    values.map((x) => 1e6 + x),
    n,
    'test',
  );
  const weighted = await sortColumn({ values, weights, name: 'x' }, 'sorting', pacer);
  expect(weighted.values).toEqual(expected);
  weighted.weights?.forEach((weight, i) => {
    expect(weight).toBe(1e6 + expected[i]);
  });
});

test.each(['scott', 'normal-reference', 'improved-sheather-jones'] as const)(
  'rules give way to the event loop and can be aborted while they choose (%s)',
  async (bandwidth) => {
    const stream = RandomStream.of(1, 'rows');
    const rows = Array.from({ length: 300_000 }, () => [stream.normal()]);
    const controller = new AbortController();
    const phases: string[] = [];
    const fitting = new KernelDensity({ bandwidth }).fit(rows, {
      signal: controller.signal,
      onProgress: ({ phase }) => {
        phases.push(phase);
        controller.abort(new Error('enough'));
      },
    });
    await expect(fitting).rejects.toThrow('enough');
    expect(phases).toEqual(['choosing the bandwidth']);
  },
);
