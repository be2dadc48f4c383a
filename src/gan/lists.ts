/**
 * Numbers by epoch: from a training, into models, and to files and back.
 *
 * @module
 */
import { type ModelState, type StateReader, type Tensor, tensor } from '../core/model-state.js';
import type { TrainingHistory } from '../neural/training.js';

/** One number per epoch of each. */
export type Lists<Name extends string = string> = Readonly<Record<Name, Float64Array>>;

/** Lists made one by one. */
export function listsOf<Name extends string>(
  names: readonly Name[],
  list: (name: Name, k: number) => Float64Array,
): Lists<Name> {
  return Object.fromEntries(names.map((name, k) => [name, list(name, k)])) as Lists<Name>;
}

/** A training's lists: means over steps of those that steps report, the others from rows that are watched. */
export function trainingLists<Name extends string>(
  names: readonly Name[],
  ofSteps: ReadonlySet<string>,
  { training, validation }: TrainingHistory,
): Lists<Name> {
  return listsOf(names, (name) => Float64Array.from((ofSteps.has(name) ? training : validation)[name]));
}

/** A copy that shares nothing. */
export function copyLists<Name extends string>(names: readonly Name[], lists: Lists<Name>): Lists<Name> {
  return listsOf(names, (name) => lists[name].slice());
}

/** The lists as names x epochs numbers. */
export function listsToTensor<Name extends string>(names: readonly Name[], lists: Lists<Name>): Tensor {
  const epochs = lists[names[0]].length;
  const data = new Float64Array(names.length * epochs);
  names.forEach((name, k) => {
    data.set(lists[name], k * epochs);
  });
  return tensor(data, names.length, epochs);
}

/** Reads what {@link listsToTensor} made. */
export function readLists<Name extends string>(
  reader: StateReader,
  state: ModelState,
  tensorName: string,
  names: readonly Name[],
): Lists<Name> {
  const epochs = reader.size(state, tensorName, 1, 2);
  const data = reader.doubles(state, tensorName, names.length, epochs);
  return listsOf(names, (_, k) => data.slice(k * epochs, (k + 1) * epochs));
}
