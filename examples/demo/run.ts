/**
 * Fits one candidate, judges it on the events set aside, and draws from it.
 *
 * @module
 */
import { classifierTwoSampleTest, energyDistance, meanLogDensity, Samples } from 'generative-models';
import { invariantMass } from '../support/dimuon.js';
import type { ProgressLine } from '../support/progress.js';
import type { Candidate } from './estimators.js';
import { findMassPeak, type MassPeak } from './mass-peak.js';

/** Training and test rows of a task. */
export interface Parts {
  readonly training: Samples;
  readonly test: Samples;
}

/** What a candidate came to. */
export interface Outcome {
  readonly candidate: Candidate;
  readonly rows: number;
  /** Mean held-out log-density and its standard error, in nats. */
  readonly mean: number;
  readonly standardError: number;
  readonly fitSeconds: number;
  /** Microseconds for the log-density of one row. */
  readonly evaluationUs: number;
  readonly peak: MassPeak;
  /** Share of test and generated rows that their nearest neighbours tell apart: 0.5 where they are alike. */
  readonly toldApart: number;
  /** Energy distance between them, squared, columns in standard deviations of the test rows. */
  readonly energy: number;
  /** Generated rows, and their masses in GeV; events that no detector could see, of negative momentum, have none. */
  readonly drawn: Samples;
  readonly masses: Float64Array;
}

/** Rows drawn from each model: enough that the peak's position is sure to a tenth of a GeV. */
const DRAWN = 20_000;

/** Fits, evaluates and samples. */
export async function runCandidate(candidate: Candidate, parts: Parts, progress: ProgressLine): Promise<Outcome> {
  progress.start(`${candidate.task}: ${candidate.label}`);
  const started = performance.now();
  const model = await candidate.create().fit(parts.training, { onProgress: progress.listen });
  const fitted = performance.now();
  const { mean, standardError } = meanLogDensity(model, parts.test);
  const evaluated = performance.now();
  const drawn = model.sample(DRAWN, { seed: 2 });
  const masses = massesOf(drawn);
  const likeTest = drawn.select(Uint32Array.from({ length: parts.test.rows }, (_, i) => i));
  const { accuracy } = await classifierTwoSampleTest(parts.test, likeTest, { seed: 3 });
  const [ofData, ofModel] = standardized(parts.test, likeTest);
  const { squared } = await energyDistance(ofData, ofModel, { permutations: 0 });
  return {
    candidate,
    rows: parts.training.rows,
    mean,
    standardError,
    fitSeconds: (fitted - started) / 1000,
    evaluationUs: (1000 * (evaluated - fitted)) / parts.test.rows,
    peak: await findMassPeak(masses),
    toldApart: accuracy,
    energy: squared,
    drawn,
    masses,
  };
}

/** Both sets of rows in units of the first one's means and standard deviations. */
function standardized(first: Samples, second: Samples): Samples[] {
  const columns = Array.from({ length: first.columns }, (_, j) => {
    const values = Array.from({ length: first.rows }, (__, i) => first.get(i, j));
    const mean = values.reduce((sum, value) => sum + value / values.length, 0);
    return { mean, deviation: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2 / values.length, 0)) };
  });
  return [first, second].map(({ data, rows, columns: count }) => {
    const values = data.map((value, k) => (value - columns[k % count].mean) / columns[k % count].deviation);
    return new Samples(values, rows, count);
  });
}

/** Masses of events, or the one column of masses as it is. */
export function massesOf(rows: Samples): Float64Array {
  if (rows.columns === 1) return rows.data;
  const masses = Float64Array.from({ length: rows.rows }, (_, i) => invariantMass(rows.row(i)));
  return masses.filter((mass) => !Number.isNaN(mass));
}
