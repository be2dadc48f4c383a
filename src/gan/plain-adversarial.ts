/**
 * The fitted networks in plain doubles: codes to rows, rows to judgements, and the window of the density.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { logSumExp } from '../core/special-functions.js';
import { sigmoidOf, softplusOf } from '../neural/activations.js';
import { drawCategory } from '../neural/columns.js';
import { beside } from '../neural/conditions.js';
import { PlainMlp } from '../neural/inference.js';
import type { AdversarialNetworks } from './adversarial-networks.js';
import { finite } from './sides.js';

/** Generator and discriminator with their weights, for evaluation. */
export class PlainAdversarial {
  readonly networks: AdversarialNetworks;
  readonly #generator: PlainMlp;
  readonly #discriminator: PlainMlp;

  constructor(networks: AdversarialNetworks, weights: (name: string) => ArrayLike<number>) {
    this.networks = networks;
    this.#generator = new PlainMlp(networks.generator, weights);
    this.#discriminator = new PlainMlp(networks.discriminator, weights);
  }

  /** The generator's outputs at each code; `given` holds a coded condition per code, or one for all. */
  generate(codes: Float64Array, given: Float64Array, count: number): Float64Array {
    const { shape, givenCode } = this.networks;
    return this.#generator.apply(beside(codes, shape.latentDimension, given, givenCode.width, count), count);
  }

  /** l of packs of coded rows. */
  judge(coded: Float64Array, given: Float64Array, rows: number): Float64Array {
    const { code, givenCode, shown, shape } = this.networks;
    const features = shown?.plain(coded, rows) ?? new Float64Array(0);
    const width = shown?.width ?? 0;
    const withFeatures = beside(coded, code.width, features, width, rows);
    const all = beside(withFeatures, code.width + width, given, givenCode.width, rows);
    return this.#discriminator.apply(all, rows / shape.packing);
  }

  /**
   * Rows of outputs in the data's units, written to `rows` from row `first` on: numbers as they are, categories drawn, or the
   * likeliest without a stream.
   */
  write(
    outputs: Float64Array,
    count: number,
    stream: RandomStream | undefined,
    rows: Float64Array,
    first: number,
  ): void {
    const { code } = this.networks;
    const columns = code.kinds.length;
    for (let i = 0; i < count; i++) {
      const at = i * code.width;
      const row = (first + i) * columns;
      code.continuous.forEach((column, k) => {
        rows[row + column] = finite(code.centers[column] + code.scales[column] * outputs[at + k]);
      });
      code.binary.forEach((column, k) => {
        const logit = outputs[at + code.continuous.length + k];
        rows[row + column] = Number(stream === undefined ? logit > 0 : stream.uniform() < sigmoidOf(logit));
      });
      for (const { column, categories, start } of code.categorical) {
        const logits = outputs.subarray(at + start, at + start + categories);
        rows[row + column] =
          stream === undefined
            ? logits.indexOf(logits.reduce((a, b) => Math.max(a, b)))
            : drawCategory(outputs, at + start, categories, stream);
      }
    }
  }

  /**
   * log p(x) of a coded row under a window over `count` generated outputs, in the data's units:
   *
   *     p(x) = 1/M sum_m prod_j N(x_j; g_mj, (h s_j)^2) prod_c p_mc(x_c)
   *
   * j are continuous columns; a category's probability p_mc is the generator's own.
   *
   * @param closeness - {@link closenessOf} the outputs.
   */
  window(closeness: Closeness, bandwidth: number): number {
    const { code } = this.networks;
    const { squares, logProbabilities } = closeness;
    const terms = squares.map((square, m) => logProbabilities[m] - (0.5 * square) / (bandwidth * bandwidth));
    const constants = code.continuous.length * (Math.log(bandwidth) + 0.5 * Math.log(2 * Math.PI));
    return logSumExp(terms) - Math.log(terms.length) - constants + code.logJacobian;
  }

  /** What the window needs of a coded row and generated outputs, whatever its bandwidth. */
  closenessOf(coded: Float64Array, row: number, outputs: Float64Array): Closeness {
    const { code } = this.networks;
    const x = row * code.width;
    const count = outputs.length / code.width;
    const squares = new Float64Array(count);
    const logProbabilities = new Float64Array(count);
    const binary = code.continuous.length + code.binary.length;
    for (let m = 0; m < count; m++) {
      const at = m * code.width;
      for (let j = 0; j < code.continuous.length; j++) squares[m] += (coded[x + j] - outputs[at + j]) ** 2;
      for (let j = code.continuous.length; j < binary; j++) {
        logProbabilities[m] -= softplusOf(coded[x + j] === 1 ? -outputs[at + j] : outputs[at + j]);
      }
      for (const { start, categories } of code.categorical) {
        const chosen = coded.indexOf(1, x + start) - x;
        const logits = outputs.subarray(at + start, at + start + categories);
        logProbabilities[m] += outputs[at + chosen] - logSumExp(logits);
      }
    }
    return { squares, logProbabilities };
  }
}

/** How near each of some generated rows comes to a row. */
export interface Closeness {
  /** Squared distances over standardised continuous columns. */
  readonly squares: Float64Array;
  /** Log-probabilities of the row's categories. */
  readonly logProbabilities: Float64Array;
}
