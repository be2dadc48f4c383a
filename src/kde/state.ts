/**
 * What a fitted kernel density consists of, and how it is written down and read back.
 *
 * @module
 */
import { type ModelState, type Setting, StateReader, tensor } from '../core/model-state.js';
import { Samples } from '../core/samples.js';
import { type KernelName, kernelNames } from '../kernels/index.js';
import { type Bandwidth, diagonalBandwidth, factorRange, matrixBandwidth } from './bandwidth.js';
import { type Bounds, describeBounds, isColumnBounds, isInside } from './bounds.js';
import { readHistory, type SelectionStep, writeHistory } from './history.js';
import { type BandwidthRule, bandwidthRules } from './options.js';

export { scalesOf } from './coordinates.js';
export type { SelectionStep } from './history.js';

/** All that a fitted model is made of. */
export interface Fitted {
  readonly kernel: KernelName;
  /** The rows that carry weight, in the order given. */
  readonly samples: Samples;
  /** Their weights; `undefined` for weights of 1. */
  readonly weights: Float64Array | undefined;
  readonly bandwidth: Bandwidth;
  /** One factor to the bandwidth for each row, where it adapts to the density. */
  readonly factors?: Float64Array | undefined;
  /** The bandwidths that the tree was built for, where they are not those in force. */
  readonly treeBandwidth?: Float64Array | undefined;
  readonly bounds: Bounds | undefined;
  readonly bandwidthRule: BandwidthRule | 'given';
  readonly history: readonly SelectionStep[];
  readonly warnings: readonly string[];
  readonly relativeTolerance: number;
  readonly leafSize: number;
}

const KIND = 'KernelDensityModel';
const VERSION = 1;
const SETTINGS = ['kernel', 'bandwidthRule', 'relativeTolerance', 'leafSize'];
/** What is written only where there is something to tell. */
const OPTIONAL_SETTINGS = ['bounds', 'warnings'];
const OPTIONAL_TENSORS = ['weights', 'factors', 'treeBandwidth', 'history', 'historyFactors', 'historySquaredErrors'];

/** Writes a fitted model down. */
export function writeState(fitted: Fitted): ModelState {
  const { samples, weights, bandwidth, history, bounds, warnings } = fitted;
  const { kernel, bandwidthRule, relativeTolerance, leafSize } = fitted;
  const d = samples.columns;
  return {
    kind: KIND,
    version: VERSION,
    settings: {
      kernel,
      bandwidthRule,
      relativeTolerance,
      leafSize,
      ...(bounds && { bounds: bounds.map((column) => column && ({ ...column } as { [name: string]: Setting })) }),
      ...(warnings.length > 0 && { warnings: [...warnings] }),
    },
    tensors: {
      rows: tensor(samples.data.slice(), samples.rows, d),
      bandwidth: bandwidth.matrix ? tensor(bandwidth.matrix.slice(), d, d) : tensor(bandwidth.columns.slice(), d),
      ...(weights && { weights: tensor(weights.slice(), samples.rows) }),
      ...(fitted.factors && { factors: tensor(fitted.factors.slice(), samples.rows) }),
      ...(fitted.treeBandwidth && { treeBandwidth: tensor(fitted.treeBandwidth.slice(), d) }),
      ...writeHistory(history),
    },
  };
}

/**
 * Reads a fitted model back, checking that it could have been written by us. That a matrix is positive definite is for
 * the model to find.
 *
 * @throws ModelError `invalid-model-file`.
 */
