import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CovarianceForm, type MixtureLoops, makeMixtureLoops } from '../../src/simd/index.js';
import { PlainMixtureLoops } from '../../src/simd/plain-mixture-loops.js';
import { difference, expectRowsApart, type Setting, sharesOf, twins } from './mixture-twins.js';

const FORMS: readonly CovarianceForm[] = ['triangular', 'diagonal', 'spherical', 'tied'];

/** Scatter as far as a step gives it: of spherical components its trace alone. */
function scatterOf({ mass, scatter }: MixtureLoops, form: CovarianceForm): ArrayLike<number> {
  if (form !== 'spherical') return scatter;
  const d = scatter.length / mass.length;
  return Array.from(mass, (_, k) => scatter.subarray(k * d, (k + 1) * d).reduce((sum, square) => sum + square, 0));
}

const settings: fc.Arbitrary<Setting> = fc.record({
  components: fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 6, max: 40 })),
  dimension: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 14 })),
  form: fc.constantFrom(...FORMS),
  count: fc.integer({ min: 0, max: 64 }),
  seed: fc.integer(),
  separation: fc.constantFrom(0, 0.5, 3, 30, 1000),
  offset: fc.constantFrom(0, 0, 1e4),
  weighted: fc.boolean(),
});

describe('compiled mixture loops agree with plain ones', () => {
  it('in log-densities, shares and statistics', () => {
    fc.assert(
      fc.property(settings, (setting) => {
        const { form, count, separation, offset } = setting;
        const [compiled, plain] = twins(setting);
        // Terms: rounding of squares, whose differences lose the digits of the offset. Tied ones are differences of
        // whitened rows and means, which lose those of the means' distances.
        const slack = 1e-13 * (1 + offset + (form === 'tied' ? separation : 0));
        compiled.joint(count);
        plain.joint(count);
        expect(difference(sharesOf(compiled, count), sharesOf(plain, count))).toBeLessThan(slack);
        compiled.densities(count);
        plain.densities(count);
        const [densities, truth] = [compiled, plain].map((loops) => [...loops.logDensities.subarray(0, count)]);
        expect(difference(densities, truth)).toBeLessThan(slack);
        const total = compiled.share(count);
        // The sum may cancel: its error is that of its terms.
        const weight = truth.reduce((sum, value, i) => sum + plain.weights[i] * Math.abs(value), 0);
        expect(Math.abs(total - plain.share(count))).toBeLessThanOrEqual(slack * weight);
        expect([...compiled.logDensities.subarray(0, count)]).toEqual(densities);
        // Shares are relative errors of exp, whose arguments are squares of up to `separation` squared.
        const spread = slack * (1 + separation) ** 2;
        expect(difference(sharesOf(compiled, count), sharesOf(plain, count))).toBeLessThan(spread);
        for (let block = 0; block < 2; block++) {
          compiled.accumulate(count);
          plain.accumulate(count);
        }
        for (const name of ['mass', 'shift', 'scatter'] as const) {
          expect(difference(compiled[name], plain[name]), name).toBeLessThan(spread);
          compiled[name].fill(0);
        }
        // By monomials up to fourteen bits of 53 may cancel.
        const loss = form === 'triangular' ? 2 ** -38 : 0;
        for (let block = 0; block < 2; block++) {
          const found = compiled.step(count);
          expect(found === total || Math.abs(found - total) <= (slack + loss) * Math.max(weight, count)).toBe(true);
        }
        for (const name of ['mass', 'shift', 'scatter'] as const) {
          const [got, expected] = [compiled, plain].map((loops) =>
            name === 'scatter' ? scatterOf(loops, form) : loops[name],
          );
          expect(difference(got, expected), `${name} of steps`).toBeLessThan(spread + loss);
        }
      }),
      { numRuns: 1000, seed: 1 },
    );
  });

  it.each(FORMS)('in 50 dimensions (%s)', (form) => {
    const setting = {
      components: 3,
      dimension: 50,
      form,
      count: 61,
      seed: 5,
      separation: 0.3,
      offset: 0,
      weighted: true,
    };
    const [compiled, plain] = twins(setting);
    expect(difference([compiled.share(61)], [plain.share(61)])).toBeLessThan(1e-14);
    compiled.accumulate(61);
    plain.accumulate(61);
    for (const name of ['mass', 'shift', 'scatter'] as const) {
      expect(difference(compiled[name], plain[name]), name).toBeLessThan(1e-13);
    }
  });
});

