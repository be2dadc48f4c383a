import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { BidirectionalGan } from '../../src/gan/index.js';
import { meanError } from './translation-data.js';

// The 8 x 8 digits of the UCI repository (data/README.md), pixels of 0 to 16; every fifth one held out.
const pixels = gunzipSync(readFileSync(join(import.meta.dirname, '..', '..', 'data', 'digits.csv.gz')))
  .toString()
  .trim()
  .split('\n')
  .map((line) => line.split(',').map(Number).slice(0, 64));
const train = pixels.filter((_, i) => i % 5 !== 0);
const test = pixels.filter((_, i) => i % 5 === 0);

it("digits held out come back nearer to themselves than to the mean digit, and far nearer than to another digit's", async () => {
  const hidden = { generator: [64], encoder: [64], discriminator: [64] };
  const terms = { reconstruction: 1, codeReconstruction: 1, r1: 0.1 };
  const options = { latentDimension: 16, ...hidden, ...terms, epochs: 60, densitySamples: 100, seed: 1 };
  const model = await new BidirectionalGan(options).fit(train);
  const found = model.reconstruct(test);
  const ones = new Array<number>(64).fill(1);
  const error = meanError(found, test, ones);
  const middle = train[0].map((_, j) => train.reduce((sum, row) => sum + row[j], 0) / train.length);
  const ofMean = test.flatMap((row) => row.map((pixel, j) => Math.abs(pixel - middle[j])));
  // The benchmark gan-digits has the figures of longer trainings, without these terms too.
  expect(error).toBeLessThan(0.65 * (ofMean.reduce((sum, x) => sum + x, 0) / ofMean.length));
  expect(error).toBeLessThan(0.5 * meanError(found, test, ones, 1));
});
