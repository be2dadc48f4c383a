/**
 * Timing: warm-up first, then repeats; what is reported is minimum, median and spread.
 *
 * @module
 */
import { cpus, totalmem } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** How long something takes, in milliseconds. */
export interface Timing {
  readonly minimum: number;
  readonly median: number;
  /** Half the distance between the quartiles, over the median. */
  readonly spread: number;
  readonly repeats: number;
}

/** Repeats end when this much time is spent on them, in milliseconds, and {@link LEAST_REPEATS} are done. */
const BUDGET = 1500;
const LEAST_REPEATS = 3;
const MOST_REPEATS = 25;

/** Results of timed work go here, so that no compiler can leave the work out. */
export let sink = 0;

/** Unmeasured runs go on for this long, in milliseconds: the compiler takes up to half a second to be done with a fit. */
const WARM_UP = 1000;

/**
 * Times `work`, after a warm-up of one run at least.
 *
 * @param garbage - That of the run before is collected outside the measurement, or as it comes: many short calls would begin each run
 * anew, as what the compiler has learnt about objects goes with the last of them.
 */
export async function time(
  work: () => number | Promise<number>,
  garbage: 'collected before' | 'as it comes' = 'collected before',
): Promise<Timing> {
  const began = performance.now();
  do sink += await work();
  while (performance.now() - began < WARM_UP);
  const times: number[] = [];
  let spent = 0;
  while (times.length < LEAST_REPEATS || (spent < BUDGET && times.length < MOST_REPEATS)) {
    if (garbage === 'collected before') collectGarbage();
    const started = performance.now();
    sink += await work();
    const elapsed = performance.now() - started;
    times.push(elapsed);
    spent += elapsed;
  }
  return summarize(times);
}

/** Times of two pieces of work, and of each of the `steps` that the longer takes more. */
export interface PairTiming {
  readonly short: Timing;
  readonly long: Timing;
  readonly step: Timing;
}

/**
 * Times `short` and `long` in turns: a step is what a run of `long` takes longer than the run of `short` before it, so that phases in
 * which the machine is slow stand in both.
 */
export async function timePair(
  short: () => Promise<number>,
  long: () => Promise<number>,
  steps: number,
): Promise<PairTiming> {
  const began = performance.now();
  do {
    sink += await short();
    sink += await long();
  } while (performance.now() - began < WARM_UP);
  const [shorts, longs, differences]: [number[], number[], number[]] = [[], [], []];
  let spent = 0;
  while (longs.length < LEAST_REPEATS || (spent < 2 * BUDGET && longs.length < MOST_REPEATS)) {
    for (const [work, times] of [[short, shorts] as const, [long, longs] as const]) {
      collectGarbage();
      const started = performance.now();
      sink += await work();
      times.push(performance.now() - started);
    }
    const [a, b] = [shorts[shorts.length - 1], longs[longs.length - 1]];
    differences.push((b - a) / steps);
    spent += a + b;
  }
  const [first, second, step] = [shorts, longs, differences].map(summarize);
  return { short: first, long: second, step: { ...step, minimum: (second.minimum - first.minimum) / steps } };
}

/** Minimum, median and spread of times. */
export function summarize(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const median = quantile(sorted, 0.5);
  const spread = (quantile(sorted, 0.75) - quantile(sorted, 0.25)) / 2 / median;
  return { minimum: sorted[0], median, spread, repeats: sorted.length };
}

/** Quantile of sorted numbers, linear between neighbours. */
function quantile(sorted: readonly number[], p: number): number {
  const place = p * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

const gc = exposeGarbageCollector();

function exposeGarbageCollector(): () => void {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
}

/** Frees what nobody holds, so that each measurement begins alike. */
export function collectGarbage(): void {
  gc();
}

/** How long freeing arrays may take after a collection, in milliseconds. */
const SWEEP = 100;

/** Watches the bytes held in typed arrays while a fit runs; its `look` belongs into `onProgress`. */
export class MemoryWatch {
  readonly #before: number;
  #peak = 0;

  private constructor() {
    this.#before = process.memoryUsage().arrayBuffers;
  }

  /** Begins once earlier garbage is gone: Node frees the memory of collected arrays a moment later. */
  static async start(): Promise<MemoryWatch> {
    for (let i = 0; i < 2; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, SWEEP));
    }
    return new MemoryWatch();
  }

  /** Takes note of what is held now, garbage not yet collected included. */
  readonly look = (): void => {
    this.#peak = Math.max(this.#peak, process.memoryUsage().arrayBuffers - this.#before);
  };

  /** Most bytes held beyond those at the start. */
  get peak(): number {
    return this.#peak;
  }
}

/** The machine that the numbers belong to. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
}

/** This machine. */
export function describeMachine(): Machine {
  const all = cpus();
  return {
    cpu: all[0]?.model.trim() ?? 'unknown',
    cores: all.length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${process.platform} ${process.arch}`,
    node: process.versions.node,
  };
}
