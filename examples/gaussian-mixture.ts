/**
 * Clusters of Old Faithful's eruptions by a Gaussian mixture: how many kinds are there?
 *
 * `npm run build && node build/examples/gaussian-mixture.js` prints the BIC of one to six components and of each covariance
 * type, and writes pictures/gaussian-mixture.svg and .png.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import * as Plot from '@observablehq/plot';
import { GaussianMixture, type GaussianMixtureModel } from 'generative-models';
import { readColumns } from './support/csv.js';
import { COLORS, drawFigure, savePicture } from './support/pictures.js';
import { formatTable } from './support/table.js';

const rows = readColumns('faithful.csv', ['eruptions', 'waiting']);
const types = ['spherical', 'diagonal', 'tied', 'full'] as const;

const lines: string[][] = [];
let best: { model: GaussianMixtureModel; bic: number; name: string } | undefined;
for (let components = 1; components <= 6; components++) {
  const line = [String(components)];
  for (const covariance of types) {
    const model = await new GaussianMixture({ components, covariance, seed: 1 }).fit(rows);
    const bic = model.bic(rows);
    line.push(bic.toFixed(1));
    if (best === undefined || bic < best.bic) best = { model, bic, name: `${components} components, ${covariance}` };
  }
  lines.push(line);
}
const headings = ['components', ...types].map((heading) => ({ heading, align: 'right' as const }));
console.log(`BIC (smaller is better)\n\n${formatTable(headings, lines)}\n`);
if (best === undefined) throw new Error('no model was fitted');

const { model, name } = best;
console.log(`best: ${name}`);
for (const [k, weight] of model.weights.entries()) {
  const [eruption, waiting] = model.means.row(k);
  const share = (100 * weight).toFixed(1);
  const times = `last about ${eruption.toFixed(2)} min, with ${waiting.toFixed(1)} min to the next`;
  console.log(`  ${share}% of eruptions ${times}`);
}

const labels = model.predict(rows);
const colors = [COLORS.blue, COLORS.orange, COLORS.green, COLORS.purple];
const points = rows.toArray().map(([x, y], i) => ({ x, y, color: colors[labels[i] % colors.length] }));
const svg = drawFigure({
  title: 'Kinds of eruptions of Old Faithful',
  subtitle: `Gaussian mixture chosen by BIC: ${name}. Ellipses hold 50% and 95% of a component.`,
  legend: Array.from(model.weights, (weight, k) => ({
    label: `${(100 * weight).toFixed(0)}%`,
    color: colors[k % colors.length],
  })),
  panelWidth: 640,
  panelHeight: 380,
  panels: [
    [
      {
        marginLeft: 44,
        marginBottom: 36,
        x: { domain: [1, 6], label: 'eruption (min)', labelAnchor: 'center', labelArrow: 'none' },
        y: { domain: [40, 100], label: 'wait for the next (min)', grid: true, labelArrow: 'none' },
        marks: [
          Plot.dot(points, { x: 'x', y: 'y', fill: 'color', r: 2.5, fillOpacity: 0.55 }),
          ...Array.from(model.weights.keys()).flatMap((k) =>
            [0.5, 0.95].map((share) =>
              Plot.line(ellipse(model, k, share), { stroke: colors[k % colors.length], strokeWidth: 1.5 }),
            ),
          ),
        ],
      },
    ],
  ],
});
const folder = fileURLToPath(new URL('../../pictures', import.meta.url));
console.log(savePicture(folder, 'gaussian-mixture', svg).join('\n'));

/**
 * The ellipse that holds a share of a component: x = m + r L u with |u| = 1, L the Cholesky factor of the covariance and
 * r^2 = -2 log(1 - share), the quantile of chi-square with two degrees of freedom.
 */
function ellipse(model: GaussianMixtureModel, k: number, share: number): [number, number][] {
  const [mx, my] = model.means.row(k);
  const covariance = model.covariances[k];
  const [xx, xy, yy] = [covariance.get(0, 0), covariance.get(0, 1), covariance.get(1, 1)];
  const radius = Math.sqrt(-2 * Math.log(1 - share));
  const lx = Math.sqrt(xx);
  const ly = Math.sqrt(yy - (xy * xy) / xx);
  return Array.from({ length: 97 }, (_, i) => {
    const [u, v] = [Math.cos((2 * Math.PI * i) / 96), Math.sin((2 * Math.PI * i) / 96)];
    return [mx + radius * lx * u, my + radius * ((xy / lx) * u + ly * v)];
  });
}
