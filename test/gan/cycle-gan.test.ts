import { describe, expect, it } from 'vitest';
import { CycleGan } from '../../src/gan/index.js';
import { deviations, distance, meanError, normals, triangle, turned } from './translation-data.js';

describe('a turn by 70 degrees and a shift between two unpaired sets', () => {
  const from = triangle(600, 1);
  const to = triangle(700, 2).map(turned);
  const test = triangle(500, 3);
  const fitted = new CycleGan({ epochs: 80, seed: 1 }).fit(from, to);

  it('is recovered, in both directions', async () => {
    const model = await fitted;
    // Measured over seeds 1 to 20: 0.04 to 0.27, where another row's image lies 2.3 away.
    expect(distance(model.translate(test), test.map(turned))).toBeLessThan(0.35);
    expect(distance(model.translateBack(test.map(turned)), test)).toBeLessThan(0.35);
    expect(distance(model.translate(test), test.map(turned), 1)).toBeGreaterThan(1.5);
    expect(model.warnings).toEqual([]);
  });

  it('is undone by the way back', async () => {
    const model = await fitted;
    expect(distance(model.translateBack(model.translate(test)), test)).toBeLessThan(0.03);
  });

  it('has a course that ends where the discriminators see nothing', async () => {
    const { jensenShannonForward, jensenShannonBackward, cycleLoss, cycleError } = (await fitted).history;
    expect(cycleError).toHaveLength(80);
    expect(cycleLoss[79]).toBeLessThan(0.3 * cycleLoss[0]);
    expect(Math.max(jensenShannonForward[79], jensenShannonBackward[79])).toBeLessThan(0.08);
  });

  it('is missed by a game that starts as the identity, and the warnings say so', async () => {
    const model = await new CycleGan({ epochs: 80, alignments: 0, seed: 1 }).fit(from, to);
    expect(distance(model.translate(test), test.map(turned))).toBeGreaterThan(1);
    expect(model.warnings.join()).toMatch(/^translate: mode collapse: .*"alignments"/);
  });
});

describe('the game of translators', () => {
  it('reports the error of cycles that the fitted maps have', async () => {
    const [from, to] = [triangle(150, 4), triangle(90, 5).map(([x, y]) => [x, y, x * y])];
    const options = { epochs: 2, validationFraction: 0, averaging: 0, alignments: 5, seed: 2 };
    for (const generator of [[], [8]]) {
      const model = await new CycleGan({ ...options, generator }).fit(from, to);
      const there = model.translateBack(model.translate(from));
      const back = model.translate(model.translateBack(to));
      const error = meanError(there, from, deviations(from)) + meanError(back, to, deviations(to));
      // Single precision in training, double here.
      expect(model.history.cycleError[1]).toBeCloseTo(error, 4);
      expect([model.fromDimension, model.toDimension]).toEqual([2, 3]);
    }
  });

  it('turns no more than it must, where it is asked to keep rows that are of the other kind already', async () => {
    // A cloud that looks the same from all sides: without the term, every turn of it is as good as every other.
    const [from, to] = [normals(400, 2, 6), normals(400, 2, 7)];
    const moved = async (identity: number): Promise<number> => {
      const model = await new CycleGan({ epochs: 40, identity, generator: [], seed: 3 }).fit(from, to);
      return distance(model.translate(from), from);
    };
    expect(await moved(0)).toBeGreaterThan(0.5);
    expect(await moved(5)).toBeLessThan(0.2);
  });

  it('refuses an identity between different numbers of columns', async () => {
    await expect(new CycleGan({ identity: 1 }).fit([[1, 2]], [[1], [2]])).rejects.toThrow(
      'CycleGan.fit: option "identity" must be left out where the two sets have different numbers of columns, but got "2 and 1".',
    );
  });

  it.each(['minimax', 'least-squares', 'hinge', 'wasserstein'] as const)('has objective %s too', async (objective) => {
    const options = { objective, epochs: 30, discriminatorSteps: 2, r1: 0.1, seed: 1 } as const;
    const model = await new CycleGan(options).fit(triangle(300, 8), triangle(300, 9).map(turned));
    const test = triangle(200, 10);
    expect(distance(model.translate(test), test.map(turned))).toBeLessThan(0.9);
  });
});
