/**
 * The innermost loop of kernel density: how many pairs of a query and a row a second, beside a plain loop.
 *
 * @module
 */
import { KernelDensity } from 'generative-models';
import { normalRows } from './data.js';
import { time } from './harness.js';
import type { Case, Measurement, Result, Settings, Suite } from './suite.js';

const ROWS = 4096;
const QUERIES = 250;

function* cases({ quick }: Settings): Iterable<Case> {
  for (const columns of quick ? [2] : [1, 2, 3, 4, 6]) {
    yield {
      id: `kde-pairs d=${columns}`,
      parameters: { rows: ROWS, columns, queries: QUERIES },
      arrays: {
        rows: normalRows(ROWS, columns, 'rows').data,
        queries: normalRows(QUERIES, columns, 'queries').data,
      },
    };
  }
}

/** One leaf holds all rows and nothing may be left out: each density is a sum over all of them. */
async function measure({ parameters }: Case): Promise<Measurement> {
  const columns = Number(parameters.columns);
  const rows = normalRows(ROWS, columns, 'rows');
  const queries = normalRows(QUERIES, columns, 'queries');
  const options = { bandwidth: 1, leafSize: ROWS } as const;
  const full = await new KernelDensity({ ...options, relativeTolerance: 0 }).fit(rows);
  const short = await new KernelDensity({ ...options, relativeTolerance: 1e-7 }).fit(rows);
  return {
    times: {
      full: await time(() => full.logDensity(queries)[0]),
      short: await time(() => short.logDensity(queries)[0]),
      plain: await time(() => plainSums(rows.data, queries.data, columns)),
    },
    values: {},
  };
}

function plainSums(rows: Float64Array, queries: Float64Array, columns: number): number {
  let total = 0;
  for (let q = 0; q < queries.length; q += columns) {
    let sum = 0;
    for (let i = 0; i < rows.length; i += columns) {
      let squares = 0;
      for (let j = 0; j < columns; j++) squares += (queries[q + j] - rows[i + j]) ** 2;
      sum += Math.exp(-0.5 * squares);
    }
    total += Math.log(sum);
  }
  return total;
}

function format({ parameters, ours }: Result): string[] {
  const millions = (name: string): string => ((ROWS * QUERIES) / ours.times[name].minimum / 1e3).toFixed(0);
  return [String(parameters.columns), millions('full'), millions('short'), millions('plain')];
}

/** The suite of `npm run bench -- kde-pairs`. */
export const kdePairsSuite: Suite = {
  name: 'kde-pairs',
  againstSklearn: false,
  cases,
  measure,
  headings: ['d', 'at 0', 'at 1e-7', 'plain'],
  format,
  notes: [
    `Millions of pairs a second, ${ROWS} rows in one leaf, gaussian kernel: in full, where the tolerance leaves room for the`,
    'shorter exponential, and by a plain loop with Math.exp. From the least time.',
  ],
};
