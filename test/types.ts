/**
 * What must not compile. Checked by `npm run types`: an expected error that does not come fails the check.
 *
 * @module
 */
import { GaussianMixture, KernelDensity, type KernelDensityModel, meanLogDensity } from '../src/index.js';

const estimator = new KernelDensity({ bandwidth: 1 });

/** Never called; its lines are for the compiler. */
export async function mistakes(model: KernelDensityModel): Promise<void> {
  // @ts-expect-error: an estimator that is not fitted has nothing to sample from.
  estimator.sample(1);
  // @ts-expect-error: nor any density.
  estimator.logDensity([[1]]);
  // @ts-expect-error: fit gives a promise of a model.
  estimator.fit([[1]]).sample(1);
  // @ts-expect-error: a mistyped option.
  new GaussianMixture({ covarance: 'full' });
  // @ts-expect-error: a covariance type that there is not.
  new GaussianMixture({ covariance: 'round' });
  // @ts-expect-error: a kernel that there is not.
  new KernelDensity({ kernel: 'gauss' });
  // @ts-expect-error: a flat array; one column enters as Samples.column(values).
  await estimator.fit([1, 2, 3]);
  // @ts-expect-error: weights are not the first argument.
  await estimator.fit({ weights: [1] }, [[1]]);
  // @ts-expect-error: models do not change.
  model.dimension = 2;
  // @ts-expect-error: an estimator is not a model.
  meanLogDensity(estimator, [[1]]);
}
