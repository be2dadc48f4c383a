/**
 * A model as data: its kind, its settings, and its arrays. JSON and files are two spellings of it.
 *
 * @module
 */
import { modelError } from './errors.js';
import { parseStrictJson } from './strict-json.js';
import { alternatives } from './text.js';

/** A setting that JSON can hold. */
export type Setting = null | boolean | number | string | readonly Setting[] | { readonly [name: string]: Setting };

/** The array types that models keep. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The names of those types, as in the safetensors layout. */
export type TensorType = 'F64' | 'F32' | 'I32' | 'U32' | 'U8';

/** An array with its shape, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: TensorData;
}

/** All there is to a fitted model. */
export interface ModelState {
  /** The name of the model's class, such as `GaussianMixtureModel`. */
  readonly kind: string;
  /** Which reading of settings and tensors this is; raised when they change their meaning. */
  readonly version: number;
  readonly settings: { readonly [name: string]: Setting };
  readonly tensors: { readonly [name: string]: Tensor };
}

/** {@link ModelState} as plain JSON. */
export interface ModelJson {
  readonly format: 'generative-models';
  readonly kind: string;
  readonly version: number;
  readonly settings: { readonly [name: string]: Setting };
  readonly tensors: { readonly [name: string]: { type: TensorType; shape: number[]; data: number[] } };
}

/** How each tensor type is stored: its array, and the bytes of one entry. */
export const TENSOR_TYPES: Readonly<Record<TensorType, { array: new (length: number) => TensorData; bytes: number }>> =
  {
    F64: { array: Float64Array, bytes: 8 },
    F32: { array: Float32Array, bytes: 4 },
    I32: { array: Int32Array, bytes: 4 },
    U32: { array: Uint32Array, bytes: 4 },
    U8: { array: Uint8Array, bytes: 1 },
  };

/** The type name of an array. */
export function tensorType(data: TensorData): TensorType {
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof Uint32Array ? 'U32' : 'U8';
}

/** A tensor of doubles. */
export function tensor(data: Float64Array, ...shape: number[]): Tensor {
  return { shape, data };
}

