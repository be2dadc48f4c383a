/**
 * {@link Kernels} on WebAssembly: loops of our own for all that a training step does, TensorFlow.js for the rest.
 *
 * TensorFlow's WASM backend multiplies matrices at half of the speed of ours, and anything transposed at a twelfth of that;
 * calling an operation costs it some 5 microseconds, which for small networks is nearly all of a step; its sums add
 * up in float32, with an error of 7e-4 over 78,400 equal terms, ours in doubles. Arrays lie on a stack in one memory: a
 * scope gives back what it has taken in one assignment.
 *
 * @module
 */
import { type ArrayStack, makeArrayStack } from '../simd/index.js';
import {
  type BinaryName,
  gatherRows,
  type Handle,
  type Kernels,
  type Shape,
  scatterRows,
  sizeOf,
  type UnaryName,
} from './kernels.js';
import { broadcastLayout, partsOf } from './layouts.js';
import { type TensorFlow, TensorFlowKernels } from './tensorflow-kernels.js';

/** An array in the memory of the loops. */
interface HeapArray extends Handle {
  readonly address: number;
  readonly size: number;
}

/** In the order of the loops: assembly/entrywise.ts. */
const UNARY: Readonly<Record<UnaryName, number>> = {
  negate: 0,
  reciprocal: 1,
  square: 2,
  sqrt: 3,
  abs: 4,
  exp: 5,
  log: 6,
  tanh: 7,
  sigmoid: 8,
  softplus: 9,
  relu: 10,
  cos: 11,
  sin: 12,
};

const BINARY: Readonly<Record<BinaryName, number>> = { add: 0, subtract: 1, multiply: 2, divide: 3, maximum: 4 };

/** {@link Kernels} on WASM. */
export class WasmKernels implements Kernels {
  readonly #tensorflow: TensorFlowKernels;
  readonly #stack: ArrayStack;
  #alive = 0;

  /**
   * @param stack - Where arrays lie, and loops over them.
   * @throws Error where WebAssembly with SIMD cannot be had.
   */
  constructor(tf: TensorFlow, stack: ArrayStack | undefined = makeArrayStack()) {
    if (stack === undefined) throw new Error('WebAssembly has no SIMD here');
    this.#tensorflow = new TensorFlowKernels(tf);
    this.#stack = stack;
  }

  upload(values: Float32Array, shape: Shape): Handle {
    const out = this.#make(shape);
    this.#stack.write(out.address, values);
    return out;
  }

  read(a: Handle): Float32Array {
    const { address, size } = a as HeapArray;
    return this.#stack.view(address, size);
  }

  unary(name: UnaryName, a: Handle): Handle {
    const { address, size } = a as HeapArray;
    const out = this.#make(a.shape);
    this.#stack.loops.unary(UNARY[name], address, out.address, size);
    return out;
  }

  gate(a: Handle, by: Handle, slope: number): Handle {
    const { address, size } = a as HeapArray;
    const out = this.#make(a.shape);
    this.#stack.loops.gate(address, (by as HeapArray).address, out.address, size, slope);
    return out;
  }

  binary(name: BinaryName, a: Handle, b: Handle): Handle {
    const layout = broadcastLayout(a as HeapArray, b as HeapArray);
    if (layout === undefined) return this.#elsewhere([a, b], (kernels, [x, y]) => kernels.binary(name, x, y));
    const { shape, form, rows, width, rowOfA, rowOfB } = layout;
    const out = this.#make(shape);
    const [x, y] = [(a as HeapArray).address, (b as HeapArray).address];
    this.#stack.loops.binary(BINARY[name], form, x, y, out.address, rows, width, rowOfA, rowOfB);
    return out;
  }

  matMul(a: Handle, b: Handle): Handle {
    const [[m, k], [, n]] = [a.shape, b.shape];
    return this.#product(a, b, [m, n], k, [4 * k, 4], [4 * n, 4]);
  }

  matMulTransposed(a: Handle, b: Handle): Handle {
    const [[m, k], [n]] = [a.shape, b.shape];
    return this.#product(a, b, [m, n], k, [4 * k, 4], [4, 4 * k]);
  }

