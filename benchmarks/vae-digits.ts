/**
 * `npm run bench -- vae-digits`: what an autoencoder gains on handwritten digits of 8 x 8 pixels, with the recipe and the
 * split of `test/vae/digits.test.ts`.
 *
 * Held-out log-likelihoods in nats, each beside the autoencoder's on the same rows: the difference is a paired one, and so
 * its standard error is that of the differences. Digits drawn given their label are put to a nearest-mean classifier.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { VariationalAutoencoder, type VariationalAutoencoderModel } from 'generative-models';
import { type Case, formatMs, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const PIXELS = 64;
const LABELS = 10;
/** A pixel of 0 to 16 is set from here on. */
const THRESHOLD = 8;
/** Every so many-th digit is held out. */
const ONE_IN = 5;
/** Importance samples per held-out row. */
const SAMPLES = 100;
/** Digits drawn given their label, the labels in turn. */
const DRAWS = 1000;
const RECIPE = { decoder: 'bernoulli', latentDimension: 8, learningRate: 0.003, seed: 1 } as const;

/** Pixels of 0 and 1, and labels of one column. */
interface Digits {
  readonly pixels: number[][];
  readonly labels: number[][];
}

/** A mean over rows, and its standard error. */
interface Mean {
  readonly mean: number;
  readonly standardError: number;
}

function* cases({ quick }: Settings): Iterable<Case> {
  const [epochs, fewer] = quick ? [1, 1] : [60, 40];
  const recipe = { latent: RECIPE.latentDimension, learningRate: RECIPE.learningRate, seed: RECIPE.seed };
  yield { id: 'autoencoder', parameters: { ...recipe, hidden: 128, epochs }, arrays: {} };
  yield { id: 'linear decoder', parameters: { ...recipe, hidden: 0, epochs }, arrays: {} };
  yield { id: 'independent pixels', parameters: { epochs }, arrays: {} };
  yield { id: 'autoencoder, given the label', parameters: { ...recipe, hidden: 128, epochs: fewer }, arrays: {} };
}

async function measure({ id, parameters }: Case): Promise<Measurement> {
  const { training, test } = readDigits();
  const sizes = { rows: training.pixels.length, testRows: test.pixels.length };
  if (id === 'autoencoder, given the label') return measureConditional(training, test, parameters, sizes);
  const started = performance.now();
  const logDensity =
    id === 'independent pixels'
      ? independentPixels(training.pixels, test.pixels)
      : densities(await train(training, parameters), test);
  return {
    times: { total: once(performance.now() - started) },
    values: { ...sizes, ...(await compared(id, logDensity, parameters)) },
  };
}

/** The autoencoder's log-densities of the held-out rows, by its number of epochs: the other cases are set beside them. */
const reference = new Map<number, Float64Array>();

async function compared(
  id: string,
  logDensity: Float64Array,
  { epochs }: Case['parameters'],
): Promise<Measurement['values']> {
  const { mean: nats, standardError } = meanOf(logDensity);
  if (id === 'autoencoder') {
    reference.set(Number(epochs), logDensity);
    return { nats, standardError };
  }
  const theirs = reference.get(Number(epochs)) ?? (await measuredAutoencoder(Number(epochs)));
  const difference = meanOf(logDensity.map((value, i) => value - theirs[i]));
  return { nats, standardError, difference: difference.mean, differenceError: difference.standardError };
}

/** For `--only`, where the autoencoder's own case has not run. */
async function measuredAutoencoder(epochs: number): Promise<Float64Array> {
  const { training, test } = readDigits();
  return densities(await train(training, { hidden: 128, epochs }), test);
}

function train(training: Digits, { hidden, epochs }: Case['parameters']): Promise<VariationalAutoencoderModel> {
  const widths = hidden === 0 ? [] : [Number(hidden)];
  return new VariationalAutoencoder({ ...RECIPE, hidden: widths, epochs: Number(epochs) }).fit(training.pixels);
}

function densities(model: VariationalAutoencoderModel, test: Digits): Float64Array {
  return model.estimateLogDensity(test.pixels, { samples: SAMPLES }).logDensity;
}