export function readState(state: ModelState, owner: string): Fitted {
  const reader = new StateReader(owner);
  reader.state(state);
  const tensors = OPTIONAL_TENSORS.filter((name) => Object.hasOwn(state.tensors, name));
  const settings = OPTIONAL_SETTINGS.filter((name) => Object.hasOwn(state.settings, name));
  reader.layout(state, KIND, VERSION, [...SETTINGS, ...settings], ['rows', 'bandwidth', ...tensors]);
  const n = reader.size(state, 'rows', 0, 2);
  const d = reader.size(state, 'rows', 1, 2);
  const samples = new Samples(reader.doubles(state, 'rows', n, d), n, d);
  return {
    kernel: reader.name(state, 'kernel', kernelNames),
    samples,
    weights: tensors.includes('weights') ? readPositive(reader, state, 'weights', n) : undefined,
    bandwidth: readBandwidth(reader, state, d),
    factors: tensors.includes('factors') ? readFactors(reader, state, n, d) : undefined,
    treeBandwidth: tensors.includes('treeBandwidth') ? readPositive(reader, state, 'treeBandwidth', d) : undefined,
    bounds: settings.includes('bounds') ? readBounds(reader, state, samples) : undefined,
    bandwidthRule: reader.name(state, 'bandwidthRule', ['given', ...bandwidthRules]),
    history: readHistory(reader, state, d),
    warnings: settings.includes('warnings') ? readWarnings(reader, state) : Object.freeze([]),
    relativeTolerance: belowOne(reader, reader.number(state, 'relativeTolerance', 0, 1)),
    leafSize: reader.integer(state, 'leafSize', 2, 2 ** 20),
  };
}

function readPositive(reader: StateReader, state: ModelState, name: string, size: number): Float64Array {
  const values = reader.doubles(state, name, size);
  for (let i = 0; i < size; i++) {
    if (!(values[i] > 0)) throw reader.fault(`entry ${i} of tensor "${name}" must be > 0`, values[i]);
  }
  const total = values.reduce((sum, value) => sum + value, 0);
  if (name === 'weights' && total === Number.POSITIVE_INFINITY) {
    throw reader.fault('the sum of weights must be finite', total);
  }
  return values;
}

function readFactors(reader: StateReader, state: ModelState, n: number, d: number): Float64Array {
  const factors = readPositive(reader, state, 'factors', n);
  const [least, greatest] = factorRange(d);
  for (let i = 0; i < n; i++) {
    if (factors[i] >= least && factors[i] <= greatest) continue;
    throw reader.fault(`entry ${i} of tensor "factors" must be from ${least} to ${greatest}`, factors[i]);
  }
  return factors;
}

function readBandwidth(reader: StateReader, state: ModelState, d: number): Bandwidth {
  if (state.tensors.bandwidth.shape.length === 1) {
    return diagonalBandwidth(readPositive(reader, state, 'bandwidth', d));
  }
  const matrix = reader.doubles(state, 'bandwidth', d, d);
  for (let i = 0; i < d * d; i++) {
    const twin = matrix[(i % d) * d + Math.floor(i / d)];
    if (matrix[i] !== twin)
      throw reader.fault(`entry ${i} of tensor "bandwidth" must be ${twin}, as its twin is`, matrix[i]);
  }
  return matrixBandwidth(matrix, d);
}

function readBounds(reader: StateReader, state: ModelState, { data, rows, columns }: Samples): Bounds {
  const { bounds } = state.settings;
  if (!Array.isArray(bounds) || bounds.length !== columns || !bounds.every(isColumnBounds)) {
    throw reader.fault(`setting "bounds" must hold null or the bounds of a column, ${columns} times`, bounds);
  }
  const copies = bounds.map((column) => column && Object.freeze({ ...column }));
  for (let i = 0; i < rows * columns; i++) {
    const column = copies[i % columns];
    if (column === null || isInside(column, data[i])) continue;
    throw reader.fault(`entry ${i} of tensor "rows" must be ${describeBounds(column)}`, data[i]);
  }
  return Object.freeze(copies);
}

function readWarnings(reader: StateReader, state: ModelState): readonly string[] {
  const { warnings } = state.settings;
  if (Array.isArray(warnings) && warnings.every((warning) => typeof warning === 'string')) {
    return Object.freeze([...(warnings as string[])]);
  }
  throw reader.fault('setting "warnings" must be an array of texts', warnings);
}

function belowOne(reader: StateReader, tolerance: number): number {
  if (tolerance < 1) return tolerance;
  throw reader.fault('setting "relativeTolerance" must be below 1', tolerance);
}
