/**
 * The fitted networks in plain doubles: coded rows to posteriors, codes to laws of rows.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { sigmoidOf } from '../neural/activations.js';
import { drawCategory } from '../neural/columns.js';
import { beside } from '../neural/conditions.js';
import { PlainNetwork } from '../neural/plain-network.js';
import { type Architecture, variancesOf } from './architecture.js';
import { type Posterior, posteriorOf } from './latent.js';

/** Encoder and decoder with their weights, for evaluation. */
export class PlainNetworks {
  readonly networks: Architecture;
  /** s^2 of each continuous column, in standardised units. */
  readonly variances: Float64Array;
  readonly #encoder: PlainNetwork;
  readonly #decoder: PlainNetwork;

  constructor(networks: Architecture, parameter: (name: string) => ArrayLike<number>) {
    this.networks = networks;
    this.variances = variancesOf(networks, parameter);
    this.#encoder = new PlainNetwork(networks.encoder, parameter);
    this.#decoder = new PlainNetwork(networks.decoder, parameter);
  }

  /** q(z|x) of each coded row. */
  encode(coded: Float64Array, given: Float64Array, rows: number): Posterior[] {
    const { code, givenCode, latentDimension } = this.networks;
    const output = this.#encoder.apply(beside(coded, code.width, given, givenCode.width, rows), rows);
    return Array.from({ length: rows }, (_, row) => posteriorOf(output, row, latentDimension));
  }

  /** What the decoder says at each point; `given` holds a coded condition per point, or one for all. */
  decode(points: Float64Array, given: Float64Array, count: number): Float64Array {
    const { givenCode, latentDimension } = this.networks;
    return this.#decoder.apply(beside(points, latentDimension, given, givenCode.width, count), count);
  }

  /** The middle of each law in data units: a mean, the probability of a 1, or the likeliest category. */
  centers(decoded: Float64Array, count: number): Float64Array {
    const { code } = this.networks;
    const columns = code.kinds.length;
    const rows = new Float64Array(count * columns);
    for (let i = 0; i < count; i++) {
      const at = i * code.width;
      code.continuous.forEach((column, k) => {
        rows[i * columns + column] = code.centers[column] + code.scales[column] * decoded[at + k];
      });
      code.binary.forEach((column, k) => {
        rows[i * columns + column] = sigmoidOf(decoded[at + code.continuous.length + k]);
      });
      for (const { column, categories, start } of code.categorical) {
        const logits = decoded.subarray(at + start, at + start + categories);
        rows[i * columns + column] = logits.indexOf(logits.reduce((a, b) => Math.max(a, b)));
      }
    }
    return rows;
  }

  /** One draw of each law, in data units, written to `rows` from row `first` on. */
  draw(decoded: Float64Array, count: number, stream: RandomStream, rows: Float64Array, first: number): void {
    const { code } = this.networks;
    const columns = code.kinds.length;
    for (let i = 0; i < count; i++) {
      const at = i * code.width;
      const row = (first + i) * columns;
      code.continuous.forEach((column, k) => {
        const value = decoded[at + k] + Math.sqrt(this.variances[k]) * stream.normal();
        rows[row + column] = code.centers[column] + code.scales[column] * value;
      });
      code.binary.forEach((column, k) => {
        rows[row + column] = Number(stream.uniform() < sigmoidOf(decoded[at + code.continuous.length + k]));
      });
      for (const { column, categories, start } of code.categorical) {
        rows[row + column] = drawCategory(decoded, at + start, categories, stream);
      }
    }
  }

  /** Probability of each category of one categorical column, or of 0 and 1 of a binary one. */
  probabilities(decoded: Float64Array, count: number, column: number): Float64Array[] {
    const { code } = this.networks;
    const block = code.categorical.find((entry) => entry.column === column);
    return Array.from({ length: count }, (_, i) => {
      const at = i * code.width;
      if (block !== undefined) return softmax(decoded.subarray(at + block.start, at + block.start + block.categories));
      const one = sigmoidOf(decoded[at + code.continuous.length + code.binary.indexOf(column)]);
      return Float64Array.of(1 - one, one);
    });
  }
}

function softmax(logits: Float64Array): Float64Array {
  const largest = logits.reduce((a, b) => Math.max(a, b));
  const powers = logits.map((logit) => Math.exp(logit - largest));
  const total = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / total);
}
