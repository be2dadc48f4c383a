/**
 * What `fit` of every adversarial model takes beside rows, and how rows are held out.
 *
 * @module
 */
import { modelError } from '../core/errors.js';
import { checkPool, type JobPool } from '../core/jobs.js';
import type { ModelState } from '../core/model-state.js';
import { checkFitOptions, type FitOptions, Pacer } from '../core/progress.js';
import type { RandomStream } from '../core/random.js';

/** Options of `fit` beside rows. */
export interface GameFitOptions extends Omit<FitOptions, 'weights'> {
  /** Called after each epoch with a function that gives all that is needed to go on later, should you want to keep it. */
  readonly onCheckpoint?: (checkpoint: () => ModelState) => void;
  /** Goes on from a checkpoint of a fit with the same rows and options: the result is the same as without the break. */
  readonly resume?: ModelState;
  /**
   * A `DensityPool` of `generative-models/pool`, whose threads share the work of backend `wasm`, which `auto` means then: the same
   * bits, sooner. One of them is the thread that trains; it pays from layers of some 100 units on.
   */
  readonly pool?: JobPool;
}

/** The same, checked. */
export interface FitArguments {
  readonly pacer: Pacer;
  readonly onCheckpoint: GameFitOptions['onCheckpoint'];
  readonly resume: ModelState | undefined;
  readonly pool: JobPool | undefined;
}

/**
 * @param more - Names of further options, which are given back as they are.
 * @throws ModelError `invalid-option`; the signal's reason when it is aborted already.
 */
export function readFitArguments<More extends string = never>(
  owner: string,
  options: unknown,
  more: readonly More[] = [],
): FitArguments & Readonly<Partial<Record<More, unknown>>> {
  const names = ['signal', 'onProgress', 'onCheckpoint', 'resume', 'pool', ...more];
  const { signal, onProgress, onCheckpoint, resume, pool, ...rest } = checkFitOptions(
    owner,
    options,
    names,
  ) as GameFitOptions;
  const pacer = new Pacer(owner, { ...(signal && { signal }), ...(onProgress && { onProgress }) });
  if (onCheckpoint !== undefined && typeof onCheckpoint !== 'function') {
    throw modelError('invalid-option', { owner, must: 'option "onCheckpoint" must be a function', got: onCheckpoint });
  }
  return { ...(rest as Partial<Record<More, unknown>>), pacer, onCheckpoint, resume, pool: checkPool(owner, pool) };
}

/** Row numbers of the two parts. */
export interface Split {
  readonly training: Uint32Array;
  /** Rows on which the game is watched: those held out; where none are, some of the others. */
  readonly watched: Uint32Array;
}

/** More rows than this tell no more of how a game goes, and would be judged after every epoch. */
const MOST_WATCHED = 1000;

/** Holds a fraction of the rows out. */
export function splitRows(rows: number, fraction: number, stream: RandomStream): Split {
  const order = stream.child('validation').permutation(rows);
  const count = Math.floor(fraction * rows);
  const training = order.slice(count).sort();
  const watched = (count > 0 ? order.slice(0, count) : order).slice(0, MOST_WATCHED).sort();
  return { training, watched };
}