async function measureConditional(
  training: Digits,
  test: Digits,
  { hidden, epochs }: Case['parameters'],
  sizes: Readonly<Record<string, number>>,
): Promise<Measurement> {
  const started = performance.now();
  const model = await new VariationalAutoencoder({
    ...RECIPE,
    hidden: [Number(hidden)],
    epochs: Number(epochs),
    given: [{ categories: LABELS }],
  }).fit(training.pixels, { given: training.labels });
  const { logDensity } = model.estimateLogDensity(test.pixels, { samples: SAMPLES, given: test.labels });
  const { mean: nats, standardError } = meanOf(logDensity);
  const classOf = nearestMean(training);
  const wanted = Array.from({ length: DRAWS }, (_, i) => [i % LABELS]);
  const drawn = model.sample(DRAWS, { seed: 1, given: wanted }).toArray();
  const recognised = meanOf(drawn.map((row, i) => Number(classOf(row) === wanted[i][0])));
  const ofData = meanOf(test.pixels.map((row, i) => Number(classOf(row) === test.labels[i][0])));
  return {
    times: { total: once(performance.now() - started) },
    values: {
      ...sizes,
      nats,
      standardError,
      drawn: DRAWS,
      recognised: recognised.mean,
      recognisedError: recognised.standardError,
      recognisedOfData: ofData.mean,
      recognisedOfDataError: ofData.standardError,
    },
  };
}

/** Log-likelihood of each row under independent pixels with Laplace's rule, (n_1 + 1) / (n + 2). */
function independentPixels(training: number[][], test: number[][]): Float64Array {
  const on = training[0].map((_, j) => (training.reduce((sum, row) => sum + row[j], 0) + 1) / (training.length + 2));
  return Float64Array.from(test, (row) =>
    row.reduce((sum, pixel, j) => sum + Math.log(pixel === 1 ? on[j] : 1 - on[j]), 0),
  );
}

/** The label whose mean digit is nearest. */
function nearestMean({ pixels, labels }: Digits): (row: ArrayLike<number>) => number {
  const means = Array.from({ length: LABELS }, (_, label) => {
    const rows = pixels.filter((__, i) => labels[i][0] === label);
    return pixels[0].map((__, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  });
  return (row) => {
    const distances = means.map((center) => center.reduce((sum, m, j) => sum + (row[j] - m) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  };
}

function readDigits(): { training: Digits; test: Digits } {
  // Compiled files lie in build/benchmarks.
  const file = readFileSync(fileURLToPath(new URL('../../data/digits.csv.gz', import.meta.url)));
  const lines = gunzipSync(file).toString().trim().split('\n');
  const digits = lines.map((line) => line.split(',').map(Number));
  const part = (wanted: boolean): Digits => {
    const rows = digits.filter((_, i) => (i % ONE_IN === 0) === wanted);
    return {
      pixels: rows.map((row) => row.slice(0, PIXELS).map((grey) => Number(grey >= THRESHOLD))),
      labels: rows.map((row) => [row[PIXELS]]),
    };
  };
  return { training: part(false), test: part(true) };
}

function meanOf(values: ArrayLike<number>): Mean {
  const list = Array.from(values);
  const mean = list.reduce((sum, value) => sum + value, 0) / list.length;
  const variance = list.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (list.length - 1);
  return { mean, standardError: Math.sqrt(variance / list.length) };
}

const once = (ms: number) => ({ minimum: ms, median: ms, spread: 0, repeats: 1 });

function format({ id, ours }: Result): string[] {
  const { values, times } = ours;
  const withError = (value: number | undefined, error: number | undefined, digits: number): string =>
    value === undefined || error === undefined ? '' : `${value.toFixed(digits)} ± ${error.toFixed(digits)}`;
  return [
    id,
    withError(values.nats, values.standardError, 2),
    withError(values.difference, values.differenceError, 2),
    withError(values.recognised, values.recognisedError, 3),
    withError(values.recognisedOfData, values.recognisedOfDataError, 3),
    formatMs(times.total.median),
  ];
}

/** The suite of `npm run bench -- vae-digits`. */
export const vaeDigitsSuite: Suite = {
  name: 'vae-digits',
  againstSklearn: false,
  cases,
  measure,
  headings: ['model', 'log p, nats', 'minus the autoencoder', 'drawn digits recognised', 'real ones', 'time'],
  format,
  notes: [
    `Mean of log p over held-out digits by ${SAMPLES} importance samples, ± standard error over rows; differences are paired.`,
    `Recognised: the share of ${DRAWS} digits drawn given their label that a nearest-mean classifier gives that label.`,
  ],
};
