/**
 * The one error class, and the grammar of its messages.
 *
 * *owner: what must be the rule, but got the value, where. Remedy.*
 *
 * @module
 */

/** What kind of fault a {@link ModelError} reports. Stable: programs may branch on it. */
export type ModelErrorCode =
  /** An option is unknown or outside its range. */
  | 'invalid-option'
  /** Rows, weights or another argument hold something that is not data. */
  | 'invalid-data'
  /** Two things that must agree in size do not. */
  | 'shape-mismatch'
  /** A matrix that must be positive definite is not. */
  | 'not-positive-definite'
  /** The data leave the model undetermined, such as a constant column for a bandwidth rule. */
  | 'degenerate-data'
  /** A model file or its JSON is damaged, of another kind, or holds impossible parameters. */
  | 'invalid-model-file'
  /** A computing backend that was asked for is not there. */
  | 'missing-backend';

/**
 * Every fault that this library reports about what it was given.
 *
 * @example
 * import { KernelDensity, ModelError } from 'generative-models';
 * try {
 *   new KernelDensity({ bandwidth: -1 });
 * } catch (error) {
 *   error instanceof ModelError && error.code; // 'invalid-option'
 * }
 */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  /** What kind of fault this is. */
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The parts of a message, in the order of the grammar. */
export interface Fault {
  /** Who complains: a class, or a class and its method. */
  readonly owner: string;
  /** What must hold, such as `option "components" must be an integer >= 1`. */
  readonly must: string;
  /** The offending value; leave out where there is none to show. */
  readonly got?: unknown;
  /** What to do about it: a sentence without its full stop. */
  readonly remedy?: string;
  /** The error underneath, if any. */
  readonly cause?: unknown;
}

/** Build a {@link ModelError} after the grammar. */
export function modelError(code: ModelErrorCode, fault: Fault): ModelError {
  const but = 'got' in fault ? `, but got ${describe(fault.got)}` : '';
  const remedy = fault.remedy === undefined ? '' : ` ${fault.remedy}.`;
  const options = fault.cause === undefined ? undefined : { cause: fault.cause };
  return new ModelError(code, `${fault.owner}: ${fault.must}${but}.${remedy}`, options);
}

/** What {@link describe} prints literally; longer texts are cut. */
const LONGEST_DESCRIPTION = 60;

/** A value in a few words for a message. Never throws, whatever the value does. */
export function describe(value: unknown): string {
  try {
    return describeUnguarded(value);
  } catch {
    return 'a value that cannot be read';
  }
}

function describeUnguarded(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return cut(JSON.stringify(value));
    case 'bigint':
      return cut(`${value}n`);
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value);
    case 'function':
      return 'a function';
    case 'symbol':
      return 'a symbol';
    case 'object':
      return value === null ? 'null' : describeObject(value);
    default:
      return String(value);
  }
}

function describeObject(value: object): string {
  if (Array.isArray(value)) {
    if (value.length === 0) return 'an empty array';
    const plain = value.length <= 8 && value.every((entry) => entry === null || typeof entry !== 'object');
    return plain ? cut(`[${value.map(describe).join(', ')}]`) : `an array of ${value.length} entries`;
  }
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (ArrayBuffer.isView(value) && 'length' in value) return `a ${name} of ${String(value.length)} entries`;
  return name === 'Object' ? 'an object' : cut(`a ${name}`);
}

function cut(text: string): string {
  return text.length <= LONGEST_DESCRIPTION ? text : `${text.slice(0, LONGEST_DESCRIPTION - 3)}...`;
}
