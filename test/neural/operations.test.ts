import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { gradients } from '../../src/neural/gradients.js';
import { type Kernels, type Shape, sizeOf } from '../../src/neural/kernels.js';
import * as op from '../../src/neural/operations.js';
import { constant, newContext, type Value, variable } from '../../src/neural/value.js';
import { presentBackends } from './backends.js';
import { Float64Kernels } from './float64-kernels.js';

interface Case {
  readonly name: string;
  readonly inputs: readonly Shape[];
  readonly apply: (...inputs: Value[]) => Value;
  /** Inputs are exp(normal) instead of normal, away from kinks and poles. */
  readonly positive?: boolean;
}

const CASES: readonly Case[] = [
  { name: 'add', inputs: [[3, 2], [2]], apply: op.add },
  {
    name: 'subtract',
    inputs: [
      [3, 1],
      [1, 2],
    ],
    apply: op.subtract,
  },
  { name: 'multiply', inputs: [[3, 2], []], apply: op.multiply },
  {
    name: 'divide',
    inputs: [
      [3, 2],
      [3, 1],
    ],
    apply: op.divide,
    positive: true,
  },
  { name: 'negate', inputs: [[3, 2]], apply: op.negate },
  { name: 'scale and shift', inputs: [[3, 2]], apply: (a) => op.shift(op.scale(a, -1.5), 0.3) },
  { name: 'square', inputs: [[3, 2]], apply: op.square },
  { name: 'sqrt', inputs: [[3, 2]], apply: op.sqrt, positive: true },
  { name: 'reciprocal', inputs: [[3, 2]], apply: op.reciprocal, positive: true },
  { name: 'abs', inputs: [[3, 2]], apply: op.abs },
  { name: 'exp', inputs: [[3, 2]], apply: op.exp },
  { name: 'log', inputs: [[3, 2]], apply: op.log, positive: true },
  { name: 'tanh', inputs: [[3, 2]], apply: op.tanh },
  { name: 'sin', inputs: [[3, 2]], apply: op.sin },
  { name: 'cos', inputs: [[3, 2]], apply: op.cos },
  { name: 'sigmoid', inputs: [[3, 2]], apply: op.sigmoid },
  { name: 'softplus', inputs: [[3, 2]], apply: op.softplus },
  { name: 'relu', inputs: [[3, 2]], apply: op.relu },
  { name: 'leakyRelu', inputs: [[3, 2]], apply: (a) => op.leakyRelu(a, 0.2) },
  {
    name: 'matMul',
    inputs: [
      [3, 2],
      [2, 4],
    ],
    apply: op.matMul,
  },
  { name: 'dense', inputs: [[3, 2], [2, 4], [4]], apply: (x, w, b) => op.dense(x, w, b) },
  { name: 'rectified dense', inputs: [[3, 2], [2, 4], [4]], apply: (x, w, b) => op.dense(x, w, b, 0) },
  { name: 'leaky dense', inputs: [[3, 2], [2, 4], [4]], apply: (x, w, b) => op.dense(x, w, b, 0.2) },
  { name: 'transpose', inputs: [[3, 2]], apply: (a) => op.transpose(a) },
  { name: 'transpose of rank 3', inputs: [[2, 3, 2]], apply: (a) => op.transpose(a, [2, 0, 1]) },
  {
    name: 'matMulTransposed',
    inputs: [
      [5, 2],
      [3, 2],
    ],
    apply: op.matMulTransposed,
  },
  {
    name: 'matMulTransposed of few rows',
    inputs: [
      [2, 3],
      [4, 3],
    ],
    apply: op.matMulTransposed,
  },
  {
    name: 'bernoulliLogLikelihood',
    inputs: [
      [3, 4],
      [3, 4],
    ],
    apply: op.bernoulliLogLikelihood,
  },
  { name: 'sum', inputs: [[3, 2]], apply: (a) => op.sum(a) },
  { name: 'sum of columns', inputs: [[3, 2]], apply: (a) => op.sum(a, [0]) },
  { name: 'mean of rows', inputs: [[3, 2]], apply: (a) => op.mean(a, [1]) },
  { name: 'expand', inputs: [[3, 1]], apply: (a) => op.expand(a, [3, 4]) },
  { name: 'broadcastTo', inputs: [[2]], apply: (a) => op.broadcastTo(a, [3, 2]) },
  { name: 'reshape', inputs: [[3, 2]], apply: (a) => op.reshape(a, [2, 3]) },
  { name: 'slice', inputs: [[3, 4]], apply: (a) => op.slice(a, [1, 1], [2, 2]) },
  { name: 'columns', inputs: [[3, 4]], apply: (a) => op.columns(a, 1, 3) },
  { name: 'pad', inputs: [[2, 2]], apply: (a) => op.pad(a, [1, 0], [0, 2]) },
  {
    name: 'concat',
    inputs: [
      [2, 2],
      [2, 3],
    ],
    apply: (a, b) => op.concat([a, b], 1),
  },
  { name: 'logSumExp', inputs: [[3, 4]], apply: op.logSumExp },
];

const backends = await presentBackends();

