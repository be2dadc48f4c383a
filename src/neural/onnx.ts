/**
 * Networks as ONNX files: the small part of the format that dense networks need, written by hand.
 *
 * An ONNX file is a protocol-buffer message. Fields are tagged with their number and wire type: 0 for integers of variable
 * length, 2 for anything that states its length first.
 *
 * Reference: https://onnx.ai/onnx/repo-docs/IR.html and onnx.proto; https://protobuf.dev/programming-guides/encoding.
 *
 * @module
 */

/** Bytes of a message, piece by piece. */
export type Message = readonly Uint8Array[];

/** An integer of variable length: seven bits per byte, least first. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    const more = rest > 127n;
    bytes.push(Number(rest & 127n) | (more ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

function integerField(field: number, value: number): Message {
  return [varint(field << 3), varint(value)];
}

function bytesField(field: number, bytes: Uint8Array): Message {
  return [varint((field << 3) | 2), varint(bytes.length), bytes];
}

function textField(field: number, text: string): Message {
  return bytesField(field, new TextEncoder().encode(text));
}

function messageField(field: number, ...parts: Message[]): Message {
  return bytesField(field, join(parts.flat()));
}

function join(parts: Message): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** An attribute of a node. */
export type OnnxAttribute = number | readonly number[];

/** One operation: an operator of the standard set, with names of its inputs and outputs. */
export interface OnnxNode {
  readonly operator: string;
  readonly inputs: readonly string[];
  readonly output: string;
  /** Whole numbers; `alpha` of LeakyRelu and Elu alone is a float. */
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
}

/** A constant array of float32 or, for shapes and indices, of int64. */
export interface OnnxConstant {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | BigInt64Array;
}

/** A graph with one batch axis of free size `n` before each input's and output's columns. */
export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly { readonly name: string; readonly columns: number }[];
  readonly outputs: readonly { readonly name: string; readonly columns: number }[];
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxConstant[];
}

// Numbers of fields and types in onnx.proto.
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;
/** IR version 8 and operator set 13 (2020) hold all that is used here, and every later runtime reads them. */
const IR_VERSION = 8;
const OPERATOR_SET = 13;

/** The bytes of an ONNX file. */
export function encodeOnnx(graph: OnnxGraph): Uint8Array {
  const body = [
    ...graph.nodes.map((node) => messageField(1, encodeNode(node))),
    textField(2, graph.name),
    ...graph.constants.map((constant) => messageField(5, encodeConstant(constant))),
    ...graph.inputs.map((value) => messageField(11, encodeValue(value))),
    ...graph.outputs.map((value) => messageField(12, encodeValue(value))),
  ];
  return join([
    ...integerField(1, IR_VERSION),
    ...textField(2, 'generative-models'),
    ...messageField(7, ...body),
    ...messageField(8, textField(1, ''), integerField(2, OPERATOR_SET)),
  ]);
}

function encodeNode({ operator, inputs, output, attributes = {} }: OnnxNode): Message {
  return [
    ...inputs.flatMap((name) => textField(1, name)),
    ...textField(2, output),
    ...textField(3, `${operator}:${output}`),
    ...textField(4, operator),
    ...Object.entries(attributes).flatMap(([name, value]) => messageField(5, encodeAttribute(name, value))),
  ];
}

function encodeAttribute(name: string, value: OnnxAttribute): Message {
  if (typeof value !== 'number') {
    return [
      ...textField(1, name),
      ...value.flatMap((entry) => integerField(8, entry)),
      ...integerField(20, ATTRIBUTE_INTS),
    ];
  }
  if (name !== 'alpha') return [...textField(1, name), ...integerField(3, value), ...integerField(20, ATTRIBUTE_INT)];
  const bits = new Uint8Array(4);
  new DataView(bits.buffer).setFloat32(0, value, true);
  // Wire type 5: four bytes.
  return [...textField(1, name), varint((2 << 3) | 5), bits, ...integerField(20, ATTRIBUTE_FLOAT)];
}

function encodeConstant({ name, shape, data }: OnnxConstant): Message {
  const bytes = new Uint8Array(data.byteLength);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < data.length; i++) {
    if (data instanceof Float32Array) view.setFloat32(4 * i, data[i], true);
    else view.setBigInt64(8 * i, data[i], true);
  }
  return [
    ...shape.flatMap((size) => integerField(1, size)),
    ...integerField(2, data instanceof Float32Array ? FLOAT : INT64),
    ...textField(8, name),
    ...bytesField(9, bytes),
  ];
}

function encodeValue({ name, columns }: { readonly name: string; readonly columns: number }): Message {
  const free = messageField(1, textField(2, 'n'));
  const fixed = messageField(1, integerField(1, columns));
  const type = messageField(1, integerField(1, FLOAT), messageField(2, free, fixed));
  return [...textField(1, name), ...messageField(2, type)];
}
