import { expect, test } from 'vitest';
import { cosineTransform } from '../../src/core/cosine-transform.js';
import { RandomStream } from '../../src/core/random.js';

test.each([4, 8, 64, 256])('the cosine transform of %i cells is its defining sum', (m) => {
  const stream = RandomStream.of(1, 'cells');
  const cells = Float64Array.from({ length: m }, () => stream.normal());
  const found = cosineTransform(cells);
  for (let k = 0; k < m; k++) {
    const sum = cells.reduce((partial, x, b) => partial + x * Math.cos((Math.PI * k * (b + 0.5)) / m), 0);
    expect(Math.abs(found[k] - sum)).toBeLessThan(1e-11);
  }
});
