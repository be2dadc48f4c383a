/**
 * Gaussian mixtures: the time of an EM iteration from a fixed start, beside the log-likelihood that it comes to.
 *
 * @module
 */
import { GaussianMixture, type GaussianMixtureOptions, meanLogDensity, Samples } from 'generative-models';
import { mixtureRows } from './data.js';
import { MemoryWatch, timePair } from './harness.js';
import { mclustIteration } from './mclust.js';
import {
  type Case,
  formatMs,
  formatRatio,
  formatTiming,
  type Measurement,
  type Result,
  type Settings,
  type Suite,
} from './suite.js';

const TYPES = ['full', 'tied', 'diagonal', 'spherical'] as const;

/**
 * Centres about 2 sqrt(2) standard deviations from each other, so that every component has a share in every row; or
 * {@link APART} standard deviations from their middle along each axis: about 8 from each other at d = 2, where most shares still count,
 * 18 at d = 10 and 40 at d = 50, where nearly all vanish.
 */
const CLUSTERS = ['overlapping', 'apart'] as const;
const APART = 4;

/** Iterations of the shorter and the longer fit: their difference is free of what a fit does only once. */
const SHORT = 2;
const LONG = 22;

function* cases({ large, quick }: Settings): Iterable<Case> {
  const usual = [
    [1e5, 2, 8],
    [1e5, 2, 32],
    [1e5, 10, 8],
    [2e4, 50, 8],
  ];
  const sizes = quick ? [[2000, 2, 3]] : [...usual, ...(large ? [[1e6, 2, 8]] : [])];
  for (const clusters of CLUSTERS) {
    for (const [rows, columns, components] of sizes) yield* casesOf(clusters, rows, columns, components, quick);
  }
}

function* casesOf(
  clusters: (typeof CLUSTERS)[number],
  rows: number,
  columns: number,
  components: number,
  quick: boolean,
): Iterable<Case> {
  const data = mixtureRows(rows, columns, components, clusters === 'apart' ? APART : 2 / Math.sqrt(columns));
  for (const covariance of TYPES) {
    yield {
      id: `gmm ${covariance} n=${rows} d=${columns} k=${components}${clusters === 'apart' ? ' apart' : ''}`,
      parameters: {
        rows,
        columns,
        components,
        clusters,
        covariance,
        short: SHORT,
        long: LONG,
        threads: 1,
        mclust: quick ? 0 : 1,
      },
      // EM starts from the first rows, with the identity as each covariance: no library's own initialisation.
      arrays: { rows: data.rows.data, means: data.rows.data.slice(0, components * columns) },
    };
  }
}

async function measure(given: Case): Promise<Measurement> {
  const { parameters, arrays } = given;
  const columns = Number(parameters.columns);
  const rows = new Samples(arrays.rows, arrays.rows.length / columns, columns);
  const run = (maxIterations: number, onProgress?: () => void) =>
    new GaussianMixture({ ...optionsOf(parameters, arrays.means), maxIterations }).fit(
      rows,
      onProgress ? { onProgress } : {},
    );
  const runOf = (iterations: number) => async () => (await run(iterations)).weights[0];
  const { short, long, step } = await timePair(runOf(SHORT), runOf(LONG), LONG - SHORT);
  const watch = await MemoryWatch.start();
  const model = await run(LONG, watch.look);
  watch.look();
  const mclust = parameters.mclust ? mclustIteration(given) : undefined;
  return {
    times: { short, long, iteration: step },
    values: {
      meanLogDensity: meanLogDensity(model, rows).mean,
      iterations: model.iterations,
      ...(mclust !== undefined && { mclustIteration: mclust }),
      peakBytes: watch.peak,
      dataBytes: arrays.rows.byteLength,
      responsibilityBytes: 8 * Number(parameters.rows) * Number(parameters.components),
    },
  };
}

function optionsOf(parameters: Case['parameters'], starts: Float64Array): GaussianMixtureOptions {
  const [columns, components] = [Number(parameters.columns), Number(parameters.components)];
  const identity = Array.from({ length: columns }, (_, i) =>
    Array.from({ length: columns }, (_, j) => (i === j ? 1 : 0)),
  );
  return {
    components,
    covariance: parameters.covariance as (typeof TYPES)[number],
    initialization: {
      means: new Samples(starts, components, columns),
      weights: new Array<number>(components).fill(1 / components),
      covariances: new Array<number[][]>(components).fill(identity),
    },
    tolerance: 0,
    regularization: 0,
    // Iteration against iteration.
    acceleration: 'none',
  };
}

function format({ parameters, ours, peer }: Result): string[] {
  const { iteration, long } = ours.times;
  const difference = peer && Math.abs(ours.values.meanLogDensity - peer.values.meanLogDensity);
  return [
    Number(parameters.rows).toLocaleString('en'),
    String(parameters.columns),
    String(parameters.components),
    String(parameters.clusters),
    String(parameters.covariance),
    formatTiming(iteration),
    formatRatio(iteration.median, peer?.times.iteration.median),
    formatRatio(iteration.median, ours.values.mclustIteration),
    formatMs(long.median),
    formatRatio(long.median, peer?.times.long.median),
    ours.values.meanLogDensity.toFixed(6),
    difference?.toExponential(0) ?? '',
    `${(ours.values.peakBytes / 2 ** 20).toFixed(1)} MiB`,
  ];
}

/** The suite of `npm run bench -- gmm`. */
export const gmmSuite: Suite = {
  name: 'gmm',
  cases,
  measure,
  headings: [
    'rows',
    'd',
    'K',
    'clusters',
    'covariance',
    'per iteration',
    'ratio',
    'mclust',
    `fit, ${LONG} its`,
    'ratio',
    'nats/row',
    'differs',
    'memory',
  ],
  format,
  notes: [
    `Given start and iterations, no regularisation, one thread each; time per iteration from fits of ${SHORT} and ${LONG} in turns; medians.`,
    'nats/row: mean log-density of the fitted model, and by how much the peer differs. Ratio: the peer takes so many times as long.',
    'mclust: how many times as long an iteration of R’s mclust takes, where there is one.',
    'memory: most bytes in typed arrays beyond the given rows, as seen between iterations.',
  ],
};
