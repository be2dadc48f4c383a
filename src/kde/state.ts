/**
 * What a fitted kernel density consists of, and how it is written down and read back.
 *
 * @module
 */
import { type ModelState, StateReader, tensor } from '../core/model-state.js';
import { Samples } from '../core/samples.js';
import { type KernelName, kernelNames } from '../kernels/index.js';
import { type BandwidthRule, bandwidthRules } from './options.js';

/** One step of a search for the bandwidth. */
export interface SelectionStep {
  /** The common factor to Scott's bandwidths that was tried. */
  readonly factor: number;
  /** Mean log-density of the rows that were left out in turn, in nats; larger is better. */
  readonly meanLogDensity: number;
  /** How many rows were left out in turn: coarse steps on large data take a sample of them. */
  readonly rows: number;
}

/** All that a fitted model is made of. */
export interface Fitted {
  readonly kernel: KernelName;
  /** The rows that carry weight, in the order given. */
  readonly samples: Samples;
  /** Their weights; `undefined` for weights of 1. */
  readonly weights: Float64Array | undefined;
  /** One bandwidth per column. */
  readonly bandwidth: Float64Array;
  readonly bandwidthRule: BandwidthRule | 'given';
  readonly history: readonly SelectionStep[];
  readonly relativeTolerance: number;
  readonly leafSize: number;
}

/** 1 / h for each axis; for bandwidths so small that it overflows, the greatest number, so that 0 times it is still 0. */
export function scalesOf(bandwidth: Float64Array): Float64Array {
  return bandwidth.map((h) => Math.min(1 / h, Number.MAX_VALUE));
}

const KIND = 'KernelDensityModel';
const VERSION = 1;
const SETTINGS = ['kernel', 'bandwidthRule', 'relativeTolerance', 'leafSize'];

/** Writes a fitted model down. */
export function writeState(fitted: Fitted): ModelState {
  const { samples, weights, bandwidth, history } = fitted;
  const { kernel, bandwidthRule, relativeTolerance, leafSize } = fitted;
  const steps = history.flatMap(({ factor, meanLogDensity, rows }) => [factor, meanLogDensity, rows]);
  return {
    kind: KIND,
    version: VERSION,
    settings: { kernel, bandwidthRule, relativeTolerance, leafSize },
    tensors: {
      rows: tensor(samples.data.slice(), samples.rows, samples.columns),
      bandwidth: tensor(bandwidth.slice(), samples.columns),
      ...(weights && { weights: tensor(weights.slice(), samples.rows) }),
      ...(steps.length > 0 && { history: tensor(Float64Array.from(steps), history.length, 3) }),
    },
  };
}

/**
 * Reads a fitted model back, checking that it could have been written by us.
 *
 * @throws ModelError `invalid-model-file`.
 */
export function readState(state: ModelState, owner: string): Fitted {
  const reader = new StateReader(owner);
  const optional = ['weights', 'history'].filter((name) => Object.hasOwn(state.tensors, name));
  reader.layout(state, KIND, VERSION, SETTINGS, ['rows', 'bandwidth', ...optional]);
  const n = reader.size(state, 'rows', 0, 2);
  const d = reader.size(state, 'rows', 1, 2);
  const weights = optional.includes('weights') ? reader.doubles(state, 'weights', n) : undefined;
  if (weights) {
    checkPositive(reader, weights, 'weights');
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    if (total === Number.POSITIVE_INFINITY) throw reader.fault('the sum of weights must be finite', total);
  }
  const bandwidth = reader.doubles(state, 'bandwidth', d);
  checkPositive(reader, bandwidth, 'bandwidth');
  return {
    kernel: reader.name(state, 'kernel', kernelNames),
    samples: new Samples(reader.doubles(state, 'rows', n, d), n, d),
    weights,
    bandwidth,
    bandwidthRule: reader.name(state, 'bandwidthRule', ['given', ...bandwidthRules]),
    history: optional.includes('history') ? readHistory(reader, state) : Object.freeze([]),
    relativeTolerance: belowOne(reader, reader.number(state, 'relativeTolerance', 0, 1)),
    leafSize: reader.integer(state, 'leafSize', 2, 2 ** 20),
  };
}

function checkPositive(reader: StateReader, values: Float64Array, name: string): void {
  for (let i = 0; i < values.length; i++) {
    if (!(values[i] > 0)) throw reader.fault(`entry ${i} of tensor "${name}" must be > 0`, values[i]);
  }
}

function belowOne(reader: StateReader, tolerance: number): number {
  if (tolerance < 1) return tolerance;
  throw reader.fault('setting "relativeTolerance" must be below 1', tolerance);
}

function readHistory(reader: StateReader, state: ModelState): readonly SelectionStep[] {
  const steps = reader.size(state, 'history', 0, 2);
  const values = reader.doubles(state, 'history', steps, 3);
  const history = Array.from({ length: steps }, (_, i) => {
    const [factor, meanLogDensity, rows] = values.subarray(3 * i, 3 * i + 3);
    if (!(factor > 0)) throw reader.fault(`factor ${i} of tensor "history" must be > 0`, factor);
    if (!(Number.isInteger(rows) && rows > 0))
      throw reader.fault(`rows ${i} of tensor "history" must be an integer > 0`, rows);
    return Object.freeze({ factor, meanLogDensity, rows });
  });
  return Object.freeze(history);
}
