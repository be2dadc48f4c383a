/**
 * What a conditional model is given: one row of conditions for each row, or one for all.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { readSamples, Samples } from '../core/samples.js';
import type { ColumnCode, ColumnKind } from './columns.js';

/** The conditions of a fit: one row for each row. */
export function readConditions(
  owner: string,
  kinds: readonly ColumnKind[] | undefined,
  given: unknown,
  rows: number,
): Samples {
  if (kinds === undefined) {
    if (given === undefined) return new Samples(new Float64Array(0), rows, 0);
    const must = 'option "given" of the estimator must say the kind of each given column';
    throw modelError('invalid-option', { owner, must });
  }
  if (given === undefined) {
    throw modelError('invalid-option', {
      owner,
      must: `option "given" must hold the ${kinds.length} columns of conditions`,
    });
  }
  const samples = readSamples(given, { owner, name: 'given' });
  if (samples.columns !== kinds.length || samples.rows !== rows) {
    const must = `given must be ${rows} rows of ${kinds.length} columns`;
    throw modelError('shape-mismatch', { owner, must, got: `${samples.rows} x ${samples.columns}` });
  }
  return samples;
}

/** Codes the conditions of `rows` rows: one row for each, or one for all. */
export function readGiven(owner: string, givenCode: ColumnCode, given: unknown, rows: number): Float64Array {
  const columns = givenCode.kinds.length;
  if (columns === 0) {
    if (given === undefined) return new Float64Array(0);
    throw modelError('invalid-option', { owner, must: 'option "given" must be left out: the model has no conditions' });
  }
  if (given === undefined) {
    const must = `option "given" must hold ${columns} columns, as in fit, but is missing`;
    throw modelError('invalid-option', { owner, must });
  }
  const samples = readSamples(given, { owner, name: 'given', columns });
  if (samples.rows !== rows && samples.rows !== 1) {
    const must = `given must hold one row, or one per row, ${rows}`;
    throw modelError('shape-mismatch', { owner, must, got: samples.rows });
  }
  return givenCode.encode(samples, { owner, name: 'given', binarization: 'refuse' });
}

/** The condition of one row among those of {@link readGiven}. */
export function givenOf(given: Float64Array, width: number, row: number): Float64Array {
  return given.length === width ? given : given.slice(row * width, (row + 1) * width);
}

/** Two row-major blocks side by side; the right one may hold a single row for all. */
export function beside(
  left: Float64Array,
  width: number,
  right: Float64Array,
  more: number,
  rows: number,
): Float64Array {
  if (more === 0) return left;
  const single = right.length === more;
  const joined = new Float64Array(rows * (width + more));
  for (let i = 0; i < rows; i++) {
    joined.set(left.subarray(i * width, (i + 1) * width), i * (width + more));
    joined.set(single ? right : right.subarray(i * more, (i + 1) * more), i * (width + more) + width);
  }
  return joined;
}
