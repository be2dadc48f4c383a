/**
 * Values of some columns: what conditional distributions are given.
 *
 * @module
 */
import { modelError, reading } from './errors.js';
import { readOptions } from './options.js';

/** Values of some columns. */
export interface GivenColumns {
  /** The value of each given column, by its number: `{ 1: 79 }` gives column 1 the value 79. */
  readonly given: Readonly<Record<number, number>>;
}

/**
 * Reads `{ given: { 1: 79 } }`: the values by column number.
 *
 * @param dimension - Number of columns, of which at least one must be given and one left.
 * @throws ModelError `invalid-option`, or `invalid-data` for a value that is not a finite number.
 */
export function readGivenColumns(owner: string, argument: unknown, dimension: number): Map<number, number> {
  const given = readOptions(owner, argument, ['given']).get('given');
  return reading('invalid-option', owner, 'option "given"', () => {
    if (typeof given !== 'object' || given === null || Array.isArray(given) || ArrayBuffer.isView(given)) {
      const must = 'option "given" must be an object of values by column, such as { 1: 79 }';
      throw modelError('invalid-option', { owner, must, got: given });
    }
    const values = new Map<number, number>();
    for (const name of Object.keys(given)) {
      const column = Number(name);
      if (String(column) !== name || !Number.isInteger(column) || column < 0 || column >= dimension) {
        const must = `option "given" must name columns from 0 to ${dimension - 1}`;
        throw modelError('invalid-option', { owner, must, got: name });
      }
      const value = (given as Record<string, unknown>)[name];
      if (typeof value !== 'number' || !Number.isFinite(value)) {
        throw modelError('invalid-data', {
          owner,
          must: `value of column ${name} must be a finite number`,
          got: value,
        });
      }
      values.set(column, value);
    }
    if (values.size > 0 && values.size < dimension) return values;
    const must = `option "given" must name at least one of ${dimension} columns and leave one`;
    throw modelError('invalid-option', { owner, must, got: values.size });
  });
}
