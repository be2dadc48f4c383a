/**
 * What a suite of benchmarks is, and what it writes down.
 *
 * @module
 */
import type { Machine, Timing } from './harness.js';

/** What was asked for on the command line. */
export interface Settings {
  /** Include the sizes that take minutes. */
  readonly large: boolean;
  /** Only the smallest sizes, to see that everything works; nothing is written. */
  readonly quick: boolean;
  /** Only cases whose id holds this text; then nothing is written either. */
  readonly only: string;
}

/** A case of a suite: sizes and parameters by name, and the arrays that a peer is to work on. */
export interface Case {
  readonly id: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly arrays: Readonly<Record<string, Float64Array>>;
}

/** What one library did with one case. */
export interface Measurement {
  /** Times by what was timed. */
  readonly times: Readonly<Record<string, Timing>>;
  /** Accuracy and memory by name. */
  readonly values: Readonly<Record<string, number>>;
}

/** A case with what ours and a peer did. */
export interface Result {
  readonly id: string;
  readonly parameters: Case['parameters'];
  readonly ours: Measurement;
  readonly peer?: Measurement;
}

/** One family of benchmarks. */
export interface Suite {
  readonly name: string;
  /** Runs only when it is named: it takes minutes, or downloads. */
  readonly onDemand?: boolean;
  /** False where scikit-learn has nothing like it. */
  readonly againstSklearn?: boolean;
  /** How often each case is measured, ours and the peer in turns: of each the faster times are kept. 1 unless told otherwise. */
  readonly rounds?: number;
  /** Whether each measurement of ours has a process of its own, as each of the peer's has. */
  readonly ownProcess?: boolean;
  readonly cases: (settings: Settings) => Iterable<Case>;
  readonly measure: (given: Case) => Promise<Measurement>;
  readonly headings: readonly string[];
  /** A line of the printed table. */
  readonly format: (result: Result) => readonly string[];
  /** What the columns mean. */
  readonly notes: readonly string[];
}

/** What `benchmarks/results/NAME.json` holds. */
export interface ResultsFile {
  readonly suite: string;
  readonly date: string;
  readonly version: string;
  readonly seed: number;
  readonly machine: Machine;
  /** The peer and its versions, where there was one. */
  readonly peer?: Readonly<Record<string, string>>;
  readonly results: readonly Result[];
}

/** The faster times of two measurements of a case. */
export function fasterOf(a: Measurement | undefined, b: Measurement): Measurement {
  if (a === undefined) return b;
  const times = Object.entries(b.times).map(([name, timing]) => {
    const other = a.times[name];
    return [name, other.minimum < timing.minimum ? other : timing] as const;
  });
  return { ...b, times: Object.fromEntries(times) };
}

/** Milliseconds, with three digits. */
export function formatMs(ms: number): string {
  return ms >= 1000 ? `${(ms / 1000).toPrecision(3)} s` : `${ms.toPrecision(3)} ms`;
}

/** A median with its spread in percent. */
export function formatTiming({ median, spread }: Timing): string {
  return `${formatMs(median)} ± ${(100 * spread).toFixed(0)}%`;
}

/** How many times as long the peer takes. */
export function formatRatio(ours: number, peer: number | undefined): string {
  return peer === undefined ? '' : `${(peer / ours).toPrecision(2)} x`;
}
