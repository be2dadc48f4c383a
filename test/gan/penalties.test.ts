import { Matrix, SingularValueDecomposition } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { annealedAt } from '../../src/gan/annealing.js';
import { discriminatorParameters, judge, plainWeights, updateSingularVectors } from '../../src/gan/discriminator.js';
import { discriminatorObjective, minibatches } from '../../src/gan/game.js';
import { GAME_OPTIONS, type GameSettings, gradientPenaltyOf } from '../../src/gan/game-options.js';
import { discriminatorLoss, encoderLoss, generatorLoss, OBJECTIVE_NAMES } from '../../src/gan/objectives.js';
import { clipWeights, gradientPenalty, withNoise, zeroCenteredPenalty } from '../../src/gan/penalties.js';
import { ACTIVATION_NAMES } from '../../src/neural/activations.js';
import { gradients } from '../../src/neural/gradients.js';
import { PlainMlp } from '../../src/neural/inference.js';
import type { MlpSpec } from '../../src/neural/mlp.js';
import { matMul } from '../../src/neural/operations.js';
import { type BoundParameters, Parameters } from '../../src/neural/parameters.js';
import { asVariable, type Context, constant, newContext, type Value } from '../../src/neural/value.js';
import { presentBackends } from '../neural/backends.js';
import { Float64Kernels } from '../neural/float64-kernels.js';

const backends = await presentBackends();

function rowsOf(count: number, width: number, seed: string): Float32Array {
  const stream = RandomStream.of(1, seed);
  return Float32Array.from({ length: count * width }, () => stream.normal());
}

/** Runs on each backend, in a scope of its own. */
function everywhere(check: (context: Context, read: (value: Value) => number[]) => void): void {
  for (const { kernels, run } of backends) {
    run(() => kernels.scope(() => check(newContext(kernels), ({ handle }) => Array.from(kernels.read(handle)))));
  }
}

describe('penalties of a linear critic w x', () => {
  const w = [0.3, -2, 1.1];
  const norm = Math.hypot(...w);

  it.each([1, 2, 7, 256])('are lambda (|w| - 1)^2 and gamma / 2 |w|^2 for %d rows', (count) => {
    everywhere((context, read) => {
      const weights = constant(context, Float32Array.from(w), [3, 1]);
      const critic = (rows: Value): Value => matMul(rows, weights);
      const data = constant(context, rowsOf(count, 3, 'data'), [count, 3]);
      const generated = constant(context, rowsOf(count, 3, 'generated'), [count, 3]);
      const shares = constant(
        context,
        Float32Array.from({ length: count }, (_, i) => (i + 0.5) / count),
        [count, 1],
      );
      const [penalty] = read(gradientPenalty(critic, data, generated, shares, 10));
      expect(penalty).toBeCloseTo(10 * (norm - 1) ** 2, 4);
      const rows = asVariable(data);
      const [r1] = read(zeroCenteredPenalty(critic(rows), rows, 3));
      expect(r1).toBeCloseTo(1.5 * norm * norm, 4);
    });
  });

  it('have finite derivatives where the gradient by the input vanishes', () => {
    everywhere((context, read) => {
      const weights = asVariable(constant(context, new Float32Array(3), [3, 1]));
      const rows = constant(context, rowsOf(4, 3, 'data'), [4, 3]);
      const shares = constant(context, new Float32Array(4).fill(0.5), [4, 1]);
      const penalty = gradientPenalty((x) => matMul(x, weights), rows, rows, shares, 10);
      expect(read(penalty)[0]).toBeCloseTo(10, 4);
      expect(read(gradients(penalty, [weights])[0])).toEqual([0, 0, 0]);
    });
  });
});

