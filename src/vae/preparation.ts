/**
 * From options and rows to the shape of the model.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import type { Samples } from '../core/samples.js';
import { type ColumnKind, columnStatistics, constantColumn } from '../neural/columns.js';
import { type ImageLayers, imageLayers, imageViolation } from '../neural/network.js';
import { type Architecture, architecture, type StandardDeviation } from './architecture.js';
import type { Checked } from './options.js';

/**
 * The kind of each column, as options and rows say.
 *
 * @throws ModelError `invalid-option` for options that do not go together, `shape-mismatch` for a wrong number of columns.
 */
export function columnKindsOf(owner: string, settings: Checked, rows: Samples): readonly ColumnKind[] {
  const { decoder, columns, categories } = settings;
  const needs = (must: string): Error => modelError('invalid-option', { owner, must });
  if (decoder !== 'mixed' && columns !== undefined) throw needs('option "columns" must go with decoder "mixed"');
  if (decoder !== 'categorical' && categories !== undefined) {
    throw needs('option "categories" must go with decoder "categorical"');
  }
  if (decoder === 'mixed') {
    if (columns === undefined) throw needs('option "columns" must say the kind of each column for decoder "mixed"');
    if (columns.length === rows.columns) return columns;
    const must = `rows must have ${columns.length} columns, as option "columns" says`;
    throw modelError('shape-mismatch', { owner, must, got: rows.columns });
  }
  if (decoder === 'gaussian') return new Array<ColumnKind>(rows.columns).fill('continuous');
  if (decoder === 'bernoulli') return new Array<ColumnKind>(rows.columns).fill('binary');
  return Array.from({ length: rows.columns }, (_, column) => ({
    categories: categories ?? categoriesOf(owner, rows, column),
  }));
}

/** More categories than this are not seen in rows but claimed by a stray number. */
const MOST_CATEGORIES = 4096;

function categoriesOf(owner: string, { data, rows, columns }: Samples, column: number): number {
  let largest = 1;
  for (let i = 0; i < rows; i++) {
    const value = data[i * columns + column];
    if (!Number.isInteger(value) || value < 0 || value >= MOST_CATEGORIES) {
      const must = `rows, row ${i}, column ${column} must be a category, an integer from 0 to ${MOST_CATEGORIES - 1}`;
      throw modelError('invalid-data', { owner, must, got: value });
    }
    largest = Math.max(largest, value);
  }
  return largest + 1;
}

/** The networks for training rows. */
export function rowArchitecture(
  owner: string,
  settings: Checked,
  kinds: readonly ColumnKind[],
  rows: Samples,
  conditions: Samples,
  training: Uint32Array,
): Architecture {
  const { latentDimension, hidden, activation } = settings;
  const statistics = columnStatistics(rows, kinds);
  const givenKinds = settings.given ?? [];
  return architecture({
    latentDimension,
    hidden: Array.from(hidden),
    activation,
    images: imagesOf(owner, settings, rows.columns),
    rows: statistics,
    given: columnStatistics(conditions.select(training), givenKinds),
    standardDeviation: standardDeviationOf(owner, settings, kinds, rows, statistics.scales),
  });
}

/** @throws ModelError `invalid-option` for options that do not go together, `shape-mismatch` for images of another size. */
function imagesOf(owner: string, settings: Checked, columns: number): ImageLayers | undefined {
  const { image, convolutions, decoder } = settings;
  if ((image === undefined) !== (convolutions === undefined)) {
    throw modelError('invalid-option', { owner, must: 'options "image" and "convolutions" must be given together' });
  }
  if (image !== undefined && decoder === 'mixed') {
    throw modelError('invalid-option', { owner, must: 'option "image" must go with a decoder other than "mixed"' });
  }
  const layers = imageLayers(image, convolutions);
  const violation = layers && imageViolation(layers, columns);
  if (violation !== undefined) throw modelError('shape-mismatch', { owner, must: violation });
  return layers;
}

function standardDeviationOf(
  owner: string,
  { standardDeviation }: Checked,
  kinds: readonly ColumnKind[],
  rows: Samples,
  scales: Float64Array,
): StandardDeviation {
  if (typeof standardDeviation === 'number') {
    const continuous = kinds.flatMap((kind, column) =>
      kind === 'continuous' ? standardDeviation / scales[column] : [],
    );
    return Float64Array.from(continuous);
  }
  const constant = constantColumn(rows, kinds);
  if (constant === undefined) return standardDeviation;
  throw modelError('degenerate-data', {
    owner,
    must: `column ${constant} must hold more than one value, for its standard deviation is to be learnt`,
    remedy: 'Leave the column out, or give option "standardDeviation" as a number',
  });
}