  transposedMatMul(a: Handle, b: Handle): Handle {
    const [[k, m], [, n]] = [a.shape, b.shape];
    return this.#product(a, b, [m, n], k, [4, 4 * m], [4 * n, 4]);
  }

  dense(x: Handle, weights: Handle, biases: Handle, slope: number | undefined): Handle {
    const [[m, k], [, n]] = [x.shape, weights.shape];
    return this.#product(x, weights, [m, n], k, [4 * k, 4], [4 * n, 4], (biases as HeapArray).address, slope);
  }

  transpose(a: Handle, order: readonly number[]): Handle {
    if (order.every((axis, k) => axis === k)) return this.reshape(a, a.shape);
    if (a.shape.length !== 2) return this.#elsewhere([a], (kernels, [x]) => kernels.transpose(x, order));
    const [rows, columns] = a.shape;
    const out = this.#make([columns, rows]);
    // Views are taken last: making an output may move the memory.
    transposeBlocks(this.read(a), this.read(out), rows, columns);
    return out;
  }

  sum(a: Handle, axes: readonly number[]): Handle {
    const shape = a.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
    const parts = partsOf(a.shape, axes);
    if (parts === undefined) return this.#elsewhere([a], (kernels, [x]) => kernels.sum(x, axes));
    const [outer, middle, inner] = parts;
    const out = this.#make(shape);
    const { address } = a as HeapArray;
    if (inner === 1) this.#stack.loops.sumRows(address, out.address, outer, middle);
    else {
      for (let i = 0; i < outer; i++) {
        const from = address + 4 * i * middle * inner;
        this.#stack.loops.sumColumns(from, out.address + 4 * i * inner, middle, inner);
      }
    }
    return out;
  }

  maximumOfRows(a: Handle): Handle {
    const width = a.shape[a.shape.length - 1];
    const out = this.#make([...a.shape.slice(0, -1), 1]);
    this.#stack.loops.largestOfRows((a as HeapArray).address, out.address, out.size, width);
    return out;
  }

  reshape(a: Handle, shape: Shape): Handle {
    this.#alive++;
    return { ...(a as HeapArray), shape };
  }

  expand(a: Handle, shape: Shape): Handle {
    const axes = shape.flatMap((size, axis) => (size === a.shape[axis] ? [] : axis));
    const parts = partsOf(shape, axes);
    if (parts === undefined) return this.#elsewhere([a], (kernels, [x]) => kernels.expand(x, shape));
    const [outer, middle, inner] = parts;
    const { address } = a as HeapArray;
    const out = this.#make(shape);
    const { loops } = this.#stack;
    if (inner === 1) loops.repeatEntries(address, out.address, outer, middle);
    else {
      for (let i = 0; i < outer; i++) {
        const to = out.address + 4 * i * middle * inner;
        loops.copyRows(address + 4 * i * inner, to, middle, inner, 0, 4 * inner);
      }
    }
    return out;
  }

  slice(a: Handle, begin: readonly number[], size: Shape): Handle {
    const axes = size.flatMap((count, axis) => (count === a.shape[axis] ? [] : axis));
    const parts = partsOf(a.shape, axes.slice(0, 1));
    if (axes.length > 1 || parts === undefined) {
      return this.#elsewhere([a], (kernels, [x]) => kernels.slice(x, begin, size));
    }
    const [axis] = axes;
    const [outer, middle, inner] = parts;
    const [from, count] = axis === undefined ? [0, middle] : [begin[axis], size[axis]];
    const out = this.#make(size);
    const source = (a as HeapArray).address + 4 * from * inner;
    this.#stack.loops.copyRows(source, out.address, outer, count * inner, 4 * middle * inner, 4 * count * inner);
    return out;
  }

