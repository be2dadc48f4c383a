import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { decodeModelFile, encodeModelFile } from '../../src/core/model-file.js';
import type { ModelJson } from '../../src/core/model-state.js';
import { RandomStream } from '../../src/core/random.js';
import { clusters } from './data.js';
import { cases } from './subjects.js';

const rows = clusters(40, 2);
const queries = clusters(30, 2, 3);

describe.each(cases)('$title: saving and loading', ({ subject, options }) => {
  const fitted = subject.create(options).fit(rows);

  it('through JSON text gives bit-equal densities and samples', async () => {
    const model = await fitted;
    const text = JSON.stringify(model);
    for (const source of [text, JSON.parse(text), model.toJSON(), structuredClone(model.toJSON())]) {
      const loaded = subject.fromJSON(source);
      expect(loaded.logDensity(queries)).toEqual(model.logDensity(queries));
      expect(loaded.sample(30, { seed: 0 })).toEqual(model.sample(30, { seed: 0 }));
      expect(JSON.stringify(loaded)).toBe(text);
    }
  });

  it("through a file's bytes gives the same state", async () => {
    const state = (await fitted).toState();
    const read = decodeModelFile(encodeModelFile(state), 'test');
    expect({ ...read.tensors }).toEqual(state.tensors);
    expect([read.kind, read.version, read.settings]).toEqual([state.kind, state.version, state.settings]);
  });

  it('refuses JSON with anything missing, added, renamed or turned into something else', async () => {
    const json = (await fitted).toJSON();
    const places = paths(json);
    expect(places.length).toBeGreaterThan(8);
    for (const path of places) {
      for (const poison of [undefined, null, 'x', -1, {}, [], 1e308, { __proto__: null }]) {
        const damaged = structuredClone(json);
        if (!replace(damaged, path, poison)) continue;
        const outcome = attempt(() => subject.fromJSON(damaged));
        // Some replacements are meaningful models; none may fail but by a ModelError, or give NaN.
        if (outcome instanceof Error) expect(outcome, path.join('.')).toBeInstanceOf(ModelError);
        else expect(outcome.logDensity(queries).some(Number.isNaN), path.join('.')).toBe(false);
      }
    }
    expect(attempt(() => subject.fromJSON({ ...json, extra: 1 }))).toBeInstanceOf(ModelError);
    expect(attempt(() => subject.fromJSON({ ...json, kind: 'AnotherModel' }))).toBeInstanceOf(ModelError);
    expect(attempt(() => subject.fromJSON({ ...json, version: 999 }))).toBeInstanceOf(ModelError);
  });

  it('refuses values that are not JSON of a model', () => {
    const cyclic: Record<string, unknown> = {};
    cyclic.self = cyclic;
    for (const value of [undefined, null, 1, '', 'x', '{', '{}', [], {}, cyclic, () => 1, '{"format":1,"format":2}']) {
      expect(attempt(() => subject.fromJSON(value))).toBeInstanceOf(ModelError);
    }
  });

  it('refuses numbers that no model can have', async () => {
    const json = (await fitted).toJSON();
    const stream = RandomStream.of(0, 'damage');
    const names = Object.keys(json.tensors);
    for (let i = 0; i < 60; i++) {
      const damaged = structuredClone(json) as ModelJson;
      const { data } = damaged.tensors[names[stream.integer(names.length)]];
      if (data.length === 0) continue;
      data[stream.integer(data.length)] = [-1, 0, 1e300, -1e300, 1e-300, 5][stream.integer(6)];
      const outcome = attempt(() => subject.fromJSON(damaged));
      if (outcome instanceof Error) {
        expect(outcome).toBeInstanceOf(ModelError);
        continue;
      }
      expect(outcome.logDensity(queries).some(Number.isNaN)).toBe(false);
      expect(outcome.sample(5, { seed: 1 }).data.some(Number.isNaN)).toBe(false);
    }
  });
});

function attempt<T>(action: () => T): T | Error {
  try {
    return action();
  } catch (error) {
    return error as Error;
  }
}

/** The ways to every value of a JSON tree; of long arrays only the first entries. */
function paths(value: unknown, path: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [path];
  const inner = Object.entries(value).slice(0, Array.isArray(value) ? 4 : undefined);
  return [...(path.length > 0 ? [path] : []), ...inner.flatMap(([key, next]) => paths(next, [...path, key]))];
}

function replace(tree: unknown, path: string[], value: unknown): boolean {
  let place = tree as Record<string, unknown>;
  for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
  if (!Object.hasOwn(place, path[path.length - 1])) return false;
  place[path[path.length - 1]] = value;
  return true;
}
