/**
 * The start of one run of EM, as the options have it, in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { kMeansCentres, seedingRows, splitCentres } from './centres.js';
import type { WeightedRows } from './expectation.js';
import type { FrozenInitialization, InitializationName } from './given-initialization.js';
import { plusPlusCentres, randomCentres, startFromCentres } from './initialization.js';
import type { MaximizationRules } from './maximization.js';
import type { CheckedOptions } from './options.js';
import { emptyParameters, type MixtureParameters } from './parameters.js';
import { type Standardization, toStandard } from './standardization.js';

/** Makes a start. */
export async function makeStart(
  { components, initialization }: Pick<CheckedOptions, 'components' | 'initialization'>,
  rows: WeightedRows,
  map: Standardization,
  overall: Float64Array,
  rules: MaximizationRules,
  stream: RandomStream,
  pacer: Pacer,
): Promise<MixtureParameters> {
  if (typeof initialization !== 'string') return givenStart(initialization, rows, map, overall, rules, pacer);
  const centres = await findCentres(initialization, rows, components, stream, pacer);
  return startFromCentres(rows, centres, overall, rules, pacer);
}

function findCentres(
  initialization: InitializationName,
  rows: WeightedRows,
  components: number,
  stream: RandomStream,
  pacer: Pacer,
): Promise<Float64Array> | Float64Array {
  if (initialization === 'random') return randomCentres(rows, components, stream);
  const seeding = seedingRows(rows, stream.child('sample'));
  if (initialization === 'splitting') return splitCentres(seeding, components, pacer);
  const find = initialization === 'k-means' ? kMeansCentres : plusPlusCentres;
  return find(seeding, components, stream, pacer);
}

/** The given parameters in standardised units; what is left out is taken from the rows nearest each mean. */
async function givenStart(
  given: FrozenInitialization,
  rows: WeightedRows,
  map: Standardization,
  overall: Float64Array,
  rules: MaximizationRules,
  pacer: Pacer,
): Promise<MixtureParameters> {
  const [components, d] = [given.means.length, rows.columns];
  const parameters = emptyParameters(components, d);
  given.means.forEach((mean, k) => {
    parameters.means.set(mean, k * d);
  });
  given.covariances?.forEach((matrix, k) => {
    matrix.forEach((row, i) => {
      parameters.covariances.set(row, (k * d + i) * d);
    });
  });
  const standard = toStandard(parameters, map);
  // With covariances but no weights there is nothing that says how rows are shared: equally.
  if (given.covariances && !given.weights) standard.weights.fill(1 / components);
  const start = given.covariances
    ? standard
    : await startFromCentres(rows, standard.means, overall, rules, pacer, true);
  if (given.weights) start.weights.set(normalized(given.weights));
  if (rules.equalWeights) start.weights.fill(1 / components);
  return start;
}

function normalized(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}
