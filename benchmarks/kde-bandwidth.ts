/**
 * The bandwidth by leave-one-out likelihood, beside scikit-learn's grid search over as wide a range.
 *
 * @module
 */
import { KernelDensity, Samples } from 'generative-models';
import { normalRows } from './data.js';
import { summarize } from './harness.js';
import { type Case, formatMs, formatRatio, type Measurement, type Result, type Settings, type Suite } from './suite.js';

/** Candidates and folds of the grid search. */
const GRID = 10;
const FOLDS = 5;
/** What the grid search may err by: coarse, as its users take it. Ours is 1e-8. */
const PEER_TOLERANCE = 1e-4;

function* cases({ quick, large }: Settings): Iterable<Case> {
  const sizes = quick
    ? [[500, 2]]
    : [
        [2000, 2],
        [20_000, 2],
        ...(large
          ? [
              [20_000, 1],
              [20_000, 3],
            ]
          : []),
      ];
  for (const [rows, columns] of sizes) {
    const scott = rows ** (-1 / (columns + 4));
    yield {
      id: `kde-bandwidth n=${rows} d=${columns}`,
      parameters: { rows, columns, scott, grid: GRID, folds: FOLDS, tolerance: PEER_TOLERANCE, threads: 1 },
      arrays: { rows: normalRows(rows, columns, 'rows').data },
    };
  }
}

async function measure({ parameters, arrays }: Case): Promise<Measurement> {
  const columns = Number(parameters.columns);
  const rows = new Samples(arrays.rows, arrays.rows.length / columns, columns);
  const times: number[] = [];
  let bandwidth = 0;
  let reports = 0;
  for (let i = 0; i < 3; i++) {
    const started = performance.now();
    const estimator = new KernelDensity({ bandwidth: 'cross-validation' });
    const model = await estimator.fit(rows, { onProgress: () => reports++ });
    times.push(performance.now() - started);
    bandwidth = Number(model.bandwidth[0]);
  }
  return { times: { search: summarize(times) }, values: { bandwidth, reports } };
}

function format({ parameters, ours, peer }: Result): string[] {
  return [
    Number(parameters.rows).toLocaleString('en'),
    String(parameters.columns),
    formatMs(ours.times.search.median),
    formatRatio(ours.times.search.median, peer?.times.search.median),
    ours.values.bandwidth.toPrecision(5),
    peer?.values.bandwidth.toPrecision(5) ?? '',
  ];
}

/** The suite of `npm run bench -- kde-bandwidth`. */
export const kdeBandwidthSuite: Suite = {
  name: 'kde-bandwidth',
  cases,
  measure,
  headings: ['rows', 'd', 'search', 'ratio', 'bandwidth', 'peer'],
  format,
  notes: [
    'Leave-one-out likelihood located to four digits (six up to 4,096 rows), standard normal rows.',
    `Peer: GridSearchCV over ${GRID} bandwidths from half to twice Scott's, ${FOLDS} folds, rtol ${PEER_TOLERANCE}.`,
  ],
};
