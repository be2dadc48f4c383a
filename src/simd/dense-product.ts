/**
 * Rows times a matrix, in doubles: compiled where it can be, plain elsewhere, the same to the bit.
 *
 * @module
 */
import { bytes } from './dense.generated.js';
import { type GrowingMemory, hasCompiledLoops, instantiateGrowing } from './webassembly.js';

/** The compiled loop; see assembly/dense.ts. */
interface DenseLoops {
  dense(x: number, weights: number, biases: number, y: number, rows: number, inputs: number, outputs: number): void;
}

/** Fewer multiplications than this are done before the arrays are copied. */
const LEAST_COMPILED = 20_000;
/** Rows beside each other are what the compiled loop is quick for. */
const LEAST_ROWS = 4;
/** Weights beyond 128 MB stay where they are. */
const MOST_WEIGHTS = 2 ** 24;
/** Numbers of rows that pass through at a time: 256 KB of them stay in the second level of cache. */
const CHUNK = 2 ** 15;

/** y_rj = b_j + sum_i x_ri w_ij, ready to run. */
export class DenseProduct {
  readonly inputs: number;
  readonly outputs: number;
  /** One row per output, so that both factors of each dot product are read in order. */
  readonly #transposedWeights: Float64Array;
  readonly #biases: Float64Array;
  #panels: Float64Array | undefined;

  /** @param transposedWeights - w_ij at j inputs + i; kept, as are the biases. */
  constructor(transposedWeights: Float64Array, biases: Float64Array) {
    this.outputs = biases.length;
    this.inputs = transposedWeights.length / biases.length;
    this.#transposedWeights = transposedWeights;
    this.#biases = biases;
  }

  /** Writes the results of `rows` rows of x to y, row-major. Cost: one multiplication and addition per row and weight. */
  apply(x: Float64Array, rows: number, y: Float64Array): void {
    const { inputs, outputs } = this;
    const loops = rows >= LEAST_ROWS && rows * inputs * outputs >= LEAST_COMPILED ? this.#load() : undefined;
    if (loops === undefined) this.applyPlain(x, rows, y);
    else this.#applyCompiled(loops, x, rows, y);
  }

  /**
   * The plain twin: two rows and four outputs at a time, as eight sums in registers share their loads.
   *
   * Each sum runs over i in order from its own 0, so blocks and remainders give the same bits.
   */
  applyPlain(x: Float64Array, rows: number, y: Float64Array): void {
    const { inputs, outputs } = this;
    const evenRows = rows - (rows % 2);
    const wholeOutputs = outputs - (outputs % 4);
    // Four rows of weights stay in cache while all rows of x pass by.
    for (let j = 0; j < wholeOutputs; j += 4) {
      for (let r = 0; r < evenRows; r += 2) this.#block(x, r * inputs, j, y, r * outputs + j);
    }
    for (let r = 0; r < rows; r++) {
      for (let j = r < evenRows ? wholeOutputs : 0; j < outputs; j++) {
        y[r * outputs + j] = this.#dot(x, r * inputs, j);
      }
    }
  }

  #block(x: Float64Array, top: number, j: number, y: Float64Array, at: number): void {
    const { inputs, outputs } = this;
    const [w, biases] = [this.#transposedWeights, this.#biases];
    const bottom = top + inputs;
    let [a0, a1, a2, a3, b0, b1, b2, b3] = [0, 0, 0, 0, 0, 0, 0, 0];
    let w0 = j * inputs;
    let w1 = w0 + inputs;
    let w2 = w1 + inputs;
    let w3 = w2 + inputs;
    for (let i = 0; i < inputs; i++) {
      const a = x[top + i];
      const b = x[bottom + i];
      const v0 = w[w0++];
      const v1 = w[w1++];
      const v2 = w[w2++];
      const v3 = w[w3++];
      a0 += a * v0;
      a1 += a * v1;
      a2 += a * v2;
      a3 += a * v3;
      b0 += b * v0;
      b1 += b * v1;
      b2 += b * v2;
      b3 += b * v3;
    }
    const below = at + outputs;
    y[at] = biases[j] + a0;
    y[at + 1] = biases[j + 1] + a1;
    y[at + 2] = biases[j + 2] + a2;
    y[at + 3] = biases[j + 3] + a3;
    y[below] = biases[j] + b0;
    y[below + 1] = biases[j + 1] + b1;
    y[below + 2] = biases[j + 2] + b2;
    y[below + 3] = biases[j + 3] + b3;
  }

