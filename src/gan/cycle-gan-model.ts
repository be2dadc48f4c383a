/**
 * The fitted translation between two sets.
 *
 * @module
 */
import { type ModelJson, type ModelState, stateFromJson, stateToJson } from '../core/model-state.js';
import { Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import { ColumnCode, type ColumnStatistics } from '../neural/columns.js';
import {
  CYCLE_HISTORY,
  type CycleGanHistory,
  type CycleGanParts,
  fromState,
  networksOf,
  toState,
} from './cycle-gan-state.js';
import { warningsOf } from './history.js';
import { copyLists } from './lists.js';
import { decodeInto } from './sides.js';
import { weightsOf } from './stored-networks.js';
import type { TranslationModel } from './translation-model.js';
import { PlainTranslator } from './translator.js';

/** Options against a lack of variety. */
const COLLAPSE = '"r1", a larger "cycle" or more "alignments"';

/**
 * A fitted pair of maps: F from the first kind of rows to the second, G back.
 *
 * All methods run in plain doubles on the float32 weights that training found: they are synchronous, need no TensorFlow,
 * and give the same bits after saving and loading.
 *
 * See {@link CycleGan} for the reference and an example.
 */
export class CycleGanModel implements TranslationModel {
  /** Number of columns of the first kind of rows. */
  readonly fromDimension: number;
  /** Number of columns of the second kind. */
  readonly toDimension: number;
  readonly #parts: CycleGanParts;
  readonly #forward: PlainTranslator;
  readonly #backward: PlainTranslator;

  private constructor(parts: CycleGanParts) {
    this.#parts = parts;
    const { forward, backward } = networksOf(parts);
    this.#forward = new PlainTranslator(forward, weightsOf(parts.weights));
    this.#backward = new PlainTranslator(backward, weightsOf(parts.weights));
    this.fromDimension = parts.from.kinds.length;
    this.toDimension = parts.to.kinds.length;
    Object.freeze(this);
  }

  /** @internal */
  static fromParts(parts: CycleGanParts): CycleGanModel {
    return new CycleGanModel(parts);
  }

  /** The course of the training, epoch by epoch; a copy. */
  get history(): CycleGanHistory {
    return copyLists(CYCLE_HISTORY, this.#parts.history);
  }

  /** What went wrong in training, in sentences with the options that cure it; empty for a sound game. */
  get warnings(): string[] {
    const { generatorGradientNorm, ...lists } = this.#parts.history;
    const of = (direction: string, jensenShannon: Float64Array, diversity: Float64Array): string[] =>
      warningsOf({ generatorGradientNorm, jensenShannon, diversity }, COLLAPSE).map((text) => `${direction}: ${text}`);
    return [
      ...of('translate', lists.jensenShannonForward, lists.diversityForward),
      ...of('translateBack', lists.jensenShannonBackward, lists.diversityBackward),
    ];
  }

  /**
   * F of each row: rows of the first kind as rows of the second.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  translate(rows: SamplesLike): Samples {
    return translated('CycleGanModel.translate', this.#forward, rows, this.#parts.from, this.#parts.to);
  }

  /**
   * G of each row: rows of the second kind as rows of the first.
   *
   * @throws ModelError for rows of another width or with numbers that are not finite.
   */
  translateBack(rows: SamplesLike): Samples {
    return translated('CycleGanModel.translateBack', this.#backward, rows, this.#parts.to, this.#parts.from);
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
  static fromState(state: ModelState): CycleGanModel {
    return new CycleGanModel(fromState(state));
  }

  /**
   * Reads what `JSON.stringify(model)` or `model.toJSON()` gave.
   *
   * @throws ModelError `invalid-model-file` for anything else.
   */
  static fromJSON(json: unknown): CycleGanModel {
    return CycleGanModel.fromState(stateFromJson(json, 'CycleGanModel.fromJSON'));
  }
}

function translated(
  owner: string,
  map: PlainTranslator,
  rows: SamplesLike,
  from: ColumnStatistics,
  to: ColumnStatistics,
): Samples {
  const samples = viewSamples(rows, { owner, columns: from.kinds.length });
  const coded = new ColumnCode(from).encode(samples, { owner, name: 'rows', binarization: 'refuse' });
  const results = decodeInto(map.apply(coded, samples.rows), to);
  return new Samples(results, samples.rows, to.kinds.length);
}
