// Measures the loops of src/simd beside their plain twins: `npm run build && node scripts/bench-simd.mjs`.
//
// Seeded data; CPU time of the process, so that a busy machine does not count; the best of several short runs. Accuracy
// stands beside time: the largest relative difference from the plain twin.
const { forcePlainLoops, leafKernel, makeLeafLoops, makeMixtureLoops } = await import(
  new URL('../dist/simd/index.js', import.meta.url).href
);

const LEAF = 64;
const LEAVES = 256;

/** Seeded uniform numbers from 0 to 1. */
let state = 2026;
const uniform = () => {
  state = (Math.imul(state, 1664525) + 1013904223) | 0;
  return (state >>> 0) / 2 ** 32;
};
const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/**
 * Milliseconds of the fastest of several runs.
 *
 * @param {number} repeats
 * @param {() => void} run
 */
function best(repeats, run) {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < repeats; i++) {
    const start = process.cpuUsage();
    run();
    const { user, system } = process.cpuUsage(start);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/**
 * What `make` gives by compiled loops and by plain ones.
 *
 * @template T
 * @param {() => T} make
 */
function twins(make) {
  const compiled = make();
  forcePlainLoops(true);
  const plain = make();
  forcePlainLoops(false);
  return { compiled, plain };
}

/** @param {string} name @param {number} relativeError @param {number} columns */
function leafCase(name, relativeError, columns) {
  const kernel = leafKernel(name, relativeError);
  const rows = LEAF * LEAVES;
  const { compiled, plain } = twins(() => makeLeafLoops({ rows, columns, weighted: false }));
  compiled.coordinates.set(compiled.coordinates.map(normal));
  plain.coordinates.set(compiled.coordinates);
  for (const loops of [compiled, plain]) loops.scales.fill(0.5);
  const sum = (/** @type {any} */ loops) => {
    let total = 0;
    for (let start = 0; start < rows; start += LEAF) {
      total += loops.sum(kernel, start, start + LEAF, start, start + LEAF, 0);
    }
    return total;
  };
  const error = Math.abs(sum(compiled) / sum(plain) - 1);
  const rate = (/** @type {any} */ loops, /** @type {number} */ repeats) =>
    (rows / best(repeats, () => sum(loops)) / 1000).toFixed(0).padStart(5);
  const what = `${name} ${relativeError} d=${columns}`.padEnd(24);
  console.log(
    `${what} ${rate(compiled, 300)} M pairs/s, plain ${rate(plain, 40)}, difference ${error.toExponential(1)}`,
  );
}

/** @param {number} rows @param {number} d @param {number} components @param {any} form @param {number} apart */
function mixtureCase(rows, d, components, form, apart) {
  const { compiled, plain } = twins(() => makeMixtureLoops({ components, dimension: d, form }));
  plain.means.set(plain.means.map(() => apart * normal()));
  plain.constants.fill(-Math.log(components));
  const size = form === 'triangular' || form === 'tied' ? (d * (d + 1)) / 2 : 1;
  for (let at = 0; at < plain.factors.length; at += size) {
    for (let i = 0; i < (size === 1 ? 1 : d); i++) plain.factors[at + (i * (i + 3)) / 2] = 1;
  }
  const data = new Float64Array(rows * d);
  for (let i = 0; i < rows; i++) {
    const k = Math.floor(uniform() * components);
    for (let j = 0; j < d; j++) data[i * d + j] = plain.means[k * d + j] + normal();
  }
  for (const name of /** @type {const} */ (['means', 'constants', 'factors'])) compiled[name].set(plain[name]);
  const pass = (/** @type {any} */ loops) => {
    let total = 0;
    loops.prepare();
    for (const sums of [loops.mass, loops.shift, loops.scatter]) sums.fill(0);
    for (let first = 0; first < rows; first += loops.blockRows) {
      const count = Math.min(loops.blockRows, rows - first);
      loops.rows.set(data.subarray(first * d, (first + count) * d));
      // EM takes products of shared matrices from all rows together.
      total += loops.step(count, form !== 'tied');
    }
    return total;
  };
  const error = Math.abs(pass(compiled) / pass(plain) - 1);
  const ms = (/** @type {any} */ loops, /** @type {number} */ repeats) =>
    best(repeats, () => pass(loops))
      .toFixed(1)
      .padStart(7);
  const what = `${form} n=${rows} d=${d} k=${components}${apart === 4 ? ' apart' : ''}`.padEnd(46);
  console.log(`${what} ${ms(compiled, 12)} ms a pass, plain ${ms(plain, 2)}, difference ${error.toExponential(1)}`);
}

for (const [name, error] of /** @type {const} */ ([
  ['gaussian', 0],
  ['gaussian', 1e-7],
  ['exponential', 0],
])) {
  for (const columns of [1, 2, 3, 4, 6, 16]) leafCase(name, error, columns);
}
for (const name of ['tophat', 'epanechnikov', 'biweight', 'triweight', 'linear', 'cosine']) leafCase(name, 0, 2);
for (const [rows, d, components] of [
  [1e5, 2, 8],
  [1e5, 2, 32],
  [1e5, 10, 8],
  [2e4, 50, 8],
]) {
  for (const form of ['triangular', 'tied', 'diagonal', 'spherical']) {
    for (const apart of [2 / Math.sqrt(d), 4]) mixtureCase(rows, d, components, form, apart);
  }
}
