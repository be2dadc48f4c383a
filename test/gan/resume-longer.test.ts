/**
 * A finished game that goes on for more epochs: what it learns then is what counts.
 *
 * @module
 */
import { expect, it } from 'vitest';
import type { ModelState } from '../../src/core/model-state.js';
import { GenerativeAdversarialNetwork, type GenerativeAdversarialNetworkModel } from '../../src/gan/index.js';

const ROWS = Array.from({ length: 120 }, (_, i) => [Math.sin(97 * i * i), Math.sin(61 * i * i)]);
const OPTIONS = { latentDimension: 2, generator: [8], discriminator: [8], batchSize: 32, densitySamples: 20 };

/** A fit, and what it takes to go on after its last epoch. */
async function fit(
  options: { readonly epochs: number; readonly seed: number; readonly averaging: number },
  resume?: ModelState,
): Promise<{ model: GenerativeAdversarialNetworkModel; checkpoint: ModelState }> {
  let checkpoint: ModelState | undefined;
  const model = await new GenerativeAdversarialNetwork({ ...OPTIONS, ...options }).fit(ROWS, {
    ...(resume && { resume }),
    onCheckpoint: (state) => {
      checkpoint = state();
    },
  });
  return { model, checkpoint: checkpoint as ModelState };
}

// The twin is a fit of as many epochs without a break: nothing that is annealed here depends on how many there will be.
it.each([1, 2, 3, 4])('is as one that never stopped, seed %d', async (seed) => {
  const averaging = seed % 2 === 0 ? 0.9 : 0;
  const first = await fit({ epochs: 4, seed, averaging });
  const longer = await fit({ epochs: 8, seed, averaging }, first.checkpoint);
  const whole = await fit({ epochs: 8, seed, averaging });
  const rows = ({ model }: typeof first): number[][] => model.sample(5, { seed: 1 }).toArray();
  expect(rows(longer)).toEqual(rows(whole));
  expect(rows(longer)).not.toEqual(rows(first));
  expect(longer.model.history.diversity).toEqual(whole.model.history.diversity);
});
