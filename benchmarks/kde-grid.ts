/**
 * A million rows on a grid, beside fast-kde, which bins linearly and smooths by a recursive filter: time and error of each.
 *
 * @module
 */
import { density1d, density2d } from 'fast-kde';
import { KernelDensity, type KernelDensityModel, Samples } from 'generative-models';
import { normalRows } from './data.js';
import { time } from './harness.js';
import {
  type Case,
  formatRatio,
  formatTiming,
  type Measurement,
  type Result,
  type Settings,
  type Suite,
} from './suite.js';

/** Half the width of the grid, in standard deviations of the rows. */
const REACH = 5.5;

function* cases({ quick }: Settings): Iterable<Case> {
  for (const [columns, cells] of [
    [1, 1024],
    [2, 256],
  ]) {
    const rows = quick ? 10_000 : 1_000_000;
    yield {
      id: `kde-grid n=${rows} d=${columns}`,
      parameters: { rows, columns, cells, bandwidth: rows ** (-1 / (columns + 4)) },
      arrays: {},
    };
  }
}

async function measure({ parameters }: Case): Promise<Measurement> {
  const [columns, cells, bandwidth] = [parameters.columns, parameters.cells, parameters.bandwidth].map(Number);
  const rows = normalRows(Number(parameters.rows), columns, 'rows');
  // fast-kde's nodes, both ends included, are the middles of our cells.
  const step = (2 * REACH) / (cells - 1);
  const corner = (sign: number): number[] => new Array(columns).fill(sign * (REACH + 0.5 * step));
  const model = await new KernelDensity({ bandwidth, relativeTolerance: 1e-10 }).fit(rows);
  const ours = (): Float64Array => model.densityOnGrid({ lower: corner(-1), upper: corner(1), cells }).density;
  const theirs = fastKde(rows, bandwidth, cells);
  const exact = exactDensities(model, step, cells);
  const peak = exact.reduce((most, f) => Math.max(most, f), 0);
  const masses = theirs();
  return {
    times: { grid: await time(() => ours()[0]), fastKde: await time(() => theirs()[0]) },
    values: {
      error: largestDifference(ours(), exact) / peak,
      fastKdeError: largestDifference(inOurOrder(masses, cells, columns, step), exact) / peak,
    },
  };
}

/** fast-kde on the rows in the form that it is fastest on. */
function fastKde(rows: Samples, bandwidth: number, cells: number): () => Float64Array {
  const extent: [number, number] = [-REACH, REACH];
  if (rows.columns === 1) return () => density1d(rows.data, { bandwidth, extent, bins: cells }).grid();
  const pairs = rows.toArray();
  const options = { bandwidth: [bandwidth, bandwidth], extent: [extent, extent], bins: [cells, cells] };
  return () => density2d(pairs, options as Parameters<typeof density2d>[1]).grid();
}

/** Its masses as densities; in two dimensions its first column runs fastest, ours last. */
function inOurOrder(masses: Float64Array, cells: number, columns: number, step: number): Float64Array {
  if (columns === 1) return masses.map((mass) => mass / step);
  return masses.map((_, i) => masses[(i % cells) * cells + Math.floor(i / cells)] / step ** 2);
}

function exactDensities(model: KernelDensityModel, step: number, cells: number): Float64Array {
  const d = model.dimension;
  const data = new Float64Array(cells ** d * d);
  for (let i = 0; i < cells ** d; i++) {
    for (let j = 0; j < d; j++) data[i * d + j] = -REACH + step * (Math.floor(i / cells ** (d - 1 - j)) % cells);
  }
  return model.logDensity(new Samples(data, cells ** d, d)).map(Math.exp);
}

function largestDifference(a: Float64Array, b: Float64Array): number {
  return a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);
}

function format({ parameters, ours: { times, values } }: Result): string[] {
  const { rows, columns, cells } = parameters;
  return [
    Number(rows).toLocaleString('en'),
    new Array(Number(columns)).fill(cells).join(' x '),
    formatTiming(times.grid),
    values.error.toExponential(1),
    formatTiming(times.fastKde),
    values.fastKdeError.toExponential(1),
    formatRatio(times.grid.median, times.fastKde.median),
  ];
}

/** The suite of `npm run bench -- kde-grid`. */
export const kdeGridSuite: Suite = {
  name: 'kde-grid',
  againstSklearn: false,
  cases,
  measure,
  headings: ['rows', 'cells', 'densityOnGrid', 'error', 'fast-kde', 'its error', 'ratio'],
  format,
  notes: [
    'Gaussian kernel of Scott`s bandwidth on standard normal rows; the model is fitted beforehand. Errors: the largest at any',
    'cell, in units of the density`s peak, against densities exact to 1e-10. Ratio: how many times as long fast-kde takes.',
  ],
};