/** Random inputs, the same for everyone. */
function inputsOf(entry: Case): Float32Array[] {
  const stream = RandomStream.of(1, entry.name);
  return entry.inputs.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => {
      const draw = stream.normal();
      return entry.positive ? Math.exp(draw) : draw;
    }),
  );
}

/** A function of numbers that bends: sum of squares and of random multiples of the operation's results. */
function objective(entry: Case, inputs: readonly Value[]): Value {
  const y = entry.apply(...inputs);
  const stream = RandomStream.of(2, entry.name);
  const factors = Float32Array.from({ length: sizeOf(y.shape) }, () => stream.normal());
  return op.sum(op.add(op.square(y), op.multiply(y, constant(y.context, factors, y.shape))));
}

/** Its gradient, and the gradient of a random direction's slope: the Hessian times that direction. */
function derivatives(kernels: Kernels, entry: Case, values: readonly Float32Array[]) {
  return kernels.scope(() => {
    const context = newContext(kernels);
    const inputs = values.map((value, k) => variable(context, value, entry.inputs[k]));
    const first = gradients(objective(entry, inputs), inputs, { differentiable: true });
    const stream = RandomStream.of(3, entry.name);
    const directions = values.map((value) => value.map(() => stream.normal()));
    const slope = first
      .map((gradient, k) => op.sum(op.multiply(gradient, constant(context, directions[k], entry.inputs[k]))))
      .map((value) => op.reshape(value, []))
      .reduce((total, value) => op.add(total, value));
    const second = gradients(slope, inputs);
    const copy = (list: Value[]) => list.map((value) => Array.from(kernels.read(value.handle)));
    return { first: copy(first), second: copy(second), directions };
  });
}

function valueAt(entry: Case, inputs: readonly Float64Array[]): number {
  const kernels = new Float64Kernels();
  const context = newContext(kernels);
  const values = inputs.map((input, k) => {
    const key = new Float32Array(input.length);
    kernels.exact.set(key, input);
    return constant(context, key, entry.inputs[k]);
  });
  return kernels.read(objective(entry, values).handle)[0];
}

/** d/dx_kj of f, and of its slope along a direction, by central differences in doubles. */
function differences(entry: Case, values: readonly Float32Array[], directions: readonly Float32Array[]) {
  const at = (moves: readonly [number, number, number][], along: number): number => {
    const moved = values.map((value, k) => Float64Array.from(value, (x, j) => x + along * directions[k][j]));
    for (const [k, j, step] of moves) moved[k][j] += step;
    return valueAt(entry, moved);
  };
  const h = 1e-4;
  const first = values.map((value, k) =>
    Array.from(value, (_, j) => (at([[k, j, h]], 0) - at([[k, j, -h]], 0)) / (2 * h)),
  );
  const second = values.map((value, k) =>
    Array.from(value, (_, j) => {
      const mixed = at([[k, j, h]], h) - at([[k, j, -h]], h) - at([[k, j, h]], -h) + at([[k, j, -h]], -h);
      return mixed / (4 * h * h);
    }),
  );
  return { first, second };
}

function expectClose(found: number[][], expected: number[][], tolerance: number): void {
  const size = Math.max(1, ...expected.flat().map(Math.abs));
  found.forEach((list, k) => {
    list.forEach((value, j) => {
      expect(Math.abs(value - expected[k][j]), `input ${k}, entry ${j}`).toBeLessThan(tolerance * size);
    });
  });
}

describe('first and second derivatives agree with central differences:', () => {
  describe.each(CASES)('$name', (entry) => {
    const values = inputsOf(entry);
    const { directions } = derivatives(new Float64Kernels(), entry, values);
    const expected = differences(entry, values, directions);

    it('in doubles', () => {
      const found = derivatives(new Float64Kernels(), entry, values);
      // Truncation of h^2 = 1e-8, and rounding 1e-16 / h^2 = 1e-8.
      expectClose(found.first, expected.first, 1e-6);
      expectClose(found.second, expected.second, 1e-6);
    });

    it.each(backends)('on $name', (backend) => {
      const found = backend.run(() => derivatives(backend.kernels, entry, values));
      // float32 carries 1e-7 per operation.
      expectClose(found.first, expected.first, 1e-5);
      expectClose(found.second, expected.second, 1e-5);
    });
  });
});

describe.each(backends)('on $name', (backend) => {
  it('nothing leaks', () => {
    const before = backend.kernels.alive();
    for (const entry of CASES) backend.run(() => derivatives(backend.kernels, entry, inputsOf(entry)));
    expect(backend.kernels.alive()).toBe(before);
  });

  it('gradients of what y does not depend on are zero', () => {
    const found = backend.run(() =>
      backend.kernels.scope(() => {
        const context = newContext(backend.kernels);
        const x = variable(context, Float32Array.of(1, 2), [2]);
        const other = variable(context, Float32Array.of(3), [1]);
        return gradients(op.square(x), [x, other]).map(({ handle }) => Array.from(backend.kernels.read(handle)));
      }),
    );
    expect(found).toEqual([[2, 4], [0]]);
  });
});
