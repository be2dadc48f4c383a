import { describe, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel, type KernelDensityOptions } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';
import { integrate } from '../kernels/quadrature.js';

const fit = (rows: number[][], options: KernelDensityOptions, weights?: number[]) =>
  new KernelDensity(options).fit(rows, weights && { weights });

const at = (model: KernelDensityModel, ...x: number[]): number => Math.exp(model.logDensity([x])[0]);

const stream = RandomStream.of(1, 'columns');
const rows = Array.from({ length: 25 }, () => {
  const shared = stream.normal();
  return [shared, 0.6 * shared + 0.8 * stream.normal(), stream.normal(), 2 * stream.normal() + shared];
});
const weights = rows.map((_, i) => 1 + (i % 3));
const matrix = [
  [0.5, 0.2, 0.1, 0],
  [0.2, 0.7, 0.15, 0.1],
  [0.1, 0.15, 0.4, -0.1],
  [0, 0.1, -0.1, 0.6],
];

describe('item 17: marginals', () => {
  test('of the gaussian are the integrals, with numbers and with a matrix', async () => {
    const three = rows.map((row) => row.slice(0, 3));
    for (const bandwidth of [[0.5, 0.8, 0.6], matrix.slice(0, 3).map((row) => row.slice(0, 3))]) {
      const joint = await fit(three, { bandwidth }, weights);
      const marginal = joint.marginal([2, 0]);
      for (const [x, z] of [
        [0.3, -1],
        [2, 1.5],
      ]) {
        const mass = integrate((y) => at(joint, x, y, z), -10, 10, 400);
        expect(at(marginal, z, x) / mass).toBeCloseTo(1, 7);
      }
    }
  });

  // Two columns dropped: integrals over the disc.
  test.each([
    ['tophat', 'epanechnikov'],
    ['epanechnikov', 'biweight'],
    ['biweight', 'triweight'],
  ] as const)('of %s over two columns is %s, by quadrature', async (kernel, expected) => {
    const joint = await fit([[0, 0, 0]], { kernel, bandwidth: [1, 2, 0.5] });
    const marginal = joint.marginal([1]);
    expect(marginal.kernel).toBe(expected);
    expect(marginal.bandwidth).toEqual(Float64Array.of(2));
    for (const y of [0, 0.7, 1.9]) {
      // Polar coordinates of the other two, in bandwidths.
      const radial = (r: number): number => 2 * Math.PI * r * 0.5 * at(joint, r, y, 0);
      const edge = Math.sqrt(1 - (y / 2) ** 2);
      expect(at(marginal, y) / integrate(radial, 0, edge * (1 - 1e-12), 200)).toBeCloseTo(1, 6);
    }
  });

  test('of others are refused with advice', async () => {
    for (const kernel of kernelNames.filter((name) => name !== 'gaussian')) {
      const model = await fit(rows, { kernel });
      expect(() => model.marginal([0, 1, 2])).toThrow(
        `KernelDensityModel.marginal: the "${kernel}" kernel without 1 of its columns must be a kernel with a name. ` +
          'Fit with "gaussian", of which every marginal is one, or fit these columns alone.',
      );
      expect(model.marginal([3, 2, 1, 0]).kernel).toBe(kernel);
    }
    const model = await fit(rows, {});
    for (const columns of [[], [0, 0], [4], [0.5], ['0'], 'x', undefined]) {
      expect(() => model.marginal(columns as never)).toThrow(
        'columns must be an array of different column numbers from 0 to 3',
      );
    }
  });

  test('keep weights, bounds and rule, and are saved and read back', async () => {
    const bounds = [null, null, { lower: -10, upper: 10, by: 'wrapping' as const }, null];
    const model = (await fit(rows, { bounds }, weights)).marginal([2, 1]);
    expect(model.bounds).toEqual([bounds[2], null]);
    const copy = KernelDensityModel.fromJSON(JSON.stringify(model));
    expect(copy.logDensity([[0.3, 1]])).toEqual(model.logDensity([[0.3, 1]]));
    const alone = await fit(
      rows.map((row) => [row[2], row[1]]),
      { bandwidth: model.bandwidth, bounds: [bounds[2], null] },
      weights,
    );
    expect(model.logDensity([[9, 1]])).toEqual(alone.logDensity([[9, 1]]));
  });
});

