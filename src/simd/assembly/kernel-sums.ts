/**
 * Sums of kernel values, over leaves and through a tree: the entry of the module that ../leaf-loops.ts loads.
 *
 * @module
 */
export { addSums, exponentials, nearest, sum } from './leaf-sums.js';
export { walk } from './walk.js';
