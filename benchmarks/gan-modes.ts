/**
 * `npm run bench -- gan-modes`: how many clusters a generator finds, and how near to them it comes, under each trick.
 *
 * Ring: 8 normal clusters of standard deviation 0.01 on the unit circle; grid: 25 of 0.05 at {-4, -2, 0, 2, 4}^2, as in
 * PacGAN (Lin et al. 2018, arXiv:1712.04086). Its 400,000 steps are cut to 10,000 on 12,800 rows, and its networks to two layers of
 * 64. Judged are 2,500 generated rows: one within 3 standard deviations of a cluster is of high quality, as 98.9% of the
 * truth are; a cluster with one such row is captured. Five seeds each.
 *
 * @module
 */
import {
  GenerativeAdversarialNetwork,
  type GenerativeAdversarialNetworkOptions,
  modeCoverage,
} from 'generative-models';
import { normalRows } from './data.js';
import { summarize } from './harness.js';
import { type Case, formatMs, type Measurement, type Result, type Settings, type Suite } from './suite.js';

const SEEDS = [1, 2, 3, 4, 5];
const ROWS = 12_800;
const DRAWS = 2500;

/** Clusters, as the protocol has them. */
interface Clusters {
  readonly means: readonly (readonly number[])[];
  readonly standardDeviation: number;
}

const PLACES = [-4, -2, 0, 2, 4];
const CLUSTERS: Readonly<Record<string, Clusters>> = {
  ring: {
    means: Array.from({ length: 8 }, (_, k) => [Math.cos((k * Math.PI) / 4), Math.sin((k * Math.PI) / 4)]),
    standardDeviation: 0.01,
  },
  grid: { means: PLACES.flatMap((x) => PLACES.map((y) => [x, y])), standardDeviation: 0.05 },
};

/** What all networks have in common: 100 rounds in each of 100 epochs. */
const COMMON: GenerativeAdversarialNetworkOptions = {
  latentDimension: 2,
  generator: [64, 64],
  discriminator: [64, 64],
  batchSize: 128,
  learningRate: 0.004,
  schedule: 'cosine',
  validationFraction: 0,
};
const EPOCHS = 100;

/** The tricks, one at a time, and the best of them together. */
const TRICKS: Readonly<Record<string, GenerativeAdversarialNetworkOptions>> = {
  plain: {},
  'annealed noise': { instanceNoise: { from: 0.3, to: 0 } },
  'relaxed R1': { r1: { from: 0.02, to: 0.0005 } },
  'feature matching': { featureMatching: 'loss' },
  'packing 2': { packing: 2 },
  'Wasserstein, penalty': { objective: 'wasserstein', gradientPenalty: 0.1, discriminatorSteps: 3 },
  'relaxed R1 and packing 2': { r1: { from: 0.02, to: 0.0005 }, packing: 2 },
};

function* cases({ quick }: Settings): Iterable<Case> {
  const epochs = quick ? 2 : EPOCHS;
  for (const clusters of Object.keys(CLUSTERS)) {
    for (const trick of Object.keys(TRICKS)) {
      if (quick && trick !== 'plain') continue;
      yield { id: `${clusters}: ${trick}`, parameters: { clusters, trick, epochs, seeds: SEEDS.length }, arrays: {} };
    }
  }
}

async function measure({ parameters }: Case): Promise<Measurement> {
  const { clusters, trick, epochs } = parameters;
  const truth = CLUSTERS[clusters];
  const rows = clusterRows(truth, String(clusters));
  const [captured, quality, divergence, warned, times]: number[][] = [[], [], [], [], []];
  for (const seed of SEEDS) {
    const started = performance.now();
    const options = { ...COMMON, ...TRICKS[trick], epochs: Number(epochs), seed };
    const model = await new GenerativeAdversarialNetwork(options).fit(rows);
    times.push(performance.now() - started);
    const coverage = modeCoverage(model.sample(DRAWS, { seed }), truth);
    captured.push(coverage.captured);
    quality.push(coverage.highQuality);
    divergence.push(coverage.reverseKullbackLeibler);
    warned.push(Number(model.warnings.some((warning) => warning.startsWith('mode collapse'))));
  }
  return {
    times: { fit: summarize(times) },
    values: {
      modes: truth.means.length,
      ...described('captured', captured),
      ...described('highQuality', quality),
      ...described('reverseKullbackLeibler', divergence),
      warned: warned.reduce((sum, value) => sum + value),
    },
  };
}

/** Mean, standard error of it, and least value over the seeds. */
function described(name: string, values: readonly number[]): Record<string, number> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return {
    [name]: mean,
    [`${name}Error`]: Math.sqrt(squares / (values.length - 1) / values.length),
    [`${name}Least`]: Math.min(...values),
  };
}

function clusterRows({ means, standardDeviation }: Clusters, name: string): number[][] {
  const { data } = normalRows(ROWS, 2, name);
  return Array.from({ length: ROWS }, (_, i) =>
    means[i % means.length].map((center, j) => center + standardDeviation * data[2 * i + j]),
  );
}

function format({ parameters, ours }: Result): string[] {
  const { captured, capturedError, capturedLeast, highQuality, highQualityError, modes, warned } = ours.values;
  return [
    String(parameters.clusters),
    String(parameters.trick),
    `${captured.toFixed(1)} ± ${capturedError.toFixed(1)} of ${modes}`,
    capturedLeast.toFixed(0),
    `${(100 * highQuality).toFixed(1)} ± ${(100 * highQualityError).toFixed(1)}`,
    ours.values.reverseKullbackLeibler.toFixed(3),
    `${warned} of ${parameters.seeds}`,
    formatMs(ours.times.fit.median),
  ];
}

/** The suite. */
export const ganModesSuite: Suite = {
  name: 'gan-modes',
  onDemand: true,
  againstSklearn: false,
  cases,
  measure,
  headings: ['clusters', 'trick', 'captured', 'least', 'high quality %', 'reverse KL', 'warned', 'fit'],
  format,
  notes: [
    'Captured and high quality: mean over five seeds ± its standard error; least: the worst seed. 10,000 steps of the generator.',
    'Reverse KL: of the share of rows in each cluster from equal shares, in nats. Warned: fits with a warning of mode collapse.',
  ],
};
