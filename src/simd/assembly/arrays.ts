/**
 * Loops over float32 arrays that networks are trained with: the entry of the module that ../array-loops.ts loads.
 *
 * @module
 */
export { adam } from './adam.js';
export { binary, gate, unary } from './entrywise.js';
export { product } from './layers.js';
export { firstFree, packAt } from './products.js';
export { clear, copyRows, largestOfRows, repeatEntries, sumColumns, sumRows } from './reductions.js';
