import { expect, test } from 'vitest';
import { FourierTransform, transformTable } from '../../src/core/fourier-transform.js';
import { RandomStream } from '../../src/core/random.js';

const stream = RandomStream.of(1, 'fourier');
const normal = (count: number): Float64Array => Float64Array.from({ length: count }, () => stream.normal());

/** The sum itself, over both sides. */
function direct(values: Float64Array, rows: number, columns: number): Float64Array {
  const out = new Float64Array(values.length);
  for (let a = 0; a < rows; a++) {
    for (let b = 0; b < columns; b++) {
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) {
          const angle = -2 * Math.PI * ((a * i) / rows + (b * j) / columns);
          const [c, s] = [Math.cos(angle), Math.sin(angle)];
          const [x, y] = [values[2 * (i * columns + j)], values[2 * (i * columns + j) + 1]];
          out[2 * (a * columns + b)] += c * x - s * y;
          out[2 * (a * columns + b) + 1] += s * x + c * y;
        }
      }
    }
  }
  return out;
}

const largest = (a: Float64Array, b: Float64Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

test.each([
  [2, 2],
  [4, 32],
  [16, 8],
  [2, 16],
])('a table of %i x %i, there and back', (rows, columns) => {
  const values = normal(2 * rows * columns);
  const table = values.slice();
  transformTable(table, rows, columns, 'forward');
  expect(largest(table, direct(values, rows, columns))).toBeLessThan(1e-12);
  transformTable(table, rows, columns, 'inverse');
  expect(largest(table, values)).toBeLessThan(1e-14 * 100);
});

test('sequences, complex and real', () => {
  const transform = new FourierTransform(16);
  const values = normal(32);
  const out = new Float64Array(32);
  transform.forward(values, out);
  expect(largest(out, direct(values, 1, 16))).toBeLessThan(1e-13 * 10);
  const real = normal(16);
  transform.forwardOfReal(real, out);
  const complex = new Float64Array(32);
  real.forEach((x, i) => {
    complex[2 * i] = x;
  });
  expect(largest(out, direct(complex, 1, 16))).toBeLessThan(1e-12);
});
