// The README's tables as Markdown, each from the JSON of one run.

/** @typedef {{ minimum: number, median: number, spread: number }} Timing */
/** @typedef {{ times: Record<string, Timing>, values: Record<string, number> }} Measurement */
/** @typedef {{ id: string, parameters: Record<string, any>, ours: Measurement, peer?: Measurement }} Result */
/** @typedef {{ date: string, version: string, seed: number, machine: Record<string, any>, peer?: Record<string, string>, results: Result[] }} Results */

/** @type {Record<string, (results: any) => string>} */
export const TABLES = {
  kde: kdeTable,
  gmm: gmmTable,
  'kde-pairs': kdePairsTable,
  'kde-bandwidth': kdeBandwidthTable,
  'kde-grid': kdeGridTable,
  'kde-resources': kdeResourcesTable,
  vae: vaeTable,
  'vae-mnist': vaeMnistTable,
  'vae-digits': vaeDigitsTable,
  'gan-modes': ganModesTable,
  demo: demoTable,
};

/** -log p that is published for the network and data of `vae-mnist`: pythae's reproducibility table. */
const PUBLISHED = '89.8 after 500 epochs';

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
  const headings = ['rows', 'd', 'K', 'covariance', 'per EM iteration', 'nats per row', 'memory beyond the rows'];
  if (file.peer) headings.push('scikit-learn per iteration', 'nats per row differ by');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    count(parameters.rows),
    String(parameters.columns),
    String(parameters.components),
    parameters.covariance,
    timing(ours.times.iteration),
    ours.values.meanLogDensity.toFixed(4),
    `${(ours.values.peakBytes / 2 ** 20).toFixed(1)} MiB`,
    ...(peer ? [ratio(peer.times.iteration, ours.times.iteration), difference(ours, peer)] : []),
  ]);
  return `${markdown(headings, lines)}\n\n${origin(file)}`;
}

/** @param {Results} file */
function vaeTable(file) {
  const timed = /** @type {const} */ ({ stock: 'TensorFlow.js as it comes', torch: 'PyTorch, one thread' });
  const peers = Object.entries(timed).filter(([name]) => file.results.some(({ ours }) => ours.times[name]));
  const headings = ['network', 'rows per step', 'a training step'];
  for (const [, title] of peers) headings.push(title, 'ours over it');
  headings.push('tensors leaked');
  const lines = file.results.map(({ id, parameters, ours: { times, values } }) => [
    id,
    String(parameters.batch),
    least(times.step),
    ...peers.flatMap(([name]) =>
      times[name] ? [least(times[name]), (times.step.minimum / times[name].minimum).toPrecision(2)] : ['', ''],
    ),
    String(values.leaked),
  ]);
  return `${markdown(headings, lines)}\n\nOn WASM, forward, backward, optimiser and draws: the least time, and ratios of least times. ${origin(file)}`;
}

/** @param {Results} file */
function vaeMnistTable(file) {
  const headings = ['network', 'rows', 'best epoch', 'fit', 'held-out -log p (nats)', 'published'];
  const lines = file.results.map(({ id, parameters, ours: { times, values } }) => [
    id,
    count(parameters.rows),
    `${values.bestEpoch} of ${parameters.epochs}`,
    duration(times.fit.median),
    plusMinus(values.nats, values.standardError, 1),
    PUBLISHED,
  ]);
  const [{ parameters }] = file.results;
  const how = `-log p of ${count(parameters.testRows)} test rows by ${parameters.samples} importance samples`;
  return `${markdown(headings, lines)}\n\n28 x 28 digits, statically binarised; ${how}. ${origin(file, ONE_RUN)}`;
}

/** @param {Results} file */
function vaeDigitsTable(file) {
  const headings = ['model', 'held-out log p (nats)', 'beside the autoencoder', 'drawn digits recognised'];
  const lines = file.results.map(({ id, ours: { values } }) => [
    id,
    plusMinus(values.nats, values.standardError, 2),
    values.difference === undefined ? '' : plusMinus(values.difference, values.differenceError, 2),
    values.recognised === undefined ? '' : recognised(values),
  ]);
  const [{ ours, parameters }] = file.results;
  const split = `${count(ours.values.rows)} digits to fit, ${count(ours.values.testRows)} held out`;
  const what = `8 x 8 digits, a pixel set from 8 on; ${split}; differences are paired by row`;
  return `${markdown(headings, lines)}\n\n${what}. ${origin({ ...file, seed: parameters.seed }, ONE_RUN)}`;
}

