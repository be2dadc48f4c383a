import { describe, expect, it } from 'vitest';
import { ACTIVATION_NAMES, ACTIVATIONS } from '../../src/neural/activations.js';
import { gradients } from '../../src/neural/gradients.js';
import { sum } from '../../src/neural/operations.js';
import { newContext, variable } from '../../src/neural/value.js';
import { presentBackends } from './backends.js';

/** Both sides, flat and steep, and no kink nearer than a difference reaches. */
const POINTS = [-6, -2.5, -1, -0.3, -0.01, 0.02, 0.4, 1.1, 3, 7];

const backends = await presentBackends();

describe.each(ACTIVATION_NAMES)('%s', (name) => {
  const { apply, value } = ACTIVATIONS[name];

  it.each(backends)('has the value and both derivatives of its formula on $name', ({ kernels, run }) => {
    const [y, first, second] = run(() =>
      kernels.scope(() => {
        const x = variable(newContext(kernels), Float32Array.from(POINTS), [POINTS.length]);
        const result = apply(x);
        const [slope] = gradients(result, [x], { differentiable: true });
        const [curvature] = gradients(sum(slope), [x]);
        return [result, slope, curvature].map(({ handle }) => Array.from(kernels.read(handle)));
      }),
    );
    const h = 1e-3;
    Array.from(Float32Array.from(POINTS)).forEach((x, i) => {
      expect(y[i]).toBeCloseTo(value(x), 5);
      // Differences of order h^4, so that truncation stays below float32's rounding.
      const slope = (8 * (value(x + h) - value(x - h)) - value(x + 2 * h) + value(x - 2 * h)) / (12 * h);
      const bend =
        (16 * (value(x + h) + value(x - h)) - value(x + 2 * h) - value(x - 2 * h) - 30 * value(x)) / (12 * h * h);
      expect(first[i]).toBeCloseTo(slope, 5);
      expect(second[i]).toBeCloseTo(bend, 5);
    });
  });
});

it('the formulas are those of the names', () => {
  const at = (x: number) => ACTIVATION_NAMES.map((name) => ACTIVATIONS[name].value(x));
  const s = 1 / (1 + Math.exp(-0.7));
  expect(at(0.7)).toEqual([
    0.7,
    0.7,
    0.7,
    expect.closeTo(Math.log(1 + Math.exp(0.7)), 12),
    0.7 * s,
    Math.tanh(0.7),
    s,
    0.7,
  ]);
  const t = 1 / (1 + Math.exp(0.7));
  expect(at(-0.7)).toEqual([
    0,
    expect.closeTo(-0.14, 12),
    expect.closeTo(Math.exp(-0.7) - 1, 12),
    expect.closeTo(Math.log(1 + Math.exp(-0.7)), 12),
    -0.7 * t,
    Math.tanh(-0.7),
    expect.closeTo(t, 12),
    -0.7,
  ]);
});
