// The README's tables as Markdown, each from the JSON of one run.
import { count, duration, FASTEST, markdown, origin, ratio, timing } from './markdown.mjs';
import { ganDigitsTable, ganModesTable, ganTable, vaeDigitsTable, vaeMnistTable, vaeTable } from './neural-tables.mjs';

/** @typedef {import('./markdown.mjs').Results} Results */
/** @typedef {import('./markdown.mjs').Measurement} Measurement */

/** @type {Record<string, (results: any) => string>} */
export const TABLES = {
  kde: kdeTable,
  gmm: gmmTable,
  'gmm-fits': gmmFitsTable,
  'kde-pairs': kdePairsTable,
  'kde-bandwidth': kdeBandwidthTable,
  'kde-grid': kdeGridTable,
  'kde-resources': kdeResourcesTable,
  vae: vaeTable,
  'vae-mnist': vaeMnistTable,
  'vae-digits': vaeDigitsTable,
  gan: ganTable,
  'gan-modes': ganModesTable,
  'gan-digits': ganDigitsTable,
  demo: demoTable,
};

/** @param {Results} file */
function kdeTable(file) {
  const headings = ['rows', 'd', 'tree', '1,000 densities at 1e-4', 'at 1e-8', 'largest error at 1e-8'];
  if (file.peer) headings.push("scikit-learn's tree", 'at 1e-4', 'at 1e-8', 'its error at 1e-8', 'SciPy');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    count(parameters.rows),
    String(parameters.columns),
    timing(ours.times.build),
    timing(ours.times.coarse),
    timing(ours.times.fine),
    ours.values.fineError.toExponential(0),
    ...(peer
      ? [
          ratio(peer.times.build, ours.times.build),
          ratio(peer.times.coarse, ours.times.coarse),
          ratio(peer.times.fine, ours.times.fine),
          peer.values.fineError.toExponential(0),
          peer.times.scipy ? ratio(peer.times.scipy, ours.times.fine) : '',
        ]
      : []),
  ]);
  const notes =
    'Gaussian kernel, standard normal rows and queries, Silverman bandwidth, one thread. The tree: a fit and its first density. ' +
    'Errors: of 100 log-densities against direct sums, half of them 1.5 times as wide as the rows. Peers: how many times as ' +
    'long they take on the same arrays at the same tolerance; SciPy, which has none, beside ours at 1e-8.';
  return `${markdown(headings, lines)}\n\n${notes} ${origin(file)}`;
}

/** @param {Results} file */
function kdePairsTable(file) {
  const headings = ['d', 'millions of pairs a second', 'at a tolerance of 1e-7', 'a plain loop'];
  const lines = file.results.map(({ parameters, ours: { times } }) => {
    const pairs = parameters.rows * parameters.queries;
    const millions = (/** @type {string} */ name) => (pairs / times[name].minimum / 1e3).toFixed(0);
    return [String(parameters.columns), millions('full'), millions('short'), millions('plain')];
  });
  return `${markdown(headings, lines)}\n\nOne pair: distance, gaussian kernel, sum; one thread. ${origin(file, FASTEST)}`;
}

/** @param {Results} file */
function kdeBandwidthTable(file) {
  const headings = ['rows', 'd', 'bandwidth by leave-one-out likelihood'];
  if (file.peer) headings.push("scikit-learn's grid search", 'ours', 'its');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    count(parameters.rows),
    String(parameters.columns),
    timing(ours.times.search),
    ...(peer
      ? [
          ratio(peer.times.search, ours.times.search),
          ours.values.bandwidth.toPrecision(4),
          peer.values.bandwidth.toPrecision(4),
        ]
      : []),
  ]);
  const [{ parameters }] = file.results;
  const search = `${parameters.grid} bandwidths, ${parameters.folds} folds, tolerance ${parameters.tolerance.toExponential(0)}`;
  return `${markdown(headings, lines)}\n\nOurs locates the optimum to four digits, at 1e-8. The grid: ${search}, once. ${origin(file)}`;
}

/** @param {Results} file */
function kdeGridTable(file) {
  const headings = ['rows', 'cells', 'densityOnGrid', 'largest error', 'fast-kde', 'its error', 'ours over it'];
  const lines = file.results.map(({ parameters, ours: { times, values } }) => [
    count(parameters.rows),
    new Array(parameters.columns).fill(count(parameters.cells)).join(' x '),
    timing(times.grid),
    values.error.toExponential(0),
    timing(times.fastKde),
    values.fastKdeError.toExponential(0),
    (times.grid.median / times.fastKde.median).toPrecision(2),
  ]);
  const notes =
    'Errors in units of the density`s peak, against densities exact to 1e-10; the model is fitted beforehand.';
  return `${markdown(headings, lines)}\n\n${notes.replaceAll('`', "'")} ${origin(file)}`;
}

