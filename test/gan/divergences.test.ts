/**
 * What a discriminator measures: the Jensen-Shannon divergence from below, the Wasserstein distance of a shift, and what is left
 * of the generator's gradient where supports do not meet.
 */
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { discriminatorParameters, judge } from '../../src/gan/discriminator.js';
import {
  criticOf,
  discriminatorObjective,
  discriminatorStep,
  generatorStep,
  modeOf,
  optimizerOf,
  prepareDiscriminator,
  strengthsAt,
} from '../../src/gan/game.js';
import { GAME_OPTIONS, type GameOptions, type GameSettings } from '../../src/gan/game-options.js';
import { GenerativeAdversarialNetwork } from '../../src/gan/generative-adversarial-network.js';
import { generatorLoss } from '../../src/gan/objectives.js';
import { withNoise } from '../../src/gan/penalties.js';
import { wassersteinSeen } from '../../src/gan/seen.js';
import { jensenShannonSeen } from '../../src/gan/watch.js';
import { loadBackend } from '../../src/neural/backend.js';
import { Learner } from '../../src/neural/learner.js';
import type { MlpSpec } from '../../src/neural/mlp.js';
import { add, matMul } from '../../src/neural/operations.js';
import { Parameters } from '../../src/neural/parameters.js';
import type { TrainingPlace } from '../../src/neural/training.js';
import { type Context, constant, newContext } from '../../src/neural/value.js';

const backend = await loadBackend('wasm', 'test');
const DEFAULTS = Object.fromEntries(
  Object.entries(GAME_OPTIONS).map(([name, { default: value }]) => [name, value]),
) as unknown as GameSettings;

interface Trained {
  readonly network: MlpSpec;
  readonly learner: Learner;
  readonly settings: GameSettings;
}

/** A discriminator trained on rows of two laws, which stay as they are. */
function trained(
  data: (stream: RandomStream) => number,
  generated: (stream: RandomStream) => number,
  options: GameOptions,
  steps: number,
): Trained {
  const settings: GameSettings = { ...DEFAULTS, discriminatorActivation: 'swish', ...options };
  const network: MlpSpec = {
    name: 'discriminator',
    inputs: 1,
    hidden: [32, 32],
    outputs: 1,
    activation: settings.discriminatorActivation,
  };
  const stream = RandomStream.of(options.seed ?? 1, 'divergences');
  const spectral = settings.spectralNormalization !== undefined;
  const parameters = new Parameters(discriminatorParameters(network, spectral), stream);
  const learner = new Learner(parameters, optimizerOf(settings, 'discriminator'));
  prepareDiscriminator(learner, network, settings);
  const draws = stream.child('draws');
  const count = 256;
  for (let step = 0; step < steps; step++) {
    const place: TrainingPlace = { epoch: 0, step, progress: step / steps, stream: draws };
    discriminatorStep(backend, learner, network, settings, place, (bound, context, strengths) => {
      const rows = (law: typeof data) =>
        withNoise(
          constant(
            context,
            Float32Array.from({ length: count }, () => law(draws)),
            [count, 1],
          ),
          strengths.instanceNoise,
          draws,
        );
      const critic = criticOf(network, bound, modeOf(strengths, draws));
      const shown = { data: rows(data), generated: rows(generated) };
      return discriminatorObjective(settings.objective, strengths, critic, shown, draws).loss;
    });
  }
  return { network, learner, settings };
}

function outputsOn({ network, learner }: Trained, law: (stream: RandomStream) => number, count: number): Float64Array {
  const stream = RandomStream.of(7, 'fresh');
  const rows = Float32Array.from({ length: count }, () => law(stream));
  return backend.run(() =>
    backend.kernels.scope(() => {
      const context = newContext(backend.kernels);
      const bound = learner.parameters.bind(context, 'constants');
      return Float64Array.from(
        backend.kernels.read(judge(network, bound, constant(context, rows, [count, 1])).outputs.handle),
      );
    }),
  );
}

