/**
 * Variational autoencoders: a training step of a large and of a small network, beside that of TensorFlow.js as it
 * comes, and PyTorch's where Python has it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { memory } from '@tensorflow/tfjs-core';
import { Samples, VariationalAutoencoder, type VariationalAutoencoderOptions } from 'generative-models';
import { normalRows, SEED } from './data.js';
import { summarize } from './harness.js';
import { type Case, formatTiming, type Measurement, type Result, type Settings, type Suite } from './suite.js';

/** Steps that are timed, one by one, in each of some rounds; in a round all libraries take turns, so that load hits them alike. */
const STEPS = { large: 20, small: 200 };
const ROUNDS = 4;

function* cases({ quick }: Settings): Iterable<Case> {
  if (!quick) yield sized('784-400-20-400-784', 784, 400, 20, 128, 'bernoulli', STEPS.large);
  yield sized('2-64-2-64-2', 2, 64, 2, 256, 'gaussian', STEPS.small);
}

function sized(
  id: string,
  columns: number,
  hidden: number,
  latent: number,
  batch: number,
  decoder: string,
  steps: number,
): Case {
  const { data } = normalRows(batch, columns, id);
  const rows = decoder === 'bernoulli' ? data.map((value) => Number(value > 0)) : data;
  return { id, parameters: { columns, hidden, latent, batch, decoder, steps }, arrays: { rows } };
}

/** One batch is all of the data, so an epoch is a step, and the time between two reports of progress is its own. */
async function measure({ parameters, arrays }: Case): Promise<Measurement> {
  const { columns, hidden, latent, batch, decoder, steps } = parameters;
  const options = {
    latentDimension: Number(latent),
    hidden: [Number(hidden)],
    decoder,
    standardDeviation: 1,
    batchSize: Number(batch),
    epochs: Number(steps) + 1,
    validationFraction: 0,
    backend: 'wasm',
    seed: SEED,
  } as VariationalAutoencoderOptions;
  const rows = new Samples(arrays.rows, Number(batch), Number(columns));
  await new VariationalAutoencoder({ ...options, epochs: 10 }).fit(rows);
  const alive = memory().numTensors;
  const all: Record<string, number[]> = { step: [], stock: [], torch: [] };
  let bound = Number.NaN;
  for (let round = 0; round < ROUNDS; round++) {
    let last = 0;
    const model = await new VariationalAutoencoder(options).fit(rows, {
      onProgress: ({ completed }) => {
        const now = performance.now();
        if (completed > 1) all.step.push(now - last);
        last = now;
      },
    });
    bound = model.history.training.elbo.at(-1) ?? bound;
    all.stock.push(...stockSteps(parameters));
    all.torch.push(...torchSteps(parameters));
  }
  const present = Object.entries(all).filter(([, times]) => times.length > 0);
  return {
    times: Object.fromEntries(present.map(([name, times]) => [name, summarize(times)])),
    values: { bound, leaked: memory().numTensors - alive },
  };
}

/** PyTorch's steps on one thread, as WASM has one; none where no Python here has it. */
function torchSteps({ columns, hidden, latent, batch, decoder, steps }: Case['parameters']): number[] {
  const script = fileURLToPath(new URL('../../benchmarks/torch_peer.py', import.meta.url));
  const task = { sizes: [columns, hidden, latent], batch, bernoulli: decoder === 'bernoulli', threads: 1, steps };
  for (const python of [process.env.PYTHON, '/usr/bin/python3', 'python3']) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, [script], { input: JSON.stringify(task), encoding: 'utf8' });
    if (status === 0) return (JSON.parse(stdout) as { milliseconds: number[] }).milliseconds;
  }
  return [];
}

/** The same steps in TensorFlow.js as it comes, on WASM; none where its gradients cannot be had. */
function stockSteps({ columns, hidden, latent, batch, decoder, steps }: Case['parameters']): number[] {
  const script = fileURLToPath(new URL('./vae-stock.js', import.meta.url));
  const task = { sizes: [columns, hidden, latent], batch, bernoulli: decoder === 'bernoulli', steps };
  const { status, stdout } = spawnSync(process.execPath, [script], { input: JSON.stringify(task), encoding: 'utf8' });
  return status === 0 ? (JSON.parse(stdout) as { milliseconds: number[] }).milliseconds : [];
}

function format({ id, parameters, ours, peer: _ }: Result): string[] {
  const { step, stock, torch } = ours.times;
  return [
    id,
    String(parameters.batch),
    formatTiming(step),
    `${step.minimum.toPrecision(3)} ms`,
    stock === undefined ? '' : formatTiming(stock),
    stock === undefined ? '' : (step.minimum / stock.minimum).toPrecision(2),
    torch === undefined ? '' : formatTiming(torch),
    torch === undefined ? '' : (step.minimum / torch.minimum).toPrecision(2),
    String(ours.values.leaked),
  ];
}

/** The suite of `npm run bench -- vae`. */
export const vaeSuite: Suite = {
  name: 'vae',
  againstSklearn: false,
  cases,
  measure,
  headings: ['network', 'batch', 'step', 'minimum', 'stock step', 'ratio', 'PyTorch step', 'ratio', 'tensors leaked'],
  format,
  notes: [
    'A training step on WASM, forward, backward, optimiser and draws included: median of single steps ± spread.',
    'Stock: TensorFlow.js as it comes, on WASM. PyTorch on one thread (Debian: python3-torch). Ratios of minima, ours over theirs.',
  ],
};
