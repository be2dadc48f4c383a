/**
 * Draws from a mixture: mu_k + L_k z with z standard normal and Sigma_k = L_k L_k^T.
 *
 * @module
 */

import { modelError } from '../core/errors.js';
import { allocateSamples, checkSampling, type SampleOptions } from '../core/estimator.js';
import { CategoricalSampler, RandomStream } from '../core/random.js';
import { Samples } from '../core/samples.js';
import type { FactoredMixture } from './marginal.js';

/** Rows beside the component that each was drawn from. */
export interface LabelledSamples {
  readonly samples: Samples;
  /** One component per row. */
  readonly components: Uint32Array;
}

/** Rows of all components, by weight and shuffled. */
export function draw(
  owner: string,
  mixture: FactoredMixture,
  count: number,
  options: SampleOptions | undefined,
): LabelledSamples {
  const { seed } = checkSampling(owner, count, options);
  const { dimension: d, weights } = mixture.parameters;
  const data = allocateSamples(owner, count, d);
  const components = new Uint32Array(count);
  const stream = RandomStream.of(seed, 'GaussianMixtureModel.sample');
  const [choices, normals] = [stream.child('components'), stream.child('normals')];
  const sampler = new CategoricalSampler(weights);
  const z = new Float64Array(d);
  for (let i = 0; i < count; i++) {
    components[i] = sampler.draw(choices);
    drawRow(mixture, components[i], normals, z, data, i * d);
  }
  return { samples: new Samples(data, count, d), components };
}

/** Rows of one component. */
export function drawComponent(
  owner: string,
  mixture: FactoredMixture,
  component: number,
  count: number,
  options: SampleOptions | undefined,
): Samples {
  const { components, dimension: d } = mixture.parameters;
  if (!(Number.isInteger(component) && component >= 0 && component < components)) {
    const must = `component must be an integer from 0 to ${components - 1}`;
    throw modelError('invalid-option', { owner, must, got: component });
  }
  const { seed } = checkSampling(owner, count, options);
  const data = allocateSamples(owner, count, d);
  const normals = RandomStream.of(seed, 'GaussianMixtureModel.sampleComponent', component);
  const z = new Float64Array(d);
  for (let i = 0; i < count; i++) drawRow(mixture, component, normals, z, data, i * d);
  return new Samples(data, count, d);
}

function drawRow(
  { parameters, factors }: FactoredMixture,
  k: number,
  normals: RandomStream,
  z: Float64Array,
  out: Float64Array,
  at: number,
): void {
  const d = parameters.dimension;
  const { lower } = factors[k];
  for (let j = 0; j < d; j++) z[j] = normals.normal();
  for (let row = 0; row < d; row++) {
    let x = parameters.means[k * d + row];
    for (let j = 0; j <= row; j++) x += lower[row * d + j] * z[j];
    out[at + row] = x;
  }
}
