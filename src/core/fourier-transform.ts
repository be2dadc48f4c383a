/**
 * Discrete Fourier transforms, through fft.js.
 *
 * @module
 */
import FFT from 'fft.js';

/** Columns that are gathered at a time: of each row a run of memory then serves. */
const GROUP = 8;

/** Transforms of complex sequences of one length, a power of two from 2 on, real and imaginary parts in turns. */
export class FourierTransform {
  readonly #fft: FFT;

  constructor(length: number) {
    this.#fft = new FFT(length);
  }

  /** V_k = sum_n v_n exp(-2 pi i k n / M) of a complex sequence, into `out`, which must be another array. */
  forward(values: Float64Array, out: Float64Array): void {
    this.#fft.transform(out, values);
  }

  /** The same of M real values; `out` is complex. */
  forwardOfReal(values: Float64Array, out: Float64Array): void {
    this.#fft.realTransform(out, values);
    this.#fft.completeSpectrum(out);
  }

  /** v_n = 1 / M sum_k V_k exp(2 pi i k n / M), into `out`, which must be another array. */
  inverse(values: Float64Array, out: Float64Array): void {
    this.#fft.inverseTransform(out, values);
  }
}

/**
 * Transforms a table of complex numbers in its place, along its rows and along its columns, or back.
 *
 * Cost: O(M log M) for M numbers; 0.1 s for 1024 x 1024.
 *
 * @param values - Row after row, real and imaginary parts in turns; both sides are powers of two from 2 on.
 */
export function transformTable(
  values: Float64Array,
  rows: number,
  columns: number,
  direction: 'forward' | 'inverse',
): void {
  const along = new FourierTransform(columns);
  const line = new Float64Array(2 * columns);
  for (let row = 0; row < rows; row++) {
    const part = values.subarray(2 * row * columns, 2 * (row + 1) * columns);
    along[direction](part, line);
    part.set(line);
  }
  const down = new FourierTransform(rows);
  const group = Math.min(GROUP, columns);
  const lines = Array.from({ length: group }, () => new Float64Array(2 * rows));
  const out = new Float64Array(2 * rows);
  for (let first = 0; first < columns; first += group) {
    for (let row = 0; row < rows; row++) {
      for (let i = 0, at = 2 * (row * columns + first); i < group; i++, at += 2) {
        lines[i][2 * row] = values[at];
        lines[i][2 * row + 1] = values[at + 1];
      }
    }
    for (const gathered of lines) {
      down[direction](gathered, out);
      gathered.set(out);
    }
    for (let row = 0; row < rows; row++) {
      for (let i = 0, at = 2 * (row * columns + first); i < group; i++, at += 2) {
        values[at] = lines[i][2 * row];
        values[at + 1] = lines[i][2 * row + 1];
      }
    }
  }
}
