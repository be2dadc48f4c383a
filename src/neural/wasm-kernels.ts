/**
 * {@link Kernels} on the WASM backend of TensorFlow.js, with its slow spots replaced.
 *
 * Its matrix product runs at 20 GFLOP/s, but only without transposes and for one matrix at a time; with either it falls
 * back to a loop 12 to 57 times slower. Here a product is always of that fast kind, and transposes are explicit. Its
 * transpose jumps through memory entry by entry; ours goes by blocks. Its sums add up in float32, with an error of 7e-4
 * over 78,400 equal terms; ours add up in doubles. The memory of the backend is read in place.
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

/**
 * Up to so many multiplications a plain loop is faster: at 256 rows, 2 x 64 and 4 x 64 columns take 30 and 55
 * microseconds against 75 and 70 by way of the backend, 8 x 64 take 75 against 75.
 */
const MOST_PLAIN_PRODUCTS = 70_000;

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

  /** Sums over one axis of a matrix, in place and in doubles; the backend's own add up in float32. */
  override sum(a: Handle, axes: readonly number[]): Handle {
    if (a.shape.length !== 2 || axes.length !== 1) return super.sum(a, axes);
    const [rows, columns] = a.shape;
    const out = this.#output(axes[0] === 0 ? [1, columns] : [rows, 1]);
    const add = axes[0] === 0 ? sumColumns : sumRows;
    add(this.#view(a as Tensor), this.#view(out), rows, columns);
    return out;
  }

  /** a b^T: the smaller factor is the one that the backend rearranges, so for few rows of a it computes (b a^T)^T. */
  override matMulTransposed(a: Handle, b: Handle): Handle {
    if (a.shape[0] >= b.shape[0]) return super.matMulTransposed(a, b);
    return this.transpose(this.matMul(b, this.transpose(a, [1, 0])), [1, 0]);
  }

  /** a^T b; small ones by a plain loop, which spares rearranging both factors. */
  override transposedMatMul(a: Handle, b: Handle): Handle {
    const [rows, left] = a.shape;
    const right = b.shape[1];
    if (rows * left * right > MOST_PLAIN_PRODUCTS) return super.transposedMatMul(a, b);
    const out = this.#output([left, right]);
    // The longer rows go into the inner loop.
    if (left <= right)
      this.#view(out).set(productOf(this.#view(a as Tensor), this.#view(b as Tensor), rows, left, right));
    else {
      const turned = productOf(this.#view(b as Tensor), this.#view(a as Tensor), rows, right, left);
      transposeBlocks(turned, this.#view(out), right, left);
    }
    return out;
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

/** target[j] = sum_i source[i, j], four rows at a time, so that totals are read and written a quarter as often. */
function sumColumns(source: Float32Array, target: Float32Array, rows: number, columns: number): void {
  const totals = new Float64Array(columns);
  const whole = rows - (rows % 4);
  for (let i = 0; i < whole; i += 4) {
    const [a, b, c, d] = [i * columns, (i + 1) * columns, (i + 2) * columns, (i + 3) * columns];
    for (let j = 0; j < columns; j++) totals[j] += source[a + j] + source[b + j] + source[c + j] + source[d + j];
  }
  for (let i = whole; i < rows; i++) {
    for (let j = 0; j < columns; j++) totals[j] += source[i * columns + j];
  }
  target.set(totals);
}

/** a^T b, entry (i, j) = sum_r a[r, i] b[r, j], four rows at a time, for the same reason. */
function productOf(a: Float32Array, b: Float32Array, rows: number, left: number, right: number): Float64Array {
  const totals = new Float64Array(left * right);
  for (let r = 0; r < rows; r += 4) {
    for (let i = 0; i < left; i++) {
      // Beyond the last row the factor is 0, and the index stays inside.
      const p = a[r * left + i];
      const q = r + 1 < rows ? a[(r + 1) * left + i] : 0;
      const s = r + 2 < rows ? a[(r + 2) * left + i] : 0;
      const t = r + 3 < rows ? a[(r + 3) * left + i] : 0;
      const [b0, b1] = [r * right, Math.min(r + 1, rows - 1) * right];
      const [b2, b3] = [Math.min(r + 2, rows - 1) * right, Math.min(r + 3, rows - 1) * right];
      const at = i * right;
      for (let j = 0; j < right; j++) totals[at + j] += p * b[b0 + j] + q * b[b1 + j] + s * b[b2 + j] + t * b[b3 + j];
    }
  }
  return totals;
}

/** target[i] = sum_j source[i, j]. */
function sumRows(source: Float32Array, target: Float32Array, rows: number, columns: number): void {
  for (let i = 0; i < rows; i++) {
    let total = 0;
    for (let j = 0; j < columns; j++) total += source[i * columns + j];
    target[i] = total;
  }
}
