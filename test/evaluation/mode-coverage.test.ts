import { describe, expect, it } from 'vitest';
import { ModelError, type SamplesLike } from '../../src/core/index.js';
import { type KnownModes, modeCoverage } from '../../src/evaluation/index.js';
import { MODE_COVERAGE_OPTIONS } from '../../src/evaluation/mode-coverage.js';
import { GaussianMixtureModel } from '../../src/gmm/index.js';
import { stream } from './samples.js';

const ring = Array.from({ length: 8 }, (_, k) => [Math.cos((k * Math.PI) / 4), Math.sin((k * Math.PI) / 4)]);
const modes: KnownModes = { means: ring, standardDeviation: 0.01 };

function ringRows(count: number, kept: number): number[][] {
  const draws = stream('ring', kept);
  return Array.from({ length: count }, () => {
    const [x, y] = ring[draws.integer(kept)];
    return [x + 0.01 * draws.normal(), y + 0.01 * draws.normal()];
  });
}

describe('modeCoverage', () => {
  it('of the ring’s own rows finds all modes and 98.889 % of high quality', () => {
    const result = modeCoverage(ringRows(20_000, 8), modes);
    expect(result).toMatchObject({ modes: 8, captured: 8 });
    // P(chi^2_2 < 9) = 1 - exp(-9 / 2).
    expect(result.idealHighQuality).toBeCloseTo(1 - Math.exp(-4.5), 14);
    expect(result.idealHighQuality).toBeCloseTo(0.98889, 5);
    const spread = Math.sqrt((0.98889 * 0.01111) / 20_000);
    expect(result.highQualityStandardError).toBeCloseTo(spread, 4);
    expect(Math.abs(result.highQuality - 0.98889)).toBeLessThan(4 * spread);
    // 2 n KL is chi-squared with 7 degrees of freedom: mean 7, above 29.9 once in 10,000.
    expect(2 * 20_000 * result.reverseKullbackLeibler).toBeLessThan(29.9);
  });

  it('of five of eight modes has the divergence log(8 / 5)', () => {
    const result = modeCoverage(ringRows(20_000, 5), modes);
    expect(result.captured).toBe(5);
    expect(Array.from(result.counts.subarray(5))).toEqual([0, 0, 0]);
    expect(result.reverseKullbackLeibler).toBeCloseTo(Math.log(8 / 5), 3);
  });

  it('by hand for a few rows, shares and standard errors included', () => {
    const three = { means: [[0], [10], [20]], standardDeviation: 1, weights: [2, 1, 1] };
    const result = modeCoverage([[0], [2.9], [3.1], [10], [-2], [15]], three);
    expect(result.counts).toEqual(Uint32Array.of(3, 1, 0));
    expect(result).toMatchObject({ captured: 2, highQuality: 4 / 6 });
    const logs = [Math.log(0.75 / 0.5), 0];
    const value = 0.75 * logs[0];
    expect(result.reverseKullbackLeibler).toBeCloseTo(value, 14);
    const variance = 0.75 * (logs[0] - value) ** 2 + 0.25 * value ** 2;
    expect(result.reverseKullbackLeiblerStandardError).toBeCloseTo(Math.sqrt(variance / 4 + 1 / 32), 14);
    expect(modeCoverage([[5]], three).reverseKullbackLeibler).toBe(Number.POSITIVE_INFINITY);
    expect(modeCoverage([[20]], { ...three, weights: [1, 1, 0] }).reverseKullbackLeibler).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  it('measures distances in the covariance of each mode, and takes a mixture for modes', () => {
    const weights = [0.5, 0.5];
    const covariances = [
      [
        [4, 1.9],
        [1.9, 1],
      ],
      [
        [1, 0],
        [0, 1],
      ],
    ];
    const mixture = GaussianMixtureModel.fromParameters({
      weights,
      means: [
        [0, 0],
        [20, 0],
      ],
      covariances,
    });
    // (x, y) C^-1 (x, y)^T with det C = 0.39: (5, 2.5) 6.41 / 0.39..., (5, -2.5) far out.
    const square = (x: number, y: number) => (x * x - 3.8 * x * y + 4 * y * y) / 0.39;
    expect(square(5, 2.5)).toBeLessThan(9);
    expect(square(1, -1)).toBeGreaterThan(9);
    expect(
      modeCoverage(
        [
          [5, 2.5],
          [1, -1],
          [20, 2.9],
        ],
        mixture,
      ).counts,
    ).toEqual(Uint32Array.of(1, 1));
    expect(modeCoverage([[20, 0]], mixture, { threshold: 1 }).idealHighQuality).toBeCloseTo(1 - Math.exp(-0.5), 14);
  });

  it('knows the ideal share in other dimensions', () => {
    const at = (d: number) =>
      modeCoverage([new Array(d).fill(0)], { means: [new Array(d).fill(0)], standardDeviation: 1 });
    // P(|N(0, 1)| < 3) = 0.9973002039; for d = 3 less 2 * 3 phi(3) = 0.0265910; for d = 4 1 - exp(-4.5) 5.5.
    expect(at(1).idealHighQuality).toBeCloseTo(0.9973002039, 9);
    expect(at(3).idealHighQuality).toBeCloseTo(0.9973002039 - (6 * Math.exp(-4.5)) / Math.sqrt(2 * Math.PI), 9);
    expect(at(4).idealHighQuality).toBeCloseTo(1 - 5.5 * Math.exp(-4.5), 13);
  });

  it.each([
    [() => modeCoverage([[1, 2, 3]], modes), 'rows must have as many columns as the modes, 2, but got 3.'],
    [() => modeCoverage([[1, 2]], { means: ring }), 'modes must hold one of standardDeviation and covariances.'],
    [
      () => modeCoverage([[1]], { means: [[1]], standardDeviation: 0 }),
      'standardDeviation must be a finite number > 0',
    ],
    [() => modeCoverage([[1]], { means: [[1]], covariances: [] }), 'modes.covariances must be an array of 1 matrices'],
    [() => modeCoverage([[1]], { means: [[1]], covariances: [[[-1]]] }), 'modes.covariances[0] must be symmetric and'],
    [() => modeCoverage([[1]], { means: [[1]], covariances: [[[1, 0]]] }), 'modes.covariances[0] must be 1 x 1'],
    [() => modeCoverage([[1]], { means: [[1]], standardDeviation: 1, weights: [1, 2] }), 'one number per row, 1'],
    [() => modeCoverage([], modes), 'modeCoverage: rows must hold at least one row, but got 0.'],
    [() => modeCoverage([[1, 2]], null as unknown as KnownModes), 'modes must be an object with means'],
    [() => modeCoverage([[1, Number.NaN]] as SamplesLike, modes), 'row 0, column 1 must be finite'],
  ])('refuses what is no data (%#)', (action, message) => {
    expect(action).toThrow(ModelError);
    expect(action).toThrow(message);
  });

  it('refuses every value one step outside its option table', () => {
    for (const [name, { rule }] of Object.entries(MODE_COVERAGE_OPTIONS)) {
      for (const value of rule.outside) {
        expect(() => modeCoverage([[1, 2]], modes, { [name]: value })).toThrow(
          `option "${name}" must be ${rule.words}`,
        );
      }
    }
  });
});
