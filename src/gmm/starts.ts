/**
 * The start of one run of EM, as the options have it, in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { type Candidate, isBetter, isCollapse } from './candidates.js';
import { kMeansCentres, seedingRows, splitCentres } from './centres.js';
import type { WeightedRows } from './expectation.js';
import type { Point } from './expectation-maximization.js';
import type { FrozenInitialization, InitializationName } from './given-initialization.js';
import { startFromCentres } from './initialization.js';
import type { MaximizationRules } from './maximization.js';
import type { CheckedOptions } from './options.js';
import { emptyParameters, type MixtureParameters } from './parameters.js';
import { type Centres, plusPlusCentres, randomCentres } from './seeding.js';
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
  const seeding = seedingRows(rows, components, stream.child('sample'));
  const centres = await findCentres(initialization, seeding, components, stream, pacer);
  return startFromCentres(seeding, centres, overall, rules, pacer);
}

/** EM from a start on some rows, as far as is needed to tell what the start is worth. */
export type ShortRun = (rows: WeightedRows, start: MixtureParameters) => Promise<Candidate>;

/**
 * The best of several starts, each after a short run of EM on the rows that starts are sought on; where these are all rows,
 * with what its last E-step found.
 *
 * Reference: Biernacki, Celeux & Govaert (2003), doi:10.1016/S0167-9473(02)00163-9.
 */
export async function bestStart(
  {
    components,
    initialization,
    shortRuns,
  }: Pick<CheckedOptions, 'components' | 'shortRuns'> & {
    readonly initialization: InitializationName;
  },
  rows: WeightedRows,
  overall: Float64Array,
  rules: MaximizationRules,
  stream: RandomStream,
  pacer: Pacer,
  shortRun: ShortRun,
): Promise<MixtureParameters | Point> {
  const seeding = seedingRows(rows, components, stream.child('sample'));
  let best: Candidate | undefined;
  let failure: unknown;
  for (let run = 0; run < shortRuns; run++) {
    const centres = await findCentres(initialization, seeding, components, stream.child('run', run), pacer);
    const start = await startFromCentres(seeding, centres, overall, rules, pacer);
    try {
      const candidate = await shortRun(seeding, start);
      if (best === undefined || isBetter(candidate, best)) best = candidate;
    } catch (error) {
      if (!isCollapse(error)) throw error;
      failure = error;
    }
  }
  if (best === undefined) throw failure;
  const { last, parameters } = best.run;
  return seeding === rows && last ? last : parameters;
}

async function findCentres(
  initialization: InitializationName,
  seeding: WeightedRows,
  components: number,
  stream: RandomStream,
  pacer: Pacer,
): Promise<Centres> {
  if (initialization === 'random') return { centres: randomCentres(seeding, components, stream) };
  if (initialization === 'splitting') return { centres: await splitCentres(seeding, components, pacer) };
  if (initialization === 'k-means') return { centres: await kMeansCentres(seeding, components, stream, pacer) };
  return plusPlusCentres(seeding, components, stream, pacer);
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
    : await startFromCentres(rows, { centres: standard.means }, overall, rules, pacer, true);
  if (given.weights) start.weights.set(normalized(given.weights));
  if (rules.equalWeights) start.weights.fill(1 / components);
  return start;
}

function normalized(weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return Float64Array.from(weights, (weight) => weight / total);
}
