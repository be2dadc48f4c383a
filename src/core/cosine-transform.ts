/**
 * The discrete cosine transform, through fft.js.
 *
 * @module
 */
import FFT from 'fft.js';

/**
 * The cosine transform of M cells, M a power of two from 4 on: a_k = sum_b x_b cos(pi k (b + 1/2) / M) for k = 0 to M - 1.
 *
 * With the even cells in front and the odd ones behind them backwards, v, one complex Fourier transform V of length M
 * gives a_k = Re(exp(-i pi k / (2 M)) V_k). Cost: O(M log M).
 *
 * Reference: Makhoul (1980), *A fast cosine transform in one and two dimensions*, doi:10.1109/TASSP.1980.1163351.
 */
export function cosineTransform(cells: Float64Array): Float64Array {
  const m = cells.length;
  const shuffled = new Float64Array(m);
  for (let b = 0; b < m; b++) shuffled[b % 2 === 0 ? b / 2 : m - (b + 1) / 2] = cells[b];
  const fft = new FFT(m);
  const spectrum = new Float64Array(2 * m);
  fft.realTransform(spectrum, shuffled);
  fft.completeSpectrum(spectrum);
  return Float64Array.from(cells, (_, k) => {
    const angle = (-Math.PI * k) / (2 * m);
    return Math.cos(angle) * spectrum[2 * k] - Math.sin(angle) * spectrum[2 * k + 1];
  });
}
