/**
 * Kernel density: building the tree, and a thousand densities at two tolerances, beside the error of each; and SciPy's time
 * for as many.
 *
 * @module
 */
import { KernelDensity, Samples } from 'generative-models';
import { normalRows } from './data.js';
import { time } from './harness.js';
import { type Case, formatMs, formatRatio, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const QUERIES = 1000;
/** Queries whose density is also summed directly: half from the data's distribution, half 1.5 times as wide. */
const CHECKED = 100;
const TAIL_DEVIATION = 1.5;
/** Pairs of rows and queries that the peers are timed on at most: they take up to 30 ms a query. */
const PEER_PAIRS = 5e7;
const SCIPY_PAIRS = 2e7;

/** The tolerances, by the names of their measurements. */
const TOLERANCES = { coarse: 1e-4, fine: 1e-8 };

function* cases({ large, quick }: Settings): Iterable<Case> {
  for (const columns of quick ? [2] : [1, 2, 3, 4, 6]) {
    for (const rows of quick ? [1000] : large ? [1e3, 1e4, 1e5, 1e6] : [1e3, 1e4, 1e5]) {
      const checked = new Float64Array(CHECKED * columns);
      checked.set(normalRows(CHECKED / 2, columns, 'checked').data);
      checked.set(normalRows(CHECKED / 2, columns, 'tails', TAIL_DEVIATION).data, (CHECKED / 2) * columns);
      yield {
        id: `kde n=${rows} d=${columns}`,
        parameters: {
          rows,
          columns,
          bandwidth: silverman(rows, columns),
          queries: QUERIES,
          peerQueries: Math.min(QUERIES, PEER_PAIRS / rows),
          scipyQueries: Math.min(QUERIES, SCIPY_PAIRS / rows),
          threads: 1,
          ...TOLERANCES,
        },
        arrays: {
          rows: normalRows(rows, columns, 'rows').data,
          queries: normalRows(QUERIES, columns, 'queries').data,
          checked,
        },
      };
    }
  }
}

/** Silverman's bandwidth for unit variance: both libraries get the same number. */
function silverman(rows: number, columns: number): number {
  return ((rows * (columns + 2)) / 4) ** (-1 / (columns + 4));
}

async function measure({ parameters, arrays }: Case): Promise<Measurement> {
  const columns = Number(parameters.columns);
  const bandwidth = Number(parameters.bandwidth);
  const [rows, queries, checked] = [arrays.rows, arrays.queries, arrays.checked].map(
    (data) => new Samples(data, data.length / columns, columns),
  );
  const first = queries.select([0]);
  const build = await time(async () => {
    const model = await new KernelDensity({ bandwidth }).fit(rows);
    // A tree that were built on demand would be built here.
    return model.logDensity(first)[0];
  });
  const exact = directSums(rows, bandwidth, checked);
  const times: Record<string, Awaited<ReturnType<typeof time>>> = { build };
  const values: Record<string, number> = {};
  for (const [name, relativeTolerance] of Object.entries(TOLERANCES)) {
    const model = await new KernelDensity({ bandwidth, relativeTolerance }).fit(rows);
    times[name] = await time(() => model.logDensity(queries)[0]);
    values[`${name}Error`] = largestDifference(model.logDensity(checked), exact);
  }
  return { times, values };
}

/** log f(x) = log sum_i exp(-|x - x_i|^2 / 2 h^2) - log N - d log h - (d / 2) log 2 pi, each term summed. */
function directSums(rows: Samples, h: number, queries: Samples): Float64Array {
  const d = rows.columns;
  const terms = new Float64Array(rows.rows);
  return Float64Array.from({ length: queries.rows }, (_, q) => {
    const query = queries.row(q);
    let largest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < rows.rows; i++) {
      let squares = 0;
      for (let j = 0; j < d; j++) squares += ((query[j] - rows.data[i * d + j]) / h) ** 2;
      terms[i] = -0.5 * squares;
      if (terms[i] > largest) largest = terms[i];
    }
    let sum = 0;
    for (let i = 0; i < terms.length; i++) sum += Math.exp(terms[i] - largest);
    return largest + Math.log(sum) - Math.log(rows.rows) - d * Math.log(h) - 0.5 * d * Math.log(2 * Math.PI);
  });
}

/** The largest difference of two lists of log-densities: the largest relative error of the densities, if small. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}

function format({ parameters, ours, peer }: Result): string[] {
  const cells = [Number(parameters.rows).toLocaleString('en'), String(parameters.columns)];
  cells.push(formatMs(ours.times.build.median), formatRatio(ours.times.build.median, peer?.times.build.median));
  for (const name of Object.keys(TOLERANCES)) {
    const { median, spread } = ours.times[name];
    cells.push(`${formatMs(median)} ± ${(100 * spread).toFixed(0)}%`, formatRatio(median, peer?.times[name].median));
    cells.push(ours.values[`${name}Error`].toExponential(0), peer?.values[`${name}Error`].toExponential(0) ?? '');
  }
  cells.push(formatRatio(ours.times.fine.median, peer?.times.scipy.median));
  return cells;
}

/** The suite of `npm run bench -- kde`. */
export const kdeSuite: Suite = {
  name: 'kde',
  cases,
  measure,
  headings: [
    'rows',
    'd',
    'build',
    'ratio',
    '1,000 at 1e-4',
    'ratio',
    'error',
    'peer',
    '1,000 at 1e-8',
    'ratio',
    'error',
    'peer',
    'SciPy',
  ],
  format,
  notes: [
    'Gaussian kernel, standard normal rows and queries, Silverman bandwidth; medians, with half the quartile distance.',
    `Error: largest of ${CHECKED} log-densities against direct sums, half of them 1.5 times as wide as the data.`,
    'Ratio: how many times as long scikit-learn takes; SciPy: the same of its gaussian_kde, beside ours at 1e-8.',
    'Of large data the peers are timed on fewer queries, and their times scaled to a thousand.',
  ],
};