function inContext<T>(work: (context: Context) => T): T {
  return backend.run(() => backend.kernels.scope(() => work(newContext(backend.kernels))));
}

/** What a critic sees of the Wasserstein distance of two laws, on 4,000 rows of each. */
function distanceSeen({ network, learner, settings }: Trained, ...laws: ((stream: RandomStream) => number)[]): number {
  return inContext((context) => {
    const stream = RandomStream.of(7, 'fresh');
    const [data, generated] = laws.map((law) =>
      constant(
        context,
        Float32Array.from({ length: 4000 }, () => law(stream)),
        [4000, 1],
      ),
    );
    const critic = criticOf(
      network,
      learner.parameters.bind(context, 'constants'),
      modeOf(strengthsAt(settings, 1), stream),
    );
    return wassersteinSeen(critic, data, generated);
  });
}

const normalAt =
  (shift: number) =>
  (stream: RandomStream): number =>
    shift + stream.normal();

describe('the Jensen-Shannon divergence that a discriminator sees', () => {
  // Quadrature of JS(N(0, 1), N(d, 1)) in nats: 0.111421 for d = 1, 0.336831 for d = 2.
  it.each([
    [1, 0.111421],
    [2, 0.336831],
  ])('of normals %d apart approaches %d from below', (shift, divergence) => {
    const count = 40_000;
    let last = -1;
    for (const steps of [20, 400]) {
      const discriminator = trained(normalAt(0), normalAt(shift), { learningRate: 2e-3, schedule: 'cosine' }, steps);
      const [onData, onGenerated] = [0, shift].map((at) => outputsOn(discriminator, normalAt(at), count));
      const seen = jensenShannonSeen('non-saturating', onData, onGenerated);
      // The standard deviation of the mean of 40,000 losses of spread below 1 is 0.004 at most, here 0.0025.
      expect(seen).toBeLessThan(divergence + 0.008);
      expect(seen).toBeGreaterThan(last);
      last = seen;
    }
    expect(last).toBeGreaterThan(divergence - 0.012);
  });

  it.each(['least-squares', 'hinge', 'wasserstein'] as const)('is seen by a critic of %s too', (objective) => {
    const steps = 400;
    const discriminator = trained(normalAt(0), normalAt(2), { objective, learningRate: 2e-3 }, steps);
    const [onData, onGenerated] = [0, 2].map((at) => outputsOn(discriminator, normalAt(at), 20_000));
    const seen = jensenShannonSeen(objective, onData, onGenerated);
    // A hinge critic stops at its margins, and sees a little less.
    expect(seen).toBeGreaterThan(0.28);
    expect(seen).toBeLessThan(0.345);
  });

  it('is 0 for equal outputs and log 2 for outputs that never meet', () => {
    const stream = RandomStream.of(1);
    const list = Float64Array.from({ length: 500 }, () => stream.normal());
    expect(jensenShannonSeen('hinge', list, list)).toBeCloseTo(0, 9);
    expect(jensenShannonSeen('hinge', new Float64Array(9), new Float64Array(9))).toBeCloseTo(0, 9);
    const apart = jensenShannonSeen(
      'wasserstein',
      list.map((x) => x + 50),
      list,
    );
    expect(apart).toBeGreaterThan(0.68);
    expect(apart).toBeLessThanOrEqual(Math.LN2);
  });
});

