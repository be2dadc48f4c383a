/**
 * The fitted bidirectional network.
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
import { ColumnCode } from '../neural/columns.js';
import { beside } from '../neural/conditions.js';
import {
  BIDIRECTIONAL_HISTORY,
  type BidirectionalGanHistory,
  type BidirectionalGanParts,
  fromState,
  toState,
} from './bidirectional-gan-state.js';
import { bidirectionalNetworks, PlainBidirectional } from './bidirectional-networks.js';
import { warningsOf } from './history.js';
import { copyLists } from './lists.js';
import { hasLogits } from './objectives.js';
import { decodeInto } from './sides.js';
import { weightsOf } from './stored-networks.js';

/** Rows that are generated at once when sampling, which bounds memory. */
const CHUNK = 1024;

/** Options against a lack of variety. */
const COLLAPSE = '"r1", "codeReconstruction" or "reconstruction"';

/**
 * A fitted generator G with its encoder E and the discriminator D of their pairs.
 *
 * All methods run in plain doubles on the float32 weights that training found: they are synchronous, need no TensorFlow,
 * and give the same bits after saving and loading.
 *
 * See {@link BidirectionalGan} for references and an example.
 */
export class BidirectionalGanModel implements GenerativeModel {
  readonly densityKind = 'estimate';
  /** Number of columns, d. */
  readonly dimension: number;
  /** Number of latent columns, L. */
  readonly latentDimension: number;
  readonly #parts: BidirectionalGanParts;
  readonly #networks: PlainBidirectional;
  readonly #code: ColumnCode;

  private constructor(parts: BidirectionalGanParts) {
    this.#parts = parts;
    this.#networks = new PlainBidirectional(bidirectionalNetworks(parts.shape), weightsOf(parts.weights));
    this.#code = new ColumnCode(parts.columns);
    this.dimension = parts.shape.dimension;
    this.latentDimension = parts.shape.latentDimension;
    Object.freeze(this);
  }

  /** @internal */
  static fromParts(parts: BidirectionalGanParts): BidirectionalGanModel {
    return new BidirectionalGanModel(parts);
  }

  /** The course of the training, epoch by epoch; a copy. */
  get history(): BidirectionalGanHistory {
    return copyLists(BIDIRECTIONAL_HISTORY, this.#parts.history);
  }

  /** What went wrong in training, in sentences with the options that cure it; empty for a sound game. */
  get warnings(): string[] {
    return warningsOf(this.#parts.history, COLLAPSE);
  }

  /** Bandwidth of the window of {@link logDensity} in each column, in the data's units. */
  get bandwidths(): Float64Array {
    return Float64Array.from(this.#parts.window.bandwidth);
  }

  /**
   * Draws rows: G(z) with z ~ N(0, I).
   *
   * @throws ModelError `invalid-option` for a bad count or seed.
   */
  sample(count: number, options?: SampleOptions): Samples {
    const owner = 'BidirectionalGanModel.sample';
    const { seed } = checkSampling(owner, count, options);
    const stream = RandomStream.of(seed ?? freshSeed(), owner);
    const rows = allocateSamples(owner, count, this.dimension);
    for (let first = 0; first < count; first += CHUNK) {
      const size = Math.min(CHUNK, count - first);
      const codes = new Float64Array(size * this.latentDimension);
      for (let k = 0; k < codes.length; k++) codes[k] = stream.normal();
      rows.set(this.#generate(codes, size), first * this.dimension);
    }
    return new Samples(rows, count, this.dimension);
  }

  /**
   * log p(x) of each row by a Parzen window over generated rows, in nats: an estimate, whose bandwidth is the one under
   * which the rows held out in `fit` were most probable.
   *
   *     p(x) = 1/M sum_m prod_j N(x_j; g_mj, h_j^2)
   *
   * Reference: Goodfellow et al. (2014), arXiv:1406.2661, section 5.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  logDensity(rows: SamplesLike): Float64Array {
    const owner = 'BidirectionalGanModel.logDensity';
    return this.#parts.window.logDensity(viewSamples(rows, { owner, columns: this.dimension }));
  }

  /** G(z) of each code, n x d. */
  generate(codes: SamplesLike): Samples {
    const points = this.#readCodes('BidirectionalGanModel.generate', codes);
    return new Samples(this.#generate(points.data, points.rows), points.rows, this.dimension);
  }

  /** Codes of each row: means and variances, n x L. A deterministic encoder has variances of 0. */
  encode(rows: SamplesLike): { means: Samples; variances: Samples } {
    const owner = 'BidirectionalGanModel.encode';
    const samples = viewSamples(rows, { owner, columns: this.dimension });
    const { means, variances } = this.#networks.encode(this.#encoded(owner, samples), samples.rows);
    const matrix = (data: Float64Array): Samples => new Samples(data, samples.rows, this.latentDimension);
    return { means: matrix(means), variances: matrix(variances) };
  }

  /** Each row by way of its code: `generate(encode(rows).means)`. */
  reconstruct(rows: SamplesLike): Samples {
    return this.generate(this.encode(rows).means);
  }

  /**
   * What the discriminator makes of each row with its code: the probability D that the pair is one of data for objectives
   * minimax and non-saturating, else its output.
   *
   * @param options - Other codes than `encode(rows).means`, one row for each row.
   */
  discriminate(rows: SamplesLike, options?: { readonly codes?: SamplesLike }): Float64Array {
    const owner = 'BidirectionalGanModel.discriminate';
    const given = readOptions(owner, options, ['codes']).get('codes') as SamplesLike | undefined;
    const samples = viewSamples(rows, { owner, columns: this.dimension });
    const coded = this.#encoded(owner, samples);
    const codes = given === undefined ? undefined : this.#readCodes(owner, given);
    if (codes !== undefined && codes.rows !== samples.rows) {
      const must = `codes must have one row for each of the ${samples.rows} rows`;
      throw modelError('shape-mismatch', { owner, must, got: codes.rows });
    }
    const points = codes?.data ?? this.#networks.encode(coded, samples.rows).means;
    const pairs = beside(coded, this.dimension, points, this.latentDimension, samples.rows);
    const outputs = this.#networks.judge(pairs, samples.rows);
    return hasLogits(this.#parts.objective) ? outputs.map(sigmoidOf) : outputs;
  }

  #encoded(owner: string, samples: Samples): Float64Array {
    return this.#code.encode(samples, { owner, name: 'rows', binarization: 'refuse' });
  }

  #generate(codes: Float64Array, rows: number): Float64Array {
    return decodeInto(this.#networks.generate(codes, rows), this.#code);
  }

  #readCodes(owner: string, codes: SamplesLike): Samples {
    return viewSamples(codes, { owner, name: 'codes', columns: this.latentDimension });
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
  static fromState(state: ModelState): BidirectionalGanModel {
    return new BidirectionalGanModel(fromState(state));
  }

  /**
   * Reads what `JSON.stringify(model)` or `model.toJSON()` gave.
   *
   * @throws ModelError `invalid-model-file` for anything else.
   */
  static fromJSON(json: unknown): BidirectionalGanModel {
    return BidirectionalGanModel.fromState(stateFromJson(json, 'BidirectionalGanModel.fromJSON'));
  }
}