describe.each(ACTIVATION_NAMES)('penalties through %s', (activation) => {
  const spec: MlpSpec = { name: 'discriminator', inputs: 2, hidden: [5, 4], outputs: 1, activation };
  const kernels = new Float64Kernels();
  const parameters = new Parameters(discriminatorParameters(spec, false), RandomStream.of(3));
  parameters.values.set(rowsOf(parameters.values.length, 1, 'weights').map((x) => 0.7 * x));

  /** The penalty at some weights, with its gradient. */
  function penaltyAt(kind: 'r1' | 'gradientPenalty', values: Float64Array): { value: number; gradient: number[] } {
    const context = newContext(kernels);
    const single = parameters.values;
    const bound: Record<string, Value> = {};
    for (const place of parameters.places) {
      const floats = single.slice(place.offset, place.offset + place.size);
      kernels.exact.set(floats, values.slice(place.offset, place.offset + place.size));
      bound[place.name] = asVariable(constant(context, floats, place.shape));
    }
    const data = constant(context, rowsOf(3, 2, 'data'), [3, 2]);
    const generated = constant(context, rowsOf(3, 2, 'generated'), [3, 2]);
    const strengths = { r1: 0, r2: 0, gradientPenalty: 0, labelSmoothing: 0, [kind]: 2 };
    const critic = (rows: Value): Value => judge(spec, bound as BoundParameters, rows).outputs;
    const outcome = discriminatorObjective('wasserstein', strengths, critic, { data, generated }, RandomStream.of(5));
    const places = parameters.places.map(({ name }) => bound[name]);
    const all = gradients(outcome.loss, places).flatMap(({ handle }) => Array.from(kernels.read(handle)));
    return { value: Number(kernels.read(outcome.loss.handle)[0]), gradient: all };
  }

  it.each(['r1', 'gradientPenalty'] as const)('have the right derivative: %s', (kind) => {
    const values = Float64Array.from(parameters.values);
    const { gradient } = penaltyAt(kind, values);
    const step = 1e-6;
    for (let k = 0; k < values.length; k += 3) {
      const [up, down] = [1, -1].map((sign) => {
        const moved = values.slice();
        moved[k] += sign * step;
        return penaltyAt(kind, moved).value;
      });
      const difference = (up - down) / (2 * step);
      expect(Math.abs(gradient[k] - difference), `parameter ${k}`).toBeLessThan(1e-5 * (1 + Math.abs(difference)));
    }
  });
});

describe('objectives', () => {
  const outputs = [-2, -0.3, 0.4, 3];
  const softplus = (x: number): number => Math.log1p(Math.exp(x));
  const TABLE: Record<string, ((l: number) => number)[]> = {
    minimax: [(l) => softplus(-l), softplus, (l) => -softplus(l), (l) => -softplus(-l)],
    'non-saturating': [(l) => softplus(-l), softplus, (l) => softplus(-l), softplus],
    'least-squares': [(l) => (l - 1) ** 2 / 2, (l) => l ** 2 / 2, (l) => (l - 1) ** 2 / 2, (l) => l ** 2 / 2],
    hinge: [(l) => Math.max(0, 1 - l), (l) => Math.max(0, 1 + l), (l) => -l, (l) => l],
    wasserstein: [(l) => -l, (l) => l, (l) => -l, (l) => l],
  };
  const mean = (f: (l: number) => number): number => outputs.reduce((sum, l) => sum + f(l) / outputs.length, 0);

  it.each(OBJECTIVE_NAMES)('%s is as published', (name) => {
    const [data, generated, generator, encoder] = TABLE[name];
    everywhere((context, read) => {
      const l = constant(context, Float32Array.from(outputs), [4, 1]);
      expect(read(discriminatorLoss(name, l, l))[0]).toBeCloseTo(mean(data) + mean(generated), 5);
      expect(read(generatorLoss(name, l))[0]).toBeCloseTo(mean(generator), 5);
      expect(read(encoderLoss(name, l))[0]).toBeCloseTo(mean(encoder), 5);
    });
  });

  it('label data 1 - s where labels are smoothed', () => {
    everywhere((context, read) => {
      const l = constant(context, Float32Array.from(outputs), [4, 1]);
      const crossEntropy = mean((x) => 0.9 * softplus(-x) + 0.1 * softplus(x)) + mean(softplus);
      expect(read(discriminatorLoss('minimax', l, l, 0.1))[0]).toBeCloseTo(crossEntropy, 5);
      const squares = mean((x) => (x - 0.9) ** 2 / 2) + mean((x) => x ** 2 / 2);
      expect(read(discriminatorLoss('least-squares', l, l, 0.1))[0]).toBeCloseTo(squares, 5);
    });
  });

  it('never overflow', () => {
    everywhere((context, read) => {
      const l = constant(context, Float32Array.of(-1e4, 1e4), [2, 1]);
      for (const name of OBJECTIVE_NAMES) {
        expect(read(discriminatorLoss(name, l, l)).every(Number.isFinite)).toBe(true);
        expect(read(generatorLoss(name, l)).every(Number.isFinite)).toBe(true);
      }
    });
  });
});

