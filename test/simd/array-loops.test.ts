import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RandomStream } from '../../src/core/random.js';
import { adamLoop, makeArrayStack, plainAdamLoop } from '../../src/simd/index.js';
import { forcePlainLoops } from '../../src/simd/webassembly.js';

const found = makeArrayStack();
if (found === undefined) throw new Error('compiled loops must be had here');
const stack = found;
const { loops } = stack;

/** Runs `work` on arrays in the memory of the loops, and frees them. */
function withArrays<T>(arrays: readonly Float32Array[], work: (...addresses: number[]) => T): T {
  const mark = stack.mark;
  const addresses = arrays.map((array) => {
    const at = stack.take(array.length);
    stack.write(at, array);
    return at;
  });
  try {
    return work(...addresses);
  } finally {
    stack.release(mark);
  }
}

function normals(count: number, name: string): Float32Array {
  const stream = RandomStream.of(1, name);
  return Float32Array.from({ length: count }, () => stream.normal());
}

const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** Each function in doubles, as JavaScript has it; what is allowed is relative, beside one unit of the least normal number. */
const FUNCTIONS: readonly [string, (x: number) => number, number][] = [
  ['negate', (x) => -x, 0],
  ['reciprocal', (x) => 1 / x, 6e-8],
  ['square', (x) => x * x, 6e-8],
  ['sqrt', Math.sqrt, 6e-8],
  ['abs', Math.abs, 0],
  ['exp', Math.exp, 1.8e-7],
  ['log', Math.log, 1.8e-7],
  ['tanh', Math.tanh, 1.8e-7],
  ['sigmoid', (x) => 1 / (1 + Math.exp(-x)), 3e-7],
  ['softplus', softplus, 3e-7],
  ['relu', (x) => Math.max(x, 0), 0],
];

describe('functions of entries', () => {
  const inputs = Float32Array.from([
    ...Array.from({ length: 4001 }, (_, i) => (i - 2000) / 20),
    ...Array.from({ length: 401 }, (_, i) => 1 + (i - 200) / 4000),
    ...Array.from({ length: 160 }, (_, i) => 2 ** (i - 80)),
    ...Array.from({ length: 160 }, (_, i) => -(2 ** (i - 80))),
    0,
    1e-40,
    3e38,
    -3e38,
    Number.POSITIVE_INFINITY,
    Number.NEGATIVE_INFINITY,
  ]);

  it.each(FUNCTIONS)('%s', (name, expected, tolerance) => {
    const operation = FUNCTIONS.findIndex(([other]) => other === name);
    const got = withArrays([inputs, inputs], (from, to) => {
      loops.unary(operation, from, to, inputs.length);
      return stack.view(to, inputs.length).slice();
    });
    got.forEach((value, i) => {
      const right = expected(inputs[i]);
      const rounded = Math.fround(right);
      if (!Number.isFinite(rounded)) expect(value, `${inputs[i]}`).toBe(rounded);
      // Below the normal numbers a float has fewer digits.
      else expect(Math.abs(value - right), `${inputs[i]}`).toBeLessThanOrEqual(tolerance * Math.abs(right) + 1.2e-38);
    });
  });

  it.each([
    [11, Math.cos],
    [12, Math.sin],
  ] as const)('function %i', (operation, expected) => {
    const small = inputs.filter((x) => Math.abs(x) <= 8192);
    const got = withArrays([small, small], (from, to) => {
      loops.unary(operation, from, to, small.length);
      return stack.view(to, small.length).slice();
    });
    got.forEach((value, i) => {
      expect(Math.abs(value - expected(small[i])), `${small[i]}`).toBeLessThan(1.2e-7);
    });
  });

  it('NaN gives NaN', () => {
    const nan = new Float32Array(4).fill(Number.NaN);
    for (let operation = 0; operation <= 12; operation++) {
      const got = withArrays([nan, nan], (from, to) => {
        loops.unary(operation, from, to, 4);
        return stack.view(to, 4).slice();
      });
      expect(got, `${operation}`).toEqual(nan);
    }
  });
});

