import { expect, test } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { decodeModelFile, encodeModelFile } from '../../src/core/model-file.js';
import type { ModelState } from '../../src/core/model-state.js';
import { RandomStream } from '../../src/core/random.js';
import { KernelDensity, KernelDensityModel } from '../../src/kde/index.js';
import { kernelNames } from '../../src/kernels/index.js';

const stream = RandomStream.of(1, 'state');
const rows = Array.from({ length: 200 }, () => [stream.normal(), 1e8 + stream.normal()]);
const weights = rows.map((_, i) => 0.1 + (i % 3));
const queries = [...rows.slice(0, 20), [50, 1e8], [0, 0]];

test.each(kernelNames)('a model read back gives the same bits (%s)', async (kernel) => {
  for (const given of [undefined, weights]) {
    const model = await new KernelDensity({ kernel, leafSize: 7 }).fit(rows, given && { weights: given });
    const copies = [
      KernelDensityModel.fromJSON(JSON.stringify(model)),
      KernelDensityModel.fromJSON(model.toJSON()),
      KernelDensityModel.fromState(model.toState()),
      KernelDensityModel.fromState(decodeModelFile(encodeModelFile(model.toState()), 'test')),
    ];
    for (const copy of copies) {
      expect(copy.logDensity(queries)).toEqual(model.logDensity(queries));
      expect(copy.sample(50, { seed: 2 })).toEqual(model.sample(50, { seed: 2 }));
      expect(copy.toState()).toEqual(model.toState());
      expect([copy.kernel, copy.bandwidthRule, copy.rows, copy.dimension, copy.relativeTolerance]).toEqual([
        kernel,
        'scott',
        200,
        2,
        1e-8,
      ]);
    }
  }
});

type Loose = { settings: Record<string, unknown>; tensors: Record<string, { shape: number[]; data: Float64Array }> };

const damages: [string, (state: Loose) => void, string][] = [
  [
    'another kind',
    (state) => Object.assign(state, { kind: 'GaussianMixtureModel' }),
    'kind must be "KernelDensityModel"',
  ],
  ['a later version', (state) => Object.assign(state, { version: 2 }), 'version must be 1'],
  [
    'an unknown kernel',
    (state) => Object.assign(state.settings, { kernel: 'sinc' }),
    'setting "kernel" must be "gaussian"',
  ],
  ['an unknown rule', (state) => Object.assign(state.settings, { bandwidthRule: '' }), 'setting "bandwidthRule"'],
  ['a tolerance of 1', (state) => Object.assign(state.settings, { relativeTolerance: 1 }), 'must be below 1'],
  ['a leaf of one row', (state) => Object.assign(state.settings, { leafSize: 1 }), 'setting "leafSize"'],
  ['a foreign setting', (state) => Object.assign(state.settings, { evil: 1 }), 'settings must not have "evil"'],
  ['no bandwidth', (state) => Reflect.deleteProperty(state.tensors, 'bandwidth'), 'tensors must have "bandwidth"'],
  [
    'a negative bandwidth',
    ({ tensors }) => tensors.bandwidth.data.fill(-1),
    'entry 0 of tensor "bandwidth" must be > 0',
  ],
  ['a row that is not finite', ({ tensors }) => tensors.rows.data.fill(Number.NaN, 3, 4), 'entry 3 of tensor "rows"'],
  ['a weight of 0', ({ tensors }) => tensors.weights.data.fill(0, 5, 6), 'entry 5 of tensor "weights" must be > 0'],
  ['endless weights', ({ tensors }) => tensors.weights.data.fill(1e308), 'the sum of weights must be finite'],
  [
    'a weight too few',
    ({ tensors }) => Object.assign(tensors.weights, { shape: [199], data: tensors.weights.data.slice(1) }),
    'tensor "weights" must have shape [200]',
  ],
  ['a step without factor', ({ tensors }) => tensors.history.data.fill(0, 0, 1), 'factor 0 of tensor "history"'],
  ['a step over half a row', ({ tensors }) => tensors.history.data.fill(0.5, 2, 3), 'rows 0 of tensor "history"'],
];

test.each(damages)('%s is refused', async (_, damage, message) => {
  const model = await new KernelDensity({ bandwidth: 'cross-validation', relativeTolerance: 1e-3 }).fit(rows, {
    weights,
  });
  const state = structuredClone(model.toState());
  expect(() => KernelDensityModel.fromState(state)).not.toThrow();
  damage(state as unknown as Loose);
  let thrown: unknown;
  try {
    KernelDensityModel.fromState(state as ModelState);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ModelError);
  expect(thrown).toMatchObject({ code: 'invalid-model-file', message: expect.stringContaining(message) });
});