describe('item 17: conditionals', () => {
  test('are the joint density over that of the columns given', async () => {
    const bounded: KernelDensityOptions = {
      bounds: [
        null,
        { lower: -20, upper: 20, by: 'transformation' },
        { lower: -4, upper: 4, by: 'wrapping' },
        { lower: -9, by: 'reflection' },
      ],
      bandwidth: [0.5, 0.05, 1.5, 3],
    };
    const skew: KernelDensityOptions = {
      bounds: [null, { lower: -20, upper: 20, by: 'transformation' }, { lower: -4, upper: 4, by: 'wrapping' }, null],
      bandwidth: matrix,
    };
    for (const options of [{ bandwidth: [0.5, 0.8, 0.6, 1] }, { bandwidth: matrix }, bounded, skew]) {
      const joint = await fit(rows, { relativeTolerance: 1e-12, ...options }, weights);
      for (const given of [{ 0: 0.4, 2: 3.7 }, { 1: -1, 2: -3.9, 3: 2 }, { 0: 5 }]) {
        const known = Object.keys(given).map(Number);
        const asked = [0, 1, 2, 3].filter((j) => !known.includes(j));
        const conditional = joint.conditional({ given });
        expect(conditional.dimension).toBe(asked.length);
        const below = joint.marginal(known).logDensity([Object.values(given)])[0];
        for (let i = 0; i < 4; i++) {
          const x = Array.from({ length: 4 }, (_, j) => (given as Record<number, number>)[j] ?? stream.normal());
          const expected = joint.logDensity([x])[0] - below;
          expect(conditional.logDensity([asked.map((j) => x[j])])[0]).toBeCloseTo(expected, 8);
        }
      }
    }
  });

  test.each(['tophat', 'epanechnikov', 'biweight', 'triweight'] as const)(
    'of %s are its sections: the same up to a constant, and of mass 1',
    async (kernel) => {
      const bounds = [null, { lower: -3, upper: 3, by: 'wrapping' as const }, null, null];
      const inside = rows.map((row) => row.map((x) => Math.max(-3, Math.min(3, x))));
      for (const options of [
        { bandwidth: [2, 3, 2, 4] },
        { bandwidth: matrix.map((row) => row.map((h) => 9 * h)), bounds },
        { bandwidth: [3, 2, 2, 5], bounds, adaptation: 0.5 },
      ]) {
        const joint = await fit(inside, { kernel, relativeTolerance: 1e-12, ...options }, weights);
        const given = { 0: 0.3, 1: 2.5, 3: -0.4 };
        const conditional = joint.conditional({ given });
        const reference = joint.logDensity([[0.3, 2.5, 0.1, -0.4]])[0] - conditional.logDensity([[0.1]])[0];
        for (const x of [-1.3, -0.5, 0.3, 0.77, 1.4]) {
          const [whole, part] = [joint.logDensity([[0.3, 2.5, x, -0.4]])[0], conditional.logDensity([[x]])[0]];
          if (whole === Number.NEGATIVE_INFINITY) expect(part).toBe(whole);
          else expect(whole - part).toBeCloseTo(reference, 7);
        }
        expect(integrate((x) => at(conditional, x), -12, 12, 6000)).toBeCloseTo(1, 3);
        const plane = joint.conditional({ given: { 1: 2.5, 3: -0.4 } });
        const known = joint.logDensity([[0.3, 2.5, 0.1, -0.4]])[0] - plane.logDensity([[0.3, 0.1]])[0];
        expect(joint.logDensity([[1, 2.5, -0.6, -0.4]])[0] - plane.logDensity([[1, -0.6]])[0]).toBeCloseTo(known, 7);
      }
    },
  );

  // gmr#28: NaN where the values given are far from the data.
  test('gmr#28: far from all rows the nearest decide, and nothing is NaN', async () => {
    const model = (await fit(rows, { bandwidth: matrix }, weights)).conditional({ given: { 0: 1e6 } });
    expect(model.rows).toBeGreaterThan(0);
    const samples = model.sample(5, { seed: 1 });
    expect(samples.data.every(Number.isFinite)).toBe(true);
    expect(model.logDensity(samples).every(Number.isFinite)).toBe(true);
  });

  test('samples follow the conditional distribution', async () => {
    const joint = await fit(rows, { bandwidth: matrix });
    const model = joint.marginal([0, 1]).conditional({ given: { 0: 1 } });
    const drawn = model.sample(20_000, { seed: 2 }).data.slice().sort();
    let distance = 0;
    for (let i = 0; i < drawn.length; i += 100) {
      distance = Math.max(distance, Math.abs(model.cdf([[drawn[i]]])[0] - (i + 0.5) / drawn.length));
    }
    expect(distance).toBeLessThan(1.95 / Math.sqrt(20_000));
    // The bivariate normal in closed form: one row, H the covariance.
    const one = await fit([[1, 2]], {
      bandwidth: [
        [4, 3],
        [3, 9],
      ],
    });
    const normal = one.conditional({ given: { 0: 3 } });
    expect(normal.quantile([0.5])[0]).toBeCloseTo(2 + (3 / 4) * (3 - 1), 8);
    expect(normal.bandwidth[0]).toBeCloseTo(Math.sqrt(9 - 9 / 4), 12);
  });

  test('what is refused', async () => {
    const model = await fit(rows, { bounds: [{ lower: -10, by: 'reflection' }, null, null, null] });
    const cases: [unknown, string][] = [
      [{}, 'option "given" must name at least one of 4 columns and leave one, but got 0.'],
      [{ 0: 1, 1: 1, 2: 1, 3: 1 }, 'must name at least one of 4 columns and leave one, but got 4.'],
      [{ 4: 1 }, 'option "given" must name columns from 0 to 3, but got "4".'],
      [[1], 'option "given" must be an object of values by column, such as { 1: 79 }'],
      [{ 1: Number.NaN }, 'value of column 1 must be a finite number, but got NaN.'],
      [{ 0: -11 }, 'value of column 0 must be >= -10, but got -11.'],
    ];
    for (const [given, message] of cases) expect(() => model.conditional({ given } as never)).toThrow(message);
    const other = await fit(rows, { kernel: 'cosine' });
    expect(() => other.conditional({ given: { 0: 1 } })).toThrow(
      'KernelDensityModel.conditional: conditional densities need a kernel whose sections are kernels of the same name, but ' +
        'got "cosine". Fit with "gaussian", "tophat", "epanechnikov", "biweight" or "triweight".',
    );
    const compact = await fit(rows, { kernel: 'biweight' });
    expect(() => compact.conditional({ given: { 0: 99 } })).toThrow(
      'KernelDensityModel.conditional: some kernel must reach the values given. Fit with "gaussian", which reaches everywhere.',
    );
    const skew = await fit(rows, { bandwidth: matrix, bounds: [{ lower: -10, by: 'reflection' }, null, null, null] });
    expect(() => skew.conditional({ given: { 3: 0 } })).toThrow('at most one column may be left, but got 3');
  });
});

