import { Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { Samples, type SamplesLike } from '../../src/core/samples.js';
import { affine, clusters } from './data.js';
import { cases, subjects } from './subjects.js';

const rows = clusters(60, 2);

/** Rows that must be refused, and what the message must say. */
const hostile: readonly (readonly [string, unknown, RegExp])[] = [
  [
    'a NaN',
    [
      [1, 2],
      [3, Number.NaN],
      [5, 6],
    ],
    /row 1, column 1 must be finite, but got NaN\./,
  ],
  [
    'an infinity',
    [
      [1, 2],
      [3, 4],
      [Number.NEGATIVE_INFINITY, 6],
    ],
    /row 2, column 0 must be finite, but got -Infinity\./,
  ],
  [
    'a NaN in Samples',
    new Samples(Float64Array.of(1, 2, Number.NaN, 4), 2, 2),
    /row 1, column 0 must be finite, but got NaN\./,
  ],
  ['a ragged row', [[1, 2], [3, 4], [5]], /row 2 must have 2 columns, as row 0 has, but got 1\./],
  [
    'an array of numbers',
    [1, 2, 3],
    /row 0 must be an array of numbers, but got 1\. For one column of numbers, use Samples\.column/,
  ],
  ['a typed array of numbers', Float64Array.of(1, 2, 3), /Samples\.column/],
  ['no rows', [], /rows must hold at least one row, but got 0\./],
  ['no columns', [[], []], /at least one column/],
  [
    'a number in a string',
    [
      [1, 2],
      ['3', 4],
    ],
    /row 1, column 0 must be a finite number, but got "3"\./,
  ],
  [
    'null',
    [
      [1, 2],
      [null, 4],
    ],
    /row 1, column 0 must be a finite number, but got null\./,
  ],
  [
    'a big integer',
    [
      [1, 2],
      [3n, 4],
    ],
    /row 1, column 0 must be a finite number, but got 3n\./,
  ],
  [
    'an array in a row',
    [
      [1, 2],
      [[3], 4],
    ],
    /row 1, column 0 must be a finite number/,
  ],
  [
    'a hole',
    [[1, 2], Object.assign(new Array(2), { 1: 4 })],
    /row 1, column 0 must be a finite number, but got undefined\./,
  ],
  ['undefined', undefined, /rows must be Samples, an array of rows, or a matrix/],
  ['an object', { length: 3 }, /rows must be Samples, an array of rows, or a matrix/],
  ['a string', 'abc', /rows must be Samples, an array of rows, or a matrix/],
  ['a matrix that lies', { rows: 2 ** 52, columns: 2 ** 20, get: () => 1 }, /must/],
  ['a matrix of half a row', { rows: 1.5, columns: 2, get: () => 1 }, /must be integers >= 0/],
  [
    'rows that throw',
    new Proxy([[1, 2]], {
      get: () => {
        throw new Error('trap');
      },
    }),
    /must be readable \(trap\)/,
  ],
];

describe.each(subjects)('$name: data', (subject) => {
  const options = subject.variants[0].options;

  it.each(hostile)('fit refuses %s', async (_, data, message) => {
    const error = await subject
      .create(options)
      .fit(data as SamplesLike)
      .catch((reason) => reason);
    expect(error).toBeInstanceOf(ModelError);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(`${subject.name}.fit: `);
  });

  it.each(hostile.filter(([what]) => what !== 'no columns'))('logDensity refuses %s', async (_, data, message) => {
    const model = await subject.create(options).fit(rows);
    const error = thrownBy(() => model.logDensity(data as SamplesLike));
    expect(error).toBeInstanceOf(ModelError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toContain(`${subject.name}Model.logDensity: `);
  });

  it('logDensity refuses rows of another width, naming both', async () => {
    const model = await subject.create(options).fit(rows);
    expect(() => model.logDensity([[1, 2, 3]])).toThrow(
      `${subject.name}Model.logDensity: rows must have 2 columns, as in fit, but got 3.`,
    );
  });

  it('the same rows in any accepted form give the same bits', async () => {
    const float32 = rows.map((row) => row.map(Math.fround));
    const shared = new Float64Array(new SharedArrayBuffer(8 * 120));
    shared.set(float32.flat());
    const forms: SamplesLike[] = [
      Samples.from(float32),
      new Matrix(float32),
      float32.map((row) => Float32Array.from(row)),
      float32.map((row) => Object.freeze(row)),
      new Samples(shared, 60, 2),
      float32.map((_, i) => shared.subarray(2 * i, 2 * i + 2)),
    ];
    const expected = (await subject.create(options).fit(float32)).logDensity(float32);
    for (const form of forms) {
      const model = await subject.create(options).fit(form);
      expect(model.logDensity(form)).toEqual(expected);
    }
  });

  it('a single row, a single column and duplicates give a finite model or a ModelError that says what to do', async () => {
    const awkward: Record<string, number[][]> = {
      'one row': [[1, 2]],
      'two rows': [
        [1, 2],
        [3, 4],
      ],
      'one column': clusters(30, 1),
      'a constant column': clusters(30, 2).map(([x]) => [x, 7]),
      'all rows equal': Array.from({ length: 20 }, () => [1, 2]),
      'two values': Array.from({ length: 20 }, (_, i) => [i % 2, i % 2]),
      'collinear columns': clusters(30, 1).map(([x]) => [x, 2 * x]),
      'huge numbers': affine(clusters(30, 2), 1e150, 0),
      'tiny numbers': affine(clusters(30, 2), 1e-150, 0),
      'the largest numbers': [
        [Number.MAX_VALUE, 0],
        [-Number.MAX_VALUE, 1],
        [0, 2],
        [1, 3],
      ],
      'the smallest numbers': [
        [5e-324, 0],
        [0, 5e-324],
        [1e-323, 1e-323],
        [0, 0],
      ],
    };
    for (const [what, data] of Object.entries(awkward)) {
      for (const chosen of [options, { ...options, ...subject.robust }]) {
        const model = await subject
          .create(chosen)
          .fit(data)
          .catch((reason) => reason);
        if (model instanceof Error) {
          expect(model, what).toBeInstanceOf(ModelError);
          expect(model.message.length, what).toBeGreaterThan(20);
          continue;
        }
        const densities = model.logDensity(data);
        expect(densities.some(Number.isNaN), `${what}: ${densities}`).toBe(false);
        expect(model.sample(3, { seed: 0 }).data.some(Number.isNaN), what).toBe(false);
      }
    }
  });
});

describe.each(cases)('$title: data', ({ subject, options }) => {
  it('is never written, in fit and in logDensity', async () => {
    const data = Samples.from(rows);
    const before = data.data.slice();
    const frozen = rows.map((row) => Object.freeze([...row]));
    const model = await subject.create(options).fit(data);
    model.logDensity(data);
    expect(data.data).toEqual(before);
    await subject.create(options).fit(Object.freeze(frozen));
    model.logDensity(Object.freeze(frozen));
  });

  it('may be changed by the caller as soon as fit has been called', async () => {
    const data = Samples.from(rows);
    const fitting = subject.create(options).fit(data);
    data.data.fill(0);
    const expected = await subject.create(options).fit(rows);
    expect((await fitting).logDensity(rows)).toEqual(expected.logDensity(rows));
  });

  it('that are far out give -Infinity or a finite density, never NaN', async () => {
    const model = await subject.create(options).fit(rows);
    const far = [1e3, 1e8, 1e100, 1e155, 1e200, 1e300, Number.MAX_VALUE].flatMap((x) => [
      [x, 0],
      [-x, x],
      [0, -x],
    ]);
    for (const value of model.logDensity(far)) {
      expect(value).not.toBeNaN();
      expect(value).toBeLessThan(0);
    }
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
