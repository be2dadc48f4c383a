/**
 * The Dirac-GAN: data at 0, a generator at t, D(x) = p x. Its trajectories are known.
 *
 * Expected radii of (t, p) after so many steps of size 0.1 from radius sqrt(2) were simulated from the update equations alone,
 * in doubles, in another language; eigenvalues are those of Mescheder, Geiger & Nowozin (2018), arXiv:1801.04406.
 */
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { discriminatorObjective } from '../../src/gan/game.js';
import { generatorLoss, type ObjectiveName } from '../../src/gan/objectives.js';
import { gradients } from '../../src/neural/gradients.js';
import { matMul } from '../../src/neural/operations.js';
import { constant, newContext, type Value, variable } from '../../src/neural/value.js';
import { Float64Kernels } from '../neural/float64-kernels.js';

const STEP = 0.1;

interface Setting {
  readonly objective: ObjectiveName;
  readonly simultaneous?: boolean;
  readonly discriminatorSteps?: number;
  readonly r1?: number;
  readonly r2?: number;
  readonly gradientPenalty?: number;
  readonly clip?: number;
}

/** dL/dp of the discriminator, penalties included, and dL/dt of the generator, as the library has them. */
function slopes(t: number, p: number, setting: Setting): { discriminator: number; generator: number } {
  const kernels = new Float64Kernels();
  const context = newContext(kernels);
  const at = (value: number, make: typeof variable): Value => {
    const rounded = Float32Array.of(value);
    kernels.exact.set(rounded, Float64Array.of(value));
    return make(context, rounded, [1, 1]);
  };
  const weight = at(p, variable);
  const position = at(t, variable);
  const strengths = { r1: 0, r2: 0, gradientPenalty: 0, labelSmoothing: 0, ...setting };
  const shown = { data: at(0, constant), generated: at(t, constant) };
  const critic = (rows: Value): Value => matMul(rows, weight);
  const { loss } = discriminatorObjective(setting.objective, strengths, critic, shown, RandomStream.of(1));
  const [ofWeight] = gradients(loss, [weight]);
  const [ofPosition] = gradients(generatorLoss(setting.objective, matMul(position, at(p, constant))), [position]);
  return { discriminator: kernels.read(ofWeight.handle)[0], generator: kernels.read(ofPosition.handle)[0] };
}

/** Radii after the given numbers of rounds; ours has D high on data, so the published start (1, 1) is (1, -1). */
function radii(setting: Setting, rounds: readonly number[], start: readonly [number, number] = [1, -1]): number[] {
  const { simultaneous = false, discriminatorSteps = 1, clip = Number.POSITIVE_INFINITY } = setting;
  let [t, p] = start;
  const seen: number[] = [];
  for (let round = 1; round <= Math.max(...rounds); round++) {
    const before = p;
    for (let k = 0; k < discriminatorSteps; k++) {
      p = Math.min(clip, Math.max(-clip, p - STEP * slopes(t, p, setting).discriminator));
    }
    t -= STEP * slopes(t, simultaneous ? before : p, setting).generator;
    if (rounds.includes(round)) seen.push(Math.hypot(t, p));
  }
  return seen;
}

describe('the Dirac-GAN', () => {
  it.each<[string, Setting, readonly number[]]>([
    ['diverges with simultaneous steps', { objective: 'minimax', simultaneous: true }, [1.5515, 2.2536]],
    ['cycles with alternating steps', { objective: 'minimax' }, [1.4413, 1.4143]],
    ['converges slowly without saturation', { objective: 'non-saturating' }, [0.757, 0.381]],
    ['converges linearly with R1', { objective: 'minimax', r1: 1 }, [0.0459, 0]],
    ['converges more slowly with less of it', { objective: 'minimax', r1: 0.1 }, [0.786, 0.107]],
    ['cycles with clipped weights', { objective: 'wasserstein', clip: 1, discriminatorSteps: 5 }, [0.564, 0.966]],
  ])('%s', (_, setting, expected) => {
    radii(setting, [100, 500]).forEach((radius, k) => {
      expect(Math.abs(radius - expected[k])).toBeLessThan(6e-4);
    });
  });

  it('keeps its distance with a gradient penalty towards 1', () => {
    const setting = { objective: 'wasserstein', gradientPenalty: 1, discriminatorSteps: 5 } as const;
    for (const radius of radii(setting, [400, 425, 450, 475, 500])) expect(radius).toBeGreaterThan(0.5);
  });

  it.each([0.25, 0.5, 2])('shrinks near 0 as the eigenvalues for R1 of %d have it', (gamma) => {
    // Alternating steps of size h: p <- p - h t / 2 - h gamma p, t <- t + h p / 2, linear near 0.
    const setting: Setting = { objective: 'minimax', r1: gamma };
    let [t, p] = [1e-4, -1e-4];
    for (let k = 0; k < 50; k++) {
      p = p - STEP * (t / 2 + gamma * p);
      t = t + (STEP * p) / 2;
    }
    const [radius] = radii(setting, [50], [1e-4, -1e-4]);
    expect(radius / Math.hypot(t, p)).toBeCloseTo(1, 3);
  });

  it('needs no such help where R2 is on: at data at 0 it is the same penalty', () => {
    expect(radii({ objective: 'minimax', r2: 1 }, [50])).toEqual(radii({ objective: 'minimax', r1: 1 }, [50]));
  });

  it.each<[ObjectiveName, (t: number, p: number) => { d: number; g: number }]>([
    ['minimax', (t, p) => ({ d: t * sigmoid(p * t), g: -p * sigmoid(p * t) })],
    ['non-saturating', (t, p) => ({ d: t * sigmoid(p * t), g: -p * sigmoid(-p * t) })],
    ['least-squares', (t, p) => ({ d: t * p * t, g: p * (p * t - 1) })],
    ['hinge', (t, p) => ({ d: p * t > -1 ? t : 0, g: -p })],
    ['wasserstein', (t, p) => ({ d: t, g: -p })],
  ])('has the gradients of %s', (objective, expected) => {
    for (const [t, p] of [
      [0.7, -0.4],
      [-1.3, 2],
      [2, 0.1],
    ]) {
      const { discriminator, generator } = slopes(t, p, { objective });
      const { d, g } = expected(t, p);
      expect(discriminator).toBeCloseTo(d, 6);
      expect(generator).toBeCloseTo(g, 6);
    }
  });
});

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
