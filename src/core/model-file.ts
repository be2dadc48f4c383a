/**
 * Model files in the safetensors layout: eight bytes of header length, a JSON header, then the arrays, little-endian.
 *
 * The header names each tensor's type, shape and place; its `__metadata__` holds kind, version and settings as strings.
 * There is no code in a file. Reading is strict: sizes must agree, tensors must cover the data without hole or overlap,
 * keys must be unique.
 *
 * Reference: the safetensors format, https://github.com/huggingface/safetensors#format.
 *
 * @module
 */
import { modelError, reading } from './errors.js';
import {
  type ModelState,
  StateReader,
  shapeSize,
  TENSOR_TYPES,
  type Tensor,
  type TensorData,
  type TensorType,
  tensorType,
} from './model-state.js';
import { parseStrictJson } from './strict-json.js';

/** No model of ours comes near; a header that claims more is hostile. */
const LONGEST_HEADER = 1 << 20;
const LENGTH_BYTES = 8;

/**
 * Writes a state as the bytes of a model file.
 *
 * @throws ModelError `invalid-model-file` when the state could not be read back.
 */
export function encodeModelFile(state: ModelState): Uint8Array {
  new StateReader(state.kind).state(state);
  const metadata = {
    format: 'generative-models',
    kind: state.kind,
    version: String(state.version),
    settings: JSON.stringify(state.settings),
  };
  const header: Record<string, unknown> = { __metadata__: metadata };
  // Widest types first, so that each array starts on a multiple of its entry's size.
  const tensors = Object.entries(state.tensors).sort(([, a], [, b]) => entryBytes(b.data) - entryBytes(a.data));
  let offset = 0;
  for (const [name, { shape, data }] of tensors) {
    header[name] = { dtype: tensorType(data), shape, data_offsets: [offset, offset + data.byteLength] };
    offset += data.byteLength;
  }
  const text = new TextEncoder().encode(JSON.stringify(header));
  if (text.length + LENGTH_BYTES > LONGEST_HEADER) {
    throw modelError('invalid-model-file', { owner: state.kind, must: 'settings must fit into a header of 1 MiB' });
  }
  const headerLength = Math.ceil(text.length / LENGTH_BYTES) * LENGTH_BYTES;
  const bytes = new Uint8Array(LENGTH_BYTES + headerLength + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerLength), true);
  bytes.fill(0x20, LENGTH_BYTES, LENGTH_BYTES + headerLength);
  bytes.set(text, LENGTH_BYTES);
  let place = LENGTH_BYTES + headerLength;
  for (const [, { data }] of tensors) {
    writeArray(new DataView(bytes.buffer, place, data.byteLength), data);
    place += data.byteLength;
  }
  return bytes;
}

/**
 * Reads the bytes of a model file into a state; what it means is for the model's class to check.
 *
 * @throws ModelError `invalid-model-file`, and nothing else, whatever the bytes are.
 */
export function decodeModelFile(bytes: Uint8Array, owner: string): ModelState {
  const reader = new StateReader(owner);
  if (!ArrayBuffer.isView(bytes) || !(bytes instanceof Uint8Array))
    throw reader.fault('the file must be given as a Uint8Array', bytes);
  const { header, body } = splitFile(reader, bytes);
  const { __metadata__, ...entries } = reader.object(header, 'the header');
  const metadata = reader.object(__metadata__, 'the metadata', ['format', 'kind', 'version', 'settings']);
  if (metadata.format !== 'generative-models')
    throw reader.fault('format must be "generative-models"', metadata.format);
  return reader.state({
    kind: metadata.kind,
    version: readVersion(reader, metadata.version),
    settings: readSettings(reader, metadata.settings),
    tensors: readTensors(reader, entries, body),
  });
}

function entryBytes(data: TensorData): number {
  return TENSOR_TYPES[tensorType(data)].bytes;
}

function splitFile(reader: StateReader, bytes: Uint8Array): { header: unknown; body: Uint8Array } {
  if (bytes.length < LENGTH_BYTES) throw reader.fault('the file must hold at least 8 bytes', bytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(LONGEST_HEADER)) throw reader.fault(`the header must be at most ${LONGEST_HEADER} bytes`, length);
  const end = LENGTH_BYTES + Number(length);
  if (end > bytes.length) throw reader.fault(`the file must hold its header of ${length} bytes`, bytes.length);
  // The format wants a brace at once: no white space, and no byte order mark, which TextDecoder would drop.
  if (bytes[LENGTH_BYTES] !== 0x7b) throw reader.fault('the header must begin with "{"', bytes[LENGTH_BYTES]);
  const header = reading('invalid-model-file', reader.owner, 'the header', () =>
    parseStrictJson(new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(LENGTH_BYTES, end))),
  );
  return { header, body: bytes.subarray(end) };
}

