import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import { Samples } from '../../src/core/samples.js';
import { farthestInBox, leafDistances, nearestInBox } from '../../src/kde/distances.js';
import { maximize } from '../../src/kde/search.js';
import { Selection } from '../../src/kde/select.js';
import { buildTree, buildTreeSlowly } from '../../src/kde/tree.js';
import { forcePlainLoops } from '../../src/simd/index.js';

/** Selects along the first column. */
function select(columns: Float64Array[], k: number, from = 0, to = columns[0].length): Uint32Array {
  const order = Uint32Array.from(columns[0].keys());
  const selection = new Selection(columns, order);
  selection.begin(0, from, to, k);
  while (!selection.isDone) selection.narrow();
  return order;
}

const keyLists = fc.oneof(
  fc.array(fc.integer({ min: 0, max: 6 }), { minLength: 1, maxLength: 60 }),
  fc.array(fc.double({ noNaN: true }), { minLength: 600, maxLength: 1500 }),
  fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 600, maxLength: 1500 }),
);

test('selection puts the k-th in its place, whatever the order and the ties, and all columns with it', () => {
  fc.assert(
    fc.property(keyLists, fc.nat(), (values, at) => {
      const k = at % values.length;
      const columns = [Float64Array.from(values), Float64Array.from(values.keys())];
      const order = select(columns, k);
      expect(Array.from(order).sort((a, b) => a - b)).toEqual(Array.from(values.keys()));
      expect(columns[0]).toEqual(Float64Array.from(order, (i) => values[i]));
      expect(columns[1]).toEqual(Float64Array.from(order));
      const found = columns[0];
      expect(found[k]).toBe(Float64Array.from(values).sort()[k]);
      for (const x of found.subarray(0, k)) expect(x).toBeLessThanOrEqual(found[k]);
      for (const x of found.subarray(k)) expect(x).toBeGreaterThanOrEqual(found[k]);
    }),
    { numRuns: 300 },
  );
});

test('selection leaves the rows outside its range alone', () => {
  const keys = Float64Array.of(5, 4, 3, 2, 1, 0);
  select([keys], 2, 1, 5);
  expect([keys[0], keys[5]]).toEqual([5, 0]);
  expect(keys[2]).toBe(2);
});

test.each([
  ['constant', () => 1],
  ['sorted', (i: number) => i],
  ['reversed', (i: number) => -i],
  ['organ pipe', (i: number) => Math.min(i, 1e5 - i)],
  ['two values', (i: number) => i % 2],
  ['a saw as long as the stride of the sample', (i: number) => i % 94],
])('selection stays linear for %s keys', (_, key) => {
  const keys = Float64Array.from({ length: 1e5 }, (_, i) => key(i));
  const expected = Float64Array.from(keys).sort()[5e4];
  const started = performance.now();
  select([keys], 5e4);
  // A quadratic pass would take minutes.
  expect(performance.now() - started).toBeLessThan(2000);
  expect(keys[5e4]).toBe(expected);
});

const trees = fc.record({
  rows: fc.integer({ min: 1, max: 150 }),
  columns: fc.integer({ min: 1, max: 5 }),
  leafSize: fc.integer({ min: 2, max: 20 }),
  lattice: fc.boolean(),
  weighted: fc.boolean(),
  seed: fc.integer(),
});

test('a tree holds every row once, in tight boxes, with the sums of its weights', () => {
  fc.assert(
    fc.property(trees, ({ rows, columns, leafSize, lattice, weighted, seed }) => {
      const stream = RandomStream.of(seed, 'tree');
      const draw = lattice ? () => stream.integer(2) : () => stream.normal();
      const data = Float64Array.from({ length: rows * columns }, draw);
      const weights = weighted ? Float64Array.from({ length: rows }, () => stream.uniform()) : undefined;
      const tree = buildTree(
        { samples: new Samples(data, rows, columns), weights },
        new Float64Array(columns).fill(1),
        leafSize,
      );
      expect(Array.from(tree.order).sort((a, b) => a - b)).toEqual(Array.from({ length: rows }, (_, i) => i));
      for (let node = 0; node < tree.starts.length; node++) {
        const held = Array.from(tree.order.subarray(tree.starts[node], tree.ends[node]));
        expect(held.length).toBeGreaterThan(0);
        if (node >= tree.firstLeaf) expect(held.length).toBeLessThanOrEqual(leafSize);
        const sum = held.reduce((partial, row) => partial + (weights?.[row] ?? 1), 0);
        expect(tree.nodeWeights[node]).toBeCloseTo(sum, 12);
        for (let j = 0; j < columns; j++) {
          const side = held.map((row) => data[row * columns + j]);
          expect(tree.boxes[2 * node * columns + j]).toBe(Math.min(...side));
          expect(tree.boxes[(2 * node + 1) * columns + j]).toBe(Math.max(...side));
        }
      }
      for (let place = 0; place < rows; place++) {
        if (weights) expect(tree.weights?.[place]).toBe(weights[tree.order[place]]);
      }
    }),
    { numRuns: 200 },
  );
});

test('a tree grown in turns is the same tree, and can be told to stop', async () => {
  const stream = RandomStream.of(1, 'slowly');
  const samples = new Samples(
    Float64Array.from({ length: 60_000 }, () => stream.normal()),
    30_000,
    2,
  );
  const points = { samples, weights: undefined };
  const tree = await buildTreeSlowly(points, [1, 2], 16, new Pacer('test'));
  expect(tree).toEqual(buildTree(points, [1, 2], 16));
  const controller = new AbortController();
  const pacer = new Pacer('test', { signal: controller.signal, onProgress: () => controller.abort(new Error('stop')) });
  const end = performance.now() + 30;
  while (performance.now() < end);
  await expect(buildTreeSlowly(points, [1, 2], 16, pacer)).rejects.toThrow('stop');
});

