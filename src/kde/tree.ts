/**
 * The kd-tree over the rows: a balanced tree in typed arrays.
 *
 * Nodes are numbered as in a heap: node i has the children 2i + 1 and 2i + 2, side by side in memory, and all leaves lie
 * on the last level. A node is split at the middle row along its widest side, so duplicates and constant columns cannot
 * unbalance it, its depth is known beforehand, and building it takes neither recursion nor a cap.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { Samples } from '../core/samples.js';
import { type LeafLoops, makeLeafLoops, TreeGrowth } from '../simd/index.js';
import { momentsPerNode } from './moments.js';
import { Selection } from './select.js';
import { boundStretches, layOut, placeWeights, sumWeights, writeNodes, writeSpreads } from './tree-layout.js';

/** What the tree is built over. */
export interface TreePoints {
  readonly samples: Samples;
  /** One positive weight per row; `undefined` for weights of 1. */
  readonly weights: Float64Array | undefined;
  /**
   * One positive bandwidth factor lambda_i per row, for adaptive estimates; factors of 1 unless given. Sums over the tree are
   * then those of
   *
   *     sum_i w_i lambda_i^-d k(t_i / lambda_i^2),
   *
   * so that divided by {@link Tree.totalWeight} and the kernel's normaliser at factor 1 they are a density.
   */
  readonly factors?: Float64Array | undefined;
}

/** A built tree. Everything in it is derived from the points, the scales and the leaf size, always the same way. */
export interface Tree {
  readonly rows: number;
  readonly columns: number;
  /** Number of levels below the root; the last one holds the leaves. */
  readonly depth: number;
  /** Number of the first leaf: nodes from here on are leaves. */
  readonly firstLeaf: number;
  /** Node i holds the places `starts[i]` to `ends[i] - 1`. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
  /** Tight boxes: node i spans `boxes[(2 i) d + j]` to `boxes[(2 i + 1) d + j]` along axis j. */
  readonly boxes: Float64Array;
  /** What one unit of each axis counted when the tree was built. */
  readonly scales: Float64Array;
  /** Sum of the w_i as given. */
  readonly totalWeight: number;
  /** Sum of the {@link weights} in node i. */
  readonly nodeWeights: Float64Array;
  /**
   * The coordinates as given, leaf by leaf, within a leaf axis by axis: a leaf of m rows from place s has axis j of its
   * i-th row at `coordinates[s d + j m + i]`.
   */
  readonly coordinates: Float64Array;
  /** Weight of the row at each place, w_i lambda_i^-d; `undefined` where all are 1. */
  readonly weights: Float64Array | undefined;
  /** What the squared distance of the row at each place is multiplied by, 1 / lambda_i^2; `undefined` for 1. */
  readonly stretches: Float64Array | undefined;
  /** The least and the greatest stretch in node i, at 2i and 2i + 1; `undefined` for 1. */
  readonly stretchBounds: Float64Array | undefined;
  /**
   * Where the rows of node i lie along axis j: their mean, counted from the low end of the box, at `(i d + j) 2`, and their
   * variance behind it. Of trees that have moments; else empty.
   */
  readonly spreads: Float64Array;
  /** The row at each place. */
  readonly order: Uint32Array;
  /** Sums over leaves, in the memory that holds {@link coordinates} and {@link weights}; its registers are anybody's. */
  readonly loops: LeafLoops;
}

/**
 * Builds the tree.
 *
 * Coordinates stay as they came, in the units of the data: a difference of two of them is exact to rounding wherever
 * the data lie, and one tree serves all bandwidths of the same shape.
 *
 * Cost: O(n d log(n / leafSize)) time; (d + 1) n numbers beside the boxes.
 *
 * @param scales - What one unit of each axis counts when sides are compared: 1 / h_j.
 * @param leafSize - Most rows of a leaf, at least 2; leaves hold about half as many at least, and never none.
 */
