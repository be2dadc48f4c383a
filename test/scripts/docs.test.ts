import { describe, expect, it } from 'vitest';
import { compareError, compareText, compareValue, readsAsValue } from '../../scripts/docs/compare.mjs';
import { docstringExamples, markdownExamples } from '../../scripts/docs/extract.mjs';
import { rewrite } from '../../scripts/docs/rewrite.mjs';

const agrees = (value: unknown, text: string): boolean => compareValue(value, text) === undefined;

describe('a printed value', () => {
  it.each([
    [Math.log(2), '0.693'],
    [Math.log(2), '0.6931...'],
    [Math.log(2), '0.6931471805599453'],
    [1.234e-7, '1.2e-7'],
    [2, '2, rows'],
    [true, 'true: it converged'],
    [Number.NEGATIVE_INFINITY, '-Infinity'],
    [Number.NaN, 'NaN'],
    ['full', "'full'"],
    ['full', '"full"'],
    [Float64Array.of(1.5, 2), 'Float64Array [ 1.5, 2 ]'],
    [Float64Array.of(1.5, 2), 'Float64Array(2) [1.5, 2]'],
    [[0, 1, 2, 3], '[ 0, 1, ... ]'],
    [{ mean: 0.123456, kind: 'exact' }, "{ mean: 0.1235, kind: 'exact' }"],
    [undefined, 'undefined'],
  ])('%j agrees with %s', (value, text) => expect(compareValue(value, text)).toBeUndefined());

  it.each([
    [Math.log(2), '0.694'],
    [Math.log(2), '0.6933...'],
    [2.4, '2'],
    [1.234e-7, '1.3e-7'],
    [2, '2 3'],
    [1000, 'Infinity'],
    [Number.NaN, '0'],
    ['full', "'tied'"],
    [Float64Array.of(1.5, 2), 'Float64Array [ 1.5 ]'],
    [Float64Array.of(1.5, 2), 'Float32Array [ 1.5, 2 ]'],
    [Float64Array.of(1.5, 2), 'Float64Array(3) [ 1.5, 2 ]'],
    [[0, 1], '[ 0, 1, 2 ]'],
    [{ mean: 1 }, '{ mode: 1 }'],
  ])('%j does not agree with %s', (value, text) => expect(compareValue(value, text)).toContain(`expected ${text}`));

  it('is compared to half a unit of its last digit', () => {
    expect(agrees(1.2349, '1.23')).toBe(true);
    expect(agrees(1.2351, '1.23')).toBe(false);
  });

  it('is told from prose', () => {
    for (const text of ['1', '-2.5, nats', '[ 1 ]', 'true', 'NaN', "'a'", 'Samples { rows: 2 }', 'Map(2) {}']) {
      expect(readsAsValue(text), text).toBe(true);
    }
    for (const text of ['Samples, 1000 x d', 'Float64Array, nats', 'the mean', 'trueish', '(n, d)']) {
      expect(readsAsValue(text), text).toBe(false);
    }
  });

  it('of console.log is text', () => expect(compareText('mean 0.12', 'mean 0.12')).toBeUndefined());
});

describe('a printed error', () => {
  const error = new RangeError('x: must be 1, but got 2.');

  it.each(['', 'RangeError', 'RangeError: x: must be 1, but got 2.', 'RangeError: x: must ...'])('%s agrees', (text) =>
    expect(compareError(error, text)).toBeUndefined(),
  );
  it.each(['TypeError', 'RangeError: x: must', 'RangeError: y ...'])('%s does not', (text) =>
    expect(compareError(error, text)).toContain('but got RangeError: x: must be 1'),
  );
});

describe('examples', () => {
  it('of a page keep their lines', () => {
    const page =
      '# A\n\n```ts\na;\n```\ntext\n```ts continued\nb;\n```\n```js\nc;\n```\n- d\n  ```ts no-run\n  e;\n  ```\n';
    const examples = markdownExamples('a.md', page);
    expect(examples.map(({ source }) => source)).toEqual(['\n\n\na;\n\n\n\nb;', `${'\n'.repeat(14)}e;`]);
    expect(examples.map(({ line, run }) => [line, run])).toEqual([
      [4, true],
      [15, false],
    ]);
  });

  it('of docstrings end at the next tag', () => {
    const text =
      'const x = 1;\n/**\n * Doc.\n *\n * @example\n * f(1); // 2\n * @returns y\n */\n  /** @example\n   * g();\n   */';
    const examples = docstringExamples('a.ts', text);
    expect(examples.map(({ source, line }) => [source.trim(), line])).toEqual([
      ['f(1); // 2', 6],
      ['g();', 10],
    ]);
    expect(examples[0].source).toBe('\n\n\n\n\nf(1); // 2');
  });
});

describe('a rewritten example', () => {
  const importable = new Map([['f', 'package']]);
  const codeOf = (source: string): string => rewrite(`\n${source}`, importable).code.split('\n')[1];

  it('checks itself', () => {
    expect(codeOf('f(2); // 4')).toBe('__docs.value(0, (f(2))); // 4');
    expect(codeOf('const y = f(2); // 4')).toBe('const y = f(2);; __docs.value(0, y); // 4');
    expect(codeOf('console.log(f(2)); // four')).toBe('__docs.printed(0)(f(2)); // four');
    expect(codeOf('f(2); // throws Error')).toBe('await __docs.throws(0, async () => (f(2))); // throws Error');
    expect(codeOf('f(2); // prose')).toBe('f(2); // prose');
  });

  it('imports the public names that it does not declare', () => {
    expect(rewrite('\nx.f; ({ f: 1 });', importable).code).not.toContain('import');
    expect(rewrite('\nconst f = 1; f;', importable).code).not.toContain('import');
    expect(rewrite('\n({ f });', importable).code).toContain("import { f } from 'package';");
  });

  it('says where a value cannot be compared', () => {
    expect(rewrite('\nfunction g() {\n  return 1; // 1\n}', importable).problems).toMatchObject([{ line: 3 }]);
  });
});
