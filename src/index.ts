/**
 * The public names. Each also has a subpath of its own: `generative-models/kde`, `generative-models/gmm`, ...
 *
 * @module
 */
export * from './core/index.js';
export * from './evaluation/index.js';
export * from './gan/index.js';
export * from './gmm/index.js';
export * from './kde/index.js';
export * from './kernels/index.js';
export * from './vae/index.js';
