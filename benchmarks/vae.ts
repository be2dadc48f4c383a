/**
 * Variational autoencoders: a training step of a large and of a small network, beside PyTorch's where Python has it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { memory } from '@tensorflow/tfjs-core';
import { Samples, VariationalAutoencoder, type VariationalAutoencoderOptions } from 'generative-models';
import { normalRows, SEED } from './data.js';
import { summarize, type Timing } from './harness.js';
import { type Case, formatTiming, type Measurement, type Result, type Settings, type Suite } from './suite.js';

/** Steps that are timed, one by one. */
const STEPS = { large: 60, small: 400 };

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
  const times: number[] = [];
  let last = 0;
  const model = await new VariationalAutoencoder(options).fit(rows, {
    onProgress: ({ completed }) => {
      const now = performance.now();
      if (completed > 1) times.push(now - last);
      last = now;
    },
  });
  const peer = torchStep(parameters);
  return {
    times: { step: summarize(times), ...(peer && { torch: peer }) },
    values: { bound: model.history.training.elbo.at(-1) ?? Number.NaN, leaked: memory().numTensors - alive },
  };
}

/** PyTorch's step on one thread, as WASM has one; undefined where no Python here has it. */
function torchStep({ columns, hidden, latent, batch, decoder, steps }: Case['parameters']): Timing | undefined {
  const script = fileURLToPath(new URL('../../benchmarks/torch_peer.py', import.meta.url));
  const task = { sizes: [columns, hidden, latent], batch, bernoulli: decoder === 'bernoulli', threads: 1, steps };
  for (const python of [process.env.PYTHON, '/usr/bin/python3', 'python3']) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, [script], { input: JSON.stringify(task), encoding: 'utf8' });
    if (status === 0) return summarize((JSON.parse(stdout) as { milliseconds: number[] }).milliseconds);
  }
  return undefined;
}

function format({ id, parameters, ours, peer: _ }: Result): string[] {
  const { step, torch } = ours.times;
  return [
    id,
    String(parameters.batch),
    formatTiming(step),
    `${step.minimum.toPrecision(3)} ms`,
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
  headings: ['network', 'batch', 'step', 'minimum', 'PyTorch step', 'ratio', 'tensors leaked'],
  format,
  notes: [
    'A training step on WASM, forward, backward, optimiser and draws included: median of single steps ± spread.',
    'PyTorch on one thread (Debian: python3-torch); ratio of minima, ours over PyTorch.',
  ],
};
