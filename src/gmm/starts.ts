/**
 * The start of one run of EM, as the options have it, in standardised units.
 *
 * @module
 */
import type { Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';
import { type Candidate, isBetter, isCollapse } from './candidates.js';
import { kMeansCentres, seedingRows, splitCentres } from './centres.js';
import { type CovarianceType, isSpherical, isTied } from './covariance-type.js';
import type { WeightedRows } from './expectation.js';
import type { Point, Run, RunSettings } from './expectation-maximization.js';
import type { FrozenInitialization, InitializationName } from './given-initialization.js';
import { startFromCentres } from './initialization.js';
import type { MaximizationRules } from './maximization.js';
import type { CheckedOptions } from './options.js';
import { emptyParameters, type MixtureParameters, type SpareCovariances } from './parameters.js';
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
  const seeding = seedingRows(rows, components, rules.covariance, stream.child('sample'));
  const [centres] = await findCentres(initialization, seeding, components, [stream], pacer);
  return startFromCentres(seeding, centres, overall, rules, pacer);
}

/** EM on some rows, from a start or on from where a run stands. */
export type ShortRun = (
  rows: WeightedRows,
  start: MixtureParameters | Run,
  end: Pick<RunSettings, 'maxIterations' | 'pauseAfter' | 'tolerance'>,
) => Promise<Candidate>;

/** How long starts are compared. */
interface Race {
  /** How many starts there are, unless the options tell. */
  readonly starts: number;
  /** Most steps of a short run. */
  readonly steps: number;
  /** A start is out of the race once it lies behind by more than so many times what its last step gained. */
  readonly patience: number;
  /** Most races, each of new starts, until two starts agree on the best. */
  readonly rounds: number;
}

/**
 * On nineteen fits to the faithful, iris, digits and two-muon data, with 30 to 60 seeds each, the best of three starts by this
 * race ends 0.30 standard deviations of single fits above their mean, after 0.92 of the passes over rows that the best of
 * three by five steps of each takes, which ends 0.28 above it. A patience of 1.5 ends 0.28 above, after 0.91 of the passes.
 */
const RACE: Race = { starts: 3, steps: 8, patience: 2, rounds: 1 };
/**
 * Starts with one matrix for all are slow to part: on digits of 16 and 61 columns, with 50 and 20 seeds, fits end 0.026 and 0.86
 * nats a row higher, after 1.3 to 1.5 times the time; with one diagonal or one variance for all 0.030 and 0.016 in 16 columns.
 */
const TIED_RACE: Race = { ...RACE, starts: 5, patience: 4 };
/** Five starts of spheres end 0.007 nats a row higher on the digits of 16 columns, with 50 seeds, after 1.25 times the time. */
const SPHERICAL_RACE: Race = { ...RACE, starts: 5 };
/** Rows x columns x components up to which that pays: a pass of spheres in 16 columns then takes 0.2 ms. */
const MODEST = 2 ** 19;
/**
 * For data so small that a pass takes less than what surrounds it. On 128 fits to made-up clusters, three or six of 150 or 400
 * rows in 2 to 10 columns, apart or overlapping, of four types, with 60 seeds each, 74 means end higher by more than 0.0005
 * nats a row than by one round of 12 steps with a patience of 4, and one lower: 0.009 higher on average. A third round makes
 * that 0.012, and fits to iris up to a third longer.
 */
const PATIENT_RACE: Race = { starts: 3, steps: 16, patience: 6, rounds: 2 };
/** Rows x columns x components up to which that is so: a pass then takes 0.03 ms at most. */
const SMALL = 2 ** 14;

function raceFor({ data }: WeightedRows, components: number, covariance: CovarianceType): Race {
  const size = data.length * components;
  if (size <= SMALL) return PATIENT_RACE;
  if (isTied(covariance)) return TIED_RACE;
  return isSpherical(covariance) && size <= MODEST ? SPHERICAL_RACE : RACE;
}

/** Where a run has converged well enough to be compared, relative to its objective. */
const TOLERANCE = 1e-3;

