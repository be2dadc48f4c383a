/**
 * Nodes settled by series: the sum of a node's kernel values from its moments, to a bounded error.
 *
 * @module
 */
import type { Kernel } from '../kernels/kernel.js';
import { GaussianExpansion } from './gaussian-expansion.js';
import { lineExpansion } from './line-expansion.js';
import { momentsPerNode } from './moments.js';
import type { Tree } from './tree.js';

/** Sums over nodes by series. */
export interface Expansion {
  /** What the sum of the last node may be off by. */
  readonly error: number;
  /**
   * sum_i w_i k(t_i) over a node, to within {@link Expansion.error}; -1 where the error would exceed `allowance`, or
   * where opening the node is cheaper.
   *
   * @param most - The node's weight times the kernel value at its box's nearest point.
   */
  sum(node: number, query: Float64Array, most: number, allowance: number): number;
}

/** Tolerances below this leave no room for the rounding of series. */
const LEAST_TOLERANCE = 1e-12;

/** Scales may differ from those at building by this factor at most, so that no power of the ratio leaves the range of doubles. */
const MOST_RATIO = 2 ** 24;

/** The series for a kernel on a tree, where there is one that pays: a matter of the model alone, never of the rows asked for. */
export function expansionFor(
  tree: Tree,
  kernel: Kernel,
  scales: Float64Array,
  tolerance: number,
): Expansion | undefined {
  if (kernel.name === 'gaussian') return gaussianExpansionFor(tree, kernel, scales, tolerance);
  const ratios = ratiosFor(tree, scales, tolerance);
  return ratios && tree.columns === 1 ? lineExpansion(kernel.name, tree, scales, ratios) : undefined;
}

/** As above, for the gaussian kernel alone: its series serve blocks of queries too. */
export function gaussianExpansionFor(
  tree: Tree,
  kernel: Kernel,
  scales: Float64Array,
  tolerance: number,
): GaussianExpansion | undefined {
  const ratios = kernel.name === 'gaussian' ? ratiosFor(tree, scales, tolerance) : undefined;
  return ratios && new GaussianExpansion(tree, scales, ratios);
}

/** Scales now over scales at building; `undefined` where series are out of the question. */
function ratiosFor(tree: Tree, scales: Float64Array, tolerance: number): Float64Array | undefined {
  if (tree.stretches !== undefined || tolerance < LEAST_TOLERANCE) return undefined;
  if (momentsPerNode(tree.columns, tree.starts.length) === 0) return undefined;
  const ratios = scales.map((s, j) => s / tree.scales[j]);
  return ratios.every((ratio) => ratio < MOST_RATIO && ratio > 1 / MOST_RATIO) ? ratios : undefined;
}
