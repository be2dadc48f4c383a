/**
 * Features h of rows, to be matched: what the user knows to matter, such as a mass or a sum of columns.
 *
 * They are written once, as expressions of columns, and used three times: on a backend with derivatives, in plain doubles, and
 * in model files, as a list of operations.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Setting, StateReader } from '../core/model-state.js';
import * as operations from '../neural/operations.js';
import type { Value } from '../neural/value.js';

/** One operation: the numbers after its name say which earlier results it takes, or which column or constant it is. */
export type Step = readonly [name: string, ...inputs: number[]];

/** How an operation works on numbers and on a backend. */
interface Operation {
  readonly inputs: 1 | 2;
  readonly value: (a: number, b: number) => number;
  readonly apply: (a: Value, b: Value) => Value;
}

/** All operations by their names. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
  plus: { inputs: 2, value: (a, b) => a + b, apply: operations.add },
  minus: { inputs: 2, value: (a, b) => a - b, apply: operations.subtract },
  times: { inputs: 2, value: (a, b) => a * b, apply: operations.multiply },
  over: { inputs: 2, value: (a, b) => a / b, apply: operations.divide },
  square: { inputs: 1, value: (a) => a * a, apply: operations.square },
  sqrt: { inputs: 1, value: Math.sqrt, apply: operations.sqrt },
  abs: { inputs: 1, value: Math.abs, apply: operations.abs },
  exp: { inputs: 1, value: Math.exp, apply: operations.exp },
  log: { inputs: 1, value: Math.log, apply: operations.log },
  sin: { inputs: 1, value: Math.sin, apply: operations.sin },
  cos: { inputs: 1, value: Math.cos, apply: operations.cos },
  tanh: { inputs: 1, value: Math.tanh, apply: operations.tanh },
};

/**
 * A number made of a row's columns. Methods take other expressions of the same row, or numbers.
 *
 * @example
 * import type { Expression } from 'generative-models/gan';
 * const massSquared = ([pt1, eta1, phi1, pt2, eta2, phi2]: readonly Expression[]): Expression[] => {
 *   const [eta, phi] = [eta1.minus(eta2), phi1.minus(phi2)];
 *   return [pt1.times(pt2).times(eta.cosh().minus(phi.cos())).times(2)];
 * };
 */
export class Expression {
  /** @internal */
  readonly program: Step[];
  /** @internal */
  readonly place: number;

  /** @internal */
  constructor(program: Step[], place: number) {
    this.program = program;
    this.place = place;
    Object.freeze(this);
  }

  /** This + other. */
  plus(other: Expression | number): Expression {
    return this.#with('plus', other);
  }

  /** This - other. */
  minus(other: Expression | number): Expression {
    return this.#with('minus', other);
  }

  /** This * other. */
  times(other: Expression | number): Expression {
    return this.#with('times', other);
  }

  /** This / other. */
  over(other: Expression | number): Expression {
    return this.#with('over', other);
  }

  /** x^2. */
  square(): Expression {
    return this.#next('square');
  }

  /** The root of x, which must be above 0: its derivative is infinite at 0. */
  sqrt(): Expression {
    return this.#next('sqrt');
  }

  /** |x|. */
  abs(): Expression {
    return this.#next('abs');
  }

  /** e^x. */
  exp(): Expression {
    return this.#next('exp');
  }

  /** The natural logarithm of x, which must be above 0. */
  log(): Expression {
    return this.#next('log');
  }

  /** sin x. */
  sin(): Expression {
    return this.#next('sin');
  }

  /** cos x. */
  cos(): Expression {
    return this.#next('cos');
  }

  /** tanh x. */
  tanh(): Expression {
    return this.#next('tanh');
  }

  /** (e^x + e^-x) / 2. */
  cosh(): Expression {
    return this.exp().plus(this.times(-1).exp()).times(0.5);
  }

  /** (e^x - e^-x) / 2. */
  sinh(): Expression {
    return this.exp().minus(this.times(-1).exp()).times(0.5);
  }

