import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { ACTIVATION_NAMES } from '../../src/neural/activations.js';
import { PlainMlp } from '../../src/neural/inference.js';
import { applyMlp, mlpParameters } from '../../src/neural/mlp.js';
import { Parameters } from '../../src/neural/parameters.js';
import { constant, newContext } from '../../src/neural/value.js';
import { presentBackends } from './backends.js';
import { Float64Kernels } from './float64-kernels.js';

const backends = await presentBackends();
const stream = RandomStream.of(4, 'inference');
const ROWS = Float32Array.from({ length: 7 * 5 }, () => stream.normal());

describe.each(ACTIVATION_NAMES)('a network of %s', (activation) => {
  const spec = { name: 'net', inputs: 5, hidden: [9, 6], outputs: 7, activation };
  const parameters = new Parameters(mlpParameters(spec), RandomStream.of(5));
  for (const { part } of parameters.places.map((place) => ({ part: parameters.part(place) }))) {
    part.forEach((value, i) => {
      if (value === 0) part[i] = 0.1 * stream.normal();
    });
  }
  const plain = new PlainMlp(spec, (name) => parameters.get(name));
  const found = plain.apply(Float64Array.from(ROWS), 7);

  it('in plain doubles equals naive loops in doubles', () => {
    const context = newContext(new Float64Kernels());
    const expected = applyMlp(spec, parameters.bind(context, 'constants'), constant(context, ROWS, [7, 5]));
    const values = context.kernels.read(expected.handle);
    found.forEach((value, i) => {
      expect(value).toBeCloseTo(values[i], 12);
    });
  });

  it.each(backends)('gives the same on $name to 1e-5', ({ kernels, run }) => {
    const values = run(() =>
      kernels.scope(() => {
        const context = newContext(kernels);
        const out = applyMlp(spec, parameters.bind(context, 'constants'), constant(context, ROWS, [7, 5]));
        return Array.from(kernels.read(out.handle));
      }),
    );
    values.forEach((value, i) => {
      expect(Math.abs(value - found[i])).toBeLessThan(1e-5);
    });
  });

  it('gives each row the same bits, whatever rows are beside it', () => {
    for (let i = 0; i < 7; i++) {
      const alone = plain.apply(Float64Array.from(ROWS.subarray(5 * i, 5 * i + 5)), 1);
      expect(alone).toEqual(found.slice(7 * i, 7 * i + 7));
    }
  });
});
