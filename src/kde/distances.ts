/**
 * Squared scaled distances, t = sum_j ((x_j - p_j) s_j)^2 with s_j = 1 / h_j: to the rows of a leaf, and to the nearest
 * and farthest points of a box.
 *
 * All three take the same steps in the same order. Each step is monotone in floating point too, so the box's distances
 * bound those of its rows exactly, rounding included.
 *
 * @module
 */
import type { Tree } from './tree.js';

/** Writes the squared distances of the rows of a leaf into `out[0 ..]`. */
export function leafDistances(
  tree: Tree,
  leaf: number,
  query: Float64Array,
  scales: Float64Array,
  out: Float64Array,
): number {
  const { columns, coordinates } = tree;
  const start = tree.starts[leaf];
  const count = tree.ends[leaf] - start;
  const base = start * columns;
  if (columns === 1) distances1(coordinates, base, count, query, scales, out);
  else if (columns === 2) distances2(coordinates, base, count, query, scales, out);
  else if (columns === 3) distances3(coordinates, base, count, query, scales, out);
  else distancesAny(coordinates, base, count, columns, query, scales, out);
  return count;
}

function distances1(
  coordinates: Float64Array,
  base: number,
  count: number,
  query: Float64Array,
  scales: Float64Array,
  out: Float64Array,
): void {
  const x = query[0];
  const s = scales[0];
  for (let i = 0; i < count; i++) {
    const u = (x - coordinates[base + i]) * s;
    out[i] = u * u;
  }
}

function distances2(
  coordinates: Float64Array,
  base: number,
  count: number,
  query: Float64Array,
  scales: Float64Array,
  out: Float64Array,
): void {
  const [x, y] = [query[0], query[1]];
  const [s, r] = [scales[0], scales[1]];
  for (let i = 0; i < count; i++) {
    const u = (x - coordinates[base + i]) * s;
    const v = (y - coordinates[base + count + i]) * r;
    out[i] = u * u + v * v;
  }
}

function distances3(
  coordinates: Float64Array,
  base: number,
  count: number,
  query: Float64Array,
  scales: Float64Array,
  out: Float64Array,
): void {
  const [x, y, z] = [query[0], query[1], query[2]];
  const [s, r, q] = [scales[0], scales[1], scales[2]];
  for (let i = 0; i < count; i++) {
    const u = (x - coordinates[base + i]) * s;
    const v = (y - coordinates[base + count + i]) * r;
    const w = (z - coordinates[base + 2 * count + i]) * q;
    out[i] = u * u + v * v + w * w;
  }
}

function distancesAny(
  coordinates: Float64Array,
  base: number,
  count: number,
  columns: number,
  query: Float64Array,
  scales: Float64Array,
  out: Float64Array,
): void {
  for (let i = 0; i < count; i++) out[i] = 0;
  for (let j = 0; j < columns; j++) {
    const x = query[j];
    const s = scales[j];
    const axis = base + j * count;
    for (let i = 0; i < count; i++) {
      const u = (x - coordinates[axis + i]) * s;
      out[i] += u * u;
    }
  }
}

/** The least squared distance from the query to a point of the node's box: 0 inside it. */
export function nearestInBox(tree: Tree, node: number, query: Float64Array, scales: Float64Array): number {
  const { boxes, columns } = tree;
  const low = 2 * node * columns;
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const below = boxes[low + j] - query[j];
    const above = query[j] - boxes[low + columns + j];
    // No branches: the side on which a query lies cannot be foretold. 0 where it is inside.
    const u = Math.max(below, above, 0) * scales[j];
    sum += u * u;
  }
  return sum;
}

/** The greatest squared distance from the query to a point of the node's box. */
export function farthestInBox(tree: Tree, node: number, query: Float64Array, scales: Float64Array): number {
  const { boxes, columns } = tree;
  const low = 2 * node * columns;
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const u = Math.max(query[j] - boxes[low + j], boxes[low + columns + j] - query[j]) * scales[j];
    sum += u * u;
  }
  return sum;
}

/** The least squared distance between points of two nodes' boxes: 0 where they meet. */
export function nearestBetweenBoxes(tree: Tree, first: number, second: number, scales: Float64Array): number {
  const { boxes, columns } = tree;
  const [a, b] = [2 * first * columns, 2 * second * columns];
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const below = boxes[b + j] - boxes[a + columns + j];
    const above = boxes[a + j] - boxes[b + columns + j];
    const u = Math.max(below, above, 0) * scales[j];
    sum += u * u;
  }
  return sum;
}

/** The greatest squared distance between points of two nodes' boxes. */
export function farthestBetweenBoxes(tree: Tree, first: number, second: number, scales: Float64Array): number {
  const { boxes, columns } = tree;
  const [a, b] = [2 * first * columns, 2 * second * columns];
  let sum = 0;
  for (let j = 0; j < columns; j++) {
    const u = Math.max(boxes[a + columns + j] - boxes[b + j], boxes[b + columns + j] - boxes[a + j]) * scales[j];
    sum += u * u;
  }
  return sum;
}
