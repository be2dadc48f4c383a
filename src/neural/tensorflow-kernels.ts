/**
 * {@link Kernels} on TensorFlow.js: every call of a TensorFlow operation is in this file.
 *
 * Only forward operations are used. TensorFlow's own gradients are not: in Node its core registers none, and second
 * derivatives of its tanh, sigmoid, exp, elu and softmax are silently wrong. Ours are in `operations.ts`, so its global
 * registry stays as the user left it.
 *
 * @module
 */
import type * as tensorflow from '@tensorflow/tfjs-core';
import {
  type BinaryName,
  gatherRows,
  type Handle,
  type Kernels,
  type Shape,
  scatterRows,
  type UnaryName,
} from './kernels.js';

/** The module `@tensorflow/tfjs-core`. */
export type TensorFlow = typeof tensorflow;

type Tensor = tensorflow.Tensor;

const UNARY: Readonly<Record<UnaryName, string>> = {
  negate: 'Neg',
  reciprocal: 'Reciprocal',
  square: 'Square',
  sqrt: 'Sqrt',
  abs: 'Abs',
  exp: 'Exp',
  log: 'Log',
  sin: 'Sin',
  cos: 'Cos',
  tanh: 'Tanh',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  relu: 'Relu',
};

const BINARY: Readonly<Record<BinaryName, string>> = {
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Multiply',
  divide: 'RealDiv',
  maximum: 'Maximum',
};

/** {@link Kernels} on any backend of TensorFlow.js, which must be the active one while they run. */
export class TensorFlowKernels implements Kernels {
  protected readonly tf: TensorFlow;

  constructor(tf: TensorFlow) {
    this.tf = tf;
  }

  upload(values: Float32Array, shape: Shape): Handle {
    return this.tf.engine().makeTensor(values, [...shape], 'float32');
  }

  read(a: Handle): ArrayLike<number> {
    return (a as Tensor).dataSync();
  }

  unary(name: UnaryName, a: Handle): Handle {
    return this.run(UNARY[name], { x: a });
  }

  binary(name: BinaryName, a: Handle, b: Handle): Handle {
    return this.run(BINARY[name], { a, b });
  }

  gate(a: Handle, by: Handle, slope: number): Handle {
    return this.binary('multiply', a, this.run('Step', { x: by }, { alpha: slope }));
  }

  matMul(a: Handle, b: Handle): Handle {
    return this.tf.matMul(a as tensorflow.Tensor2D, b as tensorflow.Tensor2D);
  }

  matMulTransposed(a: Handle, b: Handle): Handle {
    return this.matMul(a, this.transpose(b, [1, 0]));
  }

  transposedMatMul(a: Handle, b: Handle): Handle {
    return this.matMul(this.transpose(a, [1, 0]), b);
  }

  dense(x: Handle, weights: Handle, biases: Handle, slope: number | undefined): Handle {
    const sum = this.binary('add', this.matMul(x, weights), biases);
    return slope === undefined ? sum : this.gate(sum, sum, slope);
  }

  transpose(a: Handle, order: readonly number[]): Handle {
    return this.run('Transpose', { x: a }, { perm: [...order] });
  }

  sum(a: Handle, axes: readonly number[]): Handle {
    return this.run('Sum', { x: a }, { axis: [...axes], keepDims: true });
  }

  maximumOfRows(a: Handle): Handle {
    return this.run('Max', { x: a }, { reductionIndices: [a.shape.length - 1], keepDims: true });
  }

  reshape(a: Handle, shape: Shape): Handle {
    return this.run('Reshape', { x: a }, { shape: [...shape] });
  }

  expand(a: Handle, shape: Shape): Handle {
    return this.run('Tile', { x: a }, { reps: shape.map((size, axis) => size / a.shape[axis]) });
  }

  slice(a: Handle, begin: readonly number[], size: Shape): Handle {
    return this.run('Slice', { x: a }, { begin: [...begin], size: [...size] });
  }

  pad(a: Handle, before: readonly number[], after: readonly number[]): Handle {
    const paddings = before.map((count, axis) => [count, after[axis]]);
    return this.run('PadV2', { x: a }, { paddings, constantValue: 0 });
  }

  concat(parts: readonly Handle[], axis: number): Handle {
    return this.tf.engine().runKernel<Tensor>('Concat', parts as unknown as tensorflow.NamedTensorMap, { axis });
  }

  gather(a: Handle, table: Int32Array): Handle {
    const [rows, columns] = a.shape;
    const target = new Float32Array(rows * table.length);
    gatherRows(this.read(a), columns, table, target);
    return this.upload(target, [rows, table.length]);
  }

  scatter(a: Handle, table: Int32Array, columns: number): Handle {
    const [rows] = a.shape;
    const target = new Float32Array(rows * columns);
    scatterRows(this.read(a), columns, table, target);
    return this.upload(target, [rows, columns]);
  }

  scope<T>(work: () => T): T {
    const engine = this.tf.engine();
    // Not tf.tidy, which walks through what it returns entry by entry, typed arrays included.
    engine.startScope();
    try {
      return work();
    } finally {
      engine.endScope();
    }
  }

  alive(): number {
    return this.tf.memory().numTensors;
  }

  protected run(kernel: string, inputs: Record<string, Handle>, attributes: tensorflow.NamedAttrMap = {}): Handle {
    return this.tf.engine().runKernel(kernel, inputs as tensorflow.NamedTensorMap, attributes) as Tensor;
  }
}
