import { describe, expect, test } from 'vitest';
import type { GenerativeModel } from '../src/core/estimator.js';
import type { ModelState } from '../src/core/model-state.js';
import { Samples } from '../src/core/samples.js';
import { GaussianMixtureModel } from '../src/gmm/index.js';
import { decodeModel, encodeModel, modelFromJSON, modelFromState } from '../src/models.js';
import { cases } from './conformance/subjects.js';
import { faultOf, HOSTILE } from './core/faults.js';

const ROWS = Samples.from([
  [0.1, 10],
  [1.3, 13],
  [0.7, 9],
  [4.2, 11],
  [3.9, 14],
  [4.4, 10.5],
  [5.1, 12],
  [0.2, 11.5],
]);
const KINDS =
  '"BayesianGaussianMixtureModel", "BidirectionalGanModel", "CycleGanModel", "GaussianMixtureModel", ' +
  '"GenerativeAdversarialNetworkModel", "KernelDensityModel", "PairedGanModel" or "VariationalAutoencoderModel"';
const MIXTURE = GaussianMixtureModel.fromParameters({
  weights: [1],
  means: [[0, 0]],
  covariances: [
    [
      [1, 0],
      [0, 2],
    ],
  ],
});

/** Expects two models to agree to the bit in what they are and do. */
function expectSameModel(found: GenerativeModel, expected: GenerativeModel): void {
  expect(found.constructor).toBe(expected.constructor);
  expect(found.dimension).toBe(expected.dimension);
  expect(Array.from(found.logDensity(ROWS))).toEqual(Array.from(expected.logDensity(ROWS)));
  expect(found.sample(50, { seed: 7 }).data).toEqual(expected.sample(50, { seed: 7 }).data);
  expect(JSON.stringify(found)).toBe(JSON.stringify(expected));
}

/** The ModelError that a promise rejects with. */
async function rejection(promise: Promise<unknown>): Promise<{ code: string; message: string }> {
  const error = await promise.then(
    () => expect.fail('must reject'),
    (reason: unknown) => reason,
  );
  return faultOf(() => {
    throw error;
  });
}

describe('every model of every estimator', () => {
  test.each(cases)('$title comes back to the bit', async ({ subject, options }) => {
    const model = await subject.create(options).fit(ROWS);
    expectSameModel(await decodeModel(encodeModel(model)), model);
    expectSameModel(await modelFromJSON(JSON.stringify(model)), model);
    expectSameModel(await modelFromJSON(model.toJSON()), model);
    expectSameModel(await modelFromJSON(model), model);
    expectSameModel(await modelFromState(model.toState()), model);
  });
});

describe('refused', () => {
  test('an unknown kind, naming the known ones, on reading and before writing', async () => {
    for (const kind of ['OtherModel', '', 'constructor', '__proto__', 'GaussianMixture']) {
      const state: ModelState = { ...MIXTURE.toState(), kind };
      const message = `kind must be ${KINDS}, but got ${JSON.stringify(kind)}. A later release may know it.`;
      const fault = await rejection(modelFromState(state));
      expect(fault).toMatchObject({ code: 'invalid-model-file', message: `modelFromState: ${message}` });
      const foreign = { toState: () => state } as unknown as GenerativeModel;
      expect(faultOf(() => encodeModel(foreign)).message).toBe(`encodeModel: ${message}`);
    }
  });

  test('impossible parameters', async () => {
    const state = MIXTURE.toState();
    const data = Float64Array.of(1, 2, 2, 1);
    const tensors = { ...state.tensors, covariances: { shape: [1, 2, 2], data } };
    expect(await rejection(modelFromState({ ...state, tensors }))).toMatchObject({ code: 'invalid-model-file' });
  });

  test('what is no model, no bytes, no JSON, no state', async () => {
    const values = [undefined, null, 3, 'x', {}, [], ...Object.values(HOSTILE).map((make) => make())];
    for (const value of values) {
      expect(faultOf(() => encodeModel(value as GenerativeModel)).code).toBe('invalid-data');
      expect((await rejection(decodeModel(value as Uint8Array))).code).toBe('invalid-model-file');
      expect((await rejection(modelFromJSON(value))).code).toBe('invalid-model-file');
      expect((await rejection(modelFromState(value as ModelState))).code).toBe('invalid-model-file');
    }
  });

  test('a damaged file of a real model: a sound model or a ModelError, at every byte', async () => {
    const bytes = encodeModel(MIXTURE);
    for (let i = 0; i < bytes.length; i++) {
      const damaged = bytes.slice();
      damaged[i] ^= 1 << (i % 8);
      try {
        const densities = (await decodeModel(damaged)).logDensity([[0.5, 1]]);
        expect(densities[0]).not.toBeNaN();
      } catch (error) {
        expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-model-file' });
      }
      expect((await rejection(decodeModel(bytes.slice(0, i)))).code).toBe('invalid-model-file');
    }
  });
});
