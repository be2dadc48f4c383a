/**
 * A model as data: its kind, its settings, and its arrays. JSON and files are two spellings of it.
 *
 * @module
 */
import { modelError, reading } from './errors.js';
import { parseStrictJson } from './strict-json.js';
import { alternatives } from './text.js';

/** A setting that JSON can hold. */
export type Setting = null | boolean | number | string | readonly Setting[] | { readonly [name: string]: Setting };

/** The array types that models keep. */
export type TensorData = Float64Array | Float32Array | Int32Array | Uint32Array | Uint8Array;

/** The names of those types, as in the safetensors layout. */
export type TensorType = 'F64' | 'F32' | 'I32' | 'U32' | 'U8';

/** An array with its shape, row-major; all entries are finite. */
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

/** The largest version number; nine digits. */
const LATEST_VERSION = 999_999_999;
const MOST_TENSORS = 1000;
const DEEPEST_SETTING = 32;
const TENSOR_ARRAYS = 'a Float64Array, Float32Array, Int32Array, Uint32Array or Uint8Array';

/** Whether a value is one of the arrays that models keep. */
function isTensorData(value: unknown): value is TensorData {
  return ArrayBuffer.isView(value) && Object.values(TENSOR_TYPES).some(({ array }) => value instanceof array);
}

/** A tensor of doubles. */
export function tensor(data: Float64Array, ...shape: number[]): Tensor {
  return { shape, data };
}

