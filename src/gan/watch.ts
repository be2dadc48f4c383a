/**
 * What is watched during a game: how well the players do, and whether something goes wrong that has a name.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { sigmoidOf, softplusOf } from '../neural/activations.js';
import { hasLogits, type ObjectiveName } from './objectives.js';

/** The mean of D(x): of probabilities where outputs are logits, else of the outputs. */
export function meanJudgement(objective: ObjectiveName, outputs: ArrayLike<number>): number {
  const asProbability = hasLogits(objective);
  let total = 0;
  for (let i = 0; i < outputs.length; i++) total += asProbability ? sigmoidOf(outputs[i]) : outputs[i];
  return total / outputs.length;
}

/**
 * The Jensen-Shannon divergence as far as a discriminator sees it, in nats, from below:
 *
 *     log 2 - CE,   CE = (mean softplus(-t) over data + mean softplus(t) over generated rows) / 2
 *
 * with t = l for logits. Outputs of other objectives are no logits; there t = a l + b with the a and b of least CE.
 *
 * Reference: Goodfellow et al. (2014), arXiv:1406.2661, theorem 1.
 */
export function jensenShannonSeen(
  objective: ObjectiveName,
  onData: ArrayLike<number>,
  onGenerated: ArrayLike<number>,
): number {
  const [slope, offset] = hasLogits(objective) ? [1, 0] : calibration(onData, onGenerated);
  return Math.LN2 - crossEntropy(onData, onGenerated, slope, offset);
}

function crossEntropy(
  onData: ArrayLike<number>,
  onGenerated: ArrayLike<number>,
  slope: number,
  offset: number,
): number {
  let [data, generated] = [0, 0];
  for (let i = 0; i < onData.length; i++) data += softplusOf(-slope * onData[i] - offset);
  for (let i = 0; i < onGenerated.length; i++) generated += softplusOf(slope * onGenerated[i] + offset);
  return 0.5 * (data / onData.length + generated / onGenerated.length);
}

/** Newton steps of the logistic regression on one number; steps are halved until they gain, and few are ever needed. */
const MOST_STEPS = 30;

/** Slope and offset of the logistic regression that tells the two lists apart. */
function calibration(onData: ArrayLike<number>, onGenerated: ArrayLike<number>): [number, number] {
  const lists = [onData, onGenerated];
  // In units of the outputs' own spread, so that a ridge of 1e-6 means the same for every critic.
  const all = [...Array.from(onData), ...Array.from(onGenerated)];
  const center = all.reduce((sum, x) => sum + x, 0) / all.length;
  const spread = Math.sqrt(all.reduce((sum, x) => sum + (x - center) ** 2, 0) / all.length);
  if (!(spread > 0 && Number.isFinite(spread))) return [0, 0];
  let [a, b] = [0, 0];
  const loss = (slope: number, offset: number): number =>
    crossEntropy(onData, onGenerated, slope / spread, offset - (slope * center) / spread) + 0.5e-6 * slope * slope;
  let least = loss(0, 0);
  for (let step = 0; step < MOST_STEPS; step++) {
    let [ga, gb, haa, hab, hbb] = [1e-6 * a, 0, 1e-6, 0, 1e-9];
    lists.forEach((list, label) => {
      for (let i = 0; i < list.length; i++) {
        const x = (list[i] - center) / spread;
        const p = sigmoidOf(a * x + b);
        const [share, curvature] = [0.5 / list.length, p * (1 - p)];
        ga += share * (p - 1 + label) * x;
        gb += share * (p - 1 + label);
        haa += share * curvature * x * x;
        hab += share * curvature * x;
        hbb += share * curvature;
      }
    });
    const determinant = haa * hbb - hab * hab;
    const [da, db] = [(hbb * ga - hab * gb) / determinant, (haa * gb - hab * ga) / determinant];
    let size = 1;
    while (size > 1e-4 && !(loss(a - size * da, b - size * db) <= least)) size /= 2;
    const next = loss(a - size * da, b - size * db);
    if (!(next < least - 1e-9)) break;
    [a, b, least] = [a - size * da, b - size * db, next];
  }
  return [a / spread, b - (a * center) / spread];
}