export function buildTree(points: TreePoints, scales: ArrayLike<number>, leafSize: number): Tree {
  const growth = growTree(points, scales, leafSize);
  for (;;) {
    const { done, value } = growth.next();
    if (done) return value;
  }
}

/** The same tree, with the event loop given its turns while it grows. */
export async function buildTreeSlowly(
  points: TreePoints,
  scales: ArrayLike<number>,
  leafSize: number,
  pacer: Pacer,
): Promise<Tree> {
  const growth = growTree(points, scales, leafSize);
  for (;;) {
    const { done, value } = growth.next();
    if (done) return value;
    const [completed, total] = value;
    if (pacer.isDue) await pacer.step({ phase: 'building the tree', completed, total });
  }
}

/** Rows that are sorted between two stops of the growth: about a millisecond. */
const ROWS_PER_STOP = 10_000;
const COMPILED_ROWS_PER_STOP = 200_000;
/** Nodes whose spreads are taken between two stops: about a millisecond in leaves of 128 rows. */
const NODES_PER_STOP = 512;
/** Queries that loops take at once, at least. */
const LEAST_QUERIES = 64;
/** Fewer rows are ordered sooner than compiled loops are made ready. */
const LEAST_COMPILED = 512;

/** Grows the tree, stopping now and then to tell how many nodes of how many are done. */
function* growTree(
  points: TreePoints,
  scales: ArrayLike<number>,
  leafSize: number,
): Generator<[completed: number, total: number], Tree> {
  const { samples, weights, factors } = points;
  const { rows, columns } = samples;
  let depth = 0;
  while (Math.ceil(rows / 2 ** depth) > leafSize) depth++;
  const firstLeaf = 2 ** depth - 1;
  const nodes = 2 * firstLeaf + 1;
  const { axes, order, starts, ends, boxes } = yield* orderRows(samples, scales, nodes);
  const moments = momentsPerNode(columns, nodes);
  const loops = makeLeafLoops({
    rows,
    columns,
    weighted: weights !== undefined || factors !== undefined,
    stretched: factors !== undefined,
    queries: Math.max(Math.ceil(rows / 2 ** depth), LEAST_QUERIES),
    walk: { nodes, depth, moments },
  });
  for (const [j, axis] of axes.entries()) {
    layOut(axis, j, columns, starts, ends, firstLeaf, loops.coordinates);
    if (rows >= ROWS_PER_STOP) yield [nodes, nodes];
  }
  if (loops.weights) {
    for (let from = 0; from < rows; from += ROWS_PER_STOP) {
      placeWeights(loops, points, order, from, Math.min(from + ROWS_PER_STOP, rows));
      yield [nodes, nodes];
    }
  }
  const nodeWeights = sumWeights(starts, ends, firstLeaf, loops.weights);
  if (rows >= ROWS_PER_STOP) yield [nodes, nodes];
  const tree = {
    rows,
    columns,
    depth,
    firstLeaf,
    starts,
    ends,
    boxes,
    scales: Float64Array.from(scales),
    totalWeight: factors === undefined ? nodeWeights[0] : (weights?.reduce((sum, weight) => sum + weight, 0) ?? rows),
    nodeWeights,
    coordinates: loops.coordinates,
    weights: loops.weights,
    stretches: loops.stretches,
    stretchBounds: loops.stretches && boundStretches(starts, ends, firstLeaf, loops.stretches),
    spreads: loops.walk?.spreads ?? new Float64Array(moments === 0 ? 0 : 2 * nodes * columns),
    order,
    loops,
  };
  if (moments > 0 && factors === undefined) {
    for (let end = nodes; end > 0; end -= NODES_PER_STOP) {
      writeSpreads(tree, Math.max(0, end - NODES_PER_STOP), end);
      yield [nodes, nodes];
    }
  }
  if (loops.walk) {
    loops.walk.built.set(tree.scales);
    writeNodes(tree, loops.walk.nodes);
  }
  return tree;
}