describe('triangles by monomials', () => {
  const shapes = [4, 5, 10, 16].flatMap((dimension) => [1, 2, 4, 5, 7].map((components) => [dimension, components]));
  const setting = { form: 'triangular', seed: 11, offset: 1e8, weighted: true } as const;

  /** Totals and statistics of a step, and of shares and statistics apart, which know no monomials. */
  function waysOf(loops: MixtureLoops, count: number): [step: number[], apart: number[]] {
    const statistics = (): number[] => [...loops.mass, ...loops.shift, ...loops.scatter];
    const clear = (): void => {
      for (const name of ['mass', 'shift', 'scatter'] as const) loops[name].fill(0);
    };
    const step = [loops.step(count), ...statistics()];
    clear();
    const apart = [loops.share(count)];
    loops.accumulate(count);
    apart.push(...statistics());
    return [step, apart];
  }

  it.each(shapes)('lose nothing to the offset of the data, %i axes and %i components', (dimension, components) => {
    for (const count of [2, 3, 8, 37, 64]) {
      const [compiled] = twins({ ...setting, dimension, components, count, separation: 0.5 });
      const [step, apart] = waysOf(compiled, count);
      // Another way than theirs was taken.
      if (count > 8) expect(step).not.toEqual(apart);
      expect(difference(step.slice(0, 1), apart.slice(0, 1))).toBeLessThan(3e-14 * dimension);
      expect(difference(step.slice(1), apart.slice(1))).toBeLessThan(3e-14 * dimension);
    }
  });

  it('are left where too much would cancel: means far apart, or axes that are nearly one', () => {
    const far = twins({ ...setting, dimension: 6, components: 3, count: 40, separation: 300 })[0];
    const [flat] = twins({ ...setting, dimension: 6, components: 3, count: 40, separation: 0.5 });
    for (const at of [1, 1 + 21]) flat.factors[at] = 1e4;
    flat.prepare();
    for (const loops of [far, flat]) {
      const [step, apart] = waysOf(loops, 40);
      expect(step.slice(1)).toEqual(apart.slice(1));
      expect(difference(step.slice(0, 1), apart.slice(0, 1))).toBeLessThan(1e-14);
    }
  });

  it('are left for a block with a row whose square would overflow', () => {
    const [compiled, plain] = twins({ ...setting, dimension: 5, components: 3, count: 20, separation: 0.5, offset: 0 });
    for (const loops of [compiled, plain]) {
      loops.weights[1] = 2;
    }
    for (const value of [1e100, 1e149, 1e155, 1e160, -1e200]) {
      for (const loops of [compiled, plain]) {
        for (const name of ['mass', 'shift', 'scatter'] as const) loops[name].fill(0);
        loops.rows[7] = value;
        loops.rows[8] = -value / 3;
        loops.step(20);
        expect([...loops.mass, ...loops.shift].some(Number.isNaN)).toBe(false);
      }
      expect(difference(compiled.mass, plain.mass)).toBeLessThan(1e-13);
      expect(difference(compiled.scatter, plain.scatter)).toBeLessThan(1e-13);
    }
  });

  it('give components of no weight no share', () => {
    const [compiled] = twins({ ...setting, dimension: 5, components: 5, count: 33, separation: 0.5 });
    compiled.constants[2] = Number.NEGATIVE_INFINITY;
    compiled.prepare();
    const [step, apart] = waysOf(compiled, 33);
    expect(step[1 + 2]).toBe(0);
    expect(difference(step, apart)).toBeLessThan(1e-12);
  });
});

