/** Which starts are compared, and which one goes on: short runs are made up here, by their objectives. */
import { describe, expect, test } from 'vitest';
import { modelError } from '../../src/core/errors.js';
import { Pacer } from '../../src/core/progress.js';
import { RandomStream } from '../../src/core/random.js';
import type { CovarianceType } from '../../src/gmm/covariance-type.js';
import type { WeightedRows } from '../../src/gmm/expectation.js';
import { overallCovariance } from '../../src/gmm/initialization.js';
import { NOTHING_FROZEN } from '../../src/gmm/maximization.js';
import { type MixtureParameters, SpareCovariances } from '../../src/gmm/parameters.js';
import { bestStart, type ShortRun } from '../../src/gmm/starts.js';
import { clusters } from './naive.js';

interface Course {
  /** The objective after one step. */
  readonly first: number;
  /** What each further step gains. */
  readonly gain?: number;
  /** The number of steps after which it collapses. */
  readonly collapsesAfter?: number;
  /** The components that its ridge holds up. */
  readonly held?: readonly number[];
}

const pacer = new Pacer('test');

/** Runs short runs of these courses, the last of them for all further ones: how many there were, and which one won. */
async function compare(
  courses: readonly Course[],
  {
    covariance = 'full',
    rows: count = 40,
    components = 3,
    shortRuns,
  }: { covariance?: CovarianceType; rows?: number; components?: number; shortRuns?: number } = {},
) {
  const data = Float64Array.from(clusters(count, 2, 3, 'starts').flat());
  const rows: WeightedRows = { data, rows: count, columns: 2, weights: undefined, total: count };
  const rules = { covariance, equalWeights: false, ridge: 0, frozen: NOTHING_FROZEN };
  const options = {
    components,
    initialization: 'k-means++',
    ...(shortRuns !== undefined && { shortRuns }),
  } as const;
  const overall = await overallCovariance(rows, pacer);
  const runs: MixtureParameters[] = [];
  let steps = 0;
  const shortRun: ShortRun = async (_, from) => {
    const known = 'history' in from ? from : undefined;
    const { parameters } = known ?? { parameters: from as MixtureParameters };
    if (!known) runs.push(parameters);
    const {
      first,
      gain = 0,
      collapsesAfter,
      held = [],
    } = courses[Math.min(runs.indexOf(parameters), courses.length - 1)];
    const history = known ? [...known.history, (known.history.at(-1) as number) + gain] : [first - 1, first];
    steps++;
    if (history.length - 1 === collapsesAfter)
      throw modelError('not-positive-definite', { owner: 'test', must: 'hold' });
    return { run: { parameters, history, converged: false, iterations: history.length - 1, collapses: [] }, held };
  };
  const [stream, spare] = [RandomStream.of(1, 'starts'), new SpareCovariances()];
  const best = await bestStart(options, rows, overall, rules, stream, pacer, spare, shortRun);
  const winner = runs.indexOf(best as MixtureParameters);
  return { starts: runs.length, steps, winner };
}

describe('how many starts there are', () => {
  test('three, where two agree on the best', async () => {
    expect(await compare([{ first: -2 }, { first: -5 }, { first: -2.001 }])).toMatchObject({ starts: 3, winner: 0 });
  });

  test('as many again where none does, for small data', async () => {
    const different = Array.from({ length: 12 }, (_, at) => ({ first: -5 + (at === 4 ? 1 : -0.1 * at) }));
    expect(await compare(different)).toMatchObject({ starts: 6, winner: 4 });
    // The second round finds the first one's best again.
    const again = [{ first: -3 }, { first: -5 }, { first: -6 }, { first: -7 }, { first: -3.001 }, { first: -8 }];
    expect(await compare(again)).toMatchObject({ starts: 6, winner: 0 });
    // That two agree on something worse does not count.
    const below = [{ first: -3 }, { first: -5 }, { first: -5 }, { first: -2 }, { first: -2 }, { first: -9 }];
    expect(await compare(below)).toMatchObject({ starts: 6, winner: 3 });
  });

  test('three, five of spheres and where components share a matrix, or as many as asked for, where the data are not small', async () => {
    const different = [{ first: -3 }, { first: -5 }, { first: -6 }];
    const expected = { full: 3, diagonal: 3, spherical: 5, tied: 5, 'tied-diagonal': 5, 'tied-spherical': 5 };
    for (const [covariance, starts] of Object.entries(expected) as [CovarianceType, number][]) {
      expect(await compare(different, { rows: 3000, covariance })).toMatchObject({ starts, winner: 0 });
    }
    const spheres = await compare(different, { rows: 3000, covariance: 'spherical', components: 100 });
    expect(spheres).toMatchObject({ starts: 3, winner: 0 });
    expect(await compare(different, { rows: 3000, shortRuns: 2 })).toMatchObject({ starts: 2, winner: 0 });
  });

  test('one, where one is asked for', async () => {
    expect(await compare([{ first: -3 }], { shortRuns: 1 })).toMatchObject({ starts: 1, steps: 1 });
  });
});

describe('which one goes on', () => {
  test('one that comes from behind; those far behind, and those that stand still, take no further steps', async () => {
    const rising = [
      { first: -3, gain: 0.01 },
      { first: -5, gain: 0 },
      { first: -3.5, gain: 0.2 },
    ];
    const { winner, steps } = await compare(rising, { rows: 3000 });
    expect(winner).toBe(2);
    // One step of each; the second is out. After three more the third has passed the first.
    expect(steps).toBe(3 + 2 * 3);
  });

  test('one of the first round where all of the second collapse, and one that was left where the others do', async () => {
    const later = [{ first: -3 }, { first: -5 }, { first: -6 }, { first: -1, collapsesAfter: 1 }];
    expect(await compare(later)).toMatchObject({ starts: 6, winner: 0 });
    const racing = [
      { first: -3, gain: 0.5, collapsesAfter: 3 },
      { first: -9, gain: 0 },
      { first: -3.2, gain: 0.4, collapsesAfter: 3 },
    ];
    expect(await compare(racing, { rows: 3000 })).toMatchObject({ starts: 3, winner: 1 });
    const all = [{ first: -3, collapsesAfter: 1 }];
    await expect(compare(all)).rejects.toMatchObject({ code: 'not-positive-definite' });
  });

  test('a sound one before a likelier one with a spike, but the likelier one where all share a matrix', async () => {
    const spiked = [{ first: -1, held: [0] }, { first: -4 }, { first: -4.001 }];
    for (const covariance of ['full', 'diagonal', 'spherical'] as const) {
      expect(await compare(spiked, { covariance })).toMatchObject({ winner: 1 });
    }
    const heldAll = [{ first: -1, held: [0, 1, 2] }, { first: -4 }, { first: -4.001 }];
    for (const covariance of ['tied', 'tied-diagonal', 'tied-spherical'] as const) {
      expect(await compare(heldAll, { covariance })).toMatchObject({ winner: 0 });
    }
  });
});
