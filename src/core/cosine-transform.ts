/**
 * The discrete cosine transform.
 *
 * @module
 */
import { FourierTransform } from './fourier-transform.js';
import type { Pacer } from './progress.js';

/** Longer Fourier transforms are put together from pieces of this length, a millisecond or two each. */
const PIECE = 2 ** 14;
/** Butterflies between two looks at the clock. */
const STRETCH = 2 ** 15;

/** A complex sequence. */
interface Spectrum {
  readonly real: Float64Array;
  readonly imaginary: Float64Array;
}

/**
 * The cosine transform of M cells, M a power of two from 4 on: a_k = sum_b x_b cos(pi k (b + 1/2) / M) for k = 0 to M - 1.
 *
 * With the even cells in front and the odd ones behind them backwards, v, one complex Fourier transform V of length M
 * gives a_k = Re(exp(-i pi k / (2 M)) V_k). Cost: O(M log M), the event loop given its turns.
 *
 * Reference: Makhoul (1980), *A fast cosine transform in one and two dimensions*, doi:10.1109/TASSP.1980.1163351.
 */
export async function cosineTransform(cells: Float64Array, phase: string, pacer: Pacer): Promise<Float64Array> {
  const m = cells.length;
  const shuffled = new Float64Array(m);
  for (let b = 0; b < m; b++) shuffled[b % 2 === 0 ? b / 2 : m - (b + 1) / 2] = cells[b];
  const { real, imaginary } = await fourierTransform(shuffled, phase, pacer);
  await pacer.run(phase, m, (from, to) => {
    for (let k = from; k < to; k++) {
      const angle = (-Math.PI * k) / (2 * m);
      real[k] = Math.cos(angle) * real[k] - Math.sin(angle) * imaginary[k];
    }
  });
  return real;
}

/**
 * V_k = sum_n v_n exp(-2 pi i k n / M): of every R-th value first, R = M / {@link PIECE}, then with E and O the transforms
 * of the even and the odd values of a sequence of length 2 h, by stages
 *
 *     V_k = E_k + exp(-pi i k / h) O_k,    V_(k + h) = E_k - exp(-pi i k / h) O_k.
 *
 * Reference: Cooley & Tukey (1965), doi:10.1090/S0025-5718-1965-0178586-1.
 */
async function fourierTransform(values: Float64Array, phase: string, pacer: Pacer): Promise<Spectrum> {
  const m = values.length;
  const piece = Math.min(m, PIECE);
  const spectrum = await transformPieces(values, m / piece, phase, pacer);
  if (piece === m) return spectrum;
  const turns = { real: new Float64Array(m / 2), imaginary: new Float64Array(m / 2) };
  const fill = (from: number, to: number): void => {
    for (let k = from; k < to; k++) {
      turns.real[k] = Math.cos((2 * Math.PI * k) / m);
      turns.imaginary[k] = -Math.sin((2 * Math.PI * k) / m);
    }
  };
  await pacer.run(phase, m / 2, fill, STRETCH);
  for (let half = piece; half < m; half *= 2) {
    await pacer.run(phase, m / 2, (from, to) => joinHalves(spectrum, turns, half, from, to), STRETCH);
  }
  return spectrum;
}

/** The transforms of the values r, r + R, r + 2 R, ..., one behind the other, r in the order of its bits reversed. */
async function transformPieces(values: Float64Array, pieces: number, phase: string, pacer: Pacer): Promise<Spectrum> {
  const length = values.length / pieces;
  const [real, imaginary] = [new Float64Array(values.length), new Float64Array(values.length)];
  const fourier = new FourierTransform(length);
  const out = new Float64Array(2 * length);
  const part = new Float64Array(length);
  for (let place = 0; place < pieces; place++) {
    if (pacer.isDue) await pacer.step({ phase, completed: place, total: pieces });
    const first = reverseBits(place, pieces);
    for (let n = 0; n < length; n++) part[n] = values[first + pieces * n];
    fourier.forwardOfReal(part, out);
    for (let k = 0; k < length; k++) {
      real[place * length + k] = out[2 * k];
      imaginary[place * length + k] = out[2 * k + 1];
    }
  }
  return { real, imaginary };
}

/** A number below a power of two with its bits in reverse. */
function reverseBits(value: number, below: number): number {
  let reversed = 0;
  for (let [rest, bit] = [value, below / 2]; bit >= 1; rest = Math.floor(rest / 2), bit /= 2) {
    reversed += bit * (rest % 2);
  }
  return reversed;
}

/** The butterflies `from` to `to - 1` of the stage that joins transforms of length `half` by twos. */
function joinHalves({ real, imaginary }: Spectrum, turns: Spectrum, half: number, from: number, to: number): void {
  const step = turns.real.length / half;
  for (let i = from; i < to; i++) {
    const k = i % half;
    const even = 2 * (i - k) + k;
    const odd = even + half;
    const [c, s] = [turns.real[k * step], turns.imaginary[k * step]];
    const x = c * real[odd] - s * imaginary[odd];
    const y = c * imaginary[odd] + s * real[odd];
    real[odd] = real[even] - x;
    imaginary[odd] = imaginary[even] - y;
    real[even] += x;
    imaginary[even] += y;
  }
}
