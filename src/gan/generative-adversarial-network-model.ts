/**
 * The fitted generative adversarial network.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { allocateSamples, checkSampling, type GenerativeModel, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { readOptions } from '../core/options.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { sigmoidOf } from '../neural/activations.js';
import { givenOf, readGiven } from '../neural/conditions.js';
import { type AdversarialParts, fromState, toState } from './generative-adversarial-network-state.js';
import { type AdversarialHistory, HISTORY_NAMES, warningsOf } from './history.js';
import { copyLists } from './lists.js';
import { hasLogits } from './objectives.js';
import { PlainAdversarial } from './plain-adversarial.js';
import { weightsOf } from './stored-networks.js';

/** Rows that are generated at once when sampling, which bounds memory. */
const CHUNK = 1024;

/** What methods of a conditional model take. */
export interface ConditionOptions {
  /** What is given: one row for each row, or one for all, of the kinds that option `given` said. */
  readonly given?: SamplesLike;
}

/**
 * A fitted generator G with its discriminator D.
 *
 * All methods run in plain doubles on the float32 weights that training found: they are synchronous, need no TensorFlow,
 * and give the same bits after saving and loading.
 *
 * See {@link GenerativeAdversarialNetwork} for references and an example.
 */
export class GenerativeAdversarialNetworkModel implements GenerativeModel {
  readonly densityKind = 'estimate';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Number of latent columns, L. */
  readonly latentDimension: number;
  readonly #parts: AdversarialParts;
  readonly #networks: PlainAdversarial;

  private constructor(parts: AdversarialParts) {
    const { shape } = parts.networks;
    this.#parts = parts;
    this.#networks = new PlainAdversarial(parts.networks, weightsOf(parts.weights));
    this.dimension = shape.rows.kinds.length;
    this.latentDimension = shape.latentDimension;
    Object.freeze(this);
  }

  /** @internal */
  static fromParts(parts: AdversarialParts): GenerativeAdversarialNetworkModel {
    return new GenerativeAdversarialNetworkModel(parts);
  }

