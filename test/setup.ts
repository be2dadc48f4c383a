/**
 * One seed for all property tests, so that a red run is due to the change that it ran on, not to new luck.
 *
 * `PROPERTY_SEED=random npm test` looks elsewhere; a number repeats what such a run has found.
 *
 * @module
 */
import fc from 'fast-check';

const wanted = process.env.PROPERTY_SEED ?? '2026';
if (wanted !== 'random') fc.configureGlobal({ seed: Number(wanted) });
