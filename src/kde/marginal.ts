/**
 * The density of some columns.
 *
 * @module
 */
import { modelError, reading } from '../core/errors.js';
import { Samples } from '../core/samples.js';
import type { KernelName } from '../kernels/index.js';
import { type Bandwidth, diagonalBandwidth, matrixBandwidth } from './bandwidth.js';
import type { Fitted } from './state.js';

/** The kernels (1 - t)^m, by m. */
const POWERS: readonly KernelName[] = ['tophat', 'epanechnikov', 'biweight', 'triweight'];

/**
 * The marginal of a fit. The kernel's own marginal over k columns is the gaussian for the gaussian, and (1 - t)^(m + k/2)
 * for (1 - t)^m, whatever the bandwidth; of H the rows and columns kept stay.
 *
 * @throws ModelError `invalid-option` where the marginal kernel is none of the named ones.
 */
export function marginalFit(fitted: Fitted, columns: readonly number[], owner: string): Fitted {
  const { samples, bounds } = fitted;
  return {
    ...fitted,
    kernel: marginalKernel(fitted.kernel, samples.columns - columns.length, owner),
    samples: pickColumns(samples, columns),
    bandwidth: pickBandwidth(fitted.bandwidth, columns),
    treeBandwidth: undefined,
    bounds: bounds && Object.freeze(columns.map((j) => bounds[j])),
    history: Object.freeze([]),
  };
}

function marginalKernel(kernel: KernelName, dropped: number, owner: string): KernelName {
  if (kernel === 'gaussian' || dropped === 0) return kernel;
  const power = POWERS.indexOf(kernel);
  const marginal = power < 0 || dropped % 2 === 1 ? undefined : POWERS[power + dropped / 2];
  if (marginal !== undefined) return marginal;
  throw modelError('invalid-option', {
    owner,
    must: `the "${kernel}" kernel without ${dropped} of its columns must be a kernel with a name`,
    remedy: 'Fit with "gaussian", of which every marginal is one, or fit these columns alone',
  });
}

/** The columns of rows, in the order given. */
export function pickColumns({ data, rows, columns }: Samples, picked: readonly number[]): Samples {
  const d = picked.length;
  const values = Float64Array.from({ length: rows * d }, (_, i) => data[Math.floor(i / d) * columns + picked[i % d]]);
  return new Samples(values, rows, d);
}

function pickBandwidth({ columns, matrix }: Bandwidth, picked: readonly number[]): Bandwidth {
  if (matrix === undefined) return diagonalBandwidth(Float64Array.from(picked, (j) => columns[j]));
  return matrixBandwidth(pickBlock(matrix, columns.length, picked, picked), picked.length);
}

/** The block of a d x d matrix at some rows and columns. */
export function pickBlock(
  matrix: Float64Array,
  d: number,
  rows: readonly number[],
  columns: readonly number[],
): Float64Array {
  return Float64Array.from(rows.flatMap((row) => columns.map((column) => matrix[row * d + column])));
}

/**
 * Checks a choice of columns.
 *
 * @throws ModelError `invalid-data`.
 */
export function checkColumns(given: unknown, d: number, owner: string): number[] {
  return reading('invalid-data', owner, 'columns', () => {
    const isList = Array.isArray(given) || (ArrayBuffer.isView(given) && !(given instanceof DataView));
    const list = isList ? Array.from(given as ArrayLike<unknown>) : [];
    const isColumn = (j: unknown): j is number => Number.isInteger(j) && (j as number) >= 0 && (j as number) < d;
    if (list.length > 0 && list.every(isColumn) && new Set(list).size === list.length) return list;
    const must = `columns must be an array of different column numbers from 0 to ${d - 1}`;
    throw modelError('invalid-data', { owner, must, got: given });
  });
}
