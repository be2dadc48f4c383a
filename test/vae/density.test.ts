import { describe, expect, it } from 'vitest';
import { Samples } from '../../src/core/samples.js';
import { VariationalAutoencoder, type VariationalAutoencoderModel } from '../../src/vae/index.js';
import { arcs, mean, mixedRows } from './data.js';

const QUICK = { hidden: [16], epochs: 40, learningRate: 0.01, densitySamples: 200, seed: 1 };

/** Midpoint rule for the integral of exp(logDensity) over a box. */
function integral(model: VariationalAutoencoderModel, ranges: [number, number][], cells: number): number {
  const steps = ranges.map(([low, high]) => (high - low) / cells);
  const total = cells ** ranges.length;
  const points = Array.from({ length: total }, (_, flat) =>
    ranges.map(([low], j) => low + ((Math.floor(flat / cells ** j) % cells) + 0.5) * steps[j]),
  );
  const volume = steps.reduce((product, step) => product * step);
  return model.logDensity(points).reduce((sum, value) => sum + Math.exp(value) * volume, 0);
}

describe('the density integrates to 1', () => {
  it('in one dimension', async () => {
    const model = await new VariationalAutoencoder({ ...QUICK, latentDimension: 1 }).fit(arcs(400).map(([x]) => [x]));
    // 1500 cells, each estimate good to a few per cent and independent of its neighbours.
    expect(Math.abs(integral(model, [[0, 10]], 1500) - 1)).toBeLessThan(0.01);
  });

  it('in two dimensions, and with a mixture prior', async () => {
    const rows = arcs(400);
    const model = await new VariationalAutoencoder({ ...QUICK, latentDimension: 2 }).fit(rows);
    const box: [number, number][] = [
      [2, 8],
      [-50, 10],
    ];
    expect(Math.abs(integral(model, box, 60) - 1)).toBeLessThan(0.02);
    const mixture = await model.fitPrior(rows, { components: 3, seed: 1 });
    expect(Math.abs(integral(mixture, box, 40) - 1)).toBeLessThan(0.02);
  });

  it('and sums to 1 over the categories of a mixed table', async () => {
    const rows = mixedRows(400);
    const columns = ['continuous', 'binary', { categories: 3 }] as const;
    const model = await new VariationalAutoencoder({ ...QUICK, decoder: 'mixed', columns }).fit(rows);
    const [cells, low, high] = [200, -500, 700];
    const step = (high - low) / cells;
    let total = 0;
    for (const flag of [0, 1]) {
      for (const kind of [0, 1, 2]) {
        const line = Array.from({ length: cells }, (_, i) => [low + (i + 0.5) * step, flag, kind]);
        for (const value of model.logDensity(line)) total += Math.exp(value) * step;
      }
    }
    expect(Math.abs(total - 1)).toBeLessThan(0.02);
  });
});

