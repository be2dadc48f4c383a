/**
 * Fits one candidate, judges it on the events set aside, and draws from it.
 *
 * @module
 */
import { meanLogDensity, type Samples } from 'generative-models';
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
  return {
    candidate,
    rows: parts.training.rows,
    mean,
    standardError,
    fitSeconds: (fitted - started) / 1000,
    evaluationUs: (1000 * (evaluated - fitted)) / parts.test.rows,
    peak: await findMassPeak(masses),
    drawn,
    masses,
  };
}

/** Masses of events, or the one column of masses as it is. */
export function massesOf(rows: Samples): Float64Array {
  if (rows.columns === 1) return rows.data;
  const masses = Float64Array.from({ length: rows.rows }, (_, i) => invariantMass(rows.row(i)));
  return masses.filter((mass) => !Number.isNaN(mass));
}
