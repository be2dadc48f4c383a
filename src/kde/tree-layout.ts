/**
 * What is laid out once the tree has grown: rows leaf by leaf, weights, stretches, and the records of the compiled walk.
 *
 * @module
 */
import { type LeafLoops, NODE_HEAD } from '../simd/index.js';
import type { Tree, TreePoints } from './tree.js';

/** The weight of each node, from the leaves up. */
export function sumWeights(
  starts: Uint32Array,
  ends: Uint32Array,
  firstLeaf: number,
  weights: Float64Array | undefined,
): Float64Array {
  const sums = new Float64Array(starts.length);
  for (let node = starts.length - 1; node >= 0; node--) {
    if (weights === undefined) sums[node] = ends[node] - starts[node];
    else if (node < firstLeaf) sums[node] = sums[2 * node + 1] + sums[2 * node + 2];
    else for (let i = starts[node]; i < ends[node]; i++) sums[node] += weights[i];
  }
  return sums;
}

/** Weights and stretches of the places `from` to `to - 1`. */
export function placeWeights(loops: LeafLoops, points: TreePoints, order: Uint32Array, from: number, to: number): void {
  const { samples, weights, factors } = points;
  const { weights: placed, stretches } = loops;
  if (factors === undefined) {
    if (placed && weights) for (let place = from; place < to; place++) placed[place] = weights[order[place]];
    return;
  }
  for (let place = from; place < to; place++) {
    const row = order[place];
    const factor = factors[row];
    if (placed) placed[place] = (weights === undefined ? 1 : weights[row]) * factor ** -samples.columns;
    if (stretches) stretches[place] = 1 / (factor * factor);
  }
}

/** The records of the compiled walk. */
export function writeNodes(
  { columns, starts, ends, boxes, nodeWeights, stretchBounds }: Tree,
  out: Float64Array,
): void {
  let at = 0;
  for (let node = 0; node < starts.length; node++) {
    out[at] = starts[node];
    out[at + 1] = ends[node];
    out[at + 2] = nodeWeights[node];
    out[at + 4] = stretchBounds?.[2 * node] ?? 1;
    out[at + 5] = stretchBounds?.[2 * node + 1] ?? 1;
    at += NODE_HEAD;
    for (let j = 0; j < columns; j++) {
      out[at++] = boxes[2 * node * columns + j];
      out[at++] = boxes[(2 * node + 1) * columns + j];
    }
  }
}

/** Mean and variance along each axis of the rows in the nodes from `to - 1` down to `from`; those behind must be there. */
export function writeSpreads(tree: Tree, from: number, to: number): void {
  for (let node = to - 1; node >= from; node--) {
    for (let j = 0; j < tree.columns; j++) {
      if (node >= tree.firstLeaf) spreadLeaf(tree, node, j);
      else spreadNode(tree, node, j);
    }
  }
}

function spreadLeaf(tree: Tree, leaf: number, j: number): void {
  const { starts, ends, columns, boxes, coordinates, weights, nodeWeights, spreads } = tree;
  const [start, count] = [starts[leaf], ends[leaf] - starts[leaf]];
  const low = boxes[2 * leaf * columns + j];
  const axis = start * columns + j * count;
  let sum = 0;
  for (let i = 0; i < count; i++) sum += (weights ? weights[start + i] : 1) * (coordinates[axis + i] - low);
  const mean = sum / nodeWeights[leaf];
  let squares = 0;
  for (let i = 0; i < count; i++) {
    const off = coordinates[axis + i] - low - mean;
    squares += (weights ? weights[start + i] : 1) * (off * off);
  }
  const to = 2 * (leaf * columns + j);
  spreads[to] = mean;
  spreads[to + 1] = squares / nodeWeights[leaf];
}

function spreadNode({ columns, boxes, nodeWeights, spreads }: Tree, node: number, j: number): void {
  const [left, right] = [2 * node + 1, 2 * node + 2];
  const low = boxes[2 * node * columns + j];
  const share = nodeWeights[right] / nodeWeights[node];
  const [first, second, to] = [left, right, node].map((i) => 2 * (i * columns + j));
  const mean = boxes[2 * left * columns + j] - low + spreads[first];
  const gap = boxes[2 * right * columns + j] - low + spreads[second] - mean;
  spreads[to] = mean + share * gap;
  spreads[to + 1] = (1 - share) * spreads[first + 1] + share * spreads[second + 1] + share * (1 - share) * gap * gap;
}

/** The least and the greatest stretch of each node, from the leaves up. */
export function boundStretches(
  starts: Uint32Array,
  ends: Uint32Array,
  firstLeaf: number,
  stretches: Float64Array,
): Float64Array {
  const bounds = new Float64Array(2 * starts.length);
  for (let node = starts.length - 1; node >= 0; node--) {
    let least = Number.POSITIVE_INFINITY;
    let greatest = 0;
    if (node < firstLeaf) {
      least = Math.min(bounds[4 * node + 2], bounds[4 * node + 4]);
      greatest = Math.max(bounds[4 * node + 3], bounds[4 * node + 5]);
    } else {
      for (let place = starts[node]; place < ends[node]; place++) {
        least = Math.min(least, stretches[place]);
        greatest = Math.max(greatest, stretches[place]);
      }
    }
    bounds[2 * node] = least;
    bounds[2 * node + 1] = greatest;
  }
  return bounds;
}

/** Copies a column leaf by leaf: within a leaf, rows lie axis by axis. */
export function layOut(
  axis: Float64Array,
  j: number,
  columns: number,
  starts: Uint32Array,
  ends: Uint32Array,
  firstLeaf: number,
  coordinates: Float64Array,
): void {
  for (let node = firstLeaf; node < starts.length; node++) {
    const start = starts[node];
    const count = ends[node] - start;
    coordinates.set(axis.subarray(start, start + count), start * columns + j * count);
  }
}