/** @param {Record<string, number>} values */
function recognised({ recognised, recognisedError, recognisedOfData, recognisedOfDataError }) {
  const drawn = plusMinus(100 * recognised, 100 * recognisedError, 1);
  return `${drawn} % (real ones ${plusMinus(100 * recognisedOfData, 100 * recognisedOfDataError, 1)} %)`;
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
  return `${markdown(headings, lines)}\n\n${count(events)} events, ${count(testRows)} of them held out; ${data}.`;
}

/** @param {Results} file */
function ganModesTable(file) {
  const headings = [
    'clusters',
    'trick',
    'captured',
    'worst seed',
    'high quality (%)',
    'reverse KL (nats)',
    'warned',
    'fit',
  ];
  const lines = file.results.map(({ parameters, ours: { times, values } }) => [
    parameters.clusters,
    parameters.trick,
    `${values.captured.toFixed(1)} ± ${values.capturedError.toFixed(1)} of ${values.modes}`,
    values.capturedLeast.toFixed(0),
    `${(100 * values.highQuality).toFixed(1)} ± ${(100 * values.highQualityError).toFixed(1)}`,
    values.reverseKullbackLeibler.toFixed(3),
    `${values.warned} of ${parameters.seeds}`,
    timing(times.fit),
  ]);
  const notes =
    'Ring: 8 clusters of standard deviation 0.01 on the unit circle; grid: 25 of 0.05, 2 apart. Protocol of PacGAN (Lin et al. 2018) ' +
    'with 10,000 steps of the generator for its 400,000, 12,800 rows, and two layers of 64. 2,500 generated rows: within 3 standard deviations ' +
    'of a cluster they are of high quality, as 98.9% of the truth are; a cluster with one such row is captured. Means over five seeds ± ' +
    'standard errors. Warned: fits that end with a warning of mode collapse.';
  return `${markdown(headings, lines)}\n\n${notes} ${origin(file)}`;
}

/**
 * @param {string[]} headings
 * @param {string[][]} lines
 */
function markdown(headings, lines) {
  const numeric = headings.map((_, c) => lines.every((line) => /^(?:[-\d]|$)/.test(line[c])));
  const rule = numeric.map((right) => (right ? '---:' : '---'));
  return [headings, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** How times are to be read. */
const REPEATED = 'Medians of repeated runs ± half the distance of the quartiles.';
const FASTEST = 'Fastest of repeated runs.';
const ONE_RUN = 'One run; ± standard error over held-out rows.';

/**
 * @param {Results} file
 * @param {string} [reading]
 */
function origin({ date, version, seed, machine, peer, results }, reading = REPEATED) {
  const parts = [
    `Version ${version}, ${date}`,
    `${machine.cpu}, ${machine.cores} cores`,
    `Node ${machine.node}`,
    `seed ${seed}`,
  ];
  if (peer) parts.push(`scikit-learn ${peer['scikit-learn']}, numpy ${peer.numpy}, Python ${peer.python}, same run`);
  if (results.length === 0) throw new Error('readme-tables: results must not be empty');
  return `${parts.join('; ')}. ${reading}`;
}

/** @param {number} n */
function count(n) {
  return n.toLocaleString('en');
}

/** @param {Timing} timing */
function timing({ median, spread }) {
  return `${duration(median)} ± ${(100 * spread).toFixed(0)}%`;
}

/** @param {Timing} given */
function least(given) {
  return `${duration(given.minimum)} (median ${timing(given)})`;
}

/** @param {number} ms */
function duration(ms) {
  if (ms >= 120_000) return `${(ms / 60_000).toFixed(0)} min`;
  return ms >= 1000 ? `${(ms / 1000).toPrecision(3)} s` : `${ms.toPrecision(3)} ms`;
}

/**
 * @param {number} mean
 * @param {number} standardError
 * @param {number} digits
 */
function plusMinus(mean, standardError, digits) {
  return `${mean.toFixed(digits)} ± ${standardError.toFixed(digits)}`;
}

/**
 * @param {Timing} theirs
 * @param {Timing} ours
 */
function ratio(theirs, ours) {
  const factor = theirs.median / ours.median;
  return `${factor >= 100 ? count(Number(factor.toPrecision(2))) : factor.toPrecision(2)} x as long`;
}

/**
 * @param {Measurement} ours
 * @param {Measurement} peer
 */
function difference(ours, peer) {
  return Math.abs(ours.values.meanLogDensity - peer.values.meanLogDensity).toExponential(0);
}
