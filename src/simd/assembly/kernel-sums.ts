/**
 * Sums of kernel values, over leaves and through a tree: the entry of the module that ../leaf-loops.ts loads.
 *
 * @module
 */
export { addSeries } from './block-series.js';
export { addSums, exponentials, nearest, sum } from './leaf-sums.js';
export { fillMoments } from './moments.js';
export { walkRegion } from './region-walk.js';
export { walk } from './walk.js';
