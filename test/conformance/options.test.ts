import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { type AnyOptions, subjects } from './subjects.js';

describe.each(subjects)('$name: options', (subject) => {
  const { create, table, name } = subject;
  const entries = Object.entries(table);

  it('may be left out altogether', () => {
    expect(create().options).toBeTypeOf('object');
    expect(create(undefined).options).toEqual(create({}).options);
  });

  it('are filled in from the table, frozen, and make the same estimator again', () => {
    const { options } = create();
    expect(Object.isFrozen(options)).toBe(true);
    const given = options as AnyOptions;
    for (const [key, spec] of entries) expect(given[key]).toEqual(spec.default);
    expect(create({ ...options }).options).toEqual(options);
  });

  it('given as undefined count as left out', () => {
    const nothing = Object.fromEntries(entries.map(([key]) => [key, undefined]));
    expect(create(nothing).options).toEqual(create().options);
  });

  it.each(entries)('"%s" takes every value inside its rule', (key, spec) => {
    for (const value of spec.rule.inside) {
      expect(create({ [key]: value }).options, inspect(value)).toHaveProperty([key]);
    }
  });

  it.each(entries)('"%s" refuses every value one step outside, naming owner, option, rule and value', (key, spec) => {
    expect(spec.rule.outside.length).toBeGreaterThan(0);
    for (const value of spec.rule.outside) {
      const error = thrownBy(() => create({ [key]: value }));
      expect(error, inspect(value)).toBeInstanceOf(ModelError);
      const { message } = error as ModelError;
      if (typeof value === 'object' && value !== null) {
        // The complaint may go deeper than the option: to a row of it, say.
        expect(message, inspect(value)).toMatch(new RegExp(`^${name}: .*${key}`));
        continue;
      }
      expect(error).toMatchObject({ code: 'invalid-option' });
      expect(message).toContain(`${name}: option "${key}" must be ${spec.rule.words}, but got `);
    }
  });

  it('that nobody knows are refused, with the nearest known name', () => {
    const [key] = entries[0];
    const mistyped = `${key.slice(0, 2)}${key.slice(3)}`;
    expect(thrownBy(() => create({ [mistyped]: 1 }))).toMatchObject({
      code: 'invalid-option',
      message: expect.stringContaining(`${name}: unknown option "${mistyped}"; did you mean "${key}"?`),
    });
    expect(thrownBy(() => create({ somethingElseAltogether: 1 }))).toBeInstanceOf(ModelError);
  });

  it.each([null, 3, 'full', [], () => {}])('%s in their place is refused', (value) => {
    if (typeof value === 'function') return expect(thrownBy(() => create(value as never))).toBeInstanceOf(ModelError);
    expect(thrownBy(() => create(value as never))).toMatchObject({ code: 'invalid-option' });
  });

  it('that throw when read give a ModelError', () => {
    const trap = new Proxy(
      {},
      {
        ownKeys: () => ['x'],
        getOwnPropertyDescriptor: () => {
          throw new Error('trap');
        },
      },
    );
    expect(thrownBy(() => create(trap))).toBeInstanceOf(ModelError);
    const [key] = entries[0];
    expect(
      thrownBy(() =>
        create({
          get [key]() {
            throw new Error('trap');
          },
        }),
      ),
    ).toBeInstanceOf(ModelError);
  });

  it('do not change when the caller later changes what was given', () => {
    for (const [key, spec] of entries) {
      const list = spec.rule.inside.find((value) => Array.isArray(value));
      if (list === undefined) continue;
      const given = [...(list as unknown[])];
      const estimator = create({ [key]: given });
      const before = inspect(estimator.options, { depth: 9 });
      given.fill(Number.NaN);
      expect(inspect(estimator.options, { depth: 9 })).toBe(before);
    }
  });

  it('print without trouble', () => {
    expect(inspect(create())).toBeTypeOf('string');
    expect(String(create())).toBeTypeOf('string');
  });
});

function thrownBy(action: () => unknown): unknown {
  try {
    action();
  } catch (error) {
    return error;
  }
  return undefined;
}