describe('another bandwidth', () => {
  test('gives what a fit with it gives, to the tolerance, and is saved to the bit', async () => {
    for (const kernel of kernelNames) {
      const model = await fit(rows, { kernel, bandwidth: [0.5, 0.8, 0.6, 1], leafSize: 4 }, weights);
      for (const bandwidth of [3, [9, 2, 1, 7], matrix.map((row) => row.map((h) => 9 * h))]) {
        const other = model.withBandwidth(bandwidth);
        const refitted = await fit(rows, { kernel, bandwidth, leafSize: 4 }, weights);
        expect(other.bandwidthMatrix).toEqual(refitted.bandwidthMatrix);
        other.logDensity(rows).forEach((log, i) => {
          expect(Math.abs(log - refitted.logDensity([rows[i]])[0])).toBeLessThan(3e-8);
        });
        const copy = KernelDensityModel.fromJSON(JSON.stringify(other.withBandwidth(bandwidth)));
        expect(copy.logDensity(rows)).toEqual(other.logDensity(rows));
      }
      expect(model.bandwidth).toEqual(Float64Array.of(0.5, 0.8, 0.6, 1));
    }
  });

  test('bandwidths that will not do are refused', async () => {
    const model = await fit(rows, {});
    expect(() => model.withBandwidth(0)).toThrow(
      'KernelDensityModel.withBandwidth: option "bandwidth" must be a finite number > 0',
    );
    expect(() => model.withBandwidth([1, 2])).toThrow('must hold one number per column, 4, but got 2');
    expect(() => model.withBandwidth('scott' as never)).toThrow('KernelDensityModel.withBandwidth: option "bandwidth"');
    expect(() => model.withBandwidth(undefined as never)).toThrow(
      'KernelDensityModel.withBandwidth: option "bandwidth"',
    );
  });
});