  /** The course of the training, epoch by epoch; a copy. */
  get history(): AdversarialHistory {
    return copyLists(HISTORY_NAMES, this.#parts.history);
  }

  /** What went wrong in training, in sentences with the options that cure it; empty for a sound game. */
  get warnings(): string[] {
    return warningsOf(this.#parts.history);
  }

  /** Rows that the discriminator judges at once. */
  get packing(): number {
    return this.#parts.networks.shape.packing;
  }

  /** Bandwidth of the window of {@link logDensity} in each continuous column, in the data's units. */
  get bandwidths(): Float64Array {
    const { continuous, scales } = this.#parts.networks.code;
    return Float64Array.from(continuous, (column) => this.#parts.bandwidth * scales[column]);
  }

  /**
   * Draws rows: G(z) with z ~ N(0, I), categories drawn with the generator's probabilities.
   *
   * @param options - The seed, and for a conditional model what is given: one row for each draw, or one for all.
   * @throws ModelError `invalid-option` for a bad count, seed or condition.
   */
  sample(count: number, options?: SampleOptions & ConditionOptions): Samples {
    const owner = 'GenerativeAdversarialNetworkModel.sample';
    const read = readOptions(owner, options, ['seed', 'given']);
    const { seed } = checkSampling(owner, count, read.has('seed') ? { seed: read.get('seed') } : {});
    const given = this.#readGiven(owner, read.get('given'), count);
    const stream = RandomStream.of(seed ?? freshSeed(), owner);
    const [normal, categories] = [stream.child('codes'), stream.child('rows')];
    const rows = allocateSamples(owner, count, this.dimension);
    const { width } = this.#parts.networks.givenCode;
    for (let first = 0; first < count; first += CHUNK) {
      const size = Math.min(CHUNK, count - first);
      const codes = new Float64Array(size * this.latentDimension);
      for (let k = 0; k < codes.length; k++) codes[k] = normal.normal();
      const own = given.length === width ? given : given.subarray(first * width, (first + size) * width);
      this.#networks.write(this.#networks.generate(codes, own, size), size, categories, rows, first);
    }
    return new Samples(rows, count, this.dimension);
  }

  /** G(z) of each code, n x d: numbers, and the likeliest category. */
  generate(codes: SamplesLike, options?: ConditionOptions): Samples {
    const owner = 'GenerativeAdversarialNetworkModel.generate';
    const given = readOptions(owner, options, ['given']).get('given');
    const points = viewSamples(codes, { owner, name: 'codes', columns: this.latentDimension });
    const rows = allocateSamples(owner, points.rows, this.dimension);
    const outputs = this.#networks.generate(points.data, this.#readGiven(owner, given, points.rows), points.rows);
    this.#networks.write(outputs, points.rows, undefined, rows, 0);
    return new Samples(rows, points.rows, this.dimension);
  }

  /**
   * What the discriminator makes of rows: the probability D that a row is one of data for objectives minimax and
   * non-saturating, else its output. With packing m, one number for each m rows that follow each other.
   *
   * @throws ModelError `shape-mismatch` for rows that do not fill packs.
   */
  discriminate(rows: SamplesLike, options?: ConditionOptions): Float64Array {
    const owner = 'GenerativeAdversarialNetworkModel.discriminate';
    const conditions = readOptions(owner, options, ['given']).get('given');
    const samples = viewSamples(rows, { owner, columns: this.dimension });
    if (samples.rows % this.packing !== 0) {
      const must = `rows must fill packs of ${this.packing}, as the discriminator was trained on them`;
      throw modelError('shape-mismatch', { owner, must, got: samples.rows });
    }
    const given = this.#readGiven(owner, conditions, samples.rows);
    const outputs = this.#networks.judge(this.#encoded(owner, samples), given, samples.rows);
    return hasLogits(this.#parts.objective) ? outputs.map(sigmoidOf) : outputs;
  }

  /**
   * log p(x) of each row by a Parzen window over generated rows, in nats: an estimate, whose bandwidth is the one under
   * which the rows held out in `fit` were most probable.
   *
   *     p(x) = 1/M sum_m prod_j N(x_j; g_mj, h_j^2) prod_c p_mc(x_c)
   *
   * over continuous columns j and categorical ones c. A window says less the more columns there are: it ranks generators of
   * the same data, and is no likelihood.
   *
   * Cost: O(M d) for each row; with conditions that differ from row to row, M passes of the generator besides.
   *
   * References: Goodfellow et al. (2014), arXiv:1406.2661, section 5; Theis, van den Oord & Bethge (2016), arXiv:1511.01844, for
   * what it is not.
   *
   * @throws ModelError for rows or conditions that will not do.
   */
  logDensity(rows: SamplesLike, options?: ConditionOptions): Float64Array {
    const owner = 'GenerativeAdversarialNetworkModel.logDensity';
    const conditions = readOptions(owner, options, ['given']).get('given');
    const samples = viewSamples(rows, { owner, columns: this.dimension });
    const given = this.#readGiven(owner, conditions, samples.rows);
    const coded = this.#encoded(owner, samples);
    const { width } = this.#parts.networks.givenCode;
    let last: { readonly given: Float64Array; readonly outputs: Float64Array } | undefined;
    return Float64Array.from({ length: samples.rows }, (_, i) => {
      const own = givenOf(given, width, i);
      // Rows in a row with the same condition share their window.
      if (last === undefined || !own.every((value, k) => value === last?.given[k])) {
        last = { given: own, outputs: this.#windowRows(own) };
      }
      return this.#networks.window(this.#networks.closenessOf(coded, i, last.outputs), this.#parts.bandwidth);
    });
  }

  /** The generator's outputs at the window's codes. */
  #windowRows(given: Float64Array): Float64Array {
    const { codes } = this.#parts;
    return this.#networks.generate(codes, given, codes.length / this.latentDimension);
  }

  #encoded(owner: string, samples: Samples): Float64Array {
    return this.#parts.networks.code.encode(samples, { owner, name: 'rows', binarization: 'refuse' });
  }

  #readGiven(owner: string, given: unknown, rows: number): Float64Array {
    return readGiven(owner, this.#parts.networks.givenCode, given, rows);
  }

  /** All there is to the model, as numbers and names: what is written to files. It holds no training rows. */
  toState(): ModelState {
    return toState(this.#parts);
  }

  /** The model as plain JSON; {@link fromJSON} reads it back to the bit. */
  toJSON(): ModelJson {
    return stateToJson(this.toState());
  }

  /** @throws ModelError `invalid-model-file` for a state that is no such model. */
  static fromState(state: ModelState): GenerativeAdversarialNetworkModel {
    return new GenerativeAdversarialNetworkModel(fromState(state));
  }

  /**
   * Reads what `JSON.stringify(model)` or `model.toJSON()` gave.
   *
   * @throws ModelError `invalid-model-file` for anything else.
   */
  static fromJSON(json: unknown): GenerativeAdversarialNetworkModel {
    return GenerativeAdversarialNetworkModel.fromState(
      stateFromJson(json, 'GenerativeAdversarialNetworkModel.fromJSON'),
    );
  }
}
