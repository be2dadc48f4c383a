/**
 * Reads an ONNX file back and runs it: written from the format's description, apart from the writer under test.
 *
 * @module
 */
interface Field {
  readonly number: number;
  readonly value: number;
  readonly bytes: Uint8Array;
}

function* fieldsOf(bytes: Uint8Array): Iterable<Field> {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    let factor = 1;
    for (;;) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
      factor *= 128;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, wire] = [tag >>> 3, tag & 7];
    if (wire === 0) yield { number, value: varint(), bytes: new Uint8Array(0) };
    else {
      const length = wire === 5 ? 4 : varint();
      yield { number, value: Number.NaN, bytes: bytes.subarray(at, at + length) };
      at += length;
    }
  }
}

const all = (bytes: Uint8Array, number: number): Field[] =>
  [...fieldsOf(bytes)].filter((field) => field.number === number);
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly data: Float64Array;
}

interface Node {
  readonly operator: string;
  readonly inputs: string[];
  readonly output: string;
  readonly alpha: number;
}

/** Runs the graph on named matrices, and gives the value `centers`. */
export function runOnnx(file: Uint8Array, inputs: Record<string, number[][]>): number[][] {
  const [graph] = all(file, 7);
  const values = new Map<string, Matrix>();
  for (const { bytes } of all(graph.bytes, 5)) values.set(text(all(bytes, 8)[0].bytes), constantOf(bytes));
  for (const [name, rows] of Object.entries(inputs)) {
    values.set(name, { rows: rows.length, columns: rows[0].length, data: Float64Array.from(rows.flat()) });
  }
  for (const { bytes } of all(graph.bytes, 1)) {
    const node = nodeOf(bytes);
    const operands = node.inputs.map((name) => {
      const value = values.get(name);
      if (value === undefined) throw new Error(`${node.operator} reads ${name}, which nothing has made`);
      return value;
    });
    values.set(node.output, run(node, operands));
  }
  const { rows, columns, data } = values.get('centers') as Matrix;
  return Array.from({ length: rows }, (_, i) => Array.from(data.subarray(i * columns, (i + 1) * columns)));
}

function constantOf(bytes: Uint8Array): Matrix {
  const shape = all(bytes, 1).map(({ value }) => value);
  const raw = all(bytes, 9)[0].bytes;
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const isFloat = all(bytes, 2)[0].value === 1;
  const count = shape.reduce((product, size) => product * size, 1);
  const data = Float64Array.from({ length: count }, (_, i) =>
    isFloat ? view.getFloat32(4 * i, true) : Number(view.getBigInt64(8 * i, true)),
  );
  const columns = shape[shape.length - 1];
  return { rows: count / columns, columns, data };
}

function nodeOf(bytes: Uint8Array): Node {
  const attributes = all(bytes, 5).filter(({ bytes: inner }) => text(all(inner, 1)[0].bytes) === 'alpha');
  const [alpha] = attributes.map(({ bytes: inner }) => {
    const raw = all(inner, 2)[0].bytes;
    return new DataView(raw.buffer, raw.byteOffset, 4).getFloat32(0, true);
  });
  return {
    operator: text(all(bytes, 4)[0].bytes),
    inputs: all(bytes, 1).map((field) => text(field.bytes)),
    output: text(all(bytes, 2)[0].bytes),
    alpha: alpha ?? 1,
  };
}

function run({ operator, alpha }: Node, [a, b, c]: Matrix[]): Matrix {
  const each = (f: (x: number) => number): Matrix => ({ ...a, data: a.data.map(f) });
  const build = (columns: number, f: (i: number, j: number) => number): Matrix => ({
    rows: a.rows,
    columns,
    data: Float64Array.from({ length: a.rows * columns }, (_, k) => f(Math.floor(k / columns), k % columns)),
  });
  const other = (i: number, j: number): number => b.data[(b.rows === 1 ? 0 : i) * b.columns + j];
  const at = (i: number, j: number): number => a.data[i * a.columns + j];
  switch (operator) {
    case 'Gemm':
      return build(b.columns, (i, j) => {
        let total = c.data[j];
        for (let k = 0; k < a.columns; k++) total += at(i, k) * b.data[k * b.columns + j];
        return total;
      });
    case 'Mul':
      return build(a.columns, (i, j) => at(i, j) * other(i, j));
    case 'Add':
      return build(a.columns, (i, j) => at(i, j) + other(i, j));
    case 'Slice':
      return build(c.data[0] - b.data[0], (i, j) => at(i, b.data[0] + j));
    case 'Softmax':
      return build(a.columns, (i, j) => {
        let total = 0;
        for (let k = 0; k < a.columns; k++) total += Math.exp(at(i, k) - at(i, j));
        return 1 / total;
      });
    case 'Concat': {
      const parts = [a, b, c].filter((part) => part !== undefined);
      const columns = parts.reduce((total, part) => total + part.columns, 0);
      return build(columns, (i, j) => {
        let k = 0;
        let column = j;
        while (column >= parts[k].columns) column -= parts[k++].columns;
        return parts[k].data[i * parts[k].columns + column];
      });
    }
    case 'Relu':
      return each((x) => Math.max(x, 0));
    case 'LeakyRelu':
      return each((x) => (x > 0 ? x : alpha * x));
    case 'Elu':
      return each((x) => (x > 0 ? x : alpha * Math.expm1(x)));
    case 'Softplus':
      return each((x) => Math.log1p(Math.exp(x)));
    case 'Tanh':
      return each(Math.tanh);
    case 'Sigmoid':
      return each((x) => 1 / (1 + Math.exp(-x)));
    default:
      throw new Error(`unknown operator ${operator}`);
  }
}
