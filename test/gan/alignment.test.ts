import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { alignedMap, randomOrthogonalMap } from '../../src/gan/alignment.js';
import type { CodedRows } from '../../src/gan/sides.js';
import { identityMap, transposedMap } from '../../src/gan/translator.js';
import { triangle } from './translation-data.js';

const coded = (rows: number[][]): CodedRows => ({
  values: Float32Array.from(rows.flat()),
  rows: rows.length,
  columns: rows[0].length,
});

describe('random orthogonal maps', () => {
  it.each([
    [1, 1],
    [3, 3],
    [2, 5],
    [5, 2],
  ])('of %i to %i columns have orthonormal rows or columns, whichever are fewer', (inputs, outputs) => {
    const map = randomOrthogonalMap(inputs, outputs, RandomStream.of(1, 'map'));
    const [count, length] = [Math.min(inputs, outputs), Math.max(inputs, outputs)];
    const entry = (k: number, l: number): number => (inputs <= outputs ? map[k * outputs + l] : map[l * outputs + k]);
    for (let k = 0; k < count; k++) {
      for (let m = 0; m < count; m++) {
        let product = 0;
        for (let l = 0; l < length; l++) product += entry(k, l) * entry(m, l);
        expect(product).toBeCloseTo(Number(k === m), 12);
      }
    }
  });

  it('of the plane are turns and mirror images alike, and point everywhere', () => {
    const stream = RandomStream.of(2, 'maps');
    let [turns, sine, cosine] = [0, 0, 0];
    for (let k = 0; k < 4000; k++) {
      const [a, b, c, d] = randomOrthogonalMap(2, 2, stream);
      turns += Number(a * d - b * c > 0);
      cosine += a / 4000;
      sine += b / 4000;
    }
    // Four standard errors of a share of 4,000, and of a mean of cosines with variance 1/2.
    expect(Math.abs(turns / 4000 - 0.5)).toBeLessThan(4 * 0.0079);
    expect(Math.hypot(sine, cosine)).toBeLessThan(4 * 0.0112 * Math.SQRT2);
  });
});

describe('the start of a translation', () => {
  const from = triangle(400, 1);

  it('is the identity where nothing is tried', async () => {
    const map = await alignedMap(coded(from), coded(from), 0, RandomStream.of(1, 'a'), new Pacer('test'));
    expect(Array.from(map)).toEqual([1, 0, 0, 1]);
  });

  it.each([1, 2, 3, 4, 5])('is near a turn that is known (seed %i)', async (seed) => {
    const stream = RandomStream.of(seed, 'turn');
    const known = randomOrthogonalMap(2, 2, stream);
    // Other draws of the same law: no row has its image among them.
    const to = triangle(400, 10 + seed).map(([x, y]) => [x * known[0] + y * known[2], x * known[1] + y * known[3]]);
    const found = await alignedMap(coded(from), coded(to), 300, stream, new Pacer('test'));
    // 300 maps of the plane lie some 2 degrees apart, each kind: 0.2 is 8 degrees.
    const missed = Math.hypot(...found.map((value, k) => value - known[k]));
    expect(missed).toBeLessThan(0.2);
  });

  it('can be aborted, and lets the event loop run', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const pacer = new Pacer('test', { signal: controller.signal, onProgress: () => controller.abort(reason) });
    const trying = alignedMap(coded(from), coded(from), 100_000, RandomStream.of(1, 'a'), pacer);
    await expect(trying).rejects.toBe(reason);
  });
});

describe('maps between different numbers of columns', () => {
  it('start rectangular, and back by the transpose', () => {
    expect(Array.from(identityMap(2, 3))).toEqual([1, 0, 0, 0, 1, 0]);
    expect(Array.from(transposedMap(Float64Array.of(1, 2, 3, 4, 5, 6), 2, 3))).toEqual([1, 4, 2, 5, 3, 6]);
  });
});
