/**
 * Handwritten digits of 8 x 8 pixels: the lower half drawn for an upper half, by a paired translation with chance in it.
 *
 *     npm run build && node build/examples/translation.js
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PairedGan, Samples, splitRows } from 'generative-models';

const HALF = 32;

// Compiled files lie in build/examples.
const text = gunzipSync(readFileSync(new URL('../../data/digits.csv.gz', import.meta.url))).toString();
const table = Samples.from(
  text
    .trim()
    .split('\n')
    .map((line) => line.split(',').map(Number)),
);
const { training, test } = splitRows(table, { fraction: 0.2, seed: 1 });

/** The two halves of each digit, in pixels of 0 to 16. */
function halves(rows: Samples): { upper: number[][]; lower: number[][] } {
  const lists = rows.toArray();
  return { upper: lists.map((row) => row.slice(0, HALF)), lower: lists.map((row) => row.slice(HALF, 2 * HALF)) };
}

const known = halves(training);
const held = halves(test);
const model = await new PairedGan({ generator: [128], discriminator: [128], epochs: 60, r1: 0.1, seed: 1 }).fit(
  known.upper,
  known.lower,
  {
    onProgress: ({ phase, completed, total }) => {
      if (completed % 20 === 0) console.log(`${phase}: epoch ${completed} of ${total}`);
    },
  },
);
for (const warning of model.warnings) console.log(warning);

/** Root mean square difference over all pixels. */
function difference(a: (i: number, j: number) => number, b: (i: number, j: number) => number): number {
  let total = 0;
  for (let i = 0; i < test.rows; i++) for (let j = 0; j < HALF; j++) total += (a(i, j) - b(i, j)) ** 2;
  return Math.sqrt(total / (test.rows * HALF));
}

const DRAWS = 20;
const draws = Array.from({ length: DRAWS }, (_, seed) => model.translate(held.upper, { seed }));
const meanDraw = (i: number, j: number): number => draws.reduce((sum, draw) => sum + draw.get(i, j) / DRAWS, 0);
const overall = Array.from(
  { length: HALF },
  (_, j) => known.lower.reduce((sum, row) => sum + row[j], 0) / training.rows,
);
const truth = (i: number, j: number): number => held.lower[i][j];
console.log(`lower halves of ${test.rows} digits held out, root mean square error in greys of 0 to 16:`);
console.log(`  mean of ${DRAWS} draws     ${difference(meanDraw, truth).toFixed(2)}`);
console.log(`  mean lower half      ${difference((_, j) => overall[j], truth).toFixed(2)}`);
console.log(`  one draw             ${difference((i, j) => draws[0].get(i, j), truth).toFixed(2)}`);
console.log(
  `  between two draws    ${difference(
    (i, j) => draws[0].get(i, j),
    (i, j) => draws[1].get(i, j),
  ).toFixed(2)}`,
);

const shade = (grey: number): string => ' .:*#'[Math.max(0, Math.min(4, Math.round(grey / 4)))];
const strip = (pixels: ArrayLike<number>, line: number): string =>
  Array.from({ length: 8 }, (_, column) => shade(pixels[8 * line + column])).join('');
console.log('\nfive digits: as they are, then with three lower halves drawn for the upper one');
for (let digit = 0; digit < 5; digit++) {
  const pictures = [held.lower[digit], ...draws.slice(0, 3).map((draw) => draw.row(digit))];
  console.log();
  for (let line = 0; line < 4; line++) console.log(pictures.map(() => strip(held.upper[digit], line)).join('  |  '));
  for (let line = 0; line < 4; line++) console.log(pictures.map((lower) => strip(lower, line)).join('  |  '));
}
