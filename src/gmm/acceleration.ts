/**
 * Extrapolation of EM by squared steps (SQUAREM).
 *
 * EM converges linearly: near its limit each step is the one before, times a matrix. From theta_0 and its images
 * theta_1 = EM(theta_0), theta_2 = EM(theta_1), with r = theta_1 - theta_0 and v = (theta_2 - theta_1) - r,
 *
 *     theta = theta_0 - 2 alpha r + alpha^2 v,    alpha = -|r| / |v|
 *
 * leaps along the slowest direction; alpha = -1 is theta_2. theta holds the logarithms of weights, means and covariances of
 * standardised rows. Whether a leap is taken is for the objective to say: it must not be lower than before.
 *
 * Reference: Varadhan & Roland (2008), doi:10.1111/j.1467-9469.2007.00585.x, step length S3 and section 6 for the bound on
 * its length.
 *
 * @module
 */
import { type CovarianceType, isDiagonal, isTied } from './covariance-type.js';
import type { MixtureParameters, SpareCovariances } from './parameters.js';

/** By what the longest step grows after it was taken, and shrinks after it was refused. */
const GROWTH = 4;

/**
 * Rates of convergence that are remembered: of 15 runs on two overlapping clusters the second worst ended 35 tolerances from
 * the limit with one, 7 with four.
 */
const RATES = 4;

/** Proposes leaps from the course of a run. */
export class Extrapolation {
  readonly #type: CovarianceType;
  #origin: Float64Array[] | undefined;
  #longest = 1;
  #isLongest = false;
  #rates: number[] = [];
  /**
   * |theta_2 - theta_1| / |theta_1 - theta_0|, where the last two steps were plain: EM's rate of convergence. The largest of
   * the last few, as a leap leaves little of the very direction that converges slowest.
   */
  rate: number | undefined;

  constructor(type: CovarianceType) {
    this.#type = type;
  }

  /**
   * A leap from `current` and its image under EM; `undefined` where there is none to take, because the step to `current`
   * was a leap itself, or the leap is no longer than EM's.
   *
   * @param spare - Arrays that the leap's covariances may go into.
   */
  propose(
    current: MixtureParameters,
    image: MixtureParameters,
    spare: SpareCovariances,
  ): MixtureParameters | undefined {
    const start = this.#origin;
    const middle = partsOf(current, this.#type);
    this.#origin = middle;
    this.rate = undefined;
    if (start === undefined) return undefined;
    const end = partsOf(image, this.#type);
    let [first, second, change] = [0, 0, 0];
    for (let part = 0; part < start.length; part++) {
      const [from, over, to] = [start[part], middle[part], end[part]];
      for (let i = 0; i < from.length; i++) {
        const r = over[i] - from[i];
        const next = to[i] - over[i];
        first += r * r;
        second += next * next;
        change += (next - r) * (next - r);
      }
    }
    this.#rates = [Math.sqrt(second / first), ...this.#rates.slice(0, RATES - 1)];
    this.rate = Math.max(...this.#rates);
    const wanted = Math.sqrt(first / change);
    const length = Math.min(wanted, this.#longest);
    this.#isLongest = !(wanted < this.#longest);
    if (this.#isLongest) this.#longest *= GROWTH;
    if (!(length > 1)) return undefined;
    const leap = start.map((from, part) => stepFrom(from, middle[part], end[part], length));
    return leap.every(isFiniteThroughout) ? toParameters(leap, current, this.#type, spare) : undefined;
  }

  /** To be told when a leap was taken, or a component was seeded anew: the next step starts a new sequence. */
  restart(): void {
    this.#origin = undefined;
  }

  /** To be told when a leap was refused. */
  refuse(): void {
    this.#longest = Math.max(1, this.#longest / (this.#isLongest ? GROWTH * GROWTH : GROWTH));
  }
}

/** A loop: a callback for each number would leave an object for it. */
function isFiniteThroughout(numbers: Float64Array): boolean {
  for (let i = 0; i < numbers.length; i++) if (!Number.isFinite(numbers[i])) return false;
  return true;
}

/** What steps are measured in: the logarithms of the weights, the means, the entries of covariances that are free. */
function partsOf(parameters: MixtureParameters, type: CovarianceType): Float64Array[] {
  const { components, dimension: d, weights, means, covariances } = parameters;
  const matrices = isTied(type) ? 1 : components;
  const step = isDiagonal(type) ? d + 1 : 1;
  const perMatrix = isDiagonal(type) ? d : d * d;
  const entries = new Float64Array(matrices * perMatrix);
  for (let k = 0, to = 0; k < matrices; k++) {
    for (let i = 0; i < perMatrix; i++) entries[to++] = covariances[k * d * d + i * step];
  }
  return [weights.map(Math.log), means, entries];
}

/** theta_0 - 2 alpha r + alpha^2 v for alpha = -length. */
function stepFrom(from: Float64Array, over: Float64Array, to: Float64Array, length: number): Float64Array {
  const leap = new Float64Array(from.length);
  for (let i = 0; i < leap.length; i++) {
    const r = over[i] - from[i];
    leap[i] = from[i] + 2 * length * r + length * length * (to[i] - over[i] - r);
  }
  return leap;
}

function toParameters(
  [logWeights, means, entries]: readonly Float64Array[],
  { components, dimension: d }: MixtureParameters,
  type: CovarianceType,
  spare: SpareCovariances,
): MixtureParameters {
  const largest = Math.max(...logWeights);
  const weights = logWeights.map((logWeight) => Math.exp(logWeight - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  for (let k = 0; k < components; k++) weights[k] /= total;
  const covariances = spare.take() ?? new Float64Array(components * d * d);
  const step = isDiagonal(type) ? d + 1 : 1;
  const perMatrix = isDiagonal(type) ? d : d * d;
  for (let k = 0; k < components; k++) {
    const from = isTied(type) ? 0 : k * perMatrix;
    for (let i = 0; i < perMatrix; i++) covariances[k * d * d + i * step] = entries[from + i];
  }
  return { components, dimension: d, weights, means, covariances };
}
