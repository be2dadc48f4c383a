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
  | 'missing-backend'
  /** Training went astray: its objective is no longer finite. */
  | 'diverged';

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
  const sentence = `${fault.owner}: ${fault.must}${but}`;
  // A question such as *did you mean "x"?* ends itself.
  return new ModelError(code, `${sentence}${sentence.endsWith('?') ? '' : '.'}${remedy}`, options);
}

/**
 * Reads the caller's objects: what their getters and proxies throw becomes a {@link ModelError} that keeps it as cause.
 *
 * @param what - Completes *owner: ... must be readable*.
 */
export function reading<T>(code: ModelErrorCode, owner: string, what: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    if (isModelError(cause)) throw cause;
    throw modelError(code, { owner, must: `${what} must be readable (${describeThrown(cause)})`, cause });
  }
}

function isModelError(thrown: unknown): thrown is ModelError {
  try {
    return thrown instanceof ModelError;
  } catch {
    // A proxy threw itself, and answers no questions.
    return false;
  }
}

/** What a caller's getter, proxy or parser threw, in a few words. Never throws. */
export function describeThrown(thrown: unknown): string {
  try {
    return thrown instanceof Error ? cut(String(thrown.message), LONGEST_REASON) : describe(thrown);
  } catch {
    return describe(thrown);
  }
}

/** What {@link describe} prints literally; longer texts are cut. */
const LONGEST_DESCRIPTION = 60;
/** The same for the messages of foreign errors. */
const LONGEST_REASON = 200;

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
      return cut(JSON.stringify(value.slice(0, LONGEST_DESCRIPTION)));
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
    return cut(plain ? `[${value.map(describe).join(', ')}]` : `an array of ${entries(value.length)}`);
  }
  const name = Object.prototype.toString.call(value).slice(8, -1);
  if (name === 'Object') return 'an object';
  const article = /^[AEIO]/.test(name) ? 'an' : 'a';
  const size = ArrayBuffer.isView(value) && 'length' in value ? ` of ${entries(Number(value.length))}` : '';
  return cut(`${article} ${name}${size}`);
}

function entries(count: number): string {
  return count === 1 ? '1 entry' : `${count} entries`;
}

function cut(text: string, longest = LONGEST_DESCRIPTION): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 3)}...`;
}
