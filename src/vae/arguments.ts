/**
 * Arguments of the fitted model's methods, read and checked in one way.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import { readSamples, type Samples, type SamplesLike, viewSamples } from '../core/samples.js';
import type { Binarization } from '../neural/columns.js';
import { givenOf, readGiven } from '../neural/conditions.js';
import { type CodedRow, streamOf } from './estimates.js';
import type { PlainNetworks } from './plain-networks.js';

/** Reads and codes rows with their conditions, and encodes them. */
export function readRows(
  owner: string,
  networks: PlainNetworks,
  binarization: Binarization,
  rows: SamplesLike,
  given: unknown,
): CodedRow[] {
  const { code, givenCode } = networks.networks;
  const samples = viewSamples(rows, { owner, columns: code.kinds.length });
  const conditions = readGiven(owner, givenCode, given, samples.rows);
  const coded = code.encode(samples, { owner, name: 'rows', binarization });
  return Array.from({ length: samples.rows }, (_, i) => {
    const row = coded.slice(i * code.width, (i + 1) * code.width);
    const condition = givenOf(conditions, givenCode.width, i);
    if (binarization === 'stochastic') {
      code.drawBinary(row, 0, streamOf({ coded: row, given: condition }, 'binarization'));
    }
    const [posterior] = networks.encode(row, condition, 1);
    return { coded: row, given: condition, posterior };
  });
}

/** A count among options, such as a number of draws. */
export function readCount(
  owner: string,
  options: ReadonlyMap<string, unknown>,
  name: string,
  fallback: number,
): number {
  const value = options.get(name);
  if (value === undefined) return fallback;
  if (Number.isSafeInteger(value) && (value as number) >= 1) return value as number;
  throw modelError('invalid-option', { owner, must: `option "${name}" must be an integer >= 1`, got: value });
}

/** Options of a method that takes conditions. */
export function readMethodOptions(owner: string, options: unknown, ...more: string[]): ReadonlyMap<string, unknown> {
  return readOptions(owner, options, ['given', ...more]);
}

/** Codes handed to the model. */
export function readCodes(owner: string, codes: SamplesLike, latentDimension: number): Samples {
  return readSamples(codes, { owner, name: 'codes', columns: latentDimension });
}
