/**
 * Networks and columns in model files, and back with every check.
 *
 * @module
 */
import type { ModelState, StateReader, Tensor } from '../core/model-state.js';
import type { ColumnStatistics } from '../neural/columns.js';
import { sizeOf } from '../neural/kernels.js';
import { MOST_UNITS } from '../neural/option-rules.js';
import type { ParameterSpec } from '../neural/parameters.js';
import { statisticsNames } from '../neural/stored-columns.js';
import { continuousKinds } from './sides.js';

/** Values of parameters by name. */
export type Weights = ReadonlyMap<string, Float32Array>;

/** The values of one parameter. */
export function weightsOf(weights: Weights): (name: string) => Float32Array {
  return (name) => {
    const values = weights.get(name);
    if (values === undefined) throw new RangeError(`there is no parameter "${name}"`);
    return values;
  };
}

/** A tensor for each parameter, by its name. */
export function parameterTensors(specs: readonly ParameterSpec[], weights: Weights): Record<string, Tensor> {
  const values = weightsOf(weights);
  return Object.fromEntries(specs.map(({ name, shape }) => [name, { shape, data: values(name).slice() }]));
}

/** Reads what {@link parameterTensors} made, once the layout is known to name every tensor. */
export function readParameters(reader: StateReader, state: ModelState, specs: readonly ParameterSpec[]): Weights {
  return new Map(specs.map(({ name, shape }) => [name, reader.floats(state, name, ...shape)]));
}

/** Compares sizes of parameters before anything of their size is made. */
export function checkParameters(reader: StateReader, state: ModelState, specs: readonly ParameterSpec[]): void {
  for (const { name, shape } of specs) {
    if (!Object.hasOwn(state.tensors, name)) throw reader.fault(`tensors must have "${name}"`);
    if (state.tensors[name].data.length === sizeOf(shape)) continue;
    throw reader.fault(`tensor "${name}" must have shape [${shape.join(', ')}]`, [...state.tensors[name].shape]);
  }
}

/** Widths of hidden layers among the settings. */
export function readWidths(reader: StateReader, state: ModelState, setting: string): number[] {
  const value = state.settings[setting];
  const isWidth = (width: unknown): boolean =>
    Number.isInteger(width) && Number(width) >= 1 && Number(width) <= MOST_UNITS;
  if (Array.isArray(value) && value.length <= 64 && value.every(isWidth)) return [...(value as number[])];
  throw reader.fault(`setting "${setting}" must be an array of layer widths`, value);
}

/** Reads the statistics of continuous columns, whose number their tensors decide. */
export function readColumns(reader: StateReader, state: ModelState, name: string): ColumnStatistics {
  for (const own of statisticsNames(name)) {
    if (!Object.hasOwn(state.tensors, own)) throw reader.fault(`tensors must have "${own}"`);
  }
  const count = reader.size(state, `${name}.centers`, 0, 1);
  const centers = reader.doubles(state, `${name}.centers`, count);
  const scales = reader.doubles(state, `${name}.scales`, count);
  const wrong = scales.find((scale) => !(scale > 0));
  if (wrong !== undefined) throw reader.fault(`tensor "${name}.scales" must be > 0`, wrong);
  return { kinds: continuousKinds(count), centers, scales };
}
