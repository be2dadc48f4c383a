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
 * @param held - Components, as numbered in the run, that only the ridge kept from collapsing.
 * @param order - Where the model's components stood in the run.
 */
export function runWarnings(
  run: Run,
  held: readonly number[],
  order: readonly number[],
  options: Pick<CheckedOptions, 'maxIterations' | 'tolerance' | 'regularization'>,
): string[] {
  const placeOf = (component: number) => order.indexOf(component);
  const warnings = run.collapses.map(({ iteration, component, from }) =>
    from === undefined
      ? `component ${placeOf(component)} lost all its rows in iteration ${iteration}.`
      : `component ${placeOf(component)} collapsed in iteration ${iteration} and was seeded anew by splitting component ${placeOf(from)}.`,
  );
  for (const component of held) {
    warnings.push(
      `component ${placeOf(component)} has collapsed onto too few distinct rows: regularization ${options.regularization} holds its covariance up. Lower "components" or raise "regularization".`,
    );
  }
  if (!run.converged && options.maxIterations > 0) {
    warnings.push(
      `EM did not converge in ${run.iterations} iterations. Raise "maxIterations" or "tolerance" (now ${options.tolerance}).`,
    );
  }
  return warnings;
}