/** Landmarks, at most: as many cells as several hundred rows can tell apart. */
const MOST_LANDMARKS = 64;
/** Rows for each landmark, at least. */
const ROWS_PER_LANDMARK = 4;
/**
 * Landmarks of d standardised columns are at least 0.1 sqrt(d) from each other: how rows lie within a cluster narrower than
 * that is a matter of how near they come, not of variety.
 */
const RESOLUTION = 0.1;

/**
 * How much of the data's variety generated rows have: the effective number of cells that they reach, over that of the data.
 *
 *     diversity = exp(H(generated)) / exp(H(data)),   H = -sum_c p_c log p_c
 *
 * Cells are those of the nearest of some landmarks, rows of the data that lie far from each other. It does not matter how near
 * rows come to the data, only how they are spread over it: 1 for equal spread, m / 8 for m of 8 equal clusters.
 *
 * Reference: Richardson & Weiss (2018), arXiv:1805.12462, for bins about the data; Hill (1973), doi:10.2307/1934352, for the
 * effective number.
 */
export class Diversity {
  readonly #width: number;
  readonly #landmarks: Float64Array;
  readonly #ofData: number;

  /** @param rows - Coded rows of the data, row-major. */
  constructor(rows: Float64Array, width: number, stream: RandomStream) {
    const count = rows.length / width;
    this.#width = width;
    const landmarks = Math.max(1, Math.min(MOST_LANDMARKS, Math.floor(count / ROWS_PER_LANDMARK)));
    this.#landmarks = spreadRows(rows, width, landmarks, stream);
    this.#ofData = this.#effectiveCells(rows);
  }

  /** Diversity of as many generated rows as there were rows of the data. */
  of(rows: Float64Array): number {
    return this.#effectiveCells(rows) / this.#ofData;
  }

  #effectiveCells(rows: Float64Array): number {
    const width = this.#width;
    const counts = new Float64Array(this.#landmarks.length / width);
    const count = rows.length / width;
    for (let i = 0; i < count; i++) counts[this.#nearest(rows, i * width)]++;
    let entropy = 0;
    for (const cell of counts) if (cell > 0) entropy -= (cell / count) * Math.log(cell / count);
    return Math.exp(entropy);
  }

  #nearest(rows: Float64Array, start: number): number {
    let [best, least] = [0, Number.POSITIVE_INFINITY];
    for (let c = 0; c < this.#landmarks.length / this.#width; c++) {
      const distance = squaredDistance(rows, start, this.#landmarks, c * this.#width, this.#width);
      if (distance < least) [best, least] = [c, distance];
    }
    return best;
  }
}

/**
 * Rows drawn one after the other, each with probability as its squared distance to those before (Arthur & Vassilvitskii
 * 2007), until none is farther from all of them than the resolution.
 */
function spreadRows(rows: Float64Array, width: number, count: number, stream: RandomStream): Float64Array {
  const total = rows.length / width;
  const chosen = new Float64Array(count * width);
  const distances = new Float64Array(total).fill(Number.POSITIVE_INFINITY);
  const least = RESOLUTION ** 2 * width;
  let next = stream.integer(total);
  for (let c = 0; c < count; c++) {
    chosen.set(rows.subarray(next * width, (next + 1) * width), c * width);
    for (let i = 0; i < total; i++) {
      const distance = squaredDistance(rows, i * width, chosen, c * width, width);
      distances[i] = Math.min(distances[i], distance > least ? distance : 0);
    }
    if (!distances.some((distance) => distance > 0)) return chosen.slice(0, (c + 1) * width);
    next = distances.every(Number.isFinite) ? stream.categorical(distances) : stream.integer(total);
  }
  return chosen;
}

function squaredDistance(a: Float64Array, start: number, b: Float64Array, at: number, width: number): number {
  let total = 0;
  for (let j = 0; j < width; j++) total += (a[start + j] - b[at + j]) ** 2;
  return total;
}