/** C + A B in doubles, for strides in entries. */
function naive(
  [a, b]: readonly Float32Array[],
  [m, n, k]: readonly number[],
  [rowOfA, columnOfA, rowOfB, columnOfB]: readonly number[],
  biases: Float32Array = new Float32Array(n),
  slope = 1,
): Float64Array {
  return Float64Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let total = biases[j];
    for (let t = 0; t < k; t++) total += a[i * rowOfA + t * columnOfA] * b[t * rowOfB + j * columnOfB];
    return total > 0 ? total : slope * total;
  });
}

describe('products', () => {
  const sizes = [
    [1, 1, 1],
    [4, 8, 3],
    [5, 9, 2],
    [7, 3, 17],
    [70, 10, 300],
    [3, 530, 5],
    [66, 16, 4],
    [2, 2, 600],
    [256, 1, 128],
    [19, 2, 37],
    [33, 1, 70],
    [18, 2, 5],
  ];
  it.each(sizes)('%i x %i over %i, plain and transposed, equal naive sums', (m, n, k) => {
    // What C held before does not matter.
    const arrays = [normals(m * k, 'a'), normals(k * n, 'b'), normals(m * n, 'c'), normals(n, 'biases')];
    const forms = [
      [k, 1, n, 1],
      [k, 1, 1, k],
      [1, m, n, 1],
      [1, m, 1, k],
    ];
    for (const form of forms) {
      for (const slope of [undefined, 1, 0, 0.2]) {
        const got = withArrays(arrays, (a, b, c, biases) => {
          const [rowOfA, columnOfA, rowOfB, columnOfB] = form.map((stride) => 4 * stride);
          const rest = slope === undefined ? [0, 1] : [biases, slope];
          loops.product(a, b, c, m, n, k, rowOfA, columnOfA, rowOfB, columnOfB, rest[0], rest[1]);
          return stack.view(c, m * n).slice();
        });
        naive(arrays, [m, n, k], form, slope === undefined ? undefined : arrays[3], slope).forEach((value, at) => {
          // Rounding of a sum of k terms of size 1 in float32.
          expect(Math.abs(got[at] - value)).toBeLessThan(1e-6 * (1 + Math.sqrt(k)) * 4);
        });
      }
    }
  });

  it.each([
    [67, 21, 270],
    [23, 1, 71],
    [23, 2, 71],
  ])('an entry of %i x %i over %i has the same bits, whatever block it falls into', (m, n, k) => {
    const [a, b] = [normals(m * k, 'a'), normals(k * n, 'b')];
    const product = (rows: Float32Array, count: number): Float32Array =>
      withArrays([rows, b, new Float32Array(count * n)], (x, y, z) => {
        loops.product(x, y, z, count, n, k, 4 * k, 4, 4 * n, 4, 0, 1);
        return stack.view(z, count * n).slice();
      });
    const whole = product(a, m);
    for (let i = 0; i < m; i++) {
      expect(product(a.slice(i * k, (i + 1) * k), 1)).toEqual(whole.slice(i * n, (i + 1) * n));
    }
  });
});

it('one column of more terms than are made contiguous at a time: exact for small integers', () => {
  const k = 65_540;
  const small = (name: string, count: number): Float32Array => normals(count, name).map(Math.round);
  const arrays = [small('a', 3 * k), small('b', k), small('c', 3)];
  for (const form of [
    [k, 1, 1, 1],
    [1, 3, 1, 1],
  ]) {
    withArrays(arrays, (a, b, c) => {
      const [rowOfA, columnOfA, rowOfB, columnOfB] = form.map((stride) => 4 * stride);
      loops.product(a, b, c, 3, 1, k, rowOfA, columnOfA, rowOfB, columnOfB, 0, 1);
      expect(Float64Array.from(stack.view(c, 3))).toEqual(naive(arrays, [3, 1, k], form));
    });
  }
});

