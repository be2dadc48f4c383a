import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { DenseProduct } from '../../src/simd/index.js';

const stream = RandomStream.of(1, 'dense product');
const normals = (length: number): Float64Array => Float64Array.from({ length }, () => stream.normal());

// Whole and cut tiles of four rows and four outputs; with 40 and 70 inputs the compiled loop is asked, with 3 the plain one.
describe.each([
  [4, 70, 72],
  [7, 70, 73],
  [133, 40, 5],
  [1000, 40, 3],
  [5, 3, 2],
  [1, 200, 200],
])('%i rows times %i x %i', (rows, inputs, outputs) => {
  const [x, weights, biases] = [normals(rows * inputs), normals(inputs * outputs), normals(outputs)];
  const product = new DenseProduct(weights, biases);
  const found = new Float64Array(rows * outputs);
  product.apply(x, rows, found);

  it('is the sum by its definition, in order', () => {
    const expected = found.map((_, at) => {
      const [r, j] = [Math.floor(at / outputs), at % outputs];
      let sum = 0;
      for (let i = 0; i < inputs; i++) sum += x[r * inputs + i] * weights[j * inputs + i];
      return biases[j] + sum;
    });
    expect(found).toEqual(expected);
  });

  it('has the bits of the plain loop', () => {
    const plain = new Float64Array(rows * outputs);
    product.applyPlain(x, rows, plain);
    expect(found).toEqual(plain);
  });
});
