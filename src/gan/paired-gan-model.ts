/**
 * The fitted paired translation.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkSampling, type SampleOptions } from '../core/estimator.js';
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { freshSeed, RandomStream } from '../core/random.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { ColumnCode } from '../neural/columns.js';
import { beside } from '../neural/conditions.js';
import { PlainMlp } from '../neural/inference.js';
import { warningsOf } from './history.js';
import { copyLists } from './lists.js';
import {
  fromState,
  networkOf,
  PAIRED_HISTORY,
  type PairedGanHistory,
  type PairedGanParts,
  toState,
} from './paired-gan-state.js';
import { decodeInto } from './sides.js';
import { weightsOf } from './stored-networks.js';
import type { TranslationModel } from './translation-model.js';

/** Options against a lack of variety. */
const COLLAPSE = '"r1", a smaller "reconstruction" or "reconstructed" to "mean"';

/**
 * A fitted map y = T(x, z) of rows to rows, with chance z ~ N(0, I) in it.
 *
 * All methods run in plain doubles on the float32 weights that training found: they are synchronous, need no TensorFlow,
 * and give the same bits after saving and loading.
 *
 * See {@link PairedGan} for references and an example.
 */
export class PairedGanModel implements TranslationModel {
  /** Number of columns of x. */
  readonly fromDimension: number;
  /** Number of columns of y. */
  readonly toDimension: number;
  /** Number of columns of z. */
  readonly latentDimension: number;
  readonly #parts: PairedGanParts;
  readonly #generator: PlainMlp;

  private constructor(parts: PairedGanParts) {
    this.#parts = parts;
    this.#generator = new PlainMlp(networkOf(parts), weightsOf(parts.weights));
    this.fromDimension = parts.from.kinds.length;
    this.toDimension = parts.to.kinds.length;
    this.latentDimension = parts.latentDimension;
    Object.freeze(this);
  }

  /** @internal */
  static fromParts(parts: PairedGanParts): PairedGanModel {
    return new PairedGanModel(parts);
  }

  /** The course of the training, epoch by epoch; a copy. */
  get history(): PairedGanHistory {
    return copyLists(PAIRED_HISTORY, this.#parts.history);
  }

  /** What went wrong in training, in sentences with the options that cure it; empty for a sound game. */
  get warnings(): string[] {
    return warningsOf(this.#parts.history, COLLAPSE);
  }

  /**
   * One draw of y for each row x.
   *
   * @param options - The seed: the same one gives the same draws, none gives fresh ones.
   * @throws ModelError for rows of another width or with numbers that are not finite, or a seed that is none.
   */
  translate(rows: SamplesLike, options?: SampleOptions): Samples {
    const owner = 'PairedGanModel.translate';
    const { seed } = checkSampling(owner, 0, options);
    const stream = RandomStream.of(seed ?? freshSeed(), owner);
    const samples = viewSamples(rows, { owner, columns: this.fromDimension });
    const codes = new Float64Array(samples.rows * this.latentDimension);
    for (let k = 0; k < codes.length; k++) codes[k] = stream.normal();
    return this.#apply(owner, samples, codes);
  }

  /**
   * T(x, z) of each row at codes of your own.
   *
   * @param codes - z, one row for each row.
   * @throws ModelError for rows or codes of another width or number.
   */
  generate(rows: SamplesLike, codes: SamplesLike): Samples {
    const owner = 'PairedGanModel.generate';
    const samples = viewSamples(rows, { owner, columns: this.fromDimension });
    const given = viewSamples(codes, { owner, name: 'codes', columns: this.latentDimension });
    if (given.rows !== samples.rows) {
      const must = `codes must have one row for each of the ${samples.rows} rows`;
      throw modelError('shape-mismatch', { owner, must, got: given.rows });
    }
    return this.#apply(owner, samples, given.data);
  }

  #apply(owner: string, samples: Samples, codes: Float64Array): Samples {
    const { rows, columns } = samples;
    const { from, to, latentDimension } = this.#parts;
    const reader = { owner, name: 'rows', binarization: 'refuse' } as const;
    const coded = new ColumnCode(from).encode(samples, reader);
    const inputs = beside(coded, columns, codes, latentDimension, rows);
    return new Samples(decodeInto(this.#generator.apply(inputs, rows), to), rows, this.toDimension);
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
  static fromState(state: ModelState): PairedGanModel {
    return new PairedGanModel(fromState(state));
  }

  /**
   * Reads what `JSON.stringify(model)` or `model.toJSON()` gave.
   *
   * @throws ModelError `invalid-model-file` for anything else.
   */
  static fromJSON(json: unknown): PairedGanModel {
    return PairedGanModel.fromState(stateFromJson(json, 'PairedGanModel.fromJSON'));
  }
}
