import { describe, expect, it } from 'vitest';
import { BidirectionalGan } from '../../src/gan/index.js';
import { KernelDensity } from '../../src/kde/index.js';
import { mean } from '../vae/data.js';
import { banana, deviations, meanError, normals } from './translation-data.js';

describe.each([
  ['a deterministic encoder', { inference: 'deterministic' }],
  ['a gaussian encoder', { inference: 'gaussian', codeReconstruction: 0.5 }],
] as const)('BidirectionalGan with %s', (_, options) => {
  const test = banana(500, 2);
  const units = deviations(test);
  const fitted = new BidirectionalGan({ ...options, epochs: 80, seed: 1 }).fit(banana(1500, 1));

  it('inverts the generator: G(E(x)) is near x, and E(G(z)) near z', async () => {
    const model = await fitted;
    const found = model.reconstruct(test);
    const codes = normals(500, 2, 3);
    const back = model.encode(model.generate(codes)).means;
    // Measured: 0.1 to 0.2 standard deviations for rows, 0.1 to 0.3 for codes; another row's lie 1 away.
    expect(meanError(found, test, units)).toBeLessThan(0.3);
    expect(meanError(found, test, units, 1)).toBeGreaterThan(0.8);
    expect(meanError(back, codes, [1, 1])).toBeLessThan(0.4);
    expect(meanError(back, codes, [1, 1], 1)).toBeGreaterThan(0.8);
  });

  it('generates the cloud: its window is nearly as good as one over as many rows of the data', async () => {
    const model = await fitted;
    const ours = mean(model.logDensity(test));
    const theirs = mean(
      (await new KernelDensity({ bandwidth: 'cross-validation' }).fit(banana(1000, 4))).logDensity(test),
    );
    expect(ours).toBeGreaterThan(theirs - 1);
    expect(model.densityKind).toBe('estimate');
  });

  it('has variances of codes where they were asked for', async () => {
    const { means, variances } = (await fitted).encode(test);
    expect([means.rows, means.columns, variances.rows, variances.columns]).toEqual([500, 2, 500, 2]);
    const isPositive = options.inference === 'gaussian';
    expect(variances.data.every((value) => (isPositive ? value > 0 : value === 0))).toBe(true);
  });
});

describe('the game of rows and codes', () => {
  const rows = banana(120, 5);
  const options = { epochs: 3, validationFraction: 0, averaging: 0, densitySamples: 30, seed: 4 } as const;

  it.each(['non-saturating', 'least-squares'] as const)(
    'reports what the fitted networks do (%s)',
    async (objective) => {
      const model = await new BidirectionalGan({ ...options, objective, generator: [8], encoder: [8] }).fit(rows);
      const { history } = model;
      // Single precision in training, double here.
      expect(history.reconstructionError[2]).toBeCloseTo(meanError(model.reconstruct(rows), rows, deviations(rows)), 4);
      expect(history.discriminatorOnData[2]).toBeCloseTo(mean(model.discriminate(rows)), 4);
    },
  );

  it('has a discriminator of pairs: with other codes it says something else', async () => {
    const model = await new BidirectionalGan(options).fit(rows);
    const { means } = model.encode(rows);
    expect(model.discriminate(rows, { codes: means })).toEqual(model.discriminate(rows));
    expect(model.discriminate(rows, { codes: normals(120, 2, 1) })).not.toEqual(model.discriminate(rows));
    expect(() => model.discriminate(rows, { codes: [[0, 0]] })).toThrow(/codes must have one row for each of the 120/);
    expect(() => model.generate([[1]])).toThrow(/codes must have 2 columns/);
  });

  it('works spectral normalisation into the weights that the model keeps', async () => {
    const model = await new BidirectionalGan({ ...options, spectralNormalization: 1 }).fit(rows);
    expect(model.history.discriminatorOnData[2]).toBeCloseTo(mean(model.discriminate(rows)), 4);
  });

  it('keeps to each batch of rows: subsets give the same bits', async () => {
    const model = await new BidirectionalGan(options).fit(rows);
    for (const evaluate of [
      (part: number[][]) => Array.from(model.logDensity(part)),
      (part: number[][]) => Array.from(model.discriminate(part)),
      (part: number[][]) => model.reconstruct(part).toArray(),
    ]) {
      const all = evaluate(rows);
      expect(evaluate(rows.slice(11, 14))).toEqual(all.slice(11, 14));
    }
  });

  it('goes on from a checkpoint as if there had been no break', async () => {
    const estimator = new BidirectionalGan({ ...options, averaging: 0.9, inference: 'gaussian', epochs: 4 });
    const states: Parameters<typeof estimator.fit>[1][] = [];
    const whole = await estimator.fit(rows, { onCheckpoint: (state) => states.push({ resume: state() }) });
    const resumed = await estimator.fit(rows, states[1]);
    expect(resumed.toJSON()).toEqual(whole.toJSON());
  });
});
