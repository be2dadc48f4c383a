/**
 * What a fit allocates beside the caller's rows: its own copy of them and little else, whatever their number.
 */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { GaussianMixture } from '../../src/gmm/index.js';

const COUNTED = ['Float64Array', 'Float32Array', 'Uint32Array', 'Int32Array', 'Uint16Array', 'Uint8Array'] as const;
const ORIGINALS = new Map(COUNTED.map((name) => [name, globalThis[name]]));

const N = 300_000;
let allocated = 0;

/** Counts the bytes of each new array with room for a byte per row at least. */
function countAllocations(): void {
  for (const [name, original] of ORIGINALS) {
    const construct = (target: typeof original, given: unknown[], made: NewableFunction) => {
      const array = Reflect.construct(target, given, made);
      if (!(given[0] instanceof ArrayBuffer) && array.byteLength >= N) allocated += array.byteLength;
      return array;
    };
    const counted = new Proxy(original, { construct } as ProxyHandler<typeof original>);
    Object.defineProperty(globalThis, name, { value: counted, configurable: true, writable: true });
    // What slice and map make.
    Object.defineProperty(original.prototype, 'constructor', { value: counted, configurable: true, writable: true });
  }
}

beforeEach(() => {
  allocated = 0;
});
afterEach(() => {
  for (const [name, original] of ORIGINALS) {
    Object.defineProperty(globalThis, name, { value: original, configurable: true, writable: true });
    Object.defineProperty(original.prototype, 'constructor', { value: original, configurable: true, writable: true });
  }
});

test.each(['full', 'tied', 'diagonal', 'spherical'] as const)(
  '%s: a quarter of the rows beyond their copy',
  async (covariance) => {
    const stream = RandomStream.of(1, 'memory');
    const data = Float64Array.from({ length: 2 * N }, (_, i) => stream.normal() + 3 * (i % 4));
    const rows = new Samples(data, N, 2);
    countAllocations();
    await new GaussianMixture({ components: 4, covariance, seed: 1, maxIterations: 2 }).fit(rows);
    expect(allocated).toBeGreaterThanOrEqual(data.byteLength);
    // At a million rows of two columns, 20 MB.
    expect(allocated).toBeLessThan(1.25 * data.byteLength);
  },
);