describe('the bounds', async () => {
  const rows = arcs(500);
  const queries = arcs(300, 7);
  const model = await new VariationalAutoencoder({ ...QUICK, latentDimension: 2 }).fit(rows);

  it('stay below the log-density, and the importance-weighted one grows with K towards it', () => {
    const exact = model.estimateLogDensity(queries, { samples: 2000 });
    const { elbo, reconstruction, regularization } = model.elbo(queries, { samples: 200 });
    // The posterior of these arcs is not normal, so the gap is real.
    const bounds = [
      mean(elbo),
      ...[2, 5, 9, 100].map((samples) => mean(model.estimateLogDensity(queries, { samples }).logDensity)),
    ];
    for (let k = 1; k < bounds.length; k++) expect(bounds[k]).toBeGreaterThan(bounds[k - 1]);
    expect(bounds[0]).toBeLessThan(mean(exact.logDensity));
    expect(bounds[4]).toBeLessThan(mean(exact.logDensity) + 0.02);
    const above = Array.from(elbo).filter((value, i) => value > exact.logDensity[i] + 5 * exact.standardError[i] + 0.3);
    expect(above).toEqual([]);
    elbo.forEach((value, i) => {
      expect(value).toBeCloseTo(reconstruction[i] - regularization[i], 12);
    });
  });

  it('training reports what the model computes', () => {
    const last = model.bestEpoch;
    const { training } = model.history;
    expect(training.elbo[last]).toBeCloseTo(training.reconstruction[last] - training.regularization[last], 5);
    expect(Math.abs(training.elbo[last] - mean(model.elbo(rows).elbo))).toBeLessThan(0.2);
  });

  it('a wider spread of weights means fewer effective draws, and errors shrink as 1 / sqrt(K)', () => {
    const few = model.estimateLogDensity(queries, { samples: 100 });
    const many = model.estimateLogDensity(queries, { samples: 1600 });
    const ratio = mean(few.standardError) / mean(many.standardError);
    expect(ratio).toBeGreaterThan(3);
    expect(ratio).toBeLessThan(5);
    // The stated error is the real one: differences of independent estimates, in units of it, have variance near 1.
    const z = few.logDensity.map(
      (value, i) => (value - many.logDensity[i]) / Math.hypot(few.standardError[i], many.standardError[i]),
    );
    const spread = mean(z.map((value) => value ** 2));
    expect(spread).toBeGreaterThan(0.6);
    expect(spread).toBeLessThan(1.6);
  });

  it('each row depends on itself alone', () => {
    const together = model.logDensity(queries);
    expect(model.logDensity([...queries].reverse()).reverse()).toEqual(together);
    expect(model.logDensity([queries[17]])[0]).toBe(together[17]);
    expect(model.elbo([queries[5]]).elbo[0]).toBe(model.elbo(queries).elbo[5]);
  });

  it('of rows far away are low, never NaN', () => {
    for (const value of model.logDensity([
      [1e3, 1e3],
      [-1e8, 1e8],
      [1e150, -1e150],
      [1e300, 1e300],
    ])) {
      expect(value).toBeLessThan(-100);
    }
  });

  it('follow the units of the data by the Jacobian', async () => {
    const fit = (scale: number, shift: number) =>
      new VariationalAutoencoder({ ...QUICK, epochs: 5 }).fit(rows.map((row) => row.map((x) => scale * x + shift)));
    const plain = (await fit(1, 0)).logDensity(rows.slice(0, 50));
    for (const [scale, shift] of [
      [1024, 0],
      [1e-6, 0],
      [1, 1e8],
    ]) {
      const moved = await fit(scale, shift);
      const found = moved.logDensity(rows.slice(0, 50).map((row) => row.map((x) => scale * x + shift)));
      // Rounding differs, which training in float32 amplifies a little, and the rows' own draws are others.
      expect(Math.abs(mean(found) + 2 * Math.log(scale) - mean(plain))).toBeLessThan(0.05);
    }
  });

  it('are held in bits for compression', () => {
    const nats = mean(model.logDensity(queries));
    const bits = model.bitsPerDimension(queries, { resolution: 0.01 });
    expect(bits).toBeCloseTo(-(nats + 2 * Math.log(0.01)) / (2 * Math.LN2), 10);
  });
});

it('samples follow the density (mean of a test function)', async () => {
  const model = await new VariationalAutoencoder({ ...QUICK, latentDimension: 1 }).fit(arcs(400).map(([x]) => [x]));
  const draws = model.sample(20_000, { seed: 3 }).data;
  const [cells, low, high] = [600, 0, 10];
  const middles = Float64Array.from({ length: cells }, (_, i) => low + ((i + 0.5) * (high - low)) / cells);
  const density = model.logDensity(Samples.column(middles)).map((value) => (Math.exp(value) * (high - low)) / cells);
  for (const test of [(x: number) => x, (x: number) => (x - 5) ** 2, (x: number) => Math.sin(3 * x)]) {
    const expected = middles.reduce((sum, x, i) => sum + test(x) * density[i], 0);
    expect(Math.abs(mean(draws.map(test)) - expected)).toBeLessThan(0.03);
  }
});