/** Product of a shape's entries. */
export function shapeSize(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** A state as JSON. Numbers are finite and print their shortest exact form, so reading gives the same bits. */
export function stateToJson(state: ModelState): ModelJson {
  const tensors: Record<string, { type: TensorType; shape: number[]; data: number[] }> = {};
  for (const [name, { shape, data }] of Object.entries(state.tensors)) {
    tensors[name] = { type: tensorType(data), shape: [...shape], data: Array.from(data) };
  }
  return { format: 'generative-models', kind: state.kind, version: state.version, settings: state.settings, tensors };
}

/**
 * Reads JSON back into a state; what it means is for the model's class to check.
 *
 * @throws ModelError `invalid-model-file`.
 */
export function stateFromJson(json: unknown, owner: string): ModelState {
  const reader = new StateReader(owner);
  let parsed: unknown;
  try {
    // Getters and proxies of an object are read once, here; what follows works on a plain copy.
    parsed = typeof json === 'string' ? parseStrictJson(json) : JSON.parse(JSON.stringify(json) ?? 'null');
  } catch (cause) {
    throw reader.fault(
      `the JSON must be readable (${cause instanceof Error ? cause.message : cause})`,
      undefined,
      cause,
    );
  }
  const { format, kind, version, settings, tensors } = reader.object(parsed, 'the JSON', [
    'format',
    'kind',
    'version',
    'settings',
    'tensors',
  ]);
  if (format !== 'generative-models') throw reader.fault('format must be "generative-models"', format);
  if (typeof kind !== 'string') throw reader.fault('kind must be a string', kind);
  if (!Number.isSafeInteger(version)) throw reader.fault('version must be an integer', version);
  const read: Record<string, Tensor> = Object.create(null);
  for (const [name, entry] of Object.entries(reader.object(tensors, 'tensors')))
    read[name] = readTensor(reader, name, entry);
  return {
    kind,
    version: version as number,
    settings: reader.object(settings, 'settings') as ModelState['settings'],
    tensors: read,
  };
}

function readTensor(reader: StateReader, name: string, entry: unknown): Tensor {
  const { type, shape, data } = reader.object(entry, `tensor "${name}"`, ['type', 'shape', 'data']);
  if (typeof type !== 'string' || !Object.hasOwn(TENSOR_TYPES, type)) {
    throw reader.fault(`type of tensor "${name}" must be one of ${alternatives(Object.keys(TENSOR_TYPES))}`, type);
  }
  if (!Array.isArray(shape) || !shape.every((size) => Number.isSafeInteger(size) && size >= 0)) {
    throw reader.fault(`shape of tensor "${name}" must be an array of integers >= 0`, shape);
  }
  if (!Array.isArray(data) || data.length !== shapeSize(shape)) {
    const got = Array.isArray(data) ? data.length : data;
    throw reader.fault(`data of tensor "${name}" must hold ${shapeSize(shape)} numbers`, got);
  }
  const array = new TENSOR_TYPES[type as TensorType].array(data.length);
  for (let i = 0; i < data.length; i++) {
    if (typeof data[i] !== 'number') throw reader.fault(`entry ${i} of tensor "${name}" must be a number`, data[i]);
    array[i] = data[i];
    // The type must hold the number as it stands, or reading would change it.
    if (array[i] !== data[i]) throw reader.fault(`entry ${i} of tensor "${name}" must be of type ${type}`, data[i]);
  }
  return { shape, data: array };
}

/** Checks pieces of a foreign state, with one owner for all complaints. */
export class StateReader {
  readonly owner: string;

  constructor(owner: string) {
    this.owner = owner;
  }

  /** The error to throw: *owner: must, but got value.* */
  fault(must: string, got?: unknown, cause?: unknown): Error {
    const shown = got === undefined ? {} : { got };
    return modelError('invalid-model-file', { owner: this.owner, must, ...shown, cause });
  }

  /** A plain object, with exactly the given keys where they are named. */
  object(value: unknown, what: string, keys?: readonly string[]): Record<string, unknown> {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw this.fault(`${what} must be an object`, value);
    }
    if (keys !== undefined) this.#checkKeys(Object.keys(value), what, keys);
    if (Object.hasOwn(value, '__proto__')) throw this.fault(`${what} must not name "__proto__"`);
    return value as Record<string, unknown>;
  }

  #checkKeys(found: readonly string[], what: string, keys: readonly string[]): void {
    for (const key of keys) if (!found.includes(key)) throw this.fault(`${what} must have "${key}"`);
    for (const key of found) {
      if (!keys.includes(key)) throw this.fault(`${what} must not have ${JSON.stringify(key.slice(0, 40))}`);
    }
  }

  /** Checks kind, version and the exact names of settings and tensors. */
  layout(
    state: ModelState,
    kind: string,
    version: number,
    settings: readonly string[],
    tensors: readonly string[],
  ): void {
    if (state.kind !== kind) throw this.fault(`kind must be "${kind}"`, state.kind);
    if (state.version !== version) {
      throw this.fault(`version must be ${version}, which this release reads`, state.version);
    }
    this.object(state.settings, 'settings', settings);
    this.object(state.tensors, 'tensors', tensors);
  }

  /** The finite doubles of a tensor of the given shape; a copy, so that the model shares nothing with its source. */
  doubles(state: ModelState, name: string, ...shape: number[]): Float64Array {
    const { data, shape: found } = state.tensors[name];
    if (!(data instanceof Float64Array)) throw this.fault(`tensor "${name}" must be of type F64`, tensorType(data));
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis])) {
      throw this.fault(`tensor "${name}" must have shape [${shape.join(', ')}]`, [...found]);
    }
    for (let i = 0; i < data.length; i++) {
      if (!Number.isFinite(data[i])) throw this.fault(`entry ${i} of tensor "${name}" must be finite`, data[i]);
    }
    return data.slice();
  }

  /** The size of one axis of a tensor, for shapes that the tensor itself decides. */
  size(state: ModelState, name: string, axis: number, rank: number): number {
    const { shape } = state.tensors[name];
    if (shape.length !== rank) throw this.fault(`tensor "${name}" must have ${rank} axes`, [...shape]);
    if (!(shape[axis] >= 1)) throw this.fault(`axis ${axis} of tensor "${name}" must be at least 1`, shape[axis]);
    return shape[axis];
  }

  /** A setting that must be one of some names. */
  name<const Names extends readonly string[]>(state: ModelState, setting: string, names: Names): Names[number] {
    const value = state.settings[setting];
    if (typeof value === 'string' && names.includes(value)) return value;
    throw this.fault(`setting "${setting}" must be ${alternatives(names)}`, value);
  }

  /** A setting that must be a finite number in a range. */
  number(state: ModelState, setting: string, least: number, most: number = Number.MAX_VALUE): number {
    const value = state.settings[setting];
    if (typeof value === 'number' && value >= least && value <= most) return value;
    throw this.fault(`setting "${setting}" must be a number from ${least} to ${most}`, value);
  }

  /** A setting that must be an integer in a range. */
  integer(state: ModelState, setting: string, least: number, most: number = Number.MAX_SAFE_INTEGER): number {
    const value = this.number(state, setting, least, most);
    if (Number.isInteger(value)) return value;
    throw this.fault(`setting "${setting}" must be an integer`, value);
  }

  /** A setting that must be true or false. */
  flag(state: ModelState, setting: string): boolean {
    const value = state.settings[setting];
    if (typeof value === 'boolean') return value;
    throw this.fault(`setting "${setting}" must be true or false`, value);
  }
}
