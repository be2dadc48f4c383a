/**
 * Arbitrary model states, for round trips.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import type { ModelState, Setting, Tensor, TensorData } from '../../src/core/model-state.js';
import { readJson } from './json.js';

/** Doubles with all their corners but negative zero, which JSON has not. */
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);
const float = fc.float({ noNaN: true, noDefaultInfinity: true }).map((x) => x + 0);

const ENTRIES: [new (values: number[]) => TensorData, fc.Arbitrary<number>][] = [
  [Float64Array as never, double],
  [Float32Array as never, float],
  [Int32Array as never, fc.integer()],
  [Uint32Array as never, fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  [Uint8Array as never, fc.integer({ min: 0, max: 255 })],
];

const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 });

const tensor: fc.Arbitrary<Tensor> = fc.tuple(fc.constantFrom(...ENTRIES), shape).chain(([[array, entry], sizes]) => {
  const length = sizes.reduce((product, size) => product * size, 1);
  const entries = fc.array(entry, { minLength: length, maxLength: length });
  return entries.map((values) => ({ shape: sizes, data: new array(values) }));
});

const { setting } = fc.letrec<{ setting: Setting }>((tie) => ({
  setting: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(null, true, false),
    double,
    fc.string({ unit: 'binary' }),
    fc.array(tie('setting'), { maxLength: 3 }),
    fc.dictionary(name(), tie('setting'), { maxKeys: 3 }),
  ),
}));

function name(): fc.Arbitrary<string> {
  const awkward = fc.constantFrom(
    '',
    'constructor',
    'toString',
    '0',
    '12',
    'ü',
    '"',
    '\\',
    '\n',
    '\ud800',
    'data_offsets',
  );
  const any = fc.oneof(awkward, fc.string({ unit: 'binary', maxLength: 8 }));
  return any.filter((text) => text !== '__proto__' && text !== '__metadata__');
}

/** Any state that can be written. */
export const anyState: fc.Arbitrary<ModelState> = fc.record({
  kind: fc.string({ unit: 'binary' }),
  version: fc.integer({ min: 0, max: 999_999_999 }),
  settings: fc.dictionary(name(), setting, { maxKeys: 4 }),
  tensors: fc.dictionary(name(), tensor, { maxKeys: 4 }),
});

/** Expects two states to be the same to the bit. */
export function expectSame(found: ModelState, expected: ModelState): void {
  expect(plain(found)).toEqual(plain(expected));
}

function plain({ kind, version, settings, tensors }: ModelState): unknown {
  const entries = Object.entries(tensors).map(([name, { shape, data }]) => {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    return [name, { shape: [...shape], type: data.constructor.name, bytes: Array.from(bytes) }];
  });
  // Through JSON, so that prototypes and frozen objects compare as what they say.
  return { kind, version, settings: readJson(JSON.stringify(settings)), tensors: Object.fromEntries(entries) };
}