/** Product of a shape's entries. */
export function shapeSize(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * A state as JSON that shares nothing with it. Numbers print their shortest exact form, so reading gives the same bits;
 * only a negative zero comes back as zero, because JSON text has none.
 *
 * @throws ModelError `invalid-model-file` when the state could not be read back.
 */
export function stateToJson(state: ModelState): ModelJson {
  new StateReader(state.kind).state(state);
  const tensors: Record<string, { type: TensorType; shape: number[]; data: number[] }> = {};
  for (const [name, { shape, data }] of Object.entries(state.tensors)) {
    tensors[name] = { type: tensorType(data), shape: [...shape], data: Array.from(data) };
  }
  const { kind, version } = state;
  return { format: 'generative-models', kind, version, settings: structuredClone(state.settings), tensors };
}

/**
 * Reads JSON back into a state; what it means is for the model's class to check.
 *
 * @throws ModelError `invalid-model-file`.
 */
export function stateFromJson(json: unknown, owner: string): ModelState {
  const reader = new StateReader(owner);
  // Getters and proxies of an object are read once, here; what follows works on a plain copy.
  const parsed = reading('invalid-model-file', owner, 'the JSON', () =>
    parseStrictJson(typeof json === 'string' ? json : (JSON.stringify(json) ?? 'null')),
  );
  const keys = ['format', 'kind', 'version', 'settings', 'tensors'];
  const { format, kind, version, settings, tensors } = reader.object(parsed, 'the JSON', keys);
  if (format !== 'generative-models') throw reader.fault('format must be "generative-models"', format);
  const read: Record<string, Tensor> = Object.create(null);
  for (const [name, entry] of Object.entries(reader.object(tensors, 'tensors'))) {
    read[name] = readTensor(reader, name, entry);
  }
  return reader.state({ kind, version, settings, tensors: read });
}

function readTensor(reader: StateReader, name: string, entry: unknown): Tensor {
  const { type, shape, data } = reader.object(entry, `tensor "${name}"`, ['type', 'shape', 'data']);
  if (typeof type !== 'string' || !Object.hasOwn(TENSOR_TYPES, type)) {
    throw reader.fault(`type of tensor "${name}" must be one of ${alternatives(Object.keys(TENSOR_TYPES))}`, type);
  }
  const size = shapeSize(reader.shape(shape, name));
  if (!Array.isArray(data) || data.length !== size) {
    const got = Array.isArray(data) ? data.length : data;
    throw reader.fault(`data of tensor "${name}" must hold ${size} numbers`, got);
  }
  const array = new TENSOR_TYPES[type as TensorType].array(data.length);
  for (let i = 0; i < data.length; i++) {
    if (typeof data[i] !== 'number') throw reader.fault(`entry ${i} of tensor "${name}" must be a number`, data[i]);
    array[i] = data[i];
    // The type must hold the number as it stands, or reading would change it.
    if (array[i] !== data[i]) throw reader.fault(`entry ${i} of tensor "${name}" must be of type ${type}`, data[i]);
  }
  return { shape: shape as number[], data: array };
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

  /** A shape: at most 8 integers >= 0. */
  shape(value: unknown, name: string): number[] {
    if (Array.isArray(value) && value.length <= 8 && value.every((size) => Number.isSafeInteger(size) && size >= 0)) {
      return value;
    }
    throw this.fault(`shape of tensor "${name}" must be at most 8 integers >= 0`, value);
  }

  /** What holds for every state, whatever its kind: what is written can be read, and what was read can be trusted. */
  state(value: unknown): ModelState {
    return reading('invalid-model-file', this.owner, 'the state', () => this.#checkState(value));
  }

  #checkState(value: unknown): ModelState {
    const { kind, version, settings, tensors } = this.object(value, 'the state');
    if (typeof kind !== 'string') throw this.fault('kind must be a string', kind);
    if (!Number.isSafeInteger(version) || !((version as number) >= 0 && (version as number) <= LATEST_VERSION)) {
      throw this.fault(`version must be an integer from 0 to ${LATEST_VERSION}`, version);
    }
    this.#checkSetting(this.object(settings, 'settings'), 'settings', 0);
    const entries = Object.entries(this.object(tensors, 'tensors'));
    if (entries.length > MOST_TENSORS)
      throw this.fault(`there must be at most ${MOST_TENSORS} tensors`, entries.length);
    for (const [name, tensor] of entries) this.#checkTensor(name, tensor);
    return value as ModelState;
  }

  #checkTensor(name: string, value: unknown): void {
    if (name === '__metadata__') throw this.fault('tensors must not name "__metadata__"');
    const { shape, data } = this.object(value, `tensor "${name}"`);
    const size = shapeSize(this.shape(shape, name));
    if (!isTensorData(data)) throw this.fault(`data of tensor "${name}" must be ${TENSOR_ARRAYS}`, data);
    if (data.length !== size) throw this.fault(`data of tensor "${name}" must hold ${size} numbers`, data.length);
    for (let i = 0; i < size; i++) {
      // x - x is NaN for NaN and both infinities, and 0 for the rest.
      if (data[i] - data[i] !== 0) throw this.fault(`entry ${i} of tensor "${name}" must be finite`, data[i]);
    }
  }

  #checkSetting(value: unknown, what: string, depth: number): void {
    if (depth > DEEPEST_SETTING) throw this.fault(`${what} must not be nested deeper than ${DEEPEST_SETTING}`);
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return;
    if (typeof value === 'number' && Number.isFinite(value)) return;
    if (typeof value !== 'object') throw this.fault(`${what} must hold finite numbers, texts and flags only`, value);
    const entries = Array.isArray(value) ? Object.entries(Array.from(value)) : Object.entries(this.object(value, what));
    for (const [name, entry] of entries) this.#checkSetting(entry, depth === 0 ? `setting "${name}"` : what, depth + 1);
  }

  /** Checks a state, its kind, its version and the exact names of settings and tensors: to be called first. */
  layout(
    state: ModelState,
    kind: string,
    version: number,
    settings: readonly string[],
    tensors: readonly string[],
  ): void {
    this.state(state);
    if (state.kind !== kind) throw this.fault(`kind must be "${kind}"`, state.kind);
    if (state.version !== version) {
      throw this.fault(`version must be ${version}, which this release reads`, state.version);
    }
    this.object(state.settings, 'settings', settings);
    this.object(state.tensors, 'tensors', tensors);
  }

  /** The finite doubles of a tensor of the given shape; a copy, so that the model shares nothing with its source. */
  doubles(state: ModelState, name: string, ...shape: number[]): Float64Array {
    const { data } = state.tensors[name];
    if (!(data instanceof Float64Array)) throw this.fault(`tensor "${name}" must be of type F64`, tensorType(data));
    this.#checkShape(state, name, shape);
    return data.slice();
  }

  /** As {@link doubles}, for the single precision of networks. */
  floats(state: ModelState, name: string, ...shape: number[]): Float32Array {
    const { data } = state.tensors[name];
    if (!(data instanceof Float32Array)) throw this.fault(`tensor "${name}" must be of type F32`, tensorType(data));
    this.#checkShape(state, name, shape);
    return data.slice();
  }

  #checkShape(state: ModelState, name: string, shape: readonly number[]): void {
    const { shape: found } = state.tensors[name];
    if (found.length !== shape.length || found.some((size, axis) => size !== shape[axis])) {
      throw this.fault(`tensor "${name}" must have shape [${shape.join(', ')}]`, [...found]);
    }
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
