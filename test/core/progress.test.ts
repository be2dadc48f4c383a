import { describe, expect, test } from 'vitest';
import { checkFitOptions, Pacer, type Progress } from '../../src/core/progress.js';
import { expectFault, faultOf, revoked } from './faults.js';

const owner = 'Test.fit';

/** Computes for some milliseconds without giving way. */
function work(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

async function reasonOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.fail('must reject'),
    (reason: unknown) => reason,
  );
}

describe('Pacer', () => {
  test('reports each step as it is given', async () => {
    const seen: Progress[] = [];
    const pacer = new Pacer(owner, { onProgress: (progress) => void seen.push(progress) });
    const steps = [
      { phase: 'EM', completed: 1 },
      { phase: 'EM', completed: 2, total: 9, objective: -1.5 },
    ];
    for (const step of steps) await pacer.step(step);
    expect(seen).toEqual(steps);
  });

  test('runs a loop in stretches that leave no round out, and gives way between them', async () => {
    const seen: Progress[] = [];
    const pacer = new Pacer(owner, { onProgress: (progress) => void seen.push(progress) });
    const stretches: [number, number][] = [];
    let turns = 0;
    setImmediate(() => turns++);
    const loop = (from: number, to: number): void => {
      stretches.push([from, to]);
      work(8);
    };
    await pacer.run('rows', 10, loop, 4);
    expect(stretches).toEqual([
      [0, 4],
      [4, 8],
      [8, 10],
    ]);
    expect(seen).toEqual([{ phase: 'rows', completed: 8, total: 10 }]);
    expect(turns).toBeGreaterThan(0);
    await pacer.run('nothing', 0, () => expect.fail('must not be called'));
    const controller = new AbortController();
    const aborted = new Pacer(owner, { signal: controller.signal });
    const endless = aborted.run('rows', Number.MAX_SAFE_INTEGER, () => {
      controller.abort('enough');
      work(13);
    });
    expect(await reasonOf(endless)).toBe('enough');
  });

  test('an error in the callback ends the fit with that error', async () => {
    const error = new Error('enough');
    const onProgress = () => {
      throw error;
    };
    expect(await reasonOf(new Pacer(owner, { onProgress }).step({ phase: 'EM', completed: 1 }))).toBe(error);
  });

  test('a signal that was aborted before stops everything, with its reason', () => {
    for (const reason of [new Error('too late'), 'text', 0, null]) {
      let thrown: unknown = 'nothing';
      try {
        new Pacer(owner, { signal: AbortSignal.abort(reason) });
      } catch (error) {
        thrown = error;
      }
      expect(thrown).toBe(reason);
    }
  });

  test('a signal that is aborted meanwhile stops the next step, with its reason', async () => {
    const controller = new AbortController();
    const pacer = new Pacer(owner, { signal: controller.signal });
    await pacer.step({ phase: 'EM', completed: 1 });
    controller.abort('changed my mind');
    expect(await reasonOf(pacer.step({ phase: 'EM', completed: 2 }))).toBe('changed my mind');
    expect(await reasonOf(pacer.breathe())).toBe('changed my mind');
  });

  test('a timer can abort a loop that never waits for anything else', async () => {
    const pacer = new Pacer(owner, { signal: AbortSignal.timeout(40) });
    const loop = async () => {
      for (let completed = 0; completed < 1000; completed++) {
        work(5);
        await pacer.step({ phase: 'EM', completed });
      }
    };
    expect(await reasonOf(loop())).toMatchObject({ name: 'TimeoutError' });
  });

  test('the event loop gets its turn once a turn has lasted 12 ms, and not before', async () => {
    let turns = 0;
    const counter = setInterval(() => turns++, 0);
    const pacer = new Pacer(owner);
    for (let completed = 0; completed < 100; completed++) await pacer.step({ phase: 'EM', completed });
    const early = turns;
    expect(pacer.isDue).toBe(false);
    for (let completed = 0; completed < 5; completed++) {
      work(15);
      expect(pacer.isDue).toBe(true);
      await pacer.step({ phase: 'EM', completed });
      expect(pacer.isDue).toBe(false);
    }
    clearInterval(counter);
    // Timers may be late by a turn of the loop, but 75 ms of work must have let some through.
    expect(turns - early).toBeGreaterThanOrEqual(3);
  });

  test('refuses what is neither signal nor callback', () => {
    const make = (options: object) => () => new Pacer(owner, options);
    const signal = `${owner}: option "signal" must be an AbortSignal, but got an object.`;
    expectFault(make({ signal: { aborted: false } }), 'invalid-option', signal);
    const callback = `${owner}: option "onProgress" must be a function, but got true.`;
    expectFault(make({ onProgress: true }), 'invalid-option', callback);
  });
});

describe('checkFitOptions', () => {
  const check = (options: unknown) => checkFitOptions(owner, options, ['weights', 'signal', 'onProgress']);

  test('takes what it knows, once; undefined counts as left out', () => {
    const weights = [1, 2];
    expect(check({ weights, signal: undefined })).toEqual({ weights });
    expect(Object.keys(check({ weights, signal: undefined }))).toEqual(['weights']);
    expect(check(undefined)).toEqual({});
    let reads = 0;
    const options = check({
      get weights() {
        return [++reads];
      },
    });
    expect([options.weights, options.weights]).toEqual([[1], [1]]);
  });

  test('answers a mistyped name with the nearest', () => {
    expectFault(
      () => check({ weight: [1] }),
      'invalid-option',
      `${owner}: unknown option "weight"; did you mean "weights"?`,
    );
    expectFault(
      () => checkFitOptions(owner, { weights: [1] }, ['signal', 'onProgress']),
      'invalid-option',
      `${owner}: unknown option "weights"; known options are signal, onProgress.`,
    );
    expectFault(() => check([1]), 'invalid-option', `${owner}: options must be an object, but got [1].`);
    faultOf(() => check(revoked()));
  });
});
