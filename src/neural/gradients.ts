/**
 * Reverse-mode differentiation, right to any order: the derivative of an operation is written in operations that are
 * differentiable themselves.
 *
 * @module
 */
import { add } from './operations.js';
import { filled, type Value } from './value.js';

/** Options of {@link gradients}. */
export interface GradientOptions {
  /** Derivative of the final objective with respect to `y`; ones unless given. */
  readonly seed?: Value;
  /** Whether the gradients will themselves be differentiated, as gradient penalties need. */
  readonly differentiable?: boolean;
}

/**
 * The gradient of sum(y) with respect to each of `xs`; zeros where y does not depend on it.
 *
 * Cost: each operation between `xs` and `y` is pulled back once.
 *
 * Reference: Griewank & Walther (2008), *Evaluating Derivatives*, section 3.2.
 */
export function gradients(y: Value, xs: readonly Value[], options: GradientOptions = {}): Value[] {
  const { context } = y;
  const recordedBefore = context.recording;
  context.recording = recordedBefore && options.differentiable === true;
  try {
    const between = valuesBetween(y, xs);
    const totals = new Map<Value, Value>([[y, options.seed ?? filled(context, y.shape, 1)]]);
    for (const value of between) pullBack(value, totals, between);
    return xs.map((x) => totals.get(x) ?? filled(context, x.shape, 0));
  } finally {
    context.recording = recordedBefore;
  }
}

/** Adds what `value` owes to the totals of its parents, as far as they lead to the variables asked for. */
function pullBack(value: Value, totals: Map<Value, Value>, between: ReadonlySet<Value>): void {
  const dy = totals.get(value);
  if (dy === undefined) return;
  value.parents.forEach((parent, index) => {
    if (!between.has(parent)) return;
    const share = value.pullbacks[index](dy);
    const total = totals.get(parent);
    totals.set(parent, total === undefined ? share : add(total, share));
  });
}

/** Every value on a path from `xs` to `y`, ends included, latest first. */
function valuesBetween(y: Value, xs: readonly Value[]): ReadonlySet<Value> {
  const reached = new Set<Value>([y]);
  for (const value of reached) for (const parent of value.parents) if (parent.tracked) reached.add(parent);
  // An operation is made after its inputs, so the order of making is an order of dependence.
  const made = [...reached].sort((a, b) => a.order - b.order);
  const leading = new Set<Value>(xs);
  const between = made.filter((value) => {
    const leads = leading.has(value) || value.parents.some((parent) => leading.has(parent));
    if (leads) leading.add(value);
    return leads;
  });
  return new Set(between.reverse());
}
