/**
 * The density at the cells of a grid, for plots.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { readOptions } from '../core/options.js';
import type { Density } from './density.js';
import { transformedDensity } from './grid-fourier.js';
import { binnedGaussian } from './grid-gaussian.js';
import { checkBox } from './probability.js';

/** Which grid. */
export interface GridOptions {
  /** The least value of each column. Default: the least row less three standard deviations of the kernel. */
  readonly lower?: ArrayLike<number>;
  /** The greatest value of each column. Default: the greatest row and three standard deviations of the kernel. */
  readonly upper?: ArrayLike<number>;
  /** The number of cells along all columns, or along each. Default: 512 for one column, 128 for two, 32 for three. */
  readonly cells?: number | ArrayLike<number>;
}

/** A density at the middles of the cells of a grid. */
export interface GridDensity {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  /** Cells along each column. */
  readonly cells: readonly number[];
  /** Densities, row-major: the last column runs fastest. */
  readonly density: Float64Array;
  /** No density is off by more than this; 0 where each is exact to the model's relative tolerance. */
  readonly error: number;
}

const DEFAULT_CELLS = [512, 128, 32];
const MOST_CELLS = 2 ** 26;

/** The density on a grid: by binning where that is faster, cell by cell otherwise. */
export function densityOnGrid(density: Density, options: GridOptions | undefined, owner: string): GridDensity {
  const { lower, upper, cells } = checkGrid(density, options, owner);
  const middles = cells.map((count, j) => {
    const width = (upper[j] - lower[j]) / count;
    return Float64Array.from({ length: count }, (_, c) => lower[j] + (c + 0.5) * width);
  });
  const binned = binnedGaussian(density, middles) ?? transformedDensity(density, { lower, upper, cells });
  const values = binned?.values ?? exactDensity(density, middles);
  return { lower, upper, cells: Object.freeze(cells), density: values, error: binned?.error ?? 0 };
}

function exactDensity(density: Density, middles: readonly Float64Array[]): Float64Array {
  const d = middles.length;
  const values = new Float64Array(middles.reduce((product, axis) => product * axis.length, 1));
  const x = new Float64Array(d);
  for (let i = 0; i < values.length; i++) {
    let rest = i;
    for (let j = d - 1; j >= 0; j--) {
      x[j] = middles[j][rest % middles[j].length];
      rest = Math.floor(rest / middles[j].length);
    }
    values[i] = Math.exp(density.logAt(x, 0));
  }
  return values;
}

function checkGrid(
  density: Density,
  options: GridOptions | undefined,
  owner: string,
): { lower: Float64Array; upper: Float64Array; cells: number[] } {
  const d = density.coordinates.dimension;
  if (d > 3) {
    const remedy = 'Take marginal(columns) first, or use logDensity';
    throw modelError('shape-mismatch', { owner, must: 'the density must be of 1 to 3 columns', got: d, remedy });
  }
  const given = readOptions(owner, options, ['lower', 'upper', 'cells']);
  const corner = (name: 'lower' | 'upper'): unknown => given.get(name) ?? defaultCorners(density)[name];
  const [lower, upper] = checkBox(corner('lower'), corner('upper'), d, owner);
  for (let j = 0; j < d; j++) {
    if (upper[j] > lower[j] && upper[j] - lower[j] < Number.POSITIVE_INFINITY) continue;
    const must = `lower and upper, column ${j} must be finite, with lower < upper`;
    throw modelError('invalid-data', { owner, must, got: [lower[j], upper[j]] });
  }
  return { lower, upper, cells: checkCells(given.get('cells') ?? DEFAULT_CELLS[d - 1], d, owner) };
}

function checkCells(given: unknown, d: number, owner: string): number[] {
  const list = typeof given === 'number' ? new Array<number>(d).fill(given) : given;
  const isList = Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView));
  const cells = isList ? Array.from(list as ArrayLike<number>) : [];
  const total = cells.reduce((product, count) => product * count, 1);
  const must = `option "cells" must be an integer >= 1, or ${d === 1 ? 'an array of one' : `an array of ${d}`}`;
  if (cells.length !== d || !cells.every((count) => Number.isSafeInteger(count) && count >= 1)) {
    throw modelError('invalid-option', { owner, must, got: given });
  }
  if (total <= MOST_CELLS) return cells;
  throw modelError('invalid-option', { owner, must: `there must be at most ${MOST_CELLS} cells`, got: total });
}

/** The rows and three standard deviations of the kernel around them, within the bounds. */
function defaultCorners({ fitted, coordinates, kernel }: Density): { lower: Float64Array; upper: Float64Array } {
  const { data, columns } = fitted.samples;
  const lower = new Float64Array(columns).fill(Number.POSITIVE_INFINITY);
  const upper = new Float64Array(columns).fill(Number.NEGATIVE_INFINITY);
  for (let i = 0; i < data.length; i++) {
    const j = i % columns;
    if (data[i] < lower[j]) lower[j] = data[i];
    if (data[i] > upper[j]) upper[j] = data[i];
  }
  const reach = 3 * Math.sqrt(kernel.variance(columns));
  for (let j = 0; j < columns; j++) {
    const bounds = coordinates.boundsOf(j);
    const range = upper[j] - lower[j];
    // A transformed column counts its bandwidth in another unit.
    const pad = bounds?.by === 'transformation' ? 0.1 * range || 1 : reach * coordinates.bandwidth.columns[j];
    lower[j] = Math.max(lower[j] - pad, bounds?.lower ?? Number.NEGATIVE_INFINITY);
    upper[j] = Math.min(upper[j] + pad, bounds?.upper ?? Number.POSITIVE_INFINITY);
  }
  return { lower, upper };
}
