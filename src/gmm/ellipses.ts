/**
 * Ellipses of two columns, for plots.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { symmetricEigen } from '../core/linalg.js';
import { readOptions } from '../core/options.js';
import { readColumns } from './columns.js';
import { covarianceOf, type MixtureParameters } from './parameters.js';

/** Options of `ellipses`. */
export interface EllipseOptions {
  /** How much of each component's probability its ellipse holds, between 0 and 1; 0.95 unless told otherwise. */
  readonly level?: number;
  /** The columns drawn along x and y; `[0, 1]` unless told otherwise. */
  readonly columns?: readonly [number, number];
}

/** The ellipse of one component. */
export interface Ellipse {
  readonly centre: readonly [number, number];
  /** Half the long axis, half the short one, in the columns' units. */
  readonly semiAxes: readonly [number, number];
  /** From the x-axis to the long one, in radians, above -pi / 2 and at most pi / 2. */
  readonly angle: number;
  /** The component's weight. */
  readonly weight: number;
}

/**
 * The ellipse around each component that holds `level` of it: in two dimensions the squared Mahalanobis distance is
 * exponential with mean 2, so that its radius is sqrt(-2 log(1 - level)) standard deviations along each axis.
 */
export function ellipses(owner: string, parameters: MixtureParameters, options: unknown): Ellipse[] {
  const given = readOptions(owner, options, ['level', 'columns']);
  const { level = 0.95, columns = [0, 1] } = Object.fromEntries(given) as EllipseOptions;
  if (typeof level !== 'number' || !(level > 0 && level < 1)) {
    throw modelError('invalid-option', { owner, must: 'option "level" must be a number > 0 and < 1', got: level });
  }
  const { components, dimension, means, weights } = parameters;
  if (dimension < 2) {
    const must = 'the mixture must have at least 2 columns';
    throw modelError('shape-mismatch', { owner, must, got: dimension });
  }
  const [x, y] = readColumns(columns, { owner, name: 'option "columns"', dimension, exactly: 2 });
  const radius = Math.sqrt(-2 * Math.log1p(-level));
  return Array.from({ length: components }, (_, k) => {
    const entry = (i: number, j: number) => covarianceOf(parameters, k)[i * dimension + j];
    const { values, vectors } = symmetricEigen([entry(x, x), entry(x, y), entry(y, x), entry(y, y)], 2);
    // The short axis by the determinant: the small eigenvalue itself may be all rounding.
    const long = Math.sqrt(values[1]);
    const correlation = entry(x, y) / Math.sqrt(entry(x, x)) / Math.sqrt(entry(y, y));
    const area = Math.sqrt(entry(x, x)) * Math.sqrt(entry(y, y)) * Math.sqrt((1 - correlation) * (1 + correlation));
    const angle = Math.atan2(vectors[3], vectors[2]);
    return {
      centre: [means[k * dimension + x], means[k * dimension + y]],
      semiAxes: [radius * long, radius * (area / long)],
      angle: angle > Math.PI / 2 ? angle - Math.PI : angle <= -Math.PI / 2 ? angle + Math.PI : angle,
      weight: weights[k],
    };
  });
}
