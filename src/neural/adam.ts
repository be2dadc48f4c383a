/**
 * The optimiser, in plain typed arrays: one loop over all parameters, whatever their number.
 *
 * TensorFlow's own makes a dozen small arrays per parameter and step, which for small networks is half of the step; it
 * also keeps its moments by position, so that two networks sharing one would mix theirs.
 *
 * @module
 */
import { adamLoop } from '../simd/index.js';

/** Options of {@link Adam}. */
export interface AdamOptions {
  /** Decay of the mean of gradients. */
  readonly beta1?: number;
  /** Decay of the mean of squared gradients. */
  readonly beta2?: number;
  /** Added to the root of the mean square. */
  readonly epsilon?: number;
  /** Decoupled weight decay: each step also shrinks parameters by `learningRate * weightDecay`. */
  readonly weightDecay?: number;
  /** Gradients of a larger Euclidean norm, over all parameters, are shrunk to it. */
  readonly maxGradientNorm?: number;
  /** Decay of the running average of parameters, below 1; none is kept unless given. */
  readonly averaging?: number;
}

/** What an optimiser remembers between steps. */
export interface AdamState {
  readonly steps: number;
  readonly firstMoments: Float32Array;
  readonly secondMoments: Float32Array;
  readonly average: Float32Array | undefined;
}

/**
 * Adam with decoupled weight decay, clipping by global norm, and an average of the parameters.
 *
 *     m <- b1 m + (1 - b1) g        v <- b2 v + (1 - b2) g^2
 *     w <- w - rate (m / (1 - b1^t) / (sqrt(v / (1 - b2^t)) + epsilon) + decay w)
 *
 * References: Kingma & Ba (2015), arXiv:1412.6980; Loshchilov & Hutter (2019), arXiv:1711.05101; Polyak & Juditsky
 * (1992), doi:10.1137/0330046, for averaging.
 */
export class Adam {
  readonly #options: AdamOptions;
  readonly #firstMoments: Float32Array;
  readonly #secondMoments: Float32Array;
  readonly #average: Float32Array | undefined;
  #steps = 0;

  constructor(size: number, options: AdamOptions = {}) {
    this.#options = options;
    this.#firstMoments = new Float32Array(size);
    this.#secondMoments = new Float32Array(size);
    this.#average = options.averaging === undefined ? undefined : new Float32Array(size);
  }

  /** The average of the parameters so far; `undefined` where none is kept. */
  get average(): Float32Array | undefined {
    return this.#average;
  }

  /**
   * Changes `values` by one step along a gradient, given in consecutive parts, which are only read.
   *
   * @param weightDecay - Of this step, where it changes from step to step.
   */
  step(
    values: Float32Array,
    gradient: readonly ArrayLike<number>[],
    learningRate: number,
    weightDecay: number = this.#options.weightDecay ?? 0,
  ): void {
    const { beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, maxGradientNorm } = this.#options;
    this.#steps++;
    const clip = maxGradientNorm === undefined ? 1 : Math.min(1, maxGradientNorm / euclideanNorm(gradient));
    // The two corrections for starting at 0, folded into the rate and into epsilon.
    const rootOfCorrection = Math.sqrt(1 - beta2 ** this.#steps);
    const rate = (learningRate * rootOfCorrection) / (1 - beta1 ** this.#steps);
    const floor = epsilon * rootOfCorrection;
    const factors = { clip, beta1, beta2, rate, floor, kept: 1 - learningRate * weightDecay };
    let offset = 0;
    for (const part of gradient) {
      const end = offset + part.length;
      const [first, second] = [this.#firstMoments.subarray(offset, end), this.#secondMoments.subarray(offset, end)];
      adamLoop(values.subarray(offset, end), first, second, part as Float32Array, factors);
      offset = end;
    }
    if (this.#average !== undefined) this.#updateAverage(this.#average, values);
  }

  /** average <- d average + (1 - d) w, with a smaller d at first, so that the start is forgotten. */
  #updateAverage(average: Float32Array, values: Float32Array): void {
    const { averaging = 0 } = this.#options;
    const decay = Math.min(averaging, (this.#steps - 1) / (this.#steps + 9));
    for (let i = 0; i < values.length; i++) average[i] = decay * average[i] + (1 - decay) * values[i];
  }

  /** A copy of all that is needed to go on later. */
  snapshot(): AdamState {
    return {
      steps: this.#steps,
      firstMoments: this.#firstMoments.slice(),
      secondMoments: this.#secondMoments.slice(),
      average: this.#average?.slice(),
    };
  }

  /** Goes on from a snapshot of an optimiser of the same size and options. */
  restore(state: AdamState): void {
    this.#steps = state.steps;
    this.#firstMoments.set(state.firstMoments);
    this.#secondMoments.set(state.secondMoments);
    if (state.average !== undefined) this.#average?.set(state.average);
  }
}

/** The Euclidean norm of a vector in parts, added up in doubles: four sums, as one would wait for each of its additions. */
export function euclideanNorm(parts: readonly ArrayLike<number>[]): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  for (const part of parts) {
    const whole = part.length & ~3;
    for (let i = 0; i < whole; i += 4) {
      s0 += part[i] * part[i];
      s1 += part[i + 1] * part[i + 1];
      s2 += part[i + 2] * part[i + 2];
      s3 += part[i + 3] * part[i + 3];
    }
    for (let i = whole; i < part.length; i++) s0 += part[i] * part[i];
  }
  return Math.sqrt(s0 + s1 + (s2 + s3));
}
