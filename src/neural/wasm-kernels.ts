/**
 * {@link Kernels} on the WASM backend of TensorFlow.js, with its slow spots replaced.
 *
 * Its matrix product runs at 20 GFLOP/s, but only without transposes and for one matrix at a time; with either it falls
 * back to a loop 12 to 57 times slower. Here a product is always of that fast kind, and transposes are explicit. Its
 * transpose jumps through memory entry by entry; ours goes by blocks. The memory of the backend is read in place.
 *
 * @module
 */
import type * as tensorflow from '@tensorflow/tfjs-core';
import type { Handle, Shape } from './kernels.js';
import { TensorFlowKernels } from './tensorflow-kernels.js';

type Tensor = tensorflow.Tensor;
type TensorInfo = tensorflow.TensorInfo;

/** What we use of the backend's object. */
interface WasmBackend {
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo;
  typedArrayFromHeap(info: TensorInfo): Float32Array;
}

/** Entries on the side of a block: 16 x 16 floats of source and target are 32 cache lines of 64 bytes. */
const BLOCK = 16;

/** {@link Kernels} on WASM. */
export class WasmKernels extends TensorFlowKernels {
  override read(a: Handle): ArrayLike<number> {
    return this.#view(a as Tensor);
  }

  override matMul(a: Handle, b: Handle): Handle {
    return this.#product(a, b, undefined, false);
  }

  override dense(x: Handle, weights: Handle, biases: Handle, rectify: boolean): Handle {
    return this.#product(x, weights, biases, rectify);
  }

  /** The sum down the columns as a product with ones, which is faster than transposing and adding up. */
  override sum(a: Handle, axes: readonly number[]): Handle {
    if (a.shape.length !== 2 || axes.length !== 1 || axes[0] !== 0) return super.sum(a, axes);
    const ones = this.upload(new Float32Array(a.shape[0]).fill(1), [1, a.shape[0]]);
    return this.matMul(ones, a);
  }

  override transpose(a: Handle, order: readonly number[]): Handle {
    if (a.shape.length !== 2 || order[0] === 0) return super.transpose(a, order);
    const [rows, columns] = a.shape;
    const out = this.#output([columns, rows]);
    // Views are taken last: making an output may move the heap.
    transposeBlocks(this.#view(a as Tensor), this.#view(out), rows, columns);
    return out;
  }

  /** `_FusedMatMul` on a stack of one matrix: shapes are passed with a leading 1, sparing three reshapes. */
  #product(a: Handle, b: Handle, bias: Handle | undefined, rectify: boolean): Handle {
    const { tf } = this;
    const name = bias === undefined ? 'BatchMatMul' : '_FusedMatMul';
    const kernel = tf.getKernel(name, 'wasm').kernelFunc;
    const inputs: Record<string, TensorInfo> = { a: stacked(a as Tensor), b: stacked(b as Tensor) };
    if (bias !== undefined) {
      const { dataId, dtype } = bias as Tensor;
      inputs.bias = { dataId, dtype, shape: [b.shape[1]] as number[] };
    }
    const activation = rectify ? 'relu' : 'linear';
    const attrs = { transposeA: false, transposeB: false, activation } as unknown as tensorflow.NamedAttrMap;
    const out = kernel({ inputs, attrs, backend: tf.backend() }) as TensorInfo;
    return tf.engine().makeTensorFromTensorInfo({ ...out, shape: [a.shape[0] as number, b.shape[1] as number] });
  }

  #output(shape: Shape): Tensor {
    return this.tf.engine().makeTensorFromTensorInfo(this.#backend().makeOutput([...shape], 'float32'));
  }

  #view(a: TensorInfo): Float32Array {
    return this.#backend().typedArrayFromHeap(a);
  }

  #backend(): WasmBackend {
    return this.tf.backend() as unknown as WasmBackend;
  }
}

function stacked({ dataId, dtype, shape }: Tensor): TensorInfo {
  return { dataId, dtype, shape: [1, ...shape] };
}

/** target[j, i] = source[i, j], block by block so that both sides stay in cache. */
export function transposeBlocks(source: Float32Array, target: Float32Array, rows: number, columns: number): void {
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
