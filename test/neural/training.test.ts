import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { loadBackend } from '../../src/neural/backend.js';
import { gradients } from '../../src/neural/gradients.js';
import { Learner } from '../../src/neural/learner.js';
import { mean, multiply, square, subtract, sum } from '../../src/neural/operations.js';
import { constantInitializer, Parameters } from '../../src/neural/parameters.js';
import { type TrainingPlan, type TrainingState, train } from '../../src/neural/training.js';
import { trainingFromState, trainingToState } from '../../src/neural/training-state.js';
import { constant } from '../../src/neural/value.js';

const { kernels, run } = await loadBackend('wasm', 'test');

const stream = RandomStream.of(1, 'training');
/** y = 2 x - 1 with a little noise. */
const XS = Array.from({ length: 103 }, () => stream.normal());
const YS = XS.map((x) => 2 * x - 1 + 0.01 * stream.normal());

function line(): Learner {
  const specs = ['slope', 'offset'].map((name) => ({ name, shape: [1], initialize: constantInitializer(0) }));
  return new Learner(new Parameters(specs, RandomStream.of(1)));
}

/** Least squares on the line; the metric is minus the mean squared error. */
function plan(learner: Learner, more: Partial<TrainingPlan> = {}): TrainingPlan {
  return {
    owner: 'Test.fit',
    learners: [learner],
    rows: XS.length,
    batchSize: 20,
    epochs: 30,
    stream: RandomStream.of(2, 'plan'),
    pacer: new Pacer('Test.fit'),
    phase: 'test',
    metrics: ['fit'],
    step: (rows) =>
      run(() => {
        let loss = 0;
        learner.step(kernels, 0.1, ({ slope, offset }, context) => {
          const pick = (list: number[]) =>
            constant(
              context,
              Float32Array.from(rows, (i) => list[i]),
              [rows.length],
            );
          const residuals = square(subtract(subtract(pick(YS), multiply(pick(XS), slope)), offset));
          loss = kernels.read(mean(residuals).handle)[0];
          return residuals;
        });
        return [-loss];
      }),
    ...more,
  };
}

describe('the training loop', () => {
  it('learns, visits every row once an epoch, and leaks nothing', async () => {
    const learner = line();
    const visits = new Uint32Array(XS.length);
    const { step } = plan(learner);
    const before = kernels.alive();
    const outcome = await train(
      plan(learner, {
        step: (rows, place) => {
          for (const row of rows) visits[row]++;
          return step(rows, place);
        },
      }),
    );
    expect(learner.parameters.get('slope')[0]).toBeCloseTo(2, 1);
    expect(learner.parameters.get('offset')[0]).toBeCloseTo(-1, 1);
    expect(outcome).toMatchObject({ epochs: 30, bestEpoch: 29, stoppedEarly: false });
    expect(new Set(visits)).toEqual(new Set([30]));
    expect(kernels.alive()).toBe(before);
    const losses = outcome.history.training.fit;
    expect(losses).toHaveLength(30);
    expect(losses[29]).toBeGreaterThan(losses[0]);
  });

  it('stops early, and puts the best parameters back', async () => {
    const learner = line();
    const seen: number[] = [];
    // Improves up to epoch 4, then gets worse.
    const validate = async () => {
      seen.push(learner.parameters.get('slope')[0]);
      return [10 - Math.abs(seen.length - 5)];
    };
    const outcome = await train(plan(learner, { validate, patience: 3 }));
    expect(outcome).toMatchObject({ epochs: 8, bestEpoch: 4, stoppedEarly: true });
    expect(learner.parameters.get('slope')[0]).toBe(seen[4]);
    expect(outcome.history.validation.fit).toEqual([6, 7, 8, 9, 10, 9, 8, 7]);
  });

  it('resumed from a state through a file, it ends where it would have ended', async () => {
    const through = line();
    const whole = await train(plan(through));
    const shape = { kind: 'Test', learners: [{ size: 2, averaging: false }], metrics: ['fit'], validated: false };
    let saved: TrainingState | undefined;
    await train(
      plan(line(), {
        onState: (state) => {
          if (state().epochs === 11) saved = state();
        },
      }),
    );
    const state = trainingToState(shape, saved as TrainingState);
    const rest = line();
    const resumed = await train(plan(rest, { resume: trainingFromState('test', shape, state) }));
    expect(rest.parameters.values).toEqual(through.parameters.values);
    expect(resumed).toEqual(whole);
    const other = { ...shape, learners: [{ size: 3, averaging: false }] };
    expect(() => trainingFromState('test', other, state)).toThrow(/must have shape \[3\]/);
  });

  it('names a divergence when it happens', async () => {
    let steps = 0;
    const training = train(plan(line(), { step: () => [++steps === 9 ? Number.NaN : 0] }));
    await expect(training).rejects.toMatchObject({
      code: 'diverged',
      message:
        'Test.fit: the fit must stay finite in training, but in epoch 2, step 3 it was NaN. Lower learningRate or set maxGradientNorm.',
    });
  });

  it('is aborted within an epoch', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    let steps = 0;
    const slow = () => {
      const until = performance.now() + 15;
      while (performance.now() < until);
      if (++steps === 2) controller.abort(reason);
      return [0];
    };
    const pacer = new Pacer('Test.fit', { signal: controller.signal });
    await expect(train(plan(line(), { step: slow, pacer }))).rejects.toBe(reason);
    expect(steps).toBeLessThan(5);
  });
});

describe('learners in turn, as in a GAN', () => {
  // The Dirac-GAN of Mescheder et al. (2018), arXiv:1801.04406: D(x) = psi x, data at 0, generator at theta. Plain
  // gradient steps with R1 and gamma = 1 contract; the radius after 100 alternating steps of 0.1 is 0.0459. Here the
  // optimiser is Adam, so only the penalty's gradient is held: d/dpsi gamma/2 (dD/dx)^2 = gamma psi.
  it('a penalty on the gradient with respect to inputs has the right gradient', () => {
    const specs = [{ name: 'psi', shape: [1, 1], initialize: constantInitializer(0.7) }];
    const learner = new Learner(new Parameters(specs, RandomStream.of(1)));
    const found = run(() =>
      kernels.scope(() => {
        const [context, gamma] = [{ kernels, recording: true, made: 0 }, 3];
        const { psi } = learner.parameters.bind(context, 'variables');
        const x = learner.parameters.bind(context, 'variables').psi;
        const [slope] = gradients(multiply(psi, x), [x], { differentiable: true });
        const penalty = multiply(sum(square(slope)), constant(context, Float32Array.of(gamma / 2), []));
        return kernels.read(gradients(penalty, [psi])[0].handle)[0];
      }),
    );
    expect(found).toBeCloseTo(3 * 0.7, 5);
  });
});
