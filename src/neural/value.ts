/**
 * Arrays that remember how they came about, so that derivatives can be taken.
 *
 * @module
 */
import { type Handle, type Kernels, type Shape, sizeOf } from './kernels.js';

/** Where values live, and whether operations on them are recorded. */
export interface Context {
  readonly kernels: Kernels;
  /** False while derivatives are taken that will not be differentiated again. */
  recording: boolean;
  /** Number of values made so far. */
  made: number;
}

/** Starts a computation on a backend. */
export function newContext(kernels: Kernels): Context {
  return { kernels, recording: true, made: 0 };
}

/** From the derivative of the result to the derivative of one input: dy -> (dResult/dInput)^T dy. */
export type Pullback = (dy: Value) => Value;

/** An array, with how it came about where that matters to a derivative. */
export class Value {
  readonly context: Context;
  readonly handle: Handle;
  /** Inputs of the operation that made it; empty for constants and variables. */
  readonly parents: readonly Value[];
  readonly pullbacks: readonly Pullback[];
  /** Whether it depends on a variable. */
  readonly tracked: boolean;
  /** How many values were made before it in this context. */
  readonly order: number;

  constructor(
    context: Context,
    handle: Handle,
    parents: readonly Value[] = [],
    pullbacks: readonly Pullback[] = [],
    tracked = false,
  ) {
    this.context = context;
    this.handle = handle;
    this.parents = parents;
    this.pullbacks = pullbacks;
    this.tracked = tracked;
    this.order = context.made++;
  }

  get shape(): Shape {
    return this.handle.shape;
  }
}

/** A value with no derivative. */
export function constant(context: Context, values: Float32Array, shape: Shape): Value {
  return new Value(context, context.kernels.upload(values, shape));
}

/** A value that derivatives can be taken with respect to. */
export function variable(context: Context, values: Float32Array, shape: Shape): Value {
  return new Value(context, context.kernels.upload(values, shape), [], [], true);
}

/** The same array as a variable of its own, cut from what made it: for derivatives with respect to inputs. */
export function asVariable(value: Value): Value {
  return new Value(value.context, value.handle, [], [], true);
}

/** The same array as a constant: no derivative flows through it. */
export function stopGradient(value: Value): Value {
  return new Value(value.context, value.handle);
}

/** The result of an operation. One pullback per parent, in order. */
export function result(parents: readonly Value[], handle: Handle, pullbacks: readonly Pullback[]): Value {
  const { context } = parents[0];
  if (!context.recording || !parents.some((parent) => parent.tracked)) return new Value(context, handle);
  return new Value(context, handle, parents, pullbacks, true);
}

/** An array of one number over and over. */
export function filled(context: Context, shape: Shape, value: number): Value {
  return constant(context, new Float32Array(sizeOf(shape)).fill(value), shape);
}
