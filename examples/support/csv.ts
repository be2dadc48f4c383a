/**
 * Columns of a CSV file as rows of numbers.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { Samples } from 'generative-models';

/** The named columns of a file in `data/`, in the order of the names. */
export function readColumns(file: string, names: readonly string[]): Samples {
  // Compiled files lie in build/examples/support.
  const path = new URL(`../../../data/${file}`, import.meta.url);
  const records = parse(readFileSync(path), { columns: true }) as Record<string, string>[];
  return Samples.from(records.map((record) => names.map((name) => Number(record[name]))));
}
