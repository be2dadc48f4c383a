/**
 * `npm run bench -- gan-digits`: how well a bidirectional network reconstructs handwritten digits of 8 x 8 pixels that it has
 * not seen, with the split of `test/gan/bidirectional-digits.test.ts`.
 *
 * Errors are root mean squares over pixels of 0 to 16. Beside G(E(x)) stand two baselines: another digit's reconstruction,
 * which shares all but the code with it, and the mean digit, which any reconstruction must beat. A nearest-mean classifier
 * says whether a reconstruction still shows the digit that it is of.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { BidirectionalGan, type Samples } from 'generative-models';
import { type Case, formatMs, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const PIXELS = 64;
const LABELS = 10;
/** Every so many-th digit is held out. */
const ONE_IN = 5;
const RECIPE = {
  latentDimension: 16,
  generator: [128],
  encoder: [128],
  discriminator: [128],
  r1: 0.1,
  seed: 1,
} as const;

/** Pixels of 0 to 16, and labels. */
interface Digits {
  readonly pixels: number[][];
  readonly labels: number[];
}

function* cases({ quick }: Settings): Iterable<Case> {
  const recipe = { latent: RECIPE.latentDimension, hidden: 128, r1: RECIPE.r1, seed: RECIPE.seed };
  const epochs = quick ? 1 : 250;
  const make = (id: string, reconstruction: number, codeReconstruction: number, rate: number): Case => ({
    id,
    parameters: { ...recipe, epochs, reconstruction, codeReconstruction, discriminatorLearningRate: rate },
    arrays: {},
  });
  yield make('the published game', 0, 0, 0.003);
  // Where terms of their own ask for an inverse, a discriminator that does not run ahead leaves more to learn.
  yield make('with code reconstruction', 0, 1, 0.001);
  yield make('with both reconstructions', 1, 1, 0.001);
}

async function measure({ parameters }: Case): Promise<Measurement> {
  const { training, test } = readDigits();
  const [epochs, reconstruction, codeReconstruction, discriminatorLearningRate] = [
    'epochs',
    'reconstruction',
    'codeReconstruction',
    'discriminatorLearningRate',
  ].map((name) => Number(parameters[name]));
  const options = { ...RECIPE, epochs, reconstruction, codeReconstruction, discriminatorLearningRate };
  const started = performance.now();
  const model = await new BidirectionalGan(options).fit(training.pixels);
  const ms = performance.now() - started;
  const found = model.reconstruct(test.pixels);
  const others = test.pixels.map((_, i) => test.pixels[(i + 1) % test.pixels.length]);
  const middle = meanOf(training.pixels);
  const classOf = nearestMean(training);
  const share = (row: (i: number) => ArrayLike<number>): number =>
    test.labels.filter((label, i) => classOf(row(i)) === label).length / test.labels.length;
  const { codeError, jensenShannon, diversity } = model.history;
  return {
    times: { total: { minimum: ms, median: ms, spread: 0, repeats: 1 } },
    values: {
      rows: training.pixels.length,
      testRows: test.pixels.length,
      error: rootMeanSquare(found, test.pixels),
      shuffled: rootMeanSquare(found, others),
      meanDigit: rootMeanSquare(
        test.pixels.map(() => middle),
        test.pixels,
      ),
      recognised: share((i) => found.row(i)),
      recognisedOfData: share((i) => test.pixels[i]),
      codeError: codeError[epochs - 1],
      jensenShannon: jensenShannon[epochs - 1],
      diversity: diversity[epochs - 1],
    },
  };
}

function rootMeanSquare(found: Samples | number[][], rows: number[][]): number {
  const lists = Array.isArray(found) ? found : found.toArray();
  let total = 0;
  rows.forEach((row, i) => {
    row.forEach((pixel, j) => {
      total += (lists[i][j] - pixel) ** 2;
    });
  });
  return Math.sqrt(total / (rows.length * PIXELS));
}

function meanOf(rows: number[][]): number[] {
  return rows[0].map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
}

/** The label whose mean digit is nearest. */
function nearestMean({ pixels, labels }: Digits): (row: ArrayLike<number>) => number {
  const means = Array.from({ length: LABELS }, (_, label) => meanOf(pixels.filter((__, i) => labels[i] === label)));
  return (row) => {
    const distances = means.map((center) => center.reduce((sum, m, j) => sum + (row[j] - m) ** 2, 0));
    return distances.indexOf(Math.min(...distances));
  };
}

function readDigits(): { training: Digits; test: Digits } {
  // Compiled files lie in build/benchmarks.
  const file = readFileSync(fileURLToPath(new URL('../../data/digits.csv.gz', import.meta.url)));
  const digits = gunzipSync(file)
    .toString()
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number));
  const part = (wanted: boolean): Digits => {
    const rows = digits.filter((_, i) => (i % ONE_IN === 0) === wanted);
    return { pixels: rows.map((row) => row.slice(0, PIXELS)), labels: rows.map((row) => row[PIXELS]) };
  };
  return { training: part(false), test: part(true) };
}

function format({ id, ours: { values, times } }: Result): string[] {
  const { error, shuffled, meanDigit, recognised, recognisedOfData } = values;
  return [
    id,
    ...[error, shuffled, meanDigit].map((value) => value.toFixed(2)),
    ...[recognised, recognisedOfData].map((value) => value.toFixed(2)),
    formatMs(times.total.median),
  ];
}

/** The suite of `npm run bench -- gan-digits`. */
export const ganDigitsSuite: Suite = {
  name: 'gan-digits',
  againstSklearn: false,
  cases,
  measure,
  headings: ['bidirectional network', 'error', "another digit's", 'mean digit', 'recognised', 'real ones', 'time'],
  format,
  notes: [
    'Error: root mean square of G(E(x)) - x over pixels of 0 to 16 of held-out digits; in the next column x is another digit.',
    'Recognised: the share of reconstructions to which a nearest-mean classifier gives the label of their digit.',
  ],
};