describe('round components by products of vectors', () => {
  // Means up to 16 standard deviations from their middle: products, eight bits of which cancel. Farther out: differences.
  it.each(['spherical', 'tied'] as const)(
    'lose nothing to the offset of the data, nor to means far apart (%s)',
    (form) => {
      for (const components of [1, 2, 5]) {
        for (const dimension of [4, 5, 7, 8, 13, 17, 24]) {
          for (const separation of [0.5, 2.5, 4, 40]) {
            const setting = {
              components,
              dimension,
              form,
              count: 37,
              seed: 11,
              separation,
              offset: 1e8,
              weighted: true,
            };
            const [compiled, plain] = twins(setting);
            compiled.step(37);
            plain.step(37);
            const [found, truth] = [compiled, plain].map((loops) => loops.logDensities.subarray(0, 37));
            for (let i = 0; i < 37; i++) {
              expect(Math.abs(found[i] - truth[i])).toBeLessThan(3e-13 * Math.max(1, Math.abs(truth[i])));
            }
            for (const name of ['mass', 'shift', 'scatter'] as const) {
              const [got, expected] = [compiled, plain].map((loops) =>
                name === 'scatter' ? scatterOf(loops, form) : loops[name],
              );
              expect(difference(got, expected), name).toBeLessThan(1e-12);
            }
          }
        }
      }
    },
  );
});

