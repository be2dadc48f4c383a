/**
 * Kernel density estimation.
 *
 * @module
 */
export type { KernelName } from '../kernels/index.js';
export type { GivenBandwidth } from './bandwidth.js';
export type { Bounds, ColumnBounds } from './bounds.js';
export type { GridDensity, GridOptions } from './grid.js';
export { KernelDensity } from './kernel-density.js';
export { KernelDensityDistribution } from './kernel-density-distribution.js';
export { KernelDensityModel } from './kernel-density-model.js';
export type { Modes } from './modes.js';
export type { BandwidthRule, BandwidthShape, KernelDensityOptions } from './options.js';
export type { BoxProbability } from './probability.js';
export type { SelectionStep } from './state.js';
