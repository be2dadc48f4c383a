// The README's tables as Markdown, each from the JSON of one run.

/** @typedef {{ minimum: number, median: number, spread: number }} Timing */
/** @typedef {{ times: Record<string, Timing>, values: Record<string, number> }} Measurement */
/** @typedef {{ parameters: Record<string, any>, ours: Measurement, peer?: Measurement }} Result */
/** @typedef {{ date: string, version: string, seed: number, machine: Record<string, any>, peer?: Record<string, string>, results: Result[] }} Results */

/** @type {Record<string, (results: any) => string>} */
export const TABLES = { kde: kdeTable, gmm: gmmTable, demo: demoTable };

/** @param {Results} file */
function kdeTable(file) {
  const headings = ['rows', 'd', 'tree', '1,000 densities at 1e-4', 'at 1e-8', 'largest error at 1e-8'];
  if (file.peer) headings.push('scikit-learn at 1e-4', 'at 1e-8', 'its error at 1e-8');
  const lines = file.results.map(({ parameters, ours, peer }) => [
    count(parameters.rows),
    String(parameters.columns),
    timing(ours.times.build),
    timing(ours.times.coarse),
    timing(ours.times.fine),
    ours.values.fineError.toExponential(0),
    ...(peer
      ? [
          ratio(peer.times.coarse, ours.times.coarse),
          ratio(peer.times.fine, ours.times.fine),
          peer.values.fineError.toExponential(0),
        ]
      : []),
  ]);
  return `${markdown(headings, lines)}\n\n${origin(file)}`;
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

/** @param {{ events: number, testRows: number, dataPeak: { position: number, width: number }, rows: any[] }} file */
function demoTable({ events, testRows, dataPeak, rows }) {
  const headings = ['fitted to', 'estimator', 'held-out log-density (nats)', 'peak (GeV)', 'width (GeV)'];
  const lines = rows.map(({ task, label, mean, standardError, peak }) => [
    task,
    label,
    `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`,
    peak.position.toFixed(2),
    peak.width.toFixed(2),
  ]);
  const { position, width } = dataPeak;
  const data = `the data: peak ${position.toFixed(2)} GeV, width ${width.toFixed(2)} GeV`;
  return `${markdown(headings, lines)}\n\n${count(events)} events, ${count(testRows)} of them held out; ${data}.`;
}

/**
 * @param {string[]} headings
 * @param {string[][]} lines
 */
function markdown(headings, lines) {
  const numeric = headings.map((_, c) => lines.every((line) => /^[-\d]/.test(line[c])));
  const rule = numeric.map((right) => (right ? '---:' : '---'));
  return [headings, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {Results} file */
function origin({ date, version, seed, machine, peer, results }) {
  const parts = [
    `Version ${version}, ${date}`,
    `${machine.cpu}, ${machine.cores} cores`,
    `Node ${machine.node}`,
    `seed ${seed}`,
  ];
  if (peer) parts.push(`scikit-learn ${peer['scikit-learn']}, numpy ${peer.numpy}, Python ${peer.python}, same run`);
  if (results.length === 0) throw new Error('readme-tables: results must not be empty');
  return `${parts.join('; ')}. Medians of repeated runs ± half the distance of the quartiles.`;
}

/** @param {number} n */
function count(n) {
  return n.toLocaleString('en');
}

/** @param {Timing} timing */
function timing({ median, spread }) {
  const time = median >= 1000 ? `${(median / 1000).toPrecision(3)} s` : `${median.toPrecision(3)} ms`;
  return `${time} ± ${(100 * spread).toFixed(0)}%`;
}

/**
 * @param {Timing} theirs
 * @param {Timing} ours
 */
function ratio(theirs, ours) {
  return `${(theirs.median / ours.median).toPrecision(2)} x as long`;
}

/**
 * @param {Measurement} ours
 * @param {Measurement} peer
 */
function difference(ours, peer) {
  return Math.abs(ours.values.meanLogDensity - peer.values.meanLogDensity).toExponential(0);
}