  #dot(x: Float64Array, start: number, j: number): number {
    const { inputs } = this;
    const weights = this.#transposedWeights;
    let sum = 0;
    for (let i = 0; i < inputs; i++) sum += x[start + i] * weights[j * inputs + i];
    return this.#biases[j] + sum;
  }

  #load(): DenseMemory | undefined {
    return this.#transposedWeights.length > MOST_WEIGHTS || !hasCompiledLoops() ? undefined : sharedMemory();
  }

  #applyCompiled({ loops, memory }: DenseMemory, x: Float64Array, rows: number, y: Float64Array): void {
    const { inputs, outputs } = this;
    this.#panels ??= this.#pack();
    const panels = this.#panels;
    const padded = panels.length / (inputs + 1);
    const most = 4 * Math.max(1, Math.floor(CHUNK / (4 * (inputs + padded))));
    const fromX = FIRST + panels.length;
    const fromY = fromX + most * inputs;
    const doubles = reserve(memory, fromY + most * padded);
    doubles.set(panels, FIRST);
    for (let first = 0; first < rows; first += most) {
      const count = Math.min(most, rows - first);
      // Rows that fill up the last tile hold what was there before; nothing reads their results.
      const whole = 4 * Math.ceil(count / 4);
      doubles.set(x.subarray(first * inputs, (first + count) * inputs), fromX);
      loops.dense(8 * fromX, 8 * (FIRST + padded), 8 * FIRST, 8 * fromY, whole, inputs, padded);
      // Where nothing was filled up, all rows at once: row by row 1797 x 12 results took 0.13 ms of 0.35.
      const step = padded === outputs ? count : 1;
      for (let r = 0; r < count; r += step) {
        const at = fromY + r * padded;
        y.set(doubles.subarray(at, at + step * outputs), (first + r) * outputs);
      }
    }
  }

  /** Biases and then weights in the order of the compiled loop, outputs filled up to fours by zeros. */
  #pack(): Float64Array {
    const { inputs, outputs } = this;
    const padded = 4 * Math.ceil(outputs / 4);
    const panels = new Float64Array(padded * (inputs + 1));
    panels.set(this.#biases);
    for (let j = 0; j < outputs; j++) {
      const panel = padded + (j - (j % 4)) * inputs + (j % 4);
      for (let i = 0; i < inputs; i++) panels[panel + 4 * i] = this.#transposedWeights[j * inputs + i];
    }
    return panels;
  }
}

/** The loop, and a memory that all products share: nothing stays in it between calls. */
interface DenseMemory {
  readonly loops: DenseLoops;
  readonly memory: GrowingMemory;
}

const PAGE = 65_536;
/** The first page is the module's own. */
const FIRST = PAGE / 8;

let shared: DenseMemory | undefined;

function sharedMemory(): DenseMemory | undefined {
  if (shared === undefined) {
    const loaded = instantiateGrowing<DenseLoops>(bytes, 4 * PAGE);
    shared = loaded && { loops: loaded.exports, memory: loaded.memory };
  }
  return shared;
}

/** The memory as doubles, after growing to hold so many. */
function reserve(memory: GrowingMemory, count: number): Float64Array {
  const missing = 8 * count - memory.buffer.byteLength;
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE));
  return new Float64Array(memory.buffer);
}
