/**
 * Seeded random streams: one per purpose, so that a draw added in one place moves no other.
 *
 * The generator underneath is seedrandom's Alea (Baagoe, 2010), which uses only additions, multiplications and
 * truncations of doubles: the same seed gives the same bits on every machine.
 *
 * @module
 */
import alea from 'seedrandom/lib/alea.js';
import { modelError } from './errors.js';

/** What a stream starts from. 0 is a seed like any other; 1 and '1' are different seeds. */
export type Seed = number | string;

/** Whether a value can be a seed. */
export function isSeed(value: unknown): value is Seed {
  return typeof value === 'string' || (typeof value === 'number' && Number.isFinite(value));
}

/**
 * A fresh seed of 52 random bits, for callers who gave none. The only place where `Math.random` is used.
 */
export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 52);
}

/**
 * A stream of random draws, fixed by its seed and purpose.
 *
 * @example
 * const stream = RandomStream.of(0, 'example');
 * const again = RandomStream.of(0, 'example');
 * stream.normal() === again.normal(); // true
 */
export class RandomStream {
  readonly #key: string;
  readonly #next: ReturnType<typeof alea>;

  private constructor(key: string) {
    this.#key = key;
    this.#next = alea(key);
  }

  /**
   * The stream of a seed and a purpose; an undefined seed makes an unrepeatable one.
   *
   * @throws ModelError `invalid-option` when the seed is neither a finite number nor a string.
   */
  static of(seed: Seed | undefined, ...purpose: (string | number)[]): RandomStream {
    const start = seed === undefined ? freshSeed() : seed;
    if (!isSeed(start)) {
      throw modelError('invalid-option', {
        owner: 'RandomStream.of',
        must: 'seed must be a finite number or a string',
        got: seed,
      });
    }
    return new RandomStream(JSON.stringify([start, ...purpose]));
  }

  /** A stream of its own, fixed by this one's seed and purpose and by `purpose`, not by what was drawn so far. */
  child(...purpose: (string | number)[]): RandomStream {
    return new RandomStream(`${this.#key}${JSON.stringify(purpose)}`);
  }

  /** Uniform on the open interval (0, 1), with 53 bits. */
  uniform(): number {
    return this.#next.double() || 2 ** -54;
  }

  /**
   * Uniform integer from 0 to `count - 1`.
   *
   * @throws ModelError `invalid-data` when `count` is below 1.
   */
  integer(count: number): number {
    if (!(count >= 1)) {
      throw modelError('invalid-data', { owner: 'RandomStream.integer', must: 'count must be >= 1', got: count });
    }
    return Math.floor(this.#next.double() * count);
  }

  /**
   * Standard normal, by the ziggurat with 128 layers and independent bits for layer and height.
   *
   * Reference: Marsaglia & Tsang (2000), doi:10.18637/jss.v005.i08; Doornik (2005), *An improved ziggurat method to
   * generate normal random samples*.
   */
  normal(): number {
    const next = this.#next;
    for (;;) {
      const layer = next.int32() & (LAYERS - 1);
      const u = 2 * next.double() - 1;
      const x = u * EDGES[layer];
      if (Math.abs(x) < EDGES[layer + 1]) return x;
      if (layer === 0) return this.#normalTail(u < 0);
      const low = Math.exp(-0.5 * (EDGES[layer] * EDGES[layer] - x * x));
      const high = Math.exp(-0.5 * (EDGES[layer + 1] * EDGES[layer + 1] - x * x));
      if (high + next.double() * (low - high) < 1) return x;
    }
  }

  /** Normal beyond the ziggurat's base, by Marsaglia's (1964) exponential rejection. */
  #normalTail(negative: boolean): number {
    for (;;) {
      const x = Math.log(this.uniform()) / BASE;
      const y = Math.log(this.uniform());
      if (-2 * y >= x * x) return negative ? x - BASE : BASE - x;
    }
  }

  /** Exponential with mean 1. */
  exponential(): number {
    return -Math.log(this.uniform());
  }

  /**
   * Gamma with the given shape and scale 1.
   *
   * @throws ModelError `invalid-data` when the shape is not in [1e-300, 1e300].
   *
   * Reference: Marsaglia & Tsang (2000), doi:10.1145/358407.358414.
   */
  gamma(shape: number): number {
    return Math.exp(this.logGamma(shape));
  }

  /** log of a {@link gamma} draw: finite where the draw itself underflows, as small shapes do. */
  logGamma(shape: number): number {
    // Within these ends even the logarithm of a draw, about log(U) / shape, neither overflows nor vanishes.
    if (!(shape >= 1e-300 && shape <= 1e300)) {
      const must = 'shape must be from 1e-300 to 1e300';
      throw modelError('invalid-data', { owner: 'RandomStream.gamma', must, got: shape });
    }
    // Gamma(a) = Gamma(a + 1) U^(1/a).
    if (shape < 1) return this.logGamma(shape + 1) + Math.log(this.uniform()) / shape;
    const d = shape - 1 / 3;
    const c = 1 / Math.sqrt(9 * d);
    for (;;) {
      const x = this.normal();
      const root = 1 + c * x;
      if (root <= 0) continue;
      const v = root * root * root;
      if (Math.log(this.uniform()) < 0.5 * x * x + d * (1 - v + Math.log(v))) return Math.log(d * v);
    }
  }

