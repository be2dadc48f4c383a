import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../src/core/strict-json.js';
import { readJson } from './json.js';

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

test('agrees with JSON.parse on every text that says everything once', () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.constantFrom(undefined, 1, '\t'), (text, space) => {
      if (text.includes('__proto__')) return;
      const spaced = JSON.stringify(readJson(text), undefined, space);
      expect(parseStrictJson(spaced)).toEqual(readJson(spaced));
    }),
    { seed: 1, numRuns: 500 },
  );
});

describe('refused', () => {
  test.each<[string, string, RegExp]>([
    ['a duplicate key', '{"a": 1, "a": 1}', /duplicate key "a"/],
    ['a duplicate key in an escape', String.raw`{"a": 1, "\u0061": 2}`, /duplicate key "a"/],
    ['a duplicate key after nested ones', '{"a": {"b": [{"c": 1}]}, "d": [1, {}], "a": 2}', /duplicate key "a"/],
    ['a duplicate key far down', '[1, [{"x": {"b": 1, "b": 2}}]]', /duplicate key "b"/],
    ['a duplicate empty key', '{"": 1, "": 2}', /duplicate key ""/],
    ['__proto__', '{"__proto__": 1}', /__proto__/],
    ['__proto__ in escapes', String.raw`{"\u005f_proto\u005F_": 1}`, /__proto__/],
    ['__proto__ far down', '[{"a": {"__proto__": {}}}]', /__proto__/],
    ['depth 65', nested(65), /deeper than 64/],
    ['depth 1e5', nested(1e5), /deeper than 64|call stack/],
    ['nothing', '', /JSON/],
    ['half an object', '{"a": 1', /JSON|Expected/],
    ['two values', '{} {}', /JSON/],
    ['NaN', '[NaN]', /JSON/],
    ['a comment', '{} // x', /JSON/],
  ])('%s', (_, text, message) => expect(() => parseStrictJson(text)).toThrow(message));
});

test('accepted: what only looks like a repetition', () => {
  const texts = [
    '{"a": {"a": 1}}',
    '[{"a": 1}, {"a": 1}]',
    '{"a": "a", "b": "a"}',
    String.raw`{"a": "{\"a\": 1, \"a\": 2}"}`,
    String.raw`{"a\\": 1, "a": 2, "a\"": 3}`,
    '{"a": ["a", "a"], "b": {"c": "__proto__"}}',
    '{"constructor": 1, "hasOwnProperty": 2, "toString": 3}',
    nested(64),
    '"a"',
    '1',
  ];
  for (const text of texts) expect(parseStrictJson(text)).toEqual(readJson(text));
});

test('keys with escapes are not taken for others met before', () => {
  expect(parseStrictJson(String.raw`{"a": [], "\\": 0}`)).toEqual({ a: [], '\\': 0 });
  const text = String.raw` { "a" : [ 1 , [ ] , { } , -2.5e3 , "x\n" ] , "\n" : { "\u0062\"" : null, "c": true } } `;
  expect(parseStrictJson(text)).toEqual({ a: [1, [], {}, -2500, 'x\n'], '\n': { 'b"': null, c: true } });
  expect(parseStrictJson(String.raw`[{"\/": "]"}, "}"]`)).toEqual([{ '/': ']' }, '}']);
});

test('a long text takes time in proportion', () => {
  const started = performance.now();
  parseStrictJson(JSON.stringify(Array.from({ length: 2e5 }, (_, i) => ({ [`key${i}`]: i / 7 }))));
  expect(performance.now() - started).toBeLessThan(5000);
});