/**
 * The best of several starts, after short runs of EM on the rows that starts are sought on; where these are all rows, with
 * what its last E-step found. The runs go on step by step side by side, and those that fall behind are left. For small data,
 * as many starts again are taken where no two agree on the best: a maximum found once may not be the highest.
 *
 * Reference: Biernacki, Celeux & Govaert (2003), doi:10.1016/S0167-9473(02)00163-9; Maron & Moore (1994), *Hoeffding races*,
 * for leaving candidates as soon as they have lost; Boender & Rinnooy Kan (1987), doi:10.1007/BF02591684, for going on
 * until maxima are found again.
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
  spare: SpareCovariances,
  shortRun: ShortRun,
): Promise<MixtureParameters | Point> {
  const seeding = seedingRows(rows, components, rules.covariance, stream.child('sample'));
  const race = raceFor(seeding, components, rules.covariance);
  const starts = shortRuns ?? race.starts;
  const rounds = starts > 1 ? race.rounds : 1;
  const run = (start: MixtureParameters | Run, pauseAfter: number) =>
    shortRun(seeding, start, { maxIterations: race.steps, pauseAfter, tolerance: TOLERANCE });
  let all: readonly Candidate[] = [];
  for (let round = 0; round < rounds && !isFoundAgain(all); round++) {
    const streams = Array.from({ length: starts }, (_, at) => stream.child('run', round * starts + at));
    const found = await findCentres(initialization, seeding, components, streams, pacer);
    const areSettled = initialization === 'k-means++' && rules.covariance === 'full' && race !== PATIENT_RACE;
    if (areSettled) await settleOthers(found, seeding, pacer);
    const begun = await ranked(found, rules, all.length === 0, async (centres) => {
      const start = await startFromCentres(seeding, centres, overall, rules, pacer, false, spare.take());
      const candidate = await run(start, 1);
      if (candidate.run.parameters !== start) spare.give(start);
      return candidate;
    });
    all = await raceOn(begun, all, race, rules, run);
  }
  const [{ run: best }, ...others] = all;
  for (const { run } of others) spare.give(run.parameters);
  const { last, parameters } = best;
  return seeding === rows && last ? last : parameters;
}

/**
 * Steps of k-means that all starts of full covariances but the first begin with, unless data are small. The rows nearest to
 * drawn centres are parts of several clusters where there are many columns, and EM does not leave the covariances of such
 * parts. Mean log-densities over ten seeds rise from -5.36 to -4.97 nats a row for digits of 16 columns, from -2.581 to -2.569
 * for two-muon events; 20,000 rows of eight clusters in 50 columns, means drawn with a deviation of 0.5 in each, end at -78.67,
 * before -78.75, in a fifth of the time.
 */
const SETTLING_STEPS = 10;

/** Moves the centres of all starts but the first to those of clusters. */
async function settleOthers(found: Centres[], seeding: WeightedRows, pacer: Pacer): Promise<void> {
  const others = found.slice(1).map(({ centres }) => centres);
  const settled = await kMeansCentres(seeding, others, pacer, SETTLING_STEPS);
  for (const [at, centres] of settled.entries()) found[at + 1] = { centres };
}

/** Runs the candidates on against the best of the others as long as they are in the race: all in the end, the best first. */
async function raceOn(
  candidates: readonly Candidate[],
  others: readonly Candidate[],
  race: Race,
  rules: MaximizationRules,
  run: (run: Run, pauseAfter: number) => Promise<Candidate>,
): Promise<Candidate[]> {
  let racing = candidates;
  let left = others;
  for (let steps = 2; steps <= race.steps; steps++) {
    const [leader] = inOrder([...racing, ...left], rules);
    left = [...left, ...racing.filter((candidate) => !isInRace(candidate, leader, race))];
    racing = racing.filter((candidate) => isInRace(candidate, leader, race));
    if (racing.every((candidate) => candidate === leader)) break;
    racing = await ranked(racing, rules, left.length === 0, (candidate) => run(candidate.run, steps));
  }
  return inOrder([...racing, ...left], rules);
}

/** Whether another start came to where the best, the first, stands. */
function isFoundAgain([leader, ...others]: readonly Candidate[]): boolean {
  const lead = leader?.run.history.at(-1) as number;
  return others.some(({ run }) => Math.abs(lead - (run.history.at(-1) as number)) <= slackAt(lead));
}

/** What two objectives may differ by and still agree. */
function slackAt(objective: number): number {
  return TOLERANCE * Math.max(1, Math.abs(objective));
}

/** Whether a run may still come to be better than the one that leads: not where the two agree, either. */
function isInRace({ run }: Candidate, { run: leader }: Candidate, { patience }: Race): boolean {
  if (run === leader) return true;
  const [before, now] = run.history.slice(-2);
  const lead = leader.history.at(-1) as number;
  const [behind, gained] = [lead - now, now - before];
  return behind < patience * gained && Math.max(behind, gained) > slackAt(lead);
}

/**
 * Runs EM from each: the best first, the first of equals, without those that collapsed.
 *
 * @param isNeeded - Whether it is an error that all did: there are no others to go on with.
 */
async function ranked<From>(
  from: readonly From[],
  rules: MaximizationRules,
  isNeeded: boolean,
  runFrom: (from: From) => Promise<Candidate>,
): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  let failure: unknown;
  for (const one of from) {
    try {
      candidates.push(await runFrom(one));
    } catch (error) {
      if (!isCollapse(error)) throw error;
      failure = error;
    }
  }
  if (isNeeded && candidates.length === 0) throw failure;
  return inOrder(candidates, rules);
}

function inOrder(candidates: readonly Candidate[], { covariance }: MaximizationRules): Candidate[] {
  return [...candidates].sort((a, b) => Number(isBetter(b, a, covariance)) - Number(isBetter(a, b, covariance)));
}

/** Centres, one choice of them for each stream. */
async function findCentres(
  initialization: InitializationName,
  seeding: WeightedRows,
  components: number,
  streams: readonly RandomStream[],
  pacer: Pacer,
): Promise<Centres[]> {
  if (initialization === 'random') {
    return streams.map((stream) => ({ centres: randomCentres(seeding, components, stream) }));
  }
  if (initialization === 'splitting') {
    const centres = await splitCentres(seeding, components, pacer);
    return streams.map(() => ({ centres }));
  }
  const found = await plusPlusCentres(seeding, components, streams, pacer);
  if (initialization === 'k-means++') return found;
  const starts = found.map(({ centres }) => centres);
  return (await kMeansCentres(seeding, starts, pacer)).map((centres) => ({ centres }));
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