  /** Beta with shapes a and b, as X / (X + Y) of two {@link gamma} draws in logarithms. */
  beta(a: number, b: number): number {
    const x = this.logGamma(a);
    const y = this.logGamma(b);
    return 1 / (1 + Math.exp(y - x));
  }

  /**
   * An index, with probability proportional to its weight. For many draws use {@link CategoricalSampler}.
   *
   * @throws ModelError `invalid-data` when the weights are not finite and >= 0, or all zero.
   */
  categorical(weights: ArrayLike<number>): number {
    const { unit, total } = checkWeights(weights, 'RandomStream.categorical');
    let rest = this.uniform() * total;
    let last = 0;
    for (let i = 0; i < weights.length; i++) {
      if (weights[i] === 0) continue;
      last = i;
      rest -= weights[i] / unit;
      if (rest < 0) return i;
    }
    return last;
  }

  /**
   * A random order of 0 to `count - 1` (Fisher and Yates).
   *
   * @throws ModelError `invalid-data` when `count` is not an integer from 0 to 2^32 - 1.
   */
  permutation(count: number): Uint32Array {
    if (!(Number.isInteger(count) && count >= 0 && count < 2 ** 32)) {
      const must = 'count must be an integer from 0 to 2^32 - 1';
      throw modelError('invalid-data', { owner: 'RandomStream.permutation', must, got: count });
    }
    const order = new Uint32Array(count);
    for (let i = 0; i < count; i++) {
      const j = this.integer(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}

/**
 * Draws indices with given probabilities in constant time each, by the alias method.
 *
 * Reference: Vose (1991), doi:10.1109/32.92917.
 */
export class CategoricalSampler {
  readonly #threshold: Float64Array;
  readonly #alias: Uint32Array;

  /**
   * @param weights - Non-negative, finite, not all zero; only ratios matter.
   * @throws ModelError `invalid-data` when they are not.
   */
  constructor(weights: ArrayLike<number>) {
    const n = weights.length;
    const { unit, total } = checkWeights(weights, 'CategoricalSampler');
    const threshold = Float64Array.from(weights, (weight) => (weight / unit / total) * n);
    const alias = Uint32Array.from(threshold, (_, i) => i);
    const small: number[] = [];
    const large: number[] = [];
    for (let i = 0; i < n; i++) (threshold[i] < 1 ? small : large).push(i);
    while (small.length > 0 && large.length > 0) {
      const poor = small.pop() as number;
      const rich = large[large.length - 1];
      alias[poor] = rich;
      threshold[rich] -= 1 - threshold[poor];
      if (threshold[rich] < 1) small.push(large.pop() as number);
    }
    // What rounding left over is full, unless it has no weight at all: that must never be drawn.
    for (const i of large) threshold[i] = 1;
    const heaviest = indexOfLargest(weights);
    for (const i of small) {
      if (weights[i] > 0) threshold[i] = 1;
      else alias[i] = heaviest;
    }
    this.#threshold = threshold;
    this.#alias = alias;
  }

  /** One index. */
  draw(stream: RandomStream): number {
    const place = stream.uniform() * this.#threshold.length;
    const column = Math.floor(place);
    return place - column < this.#threshold[column] ? column : this.#alias[column];
  }
}

/** The largest weight, as a unit in which sums cannot overflow, and the sum in that unit. */
function checkWeights(weights: ArrayLike<number>, owner: string): { unit: number; total: number } {
  let unit = 0;
  for (let i = 0; i < weights.length; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY)) {
      throw modelError('invalid-data', { owner, must: `weight ${i} must be finite and >= 0`, got: weights[i] });
    }
    if (weights[i] > unit) unit = weights[i];
  }
  if (unit === 0) throw modelError('invalid-data', { owner, must: 'weights must not all be zero' });
  let total = 0;
  for (let i = 0; i < weights.length; i++) total += weights[i] / unit;
  return { unit, total };
}

function indexOfLargest(weights: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 1; i < weights.length; i++) if (weights[i] > weights[largest]) largest = i;
  return largest;
}

const LAYERS = 128;
/** Where the ziggurat's base layer ends and the tail begins, for 128 layers (Doornik 2005, table 1). */
const BASE = 3.442619855899;
/** Area of each layer, for 128 layers (Doornik 2005, table 1). */
const AREA = 9.91256303526217e-3;
/** Right edges of the layers, from the widest inwards; entry 0 is the width of the base with its tail folded in. */
const EDGES: Float64Array = /* @__PURE__ */ zigguratEdges();

function zigguratEdges(): Float64Array {
  const edges = new Float64Array(LAYERS + 1);
  let height = Math.exp(-0.5 * BASE * BASE);
  edges[0] = AREA / height;
  edges[1] = BASE;
  for (let i = 2; i < LAYERS; i++) {
    edges[i] = Math.sqrt(-2 * Math.log(AREA / edges[i - 1] + height));
    height = Math.exp(-0.5 * edges[i] * edges[i]);
  }
  return edges;
}