test('distances are those of the rows, and boxes bound them to the bit', () => {
  fc.assert(
    fc.property(trees, fc.constantFrom(0, 1e8, 1e300), ({ rows, columns, leafSize, seed }, offset) => {
      const stream = RandomStream.of(seed, 'distances');
      const data = Float64Array.from({ length: rows * columns }, () => stream.normal() + offset);
      const scales = Float64Array.from({ length: columns }, () => Math.exp(5 * stream.normal()));
      const tree = buildTree({ samples: new Samples(data, rows, columns), weights: undefined }, scales, leafSize);
      const out = new Float64Array(leafSize);
      const query = Float64Array.from({ length: columns }, () => 2 * stream.normal() + offset);
      for (let node = tree.firstLeaf; node < tree.starts.length; node++) {
        const count = leafDistances(tree, node, query, scales, out);
        expect(count).toBe(tree.ends[node] - tree.starts[node]);
        for (let i = 0; i < count; i++) {
          const row = tree.order[tree.starts[node] + i];
          let t = 0;
          for (let j = 0; j < columns; j++) t += ((query[j] - data[row * columns + j]) * scales[j]) ** 2;
          expect(out[i]).toBe(t);
          for (let above = node; ; above = (above - 1) >> 1) {
            expect(nearestInBox(tree, above, query, scales)).toBeLessThanOrEqual(t);
            expect(farthestInBox(tree, above, query, scales)).toBeGreaterThanOrEqual(t);
            if (above === 0) break;
          }
        }
      }
    }),
    { numRuns: 200 },
  );
});

test('the search finds the top of smooth and of broken functions', async () => {
  const cases: [(x: number) => number, number][] = [
    [(x) => -((x - 0.3) ** 2), 0.3],
    [(x) => Math.cos(x - 1), 1],
    [(x) => -Math.abs(x + 0.7), -0.7],
    [(x) => (x < 0.25 ? Number.NEGATIVE_INFINITY : -x), 0.25],
    [(x) => x ** 3 - 12 * x, -2],
  ];
  for (const [f, expected] of cases) {
    const points: number[] = [];
    const evaluate = async (x: number) => {
      points.push(x);
      return f(x);
    };
    const found = await maximize(evaluate, -3, { x: 0.5, value: f(0.5) }, 3, 1e-7);
    expect(Math.abs(found.x - expected)).toBeLessThan(1e-6);
    expect(found.value).toBe(f(found.x));
    expect(points.length).toBeLessThan(60);
    for (const x of points) expect(Math.abs(x)).toBeLessThanOrEqual(3);
  }
});

test.each([512, 700, 4097, 20_000])('%i rows: the compiled growth gives the plain one`s tree to the bit', (n) => {
  for (const [d, draw] of [
    [1, (stream: RandomStream) => stream.normal()],
    [2, (stream: RandomStream) => stream.normal()],
    [5, (stream: RandomStream) => stream.normal()],
    // Ties and a constant column.
    [3, (stream: RandomStream) => stream.integer(4)],
  ] as const) {
    const stream = RandomStream.of(1, 'growth', n, d);
    const data = Float64Array.from({ length: n * d }, (_, i) => (d === 3 && i % d === 1 ? 7 : draw(stream)));
    const points = { samples: new Samples(data, n, d), weights: undefined };
    const scales = Float64Array.from({ length: d }, (_, j) => 1 + j);
    const compiled = buildTree(points, scales, 20);
    forcePlainLoops(true);
    const plain = buildTree(points, scales, 20);
    forcePlainLoops(false);
    for (const name of ['order', 'starts', 'ends', 'boxes', 'coordinates', 'nodeWeights'] as const) {
      expect(compiled[name]).toEqual(plain[name]);
    }
  }
});

test('the spread of each node is the mean and the variance of its rows', () => {
  const stream = RandomStream.of(2, 'spread');
  const [n, offset] = [300, 1e6];
  for (const d of [1, 2]) {
    for (const weighted of [false, true]) {
      const data = Float64Array.from({ length: n * d }, () => offset + stream.normal());
      const weights = weighted ? Float64Array.from({ length: n }, () => Math.exp(3 * stream.normal())) : undefined;
      const tree = buildTree({ samples: new Samples(data, n, d), weights }, new Float64Array(d).fill(1), 8);
      for (let node = 0; node < tree.starts.length; node++) {
        const rows = Array.from(tree.order.subarray(tree.starts[node], tree.ends[node]));
        const total = rows.reduce((sum, row) => sum + (weights?.[row] ?? 1), 0);
        const average = (of: (x: number) => number, j: number): number =>
          rows.reduce((sum, row) => sum + (weights?.[row] ?? 1) * of(data[row * d + j]), 0) / total;
        for (let j = 0; j < d; j++) {
          const low = Math.min(...rows.map((row) => data[row * d + j]));
          const mean = average((x) => x - low, j);
          expect(tree.spreads[2 * (node * d + j)]).toBeCloseTo(mean, 12);
          const variance = average((x) => (x - low - mean) ** 2, j);
          expect(tree.spreads[2 * (node * d + j) + 1]).toBeCloseTo(variance, 12);
        }
      }
    }
  }
});
