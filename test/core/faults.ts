/**
 * Catching what a call throws, and values that misbehave when they are read.
 */
import { expect } from 'vitest';
import { ModelError, type ModelErrorCode } from '../../src/core/errors.js';

/** The ModelError that `action` throws; fails for no error and for any other one. */
export function faultOf(action: () => unknown): ModelError {
  try {
    action();
  } catch (error) {
    if (error instanceof ModelError) return error;
    throw new Error('threw something else than a ModelError', { cause: error });
  }
  throw new Error('threw nothing');
}

/** Expects a ModelError with this code and this whole message. */
export function expectFault(action: () => unknown, code: ModelErrorCode, message: string): void {
  const fault = faultOf(action);
  expect({ code: fault.code, message: fault.message }).toEqual({ code, message });
}

/** A proxy whose every use throws. */
export function revoked(target: object = {}): never {
  const { proxy, revoke } = Proxy.revocable(target, {});
  revoke();
  return proxy as never;
}

/** Values that throw in each of the ways in which reading can fail, by name. */
export const HOSTILE: Readonly<Record<string, () => never>> = {
  'a revoked proxy': () => revoked(),
  'a revoked proxy of an array': () => revoked([]),
  'a revoked proxy of a function': () => revoked(() => 0),
  'an array whose length throws': () => trapped([[1]], 'length', new Error('no length')),
  'an array whose entries throw a symbol': () => trapped([[1]], '0', Symbol('thrown')),
  'an array whose entries throw a revoked proxy': () => trapped([[1]], '0', revoked()),
  'an array whose entries throw a null-prototype object': () => trapped([[1]], '0', Object.create(null)),
};

function trapped(target: object, name: string, thrown: unknown): never {
  const get = (object: object, key: string | symbol) => {
    if (key === name) throw thrown;
    return Reflect.get(object, key);
  };
  return new Proxy(target, { get }) as never;
}
