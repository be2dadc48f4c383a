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
  /** All axes, where there are more than two. */
  readonly shape?: readonly number[];
}

interface Node {
  readonly operator: string;
  readonly inputs: string[];
  readonly output: string;
  readonly alpha: number;
  readonly integers: ReadonlyMap<string, number[]>;
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
  return { rows: count / columns, columns, data, shape };
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
    integers: new Map(
      all(bytes, 5).map(({ bytes: inner }) => [text(all(inner, 1)[0].bytes), all(inner, 8).map(({ value }) => value)]),
    ),
  };
}

function run(node: Node, operands: Matrix[]): Matrix {
  const [a, b, c] = operands;
  const { operator, alpha } = node;
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
    case 'Reshape':
      return shaped(
        Array.from(b.data, (size, axis) =>
          size < 0 ? a.data.length / product(b.data.filter((_, k) => k !== axis)) : size,
        ),
        a.data,
      );
    case 'Transpose':
      return transpose(a, node.integers.get('perm') as number[]);
    case 'ConvTranspose':
      return transposedConvolution(a, b, node.integers);
    case 'Mul':
      return build(a.columns, (i, j) => at(i, j) * other(i, j));
    case 'Add':
      if (a.shape?.length === 4) return addToImages(a, b);
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
      const parts = operands;
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

const product = (sizes: ArrayLike<number>): number => Array.from(sizes).reduce((total, size) => total * size, 1);

function shaped(shape: readonly number[], data: Float64Array): Matrix {
  return { rows: shape[0], columns: data.length / shape[0], data, shape };
}

function transpose({ data, shape = [] }: Matrix, order: readonly number[]): Matrix {
  const sizes = order.map((axis) => shape[axis]);
  const moved = Float64Array.from(data, (_, index) => {
    let from = 0;
    let rest = index;
    for (let k = order.length - 1; k >= 0; k--) {
      from += (rest % sizes[k]) * product(shape.slice(order[k] + 1));
      rest = Math.floor(rest / sizes[k]);
    }
    return data[from];
  });
  return shaped(sizes, moved);
}

/** [n, C, H, W] plus [C, H, W] or [C, 1, 1]. */
function addToImages({ data, shape = [] }: Matrix, { data: more, shape: other = [] }: Matrix): Matrix {
  const [, , height, width] = shape;
  const area = height * width;
  const sum = data.map((value, i) => value + more[other[1] === 1 ? Math.floor(i / area) % other[0] : i % more.length]);
  return shaped(shape, sum);
}

function transposedConvolution(
  { data, shape = [] }: Matrix,
  { data: weights, shape: sizes = [] }: Matrix,
  attributes: ReadonlyMap<string, number[]>,
): Matrix {
  const [n, maps, tall, wide] = shape;
  const [, channels, kernel] = sizes;
  const get = (name: string): number[] => attributes.get(name) as number[];
  const [stride] = get('strides');
  const pads = get('pads');
  const more = get('output_padding');
  const height = (tall - 1) * stride + kernel - pads[0] - pads[2] + more[0];
  const width = (wide - 1) * stride + kernel - pads[1] - pads[3] + more[1];
  const out = new Float64Array(n * channels * height * width);
  for (let i = 0; i < data.length; i++) {
    const [px, py] = [i % wide, Math.floor(i / wide) % tall];
    const [m, image] = [Math.floor(i / (wide * tall)) % maps, Math.floor(i / (wide * tall * maps))];
    for (let k = 0; k < channels * kernel * kernel; k++) {
      const [kx, ky, c] = [k % kernel, Math.floor(k / kernel) % kernel, Math.floor(k / (kernel * kernel))];
      const [y, x] = [py * stride + ky - pads[0], px * stride + kx - pads[1]];
      if (y < 0 || y >= height || x < 0 || x >= width) continue;
      out[((image * channels + c) * height + y) * width + x] += data[i] * weights[m * channels * kernel * kernel + k];
    }
  }
  return shaped([n, channels, height, width], out);
}
