import { expect, test } from 'vitest';
import { cosineTransform } from '../../src/core/cosine-transform.js';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';

function coefficient(cells: Float64Array, k: number): number {
  const m = cells.length;
  // The angle turns whole circles: taken off, it costs no digits.
  return cells.reduce((sum, x, b) => sum + x * Math.cos((Math.PI * ((k * (2 * b + 1)) % (4 * m))) / (2 * m)), 0);
}

test.each([4, 8, 64, 256])('the cosine transform of %i cells is its defining sum', async (m) => {
  const stream = RandomStream.of(1, 'cells');
  const cells = Float64Array.from({ length: m }, () => stream.normal());
  const found = await cosineTransform(cells, 'test', new Pacer('test'));
  for (let k = 0; k < m; k++) expect(Math.abs(found[k] - coefficient(cells, k))).toBeLessThan(1e-11);
});

test.each([2 ** 15, 2 ** 17])('so is that of %i cells, which is put together from pieces', async (m) => {
  const stream = RandomStream.of(2, 'cells');
  const cells = Float64Array.from({ length: m }, () => stream.normal());
  const copy = cells.slice();
  const found = await cosineTransform(cells, 'test', new Pacer('test'));
  expect(cells).toEqual(copy);
  const some = Array.from({ length: 40 }, () => stream.integer(m));
  for (const k of [0, 1, m / 2, m - 1, ...some]) {
    expect(Math.abs(found[k] - coefficient(cells, k))).toBeLessThan(1e-9);
  }
});

test('it can be aborted', async () => {
  const controller = new AbortController();
  const pacer = new Pacer('test', { signal: controller.signal });
  const transforming = cosineTransform(new Float64Array(2 ** 19), 'test', pacer);
  controller.abort(new Error('enough'));
  await expect(transforming).rejects.toThrow('enough');
});