describe('the Wasserstein distance that a critic sees', () => {
  it.each([0.5, 3])('of a law and its copy shifted by %d is the shift', (shift) => {
    const law = (at: number) => (stream: RandomStream) => at + stream.uniform();
    // The penalty is the same for slopes of 1 and -1: weak at first, it lets the critic find the sign.
    const gradientPenalty = { from: 0.01, to: 30 };
    const options = { objective: 'wasserstein', gradientPenalty, learningRate: 3e-3, schedule: 'cosine' } as const;
    const distance = distanceSeen(trained(law(0), law(shift), options, 1200), law(0), law(shift));
    // From below: the penalty leaves slopes a few percent uneven.
    expect(distance / shift).toBeGreaterThan(0.97);
    expect(distance / shift).toBeLessThan(1.002);
  });

  it('is the distance of means along the slope of a linear critic, and 0 where it points the other way', () => {
    const rows = (at: number): number[] => [at, 0, at + 1, 2];
    const seen = (slope: number): number =>
      inContext((context) => {
        const weights = constant(context, Float32Array.of(0.6 * slope, 0.8 * slope), [2, 1]);
        const [data, generated] = [3, 1].map((at) => constant(context, Float32Array.from(rows(at)), [2, 2]));
        return wassersteinSeen((shown) => matMul(shown, weights), data, generated);
      });
    // Means are (2, 0) apart; the slope is 1, or any other.
    expect(seen(1)).toBeCloseTo(1.2, 6);
    expect(seen(50)).toBeCloseTo(1.2, 6);
    expect(seen(-1)).toBe(0);
    expect(seen(0)).toBe(0);
  });
});

describe('disjoint supports, on the line: data on [0, 1], generated rows on [5, 6]', () => {
  /** Norm of the generator's gradient, by the shift of its rows, before a discriminator that has been trained so long. */
  function gradientNorm(options: GameOptions, steps: number): number {
    const data = (stream: RandomStream): number => stream.uniform();
    const generated = (stream: RandomStream): number => 5 + stream.uniform();
    const discriminator = trained(data, generated, options, steps);
    const { network, learner, settings } = discriminator;
    const stream = RandomStream.of(3);
    const specs = [{ name: 'shift', shape: [1, 1], initialize: () => {} }];
    const generator = new Learner(new Parameters(specs, stream), {});
    const place: TrainingPlace = { epoch: 0, step: 0, progress: 0, stream };
    return generatorStep(backend, generator, settings, place, ({ shift }, context, strengths) => {
      const judges = learner.parameters.bind(context, 'constants');
      const rows = constant(
        context,
        Float32Array.from({ length: 256 }, () => generated(stream)),
        [256, 1],
      );
      const shown = withNoise(add(rows, shift), strengths.instanceNoise, stream);
      return generatorLoss(settings.objective, criticOf(network, judges, modeOf(strengths, stream))(shown));
    });
  }

  it('the gradient vanishes as the discriminator is trained to the full', () => {
    const norms = [10, 100, 500].map((steps) => gradientNorm({ objective: 'minimax', learningRate: 1e-2 }, steps));
    expect(norms[1]).toBeLessThan(norms[0] / 5);
    expect(norms[2]).toBeLessThan(1e-3);
  });

  it.each<[string, GameOptions]>([
    ['noise', { instanceNoise: 2 }],
    ['a gradient penalty and a Wasserstein critic', { objective: 'wasserstein' }],
    ['clipped weights', { objective: 'wasserstein', weightClipping: 0.2 }],
    ['spectral normalisation', { spectralNormalization: 1 }],
  ])('and does not with %s', (_, options) => {
    expect(gradientNorm({ objective: 'minimax', learningRate: 1e-2, ...options }, 500)).toBeGreaterThan(0.03);
  });

  it('is named by the fitted model, and gone with noise that is relaxed', async () => {
    // Two points are all of the data; a generator that hardly moves is nowhere near them.
    const rows = Array.from({ length: 256 }, (_, i) => new Array<number>(4).fill(i % 2));
    const options = {
      objective: 'minimax',
      latentDimension: 2,
      generator: [8],
      discriminator: [64, 64],
      discriminatorSteps: 10,
      discriminatorLearningRate: 1e-2,
      learningRate: 1e-5,
      averaging: 0,
      epochs: 40,
      seed: 1,
    } as const;
    const plain = await new GenerativeAdversarialNetwork(options).fit(rows);
    expect(plain.warnings.some((text) => text.startsWith('vanishing gradients'))).toBe(true);
    const noise = { from: 1, to: 0.5 };
    const noisy = await new GenerativeAdversarialNetwork({ ...options, instanceNoise: noise }).fit(rows);
    expect(noisy.warnings.some((text) => text.startsWith('vanishing gradients'))).toBe(false);
  });
});