describe('gates', () => {
  it.each([0, 0.2, -1])('with a slope of %f', (slope) => {
    const [x, by] = [normals(37, 'x'), normals(37, 'by')];
    by[5] = 0;
    const expected = x.map((value, i) => (by[i] > 0 ? value : Math.fround(slope) * value));
    withArrays([x, by, x], (from, other, to) => {
      loops.gate(from, other, to, 37, slope);
      expect(stack.view(to, 37)).toEqual(expected);
      loops.gate(from, other, from, 37, slope);
      expect(stack.view(from, 37)).toEqual(expected);
    });
  });
});

describe('sums', () => {
  it.each([
    [1, 1],
    [3, 7],
    [5, 8],
    [129, 33],
  ])('of rows and columns of %i x %i', (rows, width) => {
    const data = normals(rows * width, 'sums');
    withArrays([data, new Float32Array(rows), new Float32Array(width)], (from, ofRows, ofColumns) => {
      loops.sumRows(from, ofRows, rows, width);
      loops.sumColumns(from, ofColumns, rows, width);
      const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
      for (let i = 0; i < rows; i++) {
        expect(stack.view(ofRows, rows)[i]).toBeCloseTo(sum(data.subarray(i * width, (i + 1) * width)), 5);
      }
      for (let j = 0; j < width; j++) {
        expect(stack.view(ofColumns, width)[j]).toBeCloseTo(sum(data.filter((_, at) => at % width === j)), 5);
      }
    });
  });

  it('of many equal terms lose nothing', () => {
    const count = 78_400;
    withArrays([new Float32Array(count).fill(0.1), new Float32Array(8)], (from, to) => {
      loops.sumRows(from, to, 1, count);
      expect(stack.view(to, 1)[0]).toBe(Math.fround(count * Math.fround(0.1)));
      loops.sumColumns(from, to, count, 1);
      expect(stack.view(to, 1)[0]).toBe(Math.fround(count * Math.fround(0.1)));
    });
  });
});

describe('the memory', () => {
  it('grows, and keeps what is in it', () => {
    const mark = stack.mark;
    const first = stack.take(3);
    stack.write(first, [1, 2, 3]);
    const large = stack.take(5_000_000);
    expect(stack.view(large, 5_000_000).length).toBe(5_000_000);
    expect(Array.from(stack.view(first, 3))).toEqual([1, 2, 3]);
    stack.release(mark);
    expect(stack.take(1)).toBe(first);
    stack.release(mark);
  });
});

describe('the loop of Adam', () => {
  const float = fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 });

  it('has the bits of its plain twin', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9000 }), float, float, (count, x, y) => {
        const factors = { clip: 0.7, beta1: 0.9, beta2: 0.999, rate: 1e-3, floor: 1e-8, kept: 0.9999 };
        const make = (): Float32Array[] => [
          normals(count, 'w').fill(x, 0, 1),
          normals(count, 'm'),
          normals(count, 'v').map(Math.abs),
          normals(count, 'g').fill(y, 0, 1),
        ];
        const [compiled, plain] = [make(), make()];
        adamLoop(compiled[0], compiled[1], compiled[2], compiled[3], factors);
        plainAdamLoop(plain[0], plain[1], plain[2], plain[3], factors);
        expect(compiled).toEqual(plain);
      }),
      { numRuns: 20 },
    );
  });

  it('runs where there are no compiled loops', () => {
    forcePlainLoops(true);
    const arrays = Array.from({ length: 4 }, () => new Float32Array(100).fill(1));
    const factors = { clip: 1, beta1: 0.5, beta2: 0.5, rate: 1, floor: 0, kept: 1 };
    adamLoop(arrays[0], arrays[1], arrays[2], arrays[3], factors);
    forcePlainLoops(false);
    expect(arrays.map((array) => array[99])).toEqual([0, 1, 1, 1]);
  });
});