describe("the discriminator's network", () => {
  const spec: MlpSpec = { name: 'discriminator', inputs: 3, hidden: [16, 8], outputs: 1, activation: 'leakyRelu' };

  it('with spectral normalisation has matrices of the norm asked for, on a backend and in plain doubles', () => {
    const parameters = new Parameters(discriminatorParameters(spec, true), RandomStream.of(2));
    updateSingularVectors(parameters, spec, 100);
    const plain = plainWeights(parameters, spec, 1.5);
    for (const [inputs, outputs, name] of [
      [3, 16, 'discriminator.0.weights'],
      [16, 8, 'discriminator.1.weights'],
      [8, 1, 'discriminator.2.weights'],
    ] as const) {
      const matrix = Matrix.from1DArray(inputs, outputs, Array.from(plain.get(name) as Float32Array));
      expect(new SingularValueDecomposition(matrix, { autoTranspose: true }).diagonal[0]).toBeCloseTo(1.5, 3);
    }
    const rows = rowsOf(5, 3, 'rows');
    const network = new PlainMlp(spec, (name) => plain.get(name) as Float32Array);
    const expected = network.apply(Float64Array.from(rows), 5);
    everywhere((context, read) => {
      const bound = parameters.bind(context, 'constants');
      const { outputs } = judge(spec, bound, constant(context, rows, [5, 3]), { spectralNorm: 1.5 });
      read(outputs).forEach((value, i) => {
        expect(value).toBeCloseTo(expected[i], 4);
      });
    });
  });

  it('with dropout keeps the mean of each hidden unit, and drops as many as it should', () => {
    const parameters = new Parameters(discriminatorParameters({ ...spec, hidden: [200] }, false), RandomStream.of(2));
    const { kernels, run } = backends[0];
    run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const bound = parameters.bind(context, 'constants');
        const rows = constant(context, new Float32Array(300).fill(1), [100, 3]);
        const network = { ...spec, hidden: [200] };
        const full = Float64Array.from(kernels.read(judge(network, bound, rows).features.handle));
        const stream = RandomStream.of(4);
        const dropped = kernels.read(judge(network, bound, rows, { dropout: { rate: 0.25, stream } }).features.handle);
        let zeros = 0;
        for (let i = 0; i < full.length; i++) {
          if (dropped[i] === 0) zeros++;
          else expect(dropped[i]).toBeCloseTo(full[i] / 0.75, 4);
        }
        // 20,000 draws: a standard deviation of 0.003.
        expect(Math.abs(zeros / full.length - 0.25)).toBeLessThan(0.015);
      }),
    );
  });

  it('with clipping has no weight beyond the bound, and singular vectors are left alone', () => {
    const parameters = new Parameters(discriminatorParameters(spec, true), RandomStream.of(2));
    const before = parameters.get('discriminator.0.left').slice();
    clipWeights(parameters, 0.05);
    for (const { name } of parameters.places) {
      if (/weights|biases/.test(name)) expect(parameters.get(name).every((x) => Math.abs(x) <= 0.0500001)).toBe(true);
    }
    expect(parameters.get('discriminator.0.left')).toEqual(before);
  });
});

describe('what is shown', () => {
  it('with noise has the deviation asked for, and stays as it is without', () => {
    const { kernels, run } = backends[0];
    run(() =>
      kernels.scope(() => {
        const rows = constant(newContext(kernels), new Float32Array(20_000), [10_000, 2]);
        expect(withNoise(rows, 0, RandomStream.of(1))).toBe(rows);
        const noisy = Array.from(kernels.read(withNoise(rows, 0.3, RandomStream.of(1)).handle));
        const variance = noisy.reduce((sum, x) => sum + x * x, 0) / noisy.length;
        expect(Math.abs(Math.sqrt(variance) / 0.3 - 1)).toBeLessThan(0.025);
      }),
    );
  });

  it('comes in a minibatch for each step of the discriminator, all rows of a round in turn', () => {
    const settings = { batchSize: 4, discriminatorSteps: 3 } as GameSettings;
    const rows = Uint32Array.from({ length: 12 }, (_, i) => i);
    expect(minibatches(settings, rows).map((batch) => Array.from(batch))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7],
      [8, 9, 10, 11],
    ]);
    expect(minibatches(settings, rows.subarray(0, 5)).map((batch) => batch.length)).toEqual([4, 1, 4]);
  });
});

describe('restrictions that change over the training', () => {
  it('move along a line, and then stay', () => {
    expect(annealedAt(0.3, 0.9)).toBe(0.3);
    expect([0, 0.25, 0.5, 1].map((p) => annealedAt({ from: 2, to: 1, until: 0.5 }, p))).toEqual([2, 1.5, 1, 1]);
    expect(annealedAt({ from: 0, to: 4 }, 0.25)).toBe(1);
  });

  it('include a gradient penalty for a Wasserstein critic that nothing else holds', () => {
    const settings = Object.fromEntries(Object.entries(GAME_OPTIONS).map(([name, spec]) => [name, spec.default]));
    const of = (more: object): unknown => gradientPenaltyOf({ ...settings, ...more } as unknown as GameSettings);
    expect(of({})).toBe(0);
    expect(of({ objective: 'wasserstein' })).toBe(10);
    expect(of({ objective: 'wasserstein', weightClipping: 0.1 })).toBe(0);
    expect(of({ objective: 'wasserstein', spectralNormalization: 1 })).toBe(0);
    expect(of({ objective: 'wasserstein', gradientPenalty: 0.1 })).toBe(0.1);
  });
});