  #with(name: string, other: Expression | number): Expression {
    const operand = typeof other === 'number' ? push(this.program, 'constant', other) : other;
    if (!(operand instanceof Expression) || operand.program !== this.program) {
      const must = `${name} must be given a number or an expression of the same row`;
      throw modelError('invalid-option', { owner: 'Expression', must, got: other });
    }
    return this.#next(name, operand.place);
  }

  #next(name: string, ...more: number[]): Expression {
    return push(this.program, name, this.place, ...more);
  }
}

function push(program: Step[], name: string, ...inputs: number[]): Expression {
  program.push([name, ...inputs]);
  return new Expression(program, program.length - 1);
}

/** Features as the user writes them: from a row's columns to as many expressions as there are features. */
export type FeatureFunction = (columns: readonly Expression[]) => readonly Expression[];

/** Features as data. */
export interface FeatureProgram {
  readonly steps: readonly Step[];
  /** The steps whose results are the features. */
  readonly outputs: readonly number[];
}

/**
 * Runs the user's function once, on columns without values.
 *
 * @throws ModelError `invalid-option` where it does not give a list of expressions.
 */
export function writeProgram(owner: string, write: FeatureFunction, columns: number): FeatureProgram {
  const steps: Step[] = [];
  const inputs = Array.from({ length: columns }, (_, column) => push(steps, 'column', column));
  const outputs: unknown = write(inputs);
  const isOurs = (entry: unknown): entry is Expression => entry instanceof Expression && entry.program === steps;
  if (Array.isArray(outputs) && outputs.length > 0 && outputs.every(isOurs)) {
    return { steps, outputs: outputs.map(({ place }) => place) };
  }
  const must = 'option "features" must return an array of expressions of the columns that it is given';
  throw modelError('invalid-option', { owner, must, got: outputs });
}

/** Every column and every product of two, as the network sees them: means and covariances are what is matched. */
export function momentProgram(width: number): FeatureProgram {
  const steps: Step[] = Array.from({ length: width }, (_, column): Step => ['column', column]);
  for (let i = 0; i < width; i++) for (let j = i; j < width; j++) steps.push(['times', i, j]);
  return { steps, outputs: steps.map((_, place) => place) };
}

/** A program as a setting of model files. */
export function programSetting({ steps, outputs }: FeatureProgram): Setting {
  return { steps: steps.map((step) => [...step]), outputs: [...outputs] };
}

/** More steps than this are no one's features. */
const MOST_STEPS = 1_000_000;

/**
 * Reads a program back: every step takes earlier ones only, so it ends, and does what its names say.
 *
 * @param columns - Number of columns that it may name.
 * @throws ModelError `invalid-model-file`.
 */
export function readProgram(reader: StateReader, setting: unknown, columns: number): FeatureProgram {
  const { steps, outputs } = reader.object(setting, 'setting "features"', ['steps', 'outputs']);
  const isBelow = (value: unknown, end: number): boolean =>
    Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) < end;
  if (!Array.isArray(steps) || steps.length > MOST_STEPS || !Array.isArray(outputs) || outputs.length === 0) {
    throw reader.fault('setting "features" must hold steps and outputs', setting);
  }
  steps.forEach((step: unknown, place) => {
    if (!isStep(step, place)) throw reader.fault(`step ${place} of setting "features" must be an operation`, step);
  });
  const wrong = outputs.find((output) => !isBelow(output, steps.length));
  if (wrong !== undefined) throw reader.fault('outputs of setting "features" must be steps', wrong);
  return { steps: structuredClone(steps), outputs: [...outputs] };

  function isStep(step: unknown, place: number): boolean {
    if (!Array.isArray(step) || typeof step[0] !== 'string') return false;
    const [name, ...inputs] = step as [string, ...unknown[]];
    if (name === 'column') return inputs.length === 1 && isBelow(inputs[0], columns);
    if (name === 'constant') return inputs.length === 1 && Number.isFinite(inputs[0]);
    if (!Object.hasOwn(OPERATIONS, name)) return false;
    return inputs.length === OPERATIONS[name].inputs && inputs.every((input) => isBelow(input, place));
  }
}