/** Rows in the order of a tree, and its nodes. */
type Order = Pick<Tree, 'order' | 'starts' | 'ends' | 'boxes'> & { readonly axes: readonly Float64Array[] };

/** From the root down: bounds each node, and splits it at the middle row along its widest side. */
function* orderRows(
  samples: Samples,
  scales: ArrayLike<number>,
  nodes: number,
): Generator<[completed: number, total: number], Order> {
  const { rows, columns } = samples;
  const shape = { rows, columns, nodes, firstLeaf: (nodes - 1) / 2 };
  const growth = rows >= LEAST_COMPILED ? TreeGrowth.tryFor(shape) : undefined;
  const grown = growth ?? {
    axes: Array.from({ length: columns }, () => new Float64Array(rows)),
    order: new Uint32Array(rows),
    starts: new Uint32Array(nodes),
    ends: new Uint32Array(nodes),
    boxes: new Float64Array(2 * nodes * columns),
  };
  for (let i = 0; i < rows; i++) grown.order[i] = i;
  grown.ends[0] = rows;
  for (const [j, axis] of grown.axes.entries()) {
    fillAxis(axis, samples, j);
    if (rows >= ROWS_PER_STOP) yield [0, nodes];
  }
  if (growth === undefined) {
    yield* splitNodes(grown, scales, shape.firstLeaf);
    return grown;
  }
  growth.scales.set(scales);
  for (let node = growth.grow(COMPILED_ROWS_PER_STOP); node < nodes; node = growth.grow(COMPILED_ROWS_PER_STOP)) {
    yield [node, nodes];
  }
  // The tree outlives the memory that it has grown in.
  const { axes, order, starts, ends, boxes } = growth;
  return { axes, order: order.slice(), starts: starts.slice(), ends: ends.slice(), boxes: boxes.slice() };
}

/** The plain growth. */
function* splitNodes(
  { axes, order, starts, ends, boxes }: Order,
  scales: ArrayLike<number>,
  firstLeaf: number,
): Generator<[completed: number, total: number], void> {
  const nodes = starts.length;
  const selection = new Selection(axes, order);
  let work = 0;
  for (let node = 0; node < nodes; node++) {
    const start = starts[node];
    const end = ends[node];
    boundNode(axes, start, end, boxes, node);
    work += end - start;
    if (node < firstLeaf) {
      const middle = start + ((end - start) >> 1);
      selection.begin(widestSide(boxes, node, axes.length, scales), start, end, middle);
      while (!selection.isDone) {
        selection.narrow();
        if (end - start >= ROWS_PER_STOP) yield [node, nodes];
      }
      starts[2 * node + 1] = start;
      ends[2 * node + 1] = middle;
      starts[2 * node + 2] = middle;
      ends[2 * node + 2] = end;
    }
    if (work < ROWS_PER_STOP) continue;
    work = 0;
    yield [node, nodes];
  }
}

function fillAxis(axis: Float64Array, { data, rows, columns }: Samples, j: number): void {
  for (let i = 0, at = j; i < rows; i++, at += columns) axis[i] = data[at];
}

function boundNode(axes: readonly Float64Array[], start: number, end: number, boxes: Float64Array, node: number): void {
  for (let j = 0; j < axes.length; j++) {
    const axis = axes[j];
    let low = Number.POSITIVE_INFINITY;
    let high = Number.NEGATIVE_INFINITY;
    for (let i = start; i < end; i++) {
      const x = axis[i];
      if (x < low) low = x;
      if (x > high) high = x;
    }
    boxes[2 * node * axes.length + j] = low;
    boxes[(2 * node + 1) * axes.length + j] = high;
  }
}

function widestSide(boxes: Float64Array, node: number, columns: number, scales: ArrayLike<number>): number {
  let widest = 0;
  let width = -1;
  for (let j = 0; j < columns; j++) {
    const side = (boxes[(2 * node + 1) * columns + j] - boxes[2 * node * columns + j]) * scales[j];
    if (side > width) {
      width = side;
      widest = j;
    }
  }
  return widest;
}
