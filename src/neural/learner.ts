/**
 * Networks that learn: their parameters, one optimiser of their own, and one step along the gradient of any objective.
 *
 * @module
 */
import { Adam, type AdamOptions, type AdamState } from './adam.js';
import { gradients } from './gradients.js';
import type { Kernels } from './kernels.js';
import type { BoundParameters, Parameters } from './parameters.js';
import { type Context, filled, newContext, type Value } from './value.js';

/** What {@link Learner.step} minimises: the mean over all entries of the value that it returns. */
export type Objective = (parameters: BoundParameters, context: Context) => Value;

/** What a step may have beside its objective. */
export interface StepOptions {
  /** Decoupled weight decay of this step, in place of the optimiser's own. */
  readonly weightDecay?: number;
  /** Sees the gradient, in parts as parameters are, before the step is made; for this call only. */
  readonly inspect?: (gradient: readonly ArrayLike<number>[]) => void;
}

/** All that a learner needs to go on later. */
export interface LearnerState {
  readonly values: Float32Array;
  readonly optimizer: AdamState;
}

/** Parameters under an optimiser. Networks with opposed objectives, as in a GAN, are separate learners. */
export class Learner {
  readonly parameters: Parameters;
  readonly #optimizer: Adam;

  constructor(parameters: Parameters, options: AdamOptions = {}) {
    this.parameters = parameters;
    this.#optimizer = new Adam(parameters.values.length, options);
  }

  /** One step down. Everything that the objective made is freed when this returns; what it must report, it reads. */
  step(kernels: Kernels, learningRate: number, objective: Objective, options: StepOptions = {}): void {
    kernels.scope(() => {
      const context = newContext(kernels);
      const bound = this.parameters.bind(context, 'variables');
      const value = objective(bound, context);
      const seed = filled(context, value.shape, 1 / value.shape.reduce((product, size) => product * size, 1));
      const { places } = this.parameters;
      const found = gradients(
        value,
        places.map(({ name }) => bound[name]),
        { seed },
      );
      // No operation follows, so views of the backend's memory stay valid while the optimiser reads them.
      const parts = found.map(({ handle }) => kernels.read(handle));
      options.inspect?.(parts);
      this.#optimizer.step(this.parameters.values, parts, learningRate, options.weightDecay);
    });
  }

  /** The parameters to judge and to return: their running average where one is kept, else as they are. */
  get best(): Float32Array {
    return this.#optimizer.average ?? this.parameters.values;
  }

  /** Puts the parameters that are to be judged in place of those being trained, until the returned function is called. */
  showBest(): () => void {
    const { average } = this.#optimizer;
    if (average === undefined) return () => {};
    const { values } = this.parameters;
    const training = values.slice();
    values.set(average);
    return () => values.set(training);
  }

  snapshot(): LearnerState {
    return { values: this.parameters.values.slice(), optimizer: this.#optimizer.snapshot() };
  }

  restore(state: LearnerState): void {
    this.parameters.values.set(state.values);
    this.#optimizer.restore(state.optimizer);
  }
}
