// The README's tables of neural networks, each from the JSON of one run.
import { count, duration, least, markdown, ONE_RUN, origin, plusMinus, timing } from './markdown.mjs';

/** @typedef {import('./markdown.mjs').Results} Results */

/** -log p that is published for the network and data of `vae-mnist`: pythae's reproducibility table. */
const PUBLISHED = '89.8 after 500 epochs';

/** @param {Results} file */
export function vaeTable(file) {
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
export function vaeMnistTable(file) {
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
export function vaeDigitsTable(file) {
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

/** @param {Results} file */
export function ganModesTable(file) {
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

/** @param {Results} file */
export function ganTable(file) {
  const headings = [
    'networks, penalty',
    'rows per step',
    'a round',
    'PyTorch, as many threads',
    'ours over it',
    'tensors leaked',
  ];
  const lines = file.results.map(({ id, parameters, ours: { times, values } }) => [
    id,
    String(parameters.batch),
    least(times.round),
    ...(times.torch ? [least(times.torch), (times.round.minimum / times.torch.minimum).toPrecision(2)] : ['', '']),
    String(values.leaked),
  ]);
  const what =
    'A step of the discriminator and one of the generator on WASM, draws and optimisers included: the least time';
  const threads = 'Two threads are those of a `DensityPool`, and give the same bits as one';
  return `${markdown(headings, lines)}\n\n${what}, and ratios of least times. ${threads}. ${origin(file)}`;
}

/** @param {Results} file */
export function ganDigitsTable(file) {
  const headings = [
    'bidirectional network',
    'error',
    "another digit's",
    'the mean digit',
    'recognised',
    'real ones',
    'time',
  ];
  const lines = file.results.map(({ id, ours: { times, values } }) => [
    id,
    ...[values.error, values.shuffled, values.meanDigit].map((value) => value.toFixed(2)),
    ...[values.recognised, values.recognisedOfData].map((value) => `${(100 * value).toFixed(0)} %`),
    duration(times.total.median),
  ]);
  const [{ ours }] = file.results;
  const notes =
    `8 x 8 digits, ${count(ours.values.rows)} to fit, ${count(ours.values.testRows)} held out. Error: root mean square of G(E(x)) - x over ` +
    'pixels of 0 to 16; beside it, with another digit for x, and with the mean digit for G(E(x)). Recognised: reconstructions to which a ' +
    'nearest-mean classifier gives the label of their digit.';
  return `${markdown(headings, lines)}\n\n${notes} ${origin(file, 'One run.')}`;
}
