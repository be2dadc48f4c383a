/**
 * The array operations that networks are made of, as one small interface: each backend implements it, and the
 * derivatives in `operations.ts` are written in terms of it.
 *
 * Arrays are float32 and row-major; a scalar has the empty shape. Binary operations broadcast as NumPy does.
 *
 * @module
 */

/** Sizes of an array's axes. */
export type Shape = readonly number[];

/** An array on a backend. Opaque but for its shape. */
export interface Handle {
  readonly shape: Shape;
}

/** Operations on one array, entry by entry. */
export type UnaryName =
  | 'negate'
  | 'reciprocal'
  | 'square'
  | 'sqrt'
  | 'abs'
  | 'exp'
  | 'log'
  | 'sin'
  | 'cos'
  | 'tanh'
  | 'sigmoid'
  | 'softplus'
  | 'relu';

/** Operations on two arrays, entry by entry. */
export type BinaryName = 'add' | 'subtract' | 'multiply' | 'divide' | 'maximum';

/** What a backend computes. Nothing here knows of derivatives. */
export interface Kernels {
  /** An array with these values, which are not kept. */
  upload(values: Float32Array, shape: Shape): Handle;
  /** The values of an array. To be used at once: they may be a view that the next operation invalidates. */
  read(a: Handle): ArrayLike<number>;
  unary(name: UnaryName, a: Handle): Handle;
  binary(name: BinaryName, a: Handle, b: Handle): Handle;
  /** a where `by` > 0, `slope` times a elsewhere; both of one shape. */
  gate(a: Handle, by: Handle, slope: number): Handle;
  /** Product of two matrices. */
  matMul(a: Handle, b: Handle): Handle;
  /** a b^T for two matrices. */
  matMulTransposed(a: Handle, b: Handle): Handle;
  /** a^T b for two matrices. */
  transposedMatMul(a: Handle, b: Handle): Handle;
  /** x W + b; its negative entries times `slope` where one is given: one fused operation where the backend has it. */
  dense(x: Handle, weights: Handle, biases: Handle, slope: number | undefined): Handle;
  /** Axes in a new order. */
  transpose(a: Handle, order: readonly number[]): Handle;
  /** Sum over axes, which stay with size 1. */
  sum(a: Handle, axes: readonly number[]): Handle;
  /** Largest entry over the last axis, which stays with size 1. */
  maximumOfRows(a: Handle): Handle;
  reshape(a: Handle, shape: Shape): Handle;
  /** Repeats axes of size 1 to reach a shape of the same rank. */
  expand(a: Handle, shape: Shape): Handle;
  slice(a: Handle, begin: readonly number[], size: Shape): Handle;
  /** Zeros around an array: before and after, per axis. */
  pad(a: Handle, before: readonly number[], after: readonly number[]): Handle;
  concat(parts: readonly Handle[], axis: number): Handle;
  /** Of each row of a matrix, the entries that a table names, in its order; 0 where it names none, -1. */
  gather(a: Handle, table: Int32Array): Handle;
  /** The transpose of that: adds each entry of a row to the place of `columns` that the table names. */
  scatter(a: Handle, table: Int32Array, columns: number): Handle;
  /** Runs `work` and frees every array that it made. Read what must survive. */
  scope<T>(work: () => T): T;
  /** How many arrays are alive: equal before and after a step, or something leaks. */
  alive(): number;
}

/** Arrays that {@link gatherRows} and {@link scatterRows} work on. */
type Numbers = Float32Array | Float64Array;

/** Entries of each row of `columns`, as a table names them, written to `target`. */
export function gatherRows(source: ArrayLike<number>, columns: number, table: Int32Array, target: Numbers): void {
  const width = table.length;
  for (let from = 0, to = 0; to < target.length; from += columns, to += width) {
    for (let m = 0; m < width; m++) target[to + m] = table[m] < 0 ? 0 : source[from + table[m]];
  }
}

/** Adds entries of each row to those of `target`, rows of `columns`, that a table names. */
export function scatterRows(source: ArrayLike<number>, columns: number, table: Int32Array, target: Numbers): void {
  const width = table.length;
  for (let from = 0, to = 0; to < target.length; from += width, to += columns) {
    for (let m = 0; m < width; m++) if (table[m] >= 0) target[to + table[m]] += source[from + m];
  }
}

/** The shape of two arrays broadcast against each other. */
export function broadcastShape(a: Shape, b: Shape): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const left = a[axis - rank + a.length] ?? 1;
    const right = b[axis - rank + b.length] ?? 1;
    if (left !== right && left !== 1 && right !== 1) {
      throw new RangeError(`shapes [${a.join(', ')}] and [${b.join(', ')}] do not broadcast`);
    }
    return left === 1 ? right : left;
  });
}

/** Whether two shapes are the same. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** Number of entries of an array. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}
