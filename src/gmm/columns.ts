/**
 * Columns chosen by the caller.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';

/** How {@link readColumns} is to read a choice of columns. */
export interface ColumnRules {
  readonly owner: string;
  /** What the choice is called in messages. */
  readonly name: string;
  /** Columns of the model, d. */
  readonly dimension: number;
  /** The most columns that may be chosen; all of them unless told otherwise. */
  readonly most?: number;
  /** The number of columns that must be chosen, where it is fixed. */
  readonly exactly?: number;
}

/**
 * Different columns of a model by number, in the order given.
 *
 * @throws ModelError `invalid-option`.
 */
export function readColumns(value: unknown, { owner, name, dimension, most, exactly }: ColumnRules): number[] {
  const columns = reading('invalid-option', owner, name, () => copyList(value));
  const count = exactly === undefined ? 'an array of' : `an array of ${exactly}`;
  const must = `${name} must be ${count} different columns from 0 to ${dimension - 1}`;
  const isColumn = (j: unknown) => Number.isInteger(j) && (j as number) >= 0 && (j as number) < dimension;
  if (!columns || columns.length === 0 || !columns.every(isColumn) || new Set(columns).size < columns.length) {
    throw modelError('invalid-option', { owner, must, got: value });
  }
  if (exactly !== undefined && columns.length !== exactly)
    throw modelError('invalid-option', { owner, must, got: value });
  if (most !== undefined && columns.length > most) {
    const limit = `${name} must leave a column: at most ${most} of ${dimension}`;
    throw modelError('invalid-option', { owner, must: limit, got: columns.length });
  }
  return columns as number[];
}

function copyList(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return Array.from(value);
  if (!ArrayBuffer.isView(value) || value instanceof DataView) return undefined;
  return Array.from(value as unknown as ArrayLike<unknown>);
}
