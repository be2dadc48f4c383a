import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { Samples } from '../../src/core/samples.js';
import { parzenWindow } from '../../src/gan/parzen-window.js';
import { mean } from '../vae/data.js';
import { normals } from './translation-data.js';

/** log of 1/M sum_m prod_j N(x_j; g_mj, h_j^2), as it stands. */
function direct(x: readonly number[], generated: number[][], bandwidths: ArrayLike<number>): number {
  const logs = generated.map((row) =>
    row.reduce((sum, g, j) => {
      const h = bandwidths[j];
      return sum - 0.5 * ((x[j] - g) / h) ** 2 - Math.log(h) - 0.5 * Math.log(2 * Math.PI);
    }, 0),
  );
  const largest = Math.max(...logs);
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}

describe('the window of a generator', () => {
  const scaled = (rows: number[][]): number[][] => rows.map(([a, b]) => [100 * a + 5, b]);
  const generated = scaled(normals(300, 2, 1));
  const heldOut = scaled(normals(200, 2, 2));
  const scales = Float64Array.of(100, 1);
  const window = parzenWindow(Samples.from(generated), Samples.from(heldOut), scales, new Pacer('test'));

  it('is the sum that it is said to be', async () => {
    const { bandwidth } = await window;
    const densities = (await window).logDensity(heldOut.slice(0, 20));
    const h = Array.from(bandwidth as Float64Array);
    heldOut.slice(0, 20).forEach((x, i) => {
      expect(densities[i]).toBeCloseTo(direct(x, generated, h), 6);
    });
    expect(h[0] / h[1]).toBeCloseTo(100, 9);
  });

  it('has the bandwidth of the ladder that suits rows held out, by trying each', async () => {
    const tried = Array.from({ length: 27 }, (_, k) => {
      const h = 0.01 * 1.25 ** k;
      return { h, nats: mean(heldOut.map((x) => direct(x, generated, [100 * h, h]))) };
    });
    const best = tried.reduce((a, b) => (b.nats > a.nats ? b : a));
    expect((await window).bandwidth[1]).toBeCloseTo(best.h, 9);
  });

  it('is the widest where no window gives rows held out any density', async () => {
    const far = heldOut.map(() => [1e9, 1e9]);
    const wide = await parzenWindow(Samples.from(generated), Samples.from(far), scales, new Pacer('test'));
    expect(wide.logDensity(far).some(Number.isNaN)).toBe(false);
    expect(wide.bandwidth[1]).toBeCloseTo(0.01 * 1.25 ** 26, 9);
  });
});
