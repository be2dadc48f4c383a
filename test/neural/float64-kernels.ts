import { broadcastShape, type Handle, type Kernels, type Shape, sizeOf } from '../../src/neural/kernels.js';

/** An array of doubles. */
interface Array64 extends Handle {
  readonly data: Float64Array;
}

const UNARY: Record<string, (x: number) => number> = {
  negate: (x) => -x,
  reciprocal: (x) => 1 / x,
  square: (x) => x * x,
  sqrt: Math.sqrt,
  abs: Math.abs,
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
  softplus: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  relu: (x) => Math.max(x, 0),
};

const BINARY: Record<string, (x: number, y: number) => number> = {
  add: (x, y) => x + y,
  subtract: (x, y) => x - y,
  multiply: (x, y) => x * y,
  divide: (x, y) => x / y,
  maximum: Math.max,
};

/** Naive loops over indices, in doubles: what every backend must agree with, and exact enough for differences. */
export class Float64Kernels implements Kernels {
  /** Overrides the values of the next uploads of this very array: doubles in place of floats. */
  readonly exact = new Map<Float32Array, Float64Array>();

  upload(values: Float32Array, shape: Shape): Array64 {
    return { shape, data: Float64Array.from(this.exact.get(values) ?? values) };
  }

  read(a: Handle): Float64Array {
    return (a as Array64).data;
  }

  unary(name: string, a: Handle): Array64 {
    return { shape: a.shape, data: (a as Array64).data.map((x) => UNARY[name](x)) };
  }

  binary(name: string, a: Handle, b: Handle): Array64 {
    return build(broadcastShape(a.shape, b.shape), (at) => BINARY[name](entry(a, at), entry(b, at)));
  }

  gate(a: Handle, by: Handle, slope: number): Array64 {
    const { data } = by as Array64;
    return { shape: a.shape, data: (a as Array64).data.map((x, i) => (data[i] > 0 ? x : slope * x)) };
  }

  matMul(a: Handle, b: Handle): Array64 {
    return build([a.shape[0], b.shape[1]], ([i, j]) => {
      let total = 0;
      for (let k = 0; k < a.shape[1]; k++) total += entry(a, [i, k]) * entry(b, [k, j]);
      return total;
    });
  }

  matMulTransposed(a: Handle, b: Handle): Array64 {
    return this.matMul(a, this.transpose(b, [1, 0]));
  }

  transposedMatMul(a: Handle, b: Handle): Array64 {
    return this.matMul(this.transpose(a, [1, 0]), b);
  }

  dense(x: Handle, weights: Handle, biases: Handle, slope: number | undefined): Array64 {
    const sum = this.binary('add', this.matMul(x, weights), biases);
    return slope === undefined ? sum : this.gate(sum, sum, slope);
  }

  transpose(a: Handle, order: readonly number[]): Array64 {
    const shape = order.map((axis) => a.shape[axis]);
    return build(shape, (at) => {
      const from: number[] = [];
      order.forEach((axis, k) => {
        from[axis] = at[k];
      });
      return entry(a, from);
    });
  }

  sum(a: Handle, axes: readonly number[]): Array64 {
    const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const total = new Float64Array(sizeOf(shape));
    (a as Array64).data.forEach((value, flat) => {
      const at = unflatten(flat, a.shape).map((index, axis) => (axes.includes(axis) ? 0 : index));
      total[flatten(at, shape)] += value;
    });
    return { shape, data: total };
  }

  maximumOfRows(a: Handle): Array64 {
    const width = a.shape[a.shape.length - 1];
    const { data } = a as Array64;
    const shape = [...a.shape.slice(0, -1), 1];
    return build(shape, (at) => {
      const start = flatten(at, shape) * width;
      return Math.max(...data.subarray(start, start + width));
    });
  }

  reshape(a: Handle, shape: Shape): Array64 {
    return { shape, data: (a as Array64).data };
  }

  expand(a: Handle, shape: Shape): Array64 {
    return build(shape, (at) => entry(a, at));
  }

  slice(a: Handle, begin: readonly number[], size: Shape): Array64 {
    return build(size, (at) =>
      entry(
        a,
        at.map((index, axis) => index + begin[axis]),
      ),
    );
  }

  pad(a: Handle, before: readonly number[], after: readonly number[]): Array64 {
    const shape = a.shape.map((size, axis) => size + before[axis] + after[axis]);
    return build(shape, (at) => {
      const from = at.map((index, axis) => index - before[axis]);
      return from.every((index, axis) => index >= 0 && index < a.shape[axis]) ? entry(a, from) : 0;
    });
  }

  concat(parts: readonly Handle[], axis: number): Array64 {
    const shape = parts[0].shape.map((size, k) =>
      k === axis ? parts.reduce((total, part) => total + part.shape[axis], 0) : size,
    );
    return build(shape, (at) => {
      const from = [...at];
      let k = 0;
      while (from[axis] >= parts[k].shape[axis]) from[axis] -= parts[k++].shape[axis];
      return entry(parts[k], from);
    });
  }

  gather(a: Array64, table: Int32Array): Array64 {
    const [rows, columns] = a.shape;
    const data = Float64Array.from({ length: rows * table.length }, (_, k) => {
      const place = table[k % table.length];
      return place < 0 ? 0 : a.data[Math.floor(k / table.length) * columns + place];
    });
    return { shape: [rows, table.length], data };
  }

  scatter(a: Array64, table: Int32Array, columns: number): Array64 {
    const [rows] = a.shape;
    const data = Float64Array.from({ length: rows * columns }, (_, k) => {
      const row = Math.floor(k / columns) * table.length;
      return table.reduce((sum, place, m) => (place === k % columns ? sum + a.data[row + m] : sum), 0);
    });
    return { shape: [rows, columns], data };
  }

  scope<T>(work: () => T): T {
    return work();
  }

  alive(): number {
    return 0;
  }
}

function build(shape: Shape, value: (at: number[]) => number): Array64 {
  return { shape, data: Float64Array.from({ length: sizeOf(shape) }, (_, flat) => value(unflatten(flat, shape))) };
}

function entry(a: Handle, at: readonly number[]): number {
  const own = a.shape.map((size, axis) => (size === 1 ? 0 : at[axis + at.length - a.shape.length]));
  return (a as Array64).data[flatten(own, a.shape)];
}

function flatten(at: readonly number[], shape: Shape): number {
  return at.reduce((flat, index, axis) => flat * shape[axis] + index, 0);
}

function unflatten(flat: number, shape: Shape): number[] {
  const at: number[] = [];
  let rest = flat;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at[axis] = rest % shape[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return at;
}
