/**
 * Handwritten digits of 8 x 8 pixels: a variational autoencoder, conditioned on the label.
 *
 *     npm run build && node build/examples/variational-autoencoder.js
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { Samples, splitRows, VariationalAutoencoder } from 'generative-models';

const PIXELS = 64;

// Compiled files lie in build/examples.
const text = gunzipSync(readFileSync(new URL('../../data/digits.csv.gz', import.meta.url))).toString();
const table = Samples.from(
  text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number)),
);
const { training, test } = splitRows(table, { fraction: 0.2, seed: 1 });

/** Pixels of 0 to 16 as 0 or 1, and the digit that they show. */
function parts(rows: Samples): { pixels: number[][]; labels: number[][] } {
  const lists = rows.toArray();
  return {
    pixels: lists.map((row) => row.slice(0, PIXELS).map((grey) => Number(grey >= 8))),
    labels: lists.map((row) => [row[PIXELS]]),
  };
}

const known = parts(training);
const held = parts(test);
const model = await new VariationalAutoencoder({
  decoder: 'bernoulli',
  latentDimension: 8,
  hidden: [128],
  given: [{ categories: 10 }],
  epochs: 60,
  learningRate: 0.003,
  seed: 1,
}).fit(known.pixels, {
  given: known.labels,
  onProgress: ({ phase, completed, total, objective }) => {
    const bound = objective === undefined ? '' : `, bound ${objective.toFixed(2)} nats`;
    if (completed % 10 === 0) console.log(`${phase}: epoch ${completed} of ${total}${bound}`);
  },
});

const { logDensity, standardError } = model.estimateLogDensity(held.pixels, { given: held.labels, samples: 200 });
const mean = (values: Float64Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
console.log(
  `held out: log p(pixels | label) = ${mean(logDensity).toFixed(2)} nats, each within ${mean(standardError).toFixed(2)}`,
);
console.log(
  `latent columns in use: ${model.activeUnits(held.pixels, { given: held.labels }).length} of ${model.latentDimension}`,
);

const drawn = model.sample(10, { seed: 1, given: Array.from({ length: 10 }, (_, digit) => [digit]) });
for (let line = 0; line < 8; line++) {
  const strip = (digit: number): string =>
    Array.from({ length: 8 }, (_, x) => (drawn.get(digit, 8 * line + x) === 1 ? '#' : '.')).join('');
  console.log(Array.from({ length: 10 }, (_, digit) => strip(digit)).join(' '));
}
