/**
 * What a fit has to tell beside its result.
 *
 * @module
 */
import type { Run } from './expectation-maximization.js';
import type { CheckedOptions } from './options.js';

/**
 * Sentences for what went other than it should.
 *
 * @param held - Components, as numbered in the run, that only the ridge or the prior holds up.
 * @param order - Where the model's components stood in the run.
 */
export function runWarnings(
  run: Run,
  held: readonly number[],
  order: readonly number[],
  options: Pick<CheckedOptions, 'maxIterations' | 'tolerance' | 'regularization' | 'prior'>,
): string[] {
  const placeOf = (component: number) => order.indexOf(component);
  const warnings = run.collapses.map(({ iteration, component, from }) =>
    from === undefined
      ? `component ${placeOf(component)} lost all its rows in iteration ${iteration}.`
      : `component ${placeOf(component)} collapsed in iteration ${iteration} and was seeded anew by splitting component ${placeOf(from)}.`,
  );
  if (held.length > 0) {
    const places = held.map(placeOf).sort((a, b) => a - b);
    const who = places.length === 1 ? `component ${places[0]} has` : `components ${places.join(', ')} have`;
    const what =
      options.prior === 'none'
        ? `collapsed: rows coincide or are collinear there, and only regularization ${options.regularization} gives a variance. Lower "components", raise "regularization", set "prior" or leave collinear columns out.`
        : 'few rows or collinear ones: at least half of their least variance is the prior’s.';
    warnings.push(`${who} ${what}`);
  }
  // A single pass over a stream has no history to judge by.
  if (!run.converged && options.maxIterations > 0 && run.history.length > 0) {
    warnings.push(
      `EM did not converge in ${run.iterations} iterations. Raise "maxIterations" or "tolerance" (now ${options.tolerance}).`,
    );
  }
  return warnings;
}