describe('mixture loops', () => {
  // Eighteen of the 6 x 7 shares below belong to the first two rows or to component 2.
  const setting = { components: 7, dimension: 5, count: 64, seed: 3, separation: 5, offset: 0, weighted: false };

  it.each(FORMS)('give each row what it gets alone, to the bit (%s)', (form) => {
    for (const dimension of [1, 2, 3, 4, 9]) {
      const [loops] = twins({ ...setting, form, dimension });
      expectRowsApart(loops, dimension);
    }
  });

  // One component so dense and narrow that the others' rows have terms 1,000 powers of 2 below its peak.
  it.each(FORMS)('and so they do where few or most rows lie far below the peak (%s)', (form) => {
    for (const dimension of [1, 2, 4, 5]) {
      for (const among of [1, 2, 40]) {
        const [loops, plain] = twins({ ...setting, form, dimension, components: 3, separation: 0.5 });
        for (const { constants, means, rows } of [loops, plain]) {
          constants[0] = 3000;
          // All but a few rows at 500 from the dense component, whose own lie about its mean.
          for (let j = 0; j < dimension; j++) {
            for (let k = 1; k < 3; k++) means[k * dimension + j] += 500;
            for (let i = 0; i < 64; i++) if (i % among === 0) rows[i * dimension + j] += 500;
          }
        }
        loops.prepare();
        loops.share(64);
        plain.share(64);
        // Rounding of the peak.
        const scale = Math.max(3000, ...plain.logDensities.map(Math.abs));
        loops.logDensities.forEach((density, i) => {
          expect(Math.abs(density - plain.logDensities[i])).toBeLessThan(1e-15 * scale);
        });
        expect(difference(sharesOf(loops, 64), sharesOf(plain, 64))).toBeLessThan(1e-11);
        expectRowsApart(loops, dimension);
      }
    }
  });

  it('take shares that the caller wrote, and no others', () => {
    for (const dimension of [2, 5]) {
      const [compiled, plain] = twins({ ...setting, form: 'triangular', dimension, count: 13 });
      for (const loops of [compiled, plain]) {
        loops.joint(13);
        for (let k = 0; k < 7; k++) {
          for (let i = 0; i < 13; i++) loops.shares[k * loops.stride + i] = k === i % 7 ? 2 : 0;
        }
        loops.accumulate(13);
      }
      expect([...compiled.mass]).toEqual([...plain.mass]);
      expect(difference(compiled.shift, plain.shift)).toBeLessThan(1e-15);
      expect(difference(compiled.scatter, plain.scatter)).toBeLessThan(1e-15);
    }
  });

  it.each([true, false])('let no row without density, nor one of weight 0, make a NaN (compiled: %s)', (isCompiled) => {
    for (const form of FORMS) {
      for (const dimension of [1, 2, 3, 4, 6]) {
        const [compiled, plain] = twins({ ...setting, form, dimension, count: 6 });
        const loops = isCompiled ? compiled : plain;
        loops.constants[2] = Number.NEGATIVE_INFINITY;
        loops.prepare();
        loops.rows.fill(1e200, 0, dimension);
        for (let j = 0; j < dimension; j++) loops.rows[dimension + j] = j % 2 === 0 ? 1.7e308 : -1.7e308;
        loops.weights[0] = 0;
        loops.weights[1] = 0;
        const total = loops.share(6);
        expect(total).toBeGreaterThan(Number.NEGATIVE_INFINITY);
        expect([...loops.logDensities.subarray(0, 2)]).toEqual([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY]);
        const shares = sharesOf(loops, 6);
        expect(shares.filter((_, at) => at % 6 < 2 || Math.floor(at / 6) === 2)).toEqual(new Array(18).fill(0));
        loops.accumulate(6);
        expect(loops.step(6)).toBe(total);
        for (const name of ['mass', 'shift', 'scatter'] as const) expect(loops[name].every(Number.isFinite)).toBe(true);
        loops.weights[1] = 1;
        expect(loops.share(6)).toBe(Number.NEGATIVE_INFINITY);
      }
    }
  });

  it.each(FORMS)('leave products out when told to, and sum the rest to the same bits (%s)', (form) => {
    for (const dimension of [1, 2, 3, 4, 9]) {
      for (const separation of [0.5, 30]) {
        const [all, plain] = twins({ ...setting, form, dimension, separation });
        const [few] = twins({ ...setting, form, dimension, separation });
        for (const loops of [all, few, plain]) {
          loops.share(64);
          loops.accumulate(64, loops === all);
        }
        expect([...few.mass]).toEqual([...all.mass]);
        expect([...few.shift]).toEqual([...all.shift]);
        for (const loops of [few, plain]) expect(loops.scatter.every((entry) => entry === 0)).toBe(true);
      }
    }
  });

  it('keep the weights that the caller wrote', () => {
    const [loops] = twins({ ...setting, form: 'diagonal', weighted: true });
    const weights = loops.weights.slice();
    for (const count of [1, 2, 3, 4, 63]) {
      loops.share(count);
      loops.step(count);
    }
    expect([...loops.weights]).toEqual([...weights]);
  });
});

describe('known values', () => {
  it.each([true, false])('of two normals in one dimension (compiled: %s)', (isCompiled) => {
    const shape = { components: 2, dimension: 1, form: 'triangular', blockRows: 4 } as const;
    const loops = isCompiled ? makeMixtureLoops(shape) : new PlainMixtureLoops(shape);
    // 1/4 N(0, 1) + 3/4 N(2, 1/4) at 1: 0.25 phi(1) and 0.75 2 phi(2).
    loops.means.set([0, 2]);
    loops.factors.set([1, 2]);
    loops.constants.set([Math.log(0.25), Math.log(1.5)].map((value) => value - 0.5 * Math.log(2 * Math.PI)));
    loops.prepare();
    loops.rows[0] = 1;
    const phi = (x: number): number => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    const [first, second] = [0.25 * phi(1), 1.5 * phi(2)];
    expect(loops.share(1)).toBeCloseTo(Math.log(first + second), 14);
    loops.accumulate(1);
    expect(loops.mass[0]).toBeCloseTo(first / (first + second), 14);
    expect(loops.shift[1]).toBeCloseTo(-second / (first + second), 14);
    expect(loops.scatter[1]).toBeCloseTo(second / (first + second), 14);
  });
});