function readVersion(reader: StateReader, version: unknown): number {
  if (typeof version === 'string' && /^\d{1,9}$/.test(version)) return Number(version);
  throw reader.fault('version must be a whole number in a string', version);
}

function readSettings(reader: StateReader, settings: unknown): ModelState['settings'] {
  if (typeof settings !== 'string') throw reader.fault('settings must be a string', settings);
  const parsed = reading('invalid-model-file', reader.owner, 'settings', () => parseStrictJson(settings));
  return parsed as ModelState['settings'];
}

interface Entry {
  readonly name: string;
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function readTensors(reader: StateReader, entries: Record<string, unknown>, body: Uint8Array): ModelState['tensors'] {
  const places = Object.entries(entries).map(([name, entry]) => readEntry(reader, name, entry));
  places.sort((a, b) => a.begin - b.begin || a.end - b.end);
  const tensors: Record<string, Tensor> = Object.create(null);
  let covered = 0;
  for (const { name, type, shape, begin, end } of places) {
    if (begin !== covered)
      throw reader.fault(`tensor "${name}" must begin where the one before ends, ${covered}`, begin);
    if (end > body.length) throw reader.fault(`tensor "${name}" must end within the ${body.length} bytes of data`, end);
    const view = new DataView(body.buffer, body.byteOffset + begin, end - begin);
    tensors[name] = { shape, data: readArray(view, type, shapeSize(shape)) };
    covered = end;
  }
  if (covered !== body.length) throw reader.fault(`the data must end with the last tensor, at ${covered}`, body.length);
  return tensors;
}

function readEntry(reader: StateReader, name: string, value: unknown): Entry {
  const { dtype, shape, data_offsets } = reader.object(value, `tensor "${name}"`, ['dtype', 'shape', 'data_offsets']);
  if (typeof dtype !== 'string' || !Object.hasOwn(TENSOR_TYPES, dtype)) {
    throw reader.fault(`dtype of tensor "${name}" must be one of ${Object.keys(TENSOR_TYPES).join(', ')}`, dtype);
  }
  const type = dtype as TensorType;
  const sizes = reader.shape(shape, name);
  const bytes = shapeSize(sizes) * TENSOR_TYPES[type].bytes;
  if (!isSpan(data_offsets, bytes)) {
    throw reader.fault(`data_offsets of tensor "${name}" must span the ${bytes} bytes of its shape`, data_offsets);
  }
  const [begin, end] = data_offsets;
  return { name, type, shape: sizes, begin, end };
}

function isSpan(value: unknown, bytes: number): value is [begin: number, end: number] {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [begin, end] = value;
  return Number.isSafeInteger(begin) && Number.isSafeInteger(end) && begin >= 0 && end - begin === bytes;
}

/** How a type's entries are read and written in a view: little-endian, whatever the machine is. */
const ENTRIES: Readonly<Record<TensorType, { get: keyof DataView; set: keyof DataView }>> = {
  F64: { get: 'getFloat64', set: 'setFloat64' },
  F32: { get: 'getFloat32', set: 'setFloat32' },
  I32: { get: 'getInt32', set: 'setInt32' },
  U32: { get: 'getUint32', set: 'setUint32' },
  U8: { get: 'getUint8', set: 'setUint8' },
};

function writeArray(view: DataView, data: TensorData): void {
  const type = tensorType(data);
  const { bytes } = TENSOR_TYPES[type];
  const set = view[ENTRIES[type].set] as DataView['setFloat64'];
  for (let i = 0; i < data.length; i++) set.call(view, bytes * i, data[i], true);
}

function readArray(view: DataView, type: TensorType, length: number): TensorData {
  const { array, bytes } = TENSOR_TYPES[type];
  const data = new array(length);
  const get = view[ENTRIES[type].get] as DataView['getFloat64'];
  for (let i = 0; i < length; i++) data[i] = get.call(view, bytes * i, true);
  return data;
}