/** @param {Results} file */
function kdeResourcesTable(file) {
  const [memory, ...threads] = file.results;
  const headings = ['rows', 'd', 'densities', 'one thread', 'two threads', 'speed-up', 'other bits'];
  const lines = threads.map(({ parameters, ours: { times, values } }) => [
    count(parameters.rows),
    String(parameters.columns),
    count(parameters.queries),
    timing(times.alone),
    timing(times.pooled),
    (times.alone.median / times.pooled.median).toPrecision(2),
    String(values.different),
  ]);
  const { fitBytes, peakBytes } = memory.ours.values;
  const size = `${count(memory.parameters.rows)} x ${memory.parameters.columns}`;
  const resident = `${(fitBytes / 1e6).toFixed(0)} MB more resident memory, with 1,000 densities ${(peakBytes / 1e6).toFixed(0)} MB`;
  return `${markdown(headings, lines)}\n\nA fit of ${size} rows takes ${resident}. ${origin(file)}`;
}

/** @param {Results} file */
function gmmTable(file) {
  const hasClusters = file.results.some(({ parameters }) => parameters.clusters !== undefined);
  const headings = [
    'rows',
    'd',
    'K',
    ...(hasClusters ? ['clusters'] : []),
    'covariance',
    'per EM iteration',
    'nats per row',
    'memory beyond the rows',
  ];
  if (file.peer) headings.push('scikit-learn per iteration', 'nats per row differ by');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    count(parameters.rows),
    String(parameters.columns),
    String(parameters.components),
    ...(hasClusters ? [parameters.clusters] : []),
    parameters.covariance,
    timing(ours.times.iteration),
    ours.values.meanLogDensity.toFixed(4),
    `${(ours.values.peakBytes / 2 ** 20).toFixed(1)} MiB`,
    ...(peer ? [ratio(peer.times.iteration, ours.times.iteration), difference(ours, peer)] : []),
  ]);
  return `${markdown(headings, lines)}\n\n${origin(file)}`;
}

/** @param {Results} file */
function gmmFitsTable(file) {
  const headings = ['data', 'd', 'covariance', 'K', 'a fit', 'nats per row', 'worst seed'];
  if (file.peer) headings.push("scikit-learn's fit", 'its nats per row', 'its worst seed');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    parameters.name,
    String(parameters.columns),
    parameters.covariance,
    String(parameters.components),
    duration(ours.times.fit.minimum / parameters.seeds),
    ...[ours.values.mean, ours.values.worst].map((value) => value.toFixed(3)),
    ...(peer
      ? [
          `${(peer.times.fit.minimum / ours.times.fit.minimum).toPrecision(2)} x as long`,
          ...[peer.values.mean, peer.values.worst].map((value) => value.toFixed(3)),
        ]
      : []),
  ]);
  const [{ parameters }] = file.results;
  const notes =
    `Default options of both, one thread; ${parameters.seeds} seeds: the mean of their log-densities per row, and the least. Digits are in standard ` +
    'deviations of their columns, so that the ridge of both libraries is the same. Measured after a second of warm-up: the first fit ' +
    'of a program takes longer until it is compiled, by 30 ms on the smallest of these data to 350 ms on the largest.';
  return `${markdown(headings, lines)}\n\n${notes} ${origin(file, FASTEST)}`;
}

/** @param {{ events: number, testRows: number, dataPeak: { position: number, width: number }, rows: any[] }} file */
function demoTable({ events, testRows, dataPeak, rows }) {
  const headings = [
    'fitted to',
    'estimator',
    'held-out log-density (nats)',
    'peak (GeV)',
    'width (GeV)',
    'told apart (%)',
    'energy distance²',
  ];
  const lines = rows.map(({ task, label, mean, standardError, peak, toldApart, energy }) => [
    task,
    label,
    `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`,
    peak.position.toFixed(2),
    peak.width.toFixed(2),
    (100 * toldApart).toFixed(1),
    energy.toFixed(4),
  ]);
  const { position, width } = dataPeak;
  const data = `the data: peak ${position.toFixed(2)} GeV, width ${width.toFixed(2)} GeV`;
  const notes =
    'Told apart: held-out and generated events by their nearest neighbours, 50% where they are alike; energy distance, squared, with columns ' +
    'standardised. The log-density of an adversarial network is an estimate by a window over generated events.';
  return `${markdown(headings, lines)}\n\n${count(events)} events, ${count(testRows)} of them held out; ${data}. ${notes}`;
}

/**
 * @param {Measurement} ours
 * @param {Measurement} peer
 */
function difference(ours, peer) {
  return Math.abs(ours.values.meanLogDensity - peer.values.meanLogDensity).toExponential(0);
}
