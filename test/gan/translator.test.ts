import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import {
  applyTranslator,
  identityMap,
  PlainTranslator,
  translatorParameters,
  translatorPlaces,
  translatorSpec,
} from '../../src/gan/translator.js';
import { loadBackend } from '../../src/neural/backend.js';
import { Parameters } from '../../src/neural/parameters.js';
import { constant, newContext } from '../../src/neural/value.js';
import { normals } from './translation-data.js';

describe.each([[[]], [[7]], [[6, 5]]])('a translator with hidden layers %j', (hidden) => {
  const shape = { inputs: 3, hidden, outputs: 2, activation: 'leakyRelu' } as const;
  const spec = translatorSpec('map', shape);
  const start = Float64Array.of(0.5, -1, 2, 0.25, 0, 1);
  const parameters = new Parameters(translatorParameters(spec, start), RandomStream.of(1, 'map'));
  const rows = normals(40, 3, 2);

  it('is the same on a backend and in plain doubles', async () => {
    const { kernels, run } = await loadBackend('wasm', 'test');
    const plain = new PlainTranslator(spec, (name) => parameters.get(name)).apply(Float64Array.from(rows.flat()), 40);
    run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const input = constant(context, Float32Array.from(rows.flat()), [40, 3]);
        const output = kernels.read(applyTranslator(spec, parameters.bind(context, 'constants'), input).handle);
        plain.forEach((value, k) => {
          expect(output[k]).toBeCloseTo(value, 5);
        });
      }),
    );
  });

  it('starts near its linear part: what is beside it has a tenth of the deviation of what comes in, each column', () => {
    const many = normals(4000, 3, 3);
    const found = new PlainTranslator(spec, (name) => parameters.get(name)).apply(Float64Array.from(many.flat()), 4000);
    let squares = 0;
    many.forEach((row, i) => {
      for (let j = 0; j < 2; j++) {
        const straight = row.reduce((sum, x, k) => sum + x * start[2 * k + j], 0);
        squares += (found[2 * i + j] - straight) ** 2 / 8000;
      }
    });
    // Widths are small, so that the random weights' own scatter is large: a factor of 2.5 either way.
    if (hidden.length === 0) expect(squares).toBeLessThan(1e-12);
    else expect(Math.abs(Math.log(Math.sqrt(squares) / 0.1))).toBeLessThan(Math.log(2.5));
  });

  it('has places for all that it starts with', () => {
    const places = translatorPlaces(spec).map(({ name, shape: size }) => [name, size]);
    expect(parameters.places.map(({ name, shape: size }) => [name, size])).toEqual(places);
  });
});

it('the identity leaves rows as they are', () => {
  const spec = translatorSpec('map', { inputs: 2, hidden: [], outputs: 2, activation: 'relu' });
  const parameters = new Parameters(translatorParameters(spec, identityMap(2, 2)), RandomStream.of(1, 'map'));
  const rows = Float64Array.of(1, -2, 3, 0.5);
  expect(new PlainTranslator(spec, (name) => parameters.get(name)).apply(rows, 2)).toEqual(rows);
});
