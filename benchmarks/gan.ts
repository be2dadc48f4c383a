/**
 * Adversarial networks: a round of the game, one step of the discriminator and one of the generator, beside PyTorch's where
 * Python has it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { memory } from '@tensorflow/tfjs-core';
import { GenerativeAdversarialNetwork, type GenerativeAdversarialNetworkOptions, Samples } from 'generative-models';
import { DensityPool } from 'generative-models/pool';
import { normalRows, SEED } from './data.js';
import { summarize } from './harness.js';
import { type Case, formatTiming, type Measurement, type Result, type Settings, type Suite } from './suite.js';

/**
 * An epoch has so many rounds, and its time is a round's that many times over, with a share of what is watched after each
 * epoch. Both libraries take turns, so that load hits them alike.
 */
const ROUNDS = 20;
const EPOCHS = 6;
const TURNS = 5;

/** Width of the two hidden layers of either network, rows per step, columns of data and of codes. */
const SHAPE = { hidden: 128, batch: 256, columns: 2, latent: 8 };

function* cases({ quick }: Settings): Iterable<Case> {
  const { data } = normalRows(ROUNDS * SHAPE.batch + 1, SHAPE.columns, 'gan');
  const penalties = quick ? ['none'] : ['none', 'r1', 'gradientPenalty'];
  for (const threads of [1, 2]) {
    for (const penalty of penalties) {
      const id = `2 x 128, ${penalty}, ${threads === 1 ? 'one thread' : `${threads} threads`}`;
      yield { id, parameters: { ...SHAPE, penalty, threads }, arrays: { rows: data } };
    }
  }
}

/** The time between two reports of progress is an epoch's. */
async function measure({ parameters, arrays }: Case): Promise<Measurement> {
  const { hidden, batch, columns, latent, penalty, threads } = parameters;
  const widths = [Number(hidden), Number(hidden)];
  const options: GenerativeAdversarialNetworkOptions = {
    latentDimension: Number(latent),
    generator: widths,
    discriminator: widths,
    batchSize: Number(batch),
    epochs: EPOCHS + 1,
    // One row is held out: what is watched is not to be timed.
    validationFraction: 1 / (ROUNDS * Number(batch) + 1),
    densitySamples: 1,
    backend: 'wasm',
    seed: SEED,
    ...(penalty !== 'none' && { [String(penalty)]: 1 }),
  };
  const rows = new Samples(arrays.rows, ROUNDS * Number(batch) + 1, Number(columns));
  const pool = threads === 1 ? undefined : new DensityPool({ threads: Number(threads) });
  const shared = pool && { pool };
  await new GenerativeAdversarialNetwork({ ...options, epochs: 1 }).fit(rows, shared);
  const alive = memory().numTensors;
  const all: Record<string, number[]> = { round: [], torch: [] };
  for (let turn = 0; turn < TURNS; turn++) {
    let last = 0;
    await new GenerativeAdversarialNetwork(options).fit(rows, {
      ...shared,
      onProgress: ({ phase, completed }) => {
        const now = performance.now();
        if (phase.startsWith('training') && completed > 1) all.round.push((now - last) / ROUNDS);
        last = now;
      },
    });
    all.torch.push(...meansOfEpochs(torchRounds(parameters)));
  }
  await pool?.close();
  const present = Object.entries(all).filter(([, times]) => times.length > 0);
  return {
    times: Object.fromEntries(present.map(([name, times]) => [name, summarize(times)])),
    values: { leaked: memory().numTensors - alive },
  };
}

/** PyTorch's rounds on as many threads; none where no Python here has it. */
function torchRounds({ hidden, batch, columns, latent, penalty, threads }: Case['parameters']): number[] {
  const script = fileURLToPath(new URL('../../benchmarks/torch_gan_peer.py', import.meta.url));
  const task = { hidden, batch, columns, latent, penalty, threads, rounds: ROUNDS * EPOCHS };
  for (const python of [process.env.PYTHON, '/usr/bin/python3', 'python3']) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, [script], { input: JSON.stringify(task), encoding: 'utf8' });
    if (status === 0) return (JSON.parse(stdout) as { milliseconds: number[] }).milliseconds;
  }
  return [];
}

/** Single rounds as ours are timed: means over as many as an epoch has. */
function meansOfEpochs(rounds: readonly number[]): number[] {
  return Array.from({ length: Math.floor(rounds.length / ROUNDS) }, (_, k) => {
    const epoch = rounds.slice(k * ROUNDS, (k + 1) * ROUNDS);
    return epoch.reduce((sum, time) => sum + time, 0) / ROUNDS;
  });
}

function format({ id, parameters, ours }: Result): string[] {
  const { round, torch } = ours.times;
  return [
    id,
    String(parameters.batch),
    formatTiming(round),
    `${round.minimum.toPrecision(3)} ms`,
    torch === undefined ? '' : formatTiming(torch),
    torch === undefined ? '' : `${torch.minimum.toPrecision(3)} ms`,
    torch === undefined ? '' : (round.minimum / torch.minimum).toPrecision(2),
    String(ours.values.leaked),
  ];
}

/** The suite of `npm run bench -- gan`. */
export const ganSuite: Suite = {
  name: 'gan',
  againstSklearn: false,
  cases,
  measure,
  headings: ['networks, penalty', 'batch', 'round', 'minimum', 'PyTorch round', 'minimum', 'ratio', 'tensors leaked'],
  format,
  notes: [
    'A step of the discriminator and one of the generator on WASM, draws and optimisers included: median ± spread of means over 20 rounds.',
    'Two threads are the two of a DensityPool, this one among them. PyTorch has as many (Debian: python3-torch). Ratio of minima, ours over theirs.',
  ],
};