  pad(a: Handle, before: readonly number[], after: readonly number[]): Handle {
    const axes = before.flatMap((count, axis) => (count + after[axis] === 0 ? [] : axis));
    const parts = partsOf(a.shape, axes.slice(0, 1));
    if (axes.length > 1 || parts === undefined) {
      return this.#elsewhere([a], (kernels, [x]) => kernels.pad(x, before, after));
    }
    const [axis] = axes;
    const [outer, middle, inner] = parts;
    const [first, last] = axis === undefined ? [0, 0] : [before[axis], after[axis]];
    const out = this.#zeros(a.shape.map((size, k) => (k === axis ? first + size + last : size)));
    const [row, full] = [middle * inner, (first + middle + last) * inner];
    this.#stack.loops.copyRows(
      (a as HeapArray).address,
      out.address + 4 * first * inner,
      outer,
      row,
      4 * row,
      4 * full,
    );
    return out;
  }

  concat(parts: readonly Handle[], axis: number): Handle {
    const total = parts.reduce((sum, part) => sum + part.shape[axis], 0);
    const shape = parts[0].shape.map((size, k) => (k === axis ? total : size));
    const outer = sizeOf(shape.slice(0, axis));
    const inner = sizeOf(shape.slice(axis + 1));
    const out = this.#make(shape);
    let to = out.address;
    for (const part of parts) {
      const width = part.shape[axis] * inner;
      this.#stack.loops.copyRows((part as HeapArray).address, to, outer, width, 4 * width, 4 * total * inner);
      to += 4 * width;
    }
    return out;
  }

  gather(a: Handle, table: Int32Array): Handle {
    const [rows, columns] = a.shape;
    const out = this.#make([rows, table.length]);
    gatherRows(this.read(a), columns, table, this.read(out));
    return out;
  }

  scatter(a: Handle, table: Int32Array, columns: number): Handle {
    const out = this.#zeros([a.shape[0], columns]);
    scatterRows(this.read(a), columns, table, this.read(out));
    return out;
  }

  scope<T>(work: () => T): T {
    const [mark, alive] = [this.#stack.mark, this.#alive];
    try {
      return work();
    } finally {
      this.#stack.release(mark);
      this.#alive = alive;
    }
  }

  alive(): number {
    return this.#alive + this.#tensorflow.alive();
  }

  #make(shape: Shape): HeapArray {
    const size = sizeOf(shape);
    this.#alive++;
    return { shape, size, address: this.#stack.take(size) };
  }

  #zeros(shape: Shape): HeapArray {
    const out = this.#make(shape);
    this.#stack.loops.clear(out.address, 4 * out.size);
    return out;
  }

  /** g(biases + a b), for strides in bytes of rows and columns. */
  #product(
    a: Handle,
    b: Handle,
    shape: readonly [number, number],
    depth: number,
    [rowOfA, columnOfA]: readonly [number, number],
    [rowOfB, columnOfB]: readonly [number, number],
    biases = 0,
    slope = 1,
  ): HeapArray {
    const out = this.#make(shape);
    const [m, n] = shape;
    const [x, y] = [(a as HeapArray).address, (b as HeapArray).address];
    const { loops } = this.#stack;
    loops.product(x, y, out.address, m, n, depth, rowOfA, columnOfA, rowOfB, columnOfB, biases, slope);
    return out;
  }

  /** What no training step asks for: done by TensorFlow, on copies. */
  #elsewhere(inputs: readonly Handle[], work: (kernels: Kernels, inputs: readonly Handle[]) => Handle): Handle {
    const tensorflow = this.#tensorflow;
    return tensorflow.scope(() => {
      const copies = inputs.map((input) => tensorflow.upload(this.read(input).slice(), input.shape));
      const found = work(tensorflow, copies);
      return this.upload(tensorflow.read(found) as Float32Array, found.shape);
    });
  }
}

/** Entries on the side of a block: 16 x 16 floats of source and target are 32 cache lines of 64 bytes. */
const BLOCK = 16;

/** target[j, i] = source[i, j], block by block so that both sides stay in cache. */
export function transposeBlocks(
  source: Float32Array | Float64Array,
  target: Float32Array,
  rows: number,
  columns: number,
): void {
  for (let top = 0; top < rows; top += BLOCK) {
    const bottom = Math.min(rows, top + BLOCK);
    for (let left = 0; left < columns; left += BLOCK) {
      const right = Math.min(columns, left + BLOCK);
      for (let i = top; i < bottom; i++) {
        for (let j = left; j < right; j++) target[j * rows + i] = source[i * columns + j];
      }
    }
  }
}
