/**
 * Restarts on the threads of a pool.
 *
 * @module
 */
import { type JobPool, runAll } from '../core/jobs.js';
import type { FitOptions } from '../core/progress.js';
import type { Attempt, RestartRunner } from './fit.js';

/**
 * Numbers that all starts together read in one pass, rows x columns x components, from which on threads are asked: with two
 * warm threads on two cores, fits of half as many took as long as without, of six times as many 0.6 of the time.
 */
const LEAST_NUMBERS = 2e5;

/** Whether so much is worth sending to threads. */
export function isWorthThreads(numbers: number): boolean {
  return numbers >= LEAST_NUMBERS;
}

/** Runs restarts on the threads of a pool where that pays. */
export function restartsIn(pool: JobPool, { signal, onProgress }: FitOptions): RestartRunner {
  return async (input) => {
    const { options, owner, rows, starts } = input;
    if (!isWorthThreads(rows.rows * rows.columns * options.components * starts)) return [];
    const restarts = Array.from({ length: starts }, (_, index) => index);
    return (await runAll(pool, { owner, kind: 'mixture-restart', input, signal }, restarts, onProgress)) as Attempt[];
  };
}
