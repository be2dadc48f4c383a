/**
 * Kernel density of Old Faithful's eruptions: how long do they last?
 *
 * `npm run build && node build/examples/kernel-density.js` prints densities and writes pictures/kernel-density.svg and .png.
 *
 * @module
 */
import { fileURLToPath } from 'node:url';
import * as Plot from '@observablehq/plot';
import { crossValidate, KernelDensity, Samples } from 'generative-models';
import { readColumns } from './support/csv.js';
import { COLORS, drawFigure, savePicture } from './support/pictures.js';

const rows = readColumns('faithful.csv', ['eruptions']);

// Scott's rule takes the data for normal; eruptions have two kinds, so it smooths too much.
const bandwidths = { "Scott's rule": 'scott', 'cross-validation': 'cross-validation' } as const;
const grid = Samples.column(Array.from({ length: 401 }, (_, i) => 1 + i * 0.0125));
const curves = [];
for (const [name, bandwidth] of Object.entries(bandwidths)) {
  const estimator = new KernelDensity({ bandwidth });
  const model = await estimator.fit(rows);
  const { mean, standardError } = await crossValidate(estimator, rows, { folds: 10, seed: 1 });
  const h = model.bandwidth[0].toFixed(3);
  console.log(
    `${name}: bandwidth ${h} min, held-out log-density ${mean.toFixed(3)} ± ${standardError.toFixed(3)} nats`,
  );
  const density = model.logDensity(grid).map(Math.exp);
  curves.push({ label: `${name}, h = ${h} min`, points: grid.data.map((_, i) => density[i]) });
}

const colors = [COLORS.blue, COLORS.orange];
const svg = drawFigure({
  title: 'How long Old Faithful erupts',
  subtitle: `${rows.rows} eruptions: histogram, and kernel density with a gaussian kernel.`,
  legend: [{ label: 'data', color: COLORS.data }, ...curves.map(({ label }, c) => ({ label, color: colors[c] }))],
  panelWidth: 640,
  panelHeight: 300,
  panels: [
    [
      {
        marginLeft: 44,
        marginBottom: 36,
        x: { domain: [1, 6], label: 'eruption (min)', labelAnchor: 'center', labelArrow: 'none' },
        y: { label: 'density (1/min)', grid: true, labelArrow: 'none' },
        marks: [
          Plot.rectY(histogram(rows.data, 1.5, 5.25, 0.125), { x1: 'from', x2: 'to', y: 'density', fill: COLORS.data }),
          ...curves.map(({ points }, c) =>
            Plot.lineY(points, { x: grid.data, y: points, stroke: colors[c], strokeWidth: 2 }),
          ),
          Plot.ruleY([0], { stroke: '#8c959f' }),
        ],
      },
    ],
  ],
});
const folder = fileURLToPath(new URL('../../pictures', import.meta.url));
console.log(savePicture(folder, 'kernel-density', svg).join('\n'));

function histogram(values: Float64Array, from: number, to: number, width: number) {
  const counts = new Array<number>(Math.round((to - from) / width)).fill(0);
  for (const value of values) counts[Math.floor((value - from) / width)]++;
  return counts.map((count, i) => ({
    from: from + i * width,
    to: from + (i + 1) * width,
    density: count / values.length / width,
  }));
}
