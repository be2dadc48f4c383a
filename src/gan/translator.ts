/**
 * The map of a translation: a linear part, which alone can turn, scale and shift, and a multilayer perceptron beside it.
 *
 *     T(x) = x A + b + f(x)
 *
 * f starts small, so that a translation starts as its linear part: the identity unless told otherwise. A start far from any
 * sensible map, such as a mirror image, is hard to leave: where two maps undo each other, the way to the other orientation
 * leads through one that undoes nothing.
 *
 * @module
 */
import type { ActivationName } from '../neural/activations.js';
import { PlainMlp } from '../neural/inference.js';
import { applyMlp, type MlpSpec, mlpParameters } from '../neural/mlp.js';
import { add } from '../neural/operations.js';
import type { BoundParameters, Initializer, ParameterSpec } from '../neural/parameters.js';
import type { Value } from '../neural/value.js';

/** The shape of a translator. */
export interface TranslatorSpec {
  readonly linear: MlpSpec;
  /** Left out where there are no hidden layers. */
  readonly deep: MlpSpec | undefined;
}

/** How a translator is made. */
export interface TranslatorShape {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: ActivationName;
}

/** The networks of a translator; `name` is the first part of the names of its parameters. */
export function translatorSpec(name: string, { inputs, hidden, outputs, activation }: TranslatorShape): TranslatorSpec {
  return {
    linear: { name: `${name}.linear`, inputs, hidden: [], outputs, activation: 'linear' },
    deep: hidden.length === 0 ? undefined : { name: `${name}.deep`, inputs, hidden, outputs, activation },
  };
}

/** Share of the variance of its input that f has at first, in each column: enough to tell its units apart. */
const FIRST_GAIN = 0.1;

/**
 * The parameters of a translator.
 *
 * @param start - A at first, inputs x outputs, row-major.
 */
export function translatorParameters({ linear, deep }: TranslatorSpec, start: Float64Array): ParameterSpec[] {
  const given: Initializer = (values) => {
    values.set(start);
  };
  const [weights, biases] = mlpParameters(linear);
  const own = [{ ...weights, initialize: given }, biases];
  return deep === undefined ? own : [...own, ...mlpParameters(deep, FIRST_GAIN)];
}

/** Names and shapes of the parameters, however they start. */
export function translatorPlaces({ linear, deep }: TranslatorSpec): ParameterSpec[] {
  return [...mlpParameters(linear), ...(deep === undefined ? [] : mlpParameters(deep))];
}

/** The translator on a backend: rows in, rows out, differentiable. */
export function applyTranslator({ linear, deep }: TranslatorSpec, parameters: BoundParameters, rows: Value): Value {
  const straight = applyMlp(linear, parameters, rows);
  return deep === undefined ? straight : add(straight, applyMlp(deep, parameters, rows));
}

/** A translator in plain doubles. */
export class PlainTranslator {
  readonly #linear: PlainMlp;
  readonly #deep: PlainMlp | undefined;

  /** @param weights - The values of a parameter by its name; copied. */
  constructor({ linear, deep }: TranslatorSpec, weights: (name: string) => ArrayLike<number>) {
    this.#linear = new PlainMlp(linear, weights);
    this.#deep = deep === undefined ? undefined : new PlainMlp(deep, weights);
  }

  /** Results of `rows` rows, row-major. */
  apply(input: Float64Array, rows: number): Float64Array {
    const straight = this.#linear.apply(input, rows);
    if (this.#deep === undefined) return straight;
    const bend = this.#deep.apply(input, rows);
    return straight.map((value, k) => value + bend[k]);
  }
}

/** The rectangular identity, row-major. */
export function identityMap(inputs: number, outputs: number): Float64Array {
  const map = new Float64Array(inputs * outputs);
  for (let i = 0; i < Math.min(inputs, outputs); i++) map[i * outputs + i] = 1;
  return map;
}

/** The other way round, A^T. */
export function transposedMap(map: Float64Array, inputs: number, outputs: number): Float64Array {
  const other = new Float64Array(map.length);
  for (let i = 0; i < inputs; i++) for (let j = 0; j < outputs; j++) other[j * inputs + i] = map[i * outputs + j];
  return other;
}
