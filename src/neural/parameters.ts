/**
 * The parameters of networks: one flat float32 array, with names and shapes for its parts.
 *
 * Flat, so that an optimiser is one loop, a snapshot one copy, and a gradient norm one sum.
 *
 * @module
 */
import type { RandomStream } from '../core/random.js';
import { type Shape, sizeOf } from './kernels.js';
import { type Context, constant, type Value, variable } from './value.js';

/** How a parameter starts: fills its values. */
export type Initializer = (values: Float32Array, stream: RandomStream) => void;

/** A parameter to be made. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly initialize: Initializer;
}

/** Where a parameter lies in the flat array. */
export interface ParameterPlace {
  readonly name: string;
  readonly shape: Shape;
  readonly offset: number;
  readonly size: number;
}

/** Parameters on a backend, by name. */
export type BoundParameters = Readonly<Record<string, Value>>;

/** Named parameters in one flat array. */
export class Parameters {
  readonly values: Float32Array;
  readonly places: readonly ParameterPlace[];

  /** Each parameter starts from a stream of its own name, so adding one changes no other. */
  constructor(specs: readonly ParameterSpec[], stream: RandomStream) {
    let offset = 0;
    this.places = specs.map(({ name, shape }) => {
      const place = { name, shape, offset, size: sizeOf(shape) };
      offset += place.size;
      return place;
    });
    this.values = new Float32Array(offset);
    specs.forEach(({ name, initialize }, index) => {
      initialize(this.part(this.places[index]), stream.child('initialize', name));
    });
  }

  /** The values of one parameter: a view, not a copy. */
  part({ offset, size }: ParameterPlace): Float32Array {
    return this.values.subarray(offset, offset + size);
  }

  /** The values of a parameter by its name: a view, not a copy. */
  get(name: string): Float32Array {
    const place = this.places.find((candidate) => candidate.name === name);
    if (place === undefined) throw new RangeError(`there is no parameter "${name}"`);
    return this.part(place);
  }

  /** The parameters on a backend: variables to differentiate by, or constants for networks that only pass through. */
  bind(context: Context, as: 'variables' | 'constants'): BoundParameters {
    const make = as === 'variables' ? variable : constant;
    const bound: Record<string, Value> = {};
    for (const place of this.places) bound[place.name] = make(context, this.part(place), place.shape);
    return bound;
  }
}

/** All entries the same. */
export function constantInitializer(value: number): Initializer {
  return (values) => {
    values.fill(value);
  };
}

/**
 * Normal with standard deviation `gain / sqrt(inputs)`, which keeps the variance of activations from layer to layer.
 *
 * Reference: He et al. (2015), arXiv:1502.01852, with gain sqrt(2) for rectifiers; LeCun et al. (1998), *Efficient
 * BackProp*, with gain 1.
 */
export function normalInitializer(inputs: number, gain: number): Initializer {
  const standardDeviation = gain / Math.sqrt(inputs);
  return (values, stream) => {
    for (let i = 0; i < values.length; i++) values[i] = standardDeviation * stream.normal();
  };
}
