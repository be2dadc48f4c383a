/**
 * Features on data: what is matched between data and generated rows, on a backend with derivatives and in plain doubles.
 *
 * @module
 */
import type { ColumnCode } from '../neural/columns.js';
import * as operations from '../neural/operations.js';
import { constant, filled, type Value } from '../neural/value.js';
import { type FeatureProgram, OPERATIONS } from './expressions.js';

/** Features on data: standardised, on a backend and in plain doubles. */
export class FeatureMap {
  readonly program: FeatureProgram;
  /** Whether columns enter as networks see them; otherwise in the data's units, a category as its number. */
  readonly coded: boolean;
  readonly centers: Float64Array;
  readonly scales: Float64Array;
  readonly #code: ColumnCode;

  constructor(
    code: ColumnCode,
    program: FeatureProgram,
    coded: boolean,
    statistics?: { centers: Float64Array; scales: Float64Array },
  ) {
    this.#code = code;
    this.program = program;
    this.coded = coded;
    this.centers = statistics?.centers ?? new Float64Array(program.outputs.length);
    this.scales = statistics?.scales ?? new Float64Array(program.outputs.length).fill(1);
  }

  get width(): number {
    return this.program.outputs.length;
  }

  /** The same features less their mean over coded rows, over their standard deviation there. */
  standardized(coded: ArrayLike<number>, rows: number): FeatureMap {
    const plain = this.plain(coded, rows);
    const centers = new Float64Array(this.width);
    const scales = new Float64Array(this.width).fill(1);
    for (let k = 0; k < this.width; k++) {
      for (let i = 0; i < rows; i++) centers[k] += plain[i * this.width + k] / rows;
      let squares = 0;
      for (let i = 0; i < rows; i++) squares += (plain[i * this.width + k] - centers[k]) ** 2 / rows;
      if (squares > 0 && Number.isFinite(squares)) scales[k] = Math.sqrt(squares);
    }
    return new FeatureMap(this.#code, this.program, this.coded, { centers, scales });
  }

  /** Features of coded rows, n x width, differentiable. */
  apply(rows: Value): Value {
    const { context } = rows;
    const results: Value[] = [];
    for (const [name, ...inputs] of this.program.steps) {
      if (name === 'column') results.push(this.#column(rows, inputs[0]));
      else if (name === 'constant') results.push(filled(context, [rows.shape[0], 1], inputs[0]));
      else results.push(OPERATIONS[name].apply(results[inputs[0]], results[inputs[1]]));
    }
    const joined = operations.concat(
      this.program.outputs.map((place) => results[place]),
      1,
    );
    const centers = constant(context, Float32Array.from(this.centers), [1, this.width]);
    const inverses = constant(
      context,
      Float32Array.from(this.scales, (scale) => 1 / scale),
      [1, this.width],
    );
    return operations.multiply(operations.subtract(joined, centers), inverses);
  }

  /** The same in doubles, row-major. */
  plain(coded: ArrayLike<number>, rows: number): Float64Array {
    const { steps, outputs } = this.program;
    const results = new Float64Array(steps.length);
    const features = new Float64Array(rows * this.width);
    for (let i = 0; i < rows; i++) {
      steps.forEach(([name, a, b], place) => {
        if (name === 'column') results[place] = this.#plainColumn(coded, i, a);
        else results[place] = name === 'constant' ? a : OPERATIONS[name].value(results[a], results[b]);
      });
      outputs.forEach((place, k) => {
        features[i * this.width + k] = (results[place] - this.centers[k]) / this.scales[k];
      });
    }
    return features;
  }

  /** A column of coded rows in the data's units; for categories the mean of their numbers. */
  #column(rows: Value, column: number): Value {
    const code = this.#code;
    if (this.coded) return operations.columns(rows, column, column + 1);
    const block = code.categorical.find((entry) => entry.column === column);
    if (block !== undefined) {
      const numbers = Float32Array.from({ length: block.categories }, (_, k) => k);
      const chosen = operations.columns(rows, block.start, block.start + block.categories);
      return operations.matMul(chosen, constant(rows.context, numbers, [block.categories, 1]));
    }
    const place = placeOf(code, column);
    const own = operations.columns(rows, place, place + 1);
    return operations.shift(operations.scale(own, code.scales[column]), code.centers[column]);
  }

  #plainColumn(coded: ArrayLike<number>, row: number, column: number): number {
    const code = this.#code;
    const start = row * code.width;
    if (this.coded) return coded[start + column];
    const block = code.categorical.find((entry) => entry.column === column);
    if (block === undefined) return code.centers[column] + code.scales[column] * coded[start + placeOf(code, column)];
    let mean = 0;
    for (let k = 0; k < block.categories; k++) mean += k * coded[start + block.start + k];
    return mean;
  }
}

/** Where a continuous or binary column lies among coded ones. */
function placeOf({ continuous, binary }: ColumnCode, column: number): number {
  const place = continuous.indexOf(column);
  return place >= 0 ? place : continuous.length + binary.indexOf(column);
}
