// What the tables of the README are made of: lines, numbers with their errors, and where a table comes from.

/** @typedef {{ minimum: number, median: number, spread: number }} Timing */
/** @typedef {{ times: Record<string, Timing>, values: Record<string, number> }} Measurement */
/** @typedef {{ id: string, parameters: Record<string, any>, ours: Measurement, peer?: Measurement }} Result */
/** @typedef {{ date: string, version: string, seed: number, machine: Record<string, any>, peer?: Record<string, string>, results: Result[] }} Results */

/**
 * @param {string[]} headings
 * @param {string[][]} lines
 */
export function markdown(headings, lines) {
  const numeric = headings.map((_, c) => lines.every((line) => /^(?:[-\d]|$)/.test(line[c])));
  const rule = numeric.map((right) => (right ? '---:' : '---'));
  return [headings, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** How times are to be read. */
export const REPEATED = 'Medians of repeated runs ± half the distance of the quartiles.';
export const FASTEST = 'Fastest of repeated runs.';
export const ONE_RUN = 'One run; ± standard error over held-out rows.';

/**
 * @param {Results} file
 * @param {string} [reading]
 */
export function origin({ date, version, seed, machine, peer, results }, reading = REPEATED) {
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
export function count(n) {
  return n.toLocaleString('en');
}

/** @param {Timing} timing */
export function timing({ median, spread }) {
  return `${duration(median)} ± ${(100 * spread).toFixed(0)}%`;
}

/** @param {Timing} given */
export function least(given) {
  return `${duration(given.minimum)} (median ${timing(given)})`;
}

/** @param {number} ms */
export function duration(ms) {
  if (ms >= 120_000) return `${(ms / 60_000).toFixed(0)} min`;
  return ms >= 1000 ? `${(ms / 1000).toPrecision(3)} s` : `${ms.toPrecision(3)} ms`;
}

/**
 * @param {number} mean
 * @param {number} standardError
 * @param {number} digits
 */
export function plusMinus(mean, standardError, digits) {
  return `${mean.toFixed(digits)} ± ${standardError.toFixed(digits)}`;
}

/**
 * @param {Timing} theirs
 * @param {Timing} ours
 */
export function ratio(theirs, ours) {
  const factor = theirs.median / ours.median;
  return `${factor >= 100 ? count(Number(factor.toPrecision(2))) : factor.toPrecision(2)} x as long`;
}
