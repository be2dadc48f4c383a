/**
 * The lecture's toy problem: data and generated rows that share no point, and what becomes of the generator's gradient.
 *
 *     npm run build && node build/examples/adversarial-network.js
 *
 * Data that are two points in four dimensions, and a generator that hardly moves, nowhere near them. A discriminator that is
 * trained to the full tells them apart, and leaves a minimax generator nothing to follow. Noise on what it sees, or a penalty on
 * its slope, does. Prints both ends of each course, and writes a picture into `pictures/`; with `--record` also the one of the
 * documentation.
 *
 * @module
 */
import { copyFileSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as Plot from '@observablehq/plot';
import { GenerativeAdversarialNetwork, type GenerativeAdversarialNetworkOptions } from 'generative-models';
import { COLORS, drawFigure, type Panel, savePicture } from './support/pictures.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

// All the discriminator's advantages: it takes ten steps for each of the generator's, which is slow.
const COMMON: GenerativeAdversarialNetworkOptions = {
  objective: 'minimax',
  latentDimension: 2,
  generator: [8],
  discriminatorSteps: 10,
  discriminatorLearningRate: 0.005,
  learningRate: 1e-5,
  averaging: 0,
  epochs: 100,
  seed: 1,
};

/** What restricts the discriminator, and how it is drawn. */
const GAMES = [
  { label: 'unrestricted', color: COLORS.orange, options: {} },
  { label: 'noise of 1', color: COLORS.blue, options: { instanceNoise: 1 } },
  { label: 'R1 of 1', color: COLORS.green, options: { r1: 1 } },
] satisfies { label: string; color: string; options: GenerativeAdversarialNetworkOptions }[];

const rows = Array.from({ length: 256 }, (_, i) => new Array<number>(4).fill(i % 2));
const courses: { color: string; norms: Float64Array; jensenShannon: Float64Array }[] = [];
for (const { label, color, options } of GAMES) {
  const { history, warnings } = await new GenerativeAdversarialNetwork({ ...COMMON, ...options }).fit(rows);
  const { generatorGradientNorm: norms, jensenShannon } = history;
  const last = norms.length - 1;
  console.log(
    `${label}: the generator's gradient starts at ${norms[0].toPrecision(2)} and ends at ${norms[last].toPrecision(2)}`,
  );
  for (const warning of warnings) console.log(`  ${warning}`);
  courses.push({ color, norms, jensenShannon });
}

/** One line per game. */
function panel(heading: string, note: string, scale: Plot.ScaleOptions, pick: 'norms' | 'jensenShannon'): Panel {
  return {
    heading,
    note,
    marginLeft: 50,
    marginBottom: 34,
    x: { label: 'epoch', labelAnchor: 'center', labelArrow: 'none' },
    y: { label: null, grid: true, ticks: 5, ...scale },
    marks: courses.map(({ color, [pick]: values }) =>
      Plot.lineY(
        Array.from(values, (value, epoch) => ({ epoch, value })),
        { x: 'epoch', y: 'value', stroke: color, strokeWidth: 1.8 },
      ),
    ),
  };
}

const figure = drawFigure({
  title: 'Disjoint supports',
  subtitle:
    'Data in two points, generated rows elsewhere; a minimax game with ten steps of the discriminator for each of the generator.',
  legend: GAMES.map(({ label, color }) => ({ label, color })),
  panels: [
    [
      panel("norm of the generator's gradient", '', { type: 'log', tickFormat: '~g' }, 'norms'),
      panel(
        'Jensen-Shannon divergence seen',
        `nats, at most ${Math.LN2.toFixed(3)}`,
        { domain: [0, 0.72], clamp: true },
        'jensenShannon',
      ),
    ],
  ],
  panelWidth: 400,
  panelHeight: 240,
});
const paths = savePicture(join(ROOT, 'pictures'), 'disjoint-supports', figure);
if (process.argv.includes('--record')) {
  const folder = join(ROOT, 'docs', 'pictures');
  mkdirSync(folder, { recursive: true });
  for (const path of paths) if (path.endsWith('.png')) copyFileSync(path, join(folder, basename(path)));
}
