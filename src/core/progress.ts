/**
 * Long work: progress, cancellation, and giving the event loop its turn.
 *
 * @module
 */
import { modelError } from './errors.js';
import { readOptions } from './options.js';

/** How far a fit has come. */
export interface Progress {
  /** What is going on, such as `restart 2 of 5`. */
  readonly phase: string;
  /** Steps done in this phase. */
  readonly completed: number;
  /** Steps that this phase takes at most, where that is known. */
  readonly total?: number;
  /** The objective at this point, where there is one; larger is better, in nats per row. */
  readonly objective?: number;
}

/**
 * What a `fit` may be given beside rows; each estimator says which of these apply.
 *
 * @example
 * import { GaussianMixture } from 'generative-models';
 * const seen: number[] = [];
 * const model = await new GaussianMixture({ components: 1, seed: 1 }).fit([[0], [1], [5]], {
 *   weights: [2, 1, 0],
 *   signal: AbortSignal.timeout(60_000),
 *   onProgress: ({ completed }) => seen.push(completed),
 * });
 * model.means.get(0, 0).toFixed(6); // '0.333333'
 */
export interface FitOptions {
  /** One non-negative weight per row. Only ratios matter; weight 2 equals the row twice, weight 0 its absence. */
  readonly weights?: ArrayLike<number>;
  /** Aborts the fit: the promise rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called as the fit goes on; an exception from it ends the fit. */
  readonly onProgress?: (progress: Progress) => void;
}

/** How long a loop may keep the event loop waiting, in milliseconds. */
const LONGEST_TURN = 12;
/** Rounds of {@link Pacer.run} between two looks at the clock: a millisecond or less where a round is a few operations. */
const ROUNDS_PER_STRETCH = 2 ** 16;

/**
 * Lets a long loop report, be aborted, and give way: call {@link Pacer.step} once per step.
 *
 * @example
 * const pacer = new Pacer('Example.fit', { onProgress: ({ completed }) => console.log(completed) });
 * await pacer.step({ phase: 'EM', completed: 1 });
 */
export class Pacer {
  readonly #signal: AbortSignal | undefined;
  readonly #onProgress: FitOptions['onProgress'];
  #turnStarted = now();

  /** @throws ModelError `invalid-option` when signal or callback are not what they should be. */
  constructor(owner: string, options: Pick<FitOptions, 'signal' | 'onProgress'> = {}) {
    const { signal, onProgress } = options;
    if (signal !== undefined && !(signal instanceof AbortSignal)) {
      throw modelError('invalid-option', { owner, must: 'option "signal" must be an AbortSignal', got: signal });
    }
    if (onProgress !== undefined && typeof onProgress !== 'function') {
      throw modelError('invalid-option', { owner, must: 'option "onProgress" must be a function', got: onProgress });
    }
    this.#signal = signal;
    this.#onProgress = onProgress;
    signal?.throwIfAborted();
  }

  /** Whether the turn has lasted long enough that the loop should call {@link breathe}. */
  get isDue(): boolean {
    return now() - this.#turnStarted > LONGEST_TURN;
  }

  /** Reports progress, and gives way if the turn has lasted. */
  async step(progress: Progress): Promise<void> {
    this.#onProgress?.(progress);
    if (this.isDue) await this.breathe();
    else this.#signal?.throwIfAborted();
  }

  /**
   * Runs a long loop in stretches, reporting and giving way between them when that is due.
   *
   * @param count - How many times the loop goes round.
   * @param work - Goes round from one number to below another.
   * @param size - Rounds of a stretch: a millisecond's worth of them, more or less.
   */
  async run(
    phase: string,
    count: number,
    work: (from: number, to: number) => void,
    size: number = ROUNDS_PER_STRETCH,
  ): Promise<void> {
    for (let from = 0; from < count; from += size) {
      if (this.isDue) await this.step({ phase, completed: from, total: count });
      work(from, Math.min(from + size, count));
    }
  }

  /** Gives the event loop a turn, then throws the signal's reason if it was aborted meanwhile. */
  async breathe(): Promise<void> {
    await turn();
    this.#turnStarted = now();
    this.#signal?.throwIfAborted();
  }
}

function now(): number {
  return performance.now();
}

/** One turn of the event loop: timers, input and signals are served. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    // Browsers have no setImmediate; their nested timers wait 4 ms.
    if (typeof setImmediate === 'function') setImmediate(resolve);
    else setTimeout(resolve, 0);
  });
}

/**
 * Reads the options of a `fit`, each once, and refuses those that it does not know.
 *
 * @throws ModelError `invalid-option`.
 */
export function checkFitOptions(owner: string, options: unknown, known: readonly string[]): FitOptions {
  const given = readOptions(owner, options, known);
  for (const [name, value] of given) if (value === undefined) given.delete(name);
  return Object.fromEntries(given) as FitOptions;
}
