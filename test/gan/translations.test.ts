import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { checkOptions, type OptionTable } from '../../src/core/options.js';
import { Samples, type SamplesLike } from '../../src/core/samples.js';
import { loadModel, saveModel } from '../../src/files.js';
import { CYCLE_GAN_OPTIONS } from '../../src/gan/cycle-gan-options.js';
import {
  CycleGan,
  CycleGanModel,
  type GameFitOptions,
  PairedGan,
  PairedGanModel,
  type TranslationModel,
} from '../../src/gan/index.js';
import { PAIRED_GAN_OPTIONS } from '../../src/gan/paired-gan-options.js';
import { decodeModel, encodeModel, modelFromJSON } from '../../src/models.js';
import { triangle, turned } from './translation-data.js';

type AnyOptions = Record<string, unknown>;

/** What holds of both translations. */
interface Subject {
  readonly name: string;
  readonly create: (options?: AnyOptions) => {
    readonly options: object;
    fit(from: SamplesLike, to: SamplesLike, options?: GameFitOptions): Promise<TranslationModel>;
  };
  readonly table: OptionTable<AnyOptions>;
  readonly fromJSON: (json: unknown) => TranslationModel;
  /** Translations with all that is random fixed. */
  readonly translate: (model: TranslationModel, rows: SamplesLike) => Samples;
}

const subjects: readonly Subject[] = [
  {
    name: 'CycleGan',
    create: (options) => new CycleGan(options),
    table: CYCLE_GAN_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => CycleGanModel.fromJSON(json),
    translate: (model, rows) => model.translate(rows),
  },
  {
    name: 'PairedGan',
    create: (options) => new PairedGan(options),
    table: PAIRED_GAN_OPTIONS as unknown as OptionTable<AnyOptions>,
    fromJSON: (json) => PairedGanModel.fromJSON(json),
    translate: (model, rows) => (model as PairedGanModel).translate(rows, { seed: 1 }),
  },
];

const OPTIONS = { generator: [6], discriminator: [6], epochs: 4, batchSize: 32, seed: 3 };
const from = triangle(80, 1);
const to = triangle(80, 2).map((row) => [...turned(row), row[0]]);

describe.each(subjects)('$name', ({ name, create, table, fromJSON, translate }) => {
  const fitted = create(OPTIONS).fit(from, to);

  it('has options as its table says, each checked', () => {
    const defaults = checkOptions(name, table, {});
    expect(create().options).toEqual(defaults);
    for (const [option, { rule }] of Object.entries(table)) {
      for (const value of rule.inside) {
        const owner = option === 'labelSmoothing' ? { objective: 'minimax' } : {};
        expect(create({ ...owner, [option]: value }).options).toHaveProperty(option);
      }
      for (const value of rule.outside) expect(() => create({ [option]: value })).toThrow(`option "${option}" must be`);
    }
    expect(() => create({ generatr: [3] })).toThrow(`${name}: unknown option "generatr"; did you mean "generator"?`);
    expect(() => create({ objective: 'hinge', labelSmoothing: 0.1 })).toThrow(/"labelSmoothing" must be left out/);
  });

  it('is the same to the bit when fitted twice, and another with another seed', async () => {
    const again = await create(OPTIONS).fit(from, to);
    expect(again.toJSON()).toEqual((await fitted).toJSON());
    const other = await create({ ...OPTIONS, seed: 4 }).fit(from, to);
    expect(other.toJSON()).not.toEqual(again.toJSON());
  });

  it('copies its rows before it waits, and never writes them', async () => {
    const [first, second] = [Samples.from(from), Samples.from(to)];
    const fitting = create(OPTIONS).fit(first, second);
    expect([first.toArray(), second.toArray()]).toEqual([from, to]);
    first.data.fill(0);
    second.data.fill(Number.NaN);
    expect((await fitting).toJSON()).toEqual((await fitted).toJSON());
  });

  it('takes each row for itself', async () => {
    const model = await fitted;
    const all = translate(model, from);
    expect([all.rows, all.columns, model.fromDimension, model.toDimension]).toEqual([80, 3, 2, 3]);
    // Noise goes by the place of a row, so that the first rows are the same.
    expect(translate(model, from.slice(0, 5)).toArray()).toEqual(all.toArray().slice(0, 5));
  });

  it('goes on from a checkpoint as if there had been no break', async () => {
    const estimator = create({ ...OPTIONS, discriminatorSteps: 2, instanceNoise: { from: 0.3, to: 0 } });
    const states: GameFitOptions[] = [];
    const whole = await estimator.fit(from, to, { onCheckpoint: (state) => states.push({ resume: state() }) });
    expect(states).toHaveLength(4);
    const resumed = await estimator.fit(from, to, states[1]);
    expect(resumed.toJSON()).toEqual(whole.toJSON());
    const state = { ...states[0].resume, kind: 'OtherTraining' } as never;
    await expect(estimator.fit(from, to, { resume: state })).rejects.toThrow(`kind must be "${name}Training"`);
  });

  it('comes back from JSON, bytes and files to the bit', async () => {
    const model = await fitted;
    const folder = await mkdtemp(join(tmpdir(), 'translations-'));
    await saveModel(model, join(folder, 'model.safetensors'));
    const loaded = [
      fromJSON(JSON.stringify(model)),
      await modelFromJSON<TranslationModel>(model.toJSON()),
      await decodeModel<TranslationModel>(encodeModel(model)),
      await loadModel<TranslationModel>(join(folder, 'model.safetensors')),
    ];
    await rm(folder, { recursive: true });
    for (const again of loaded) {
      expect(again.constructor).toBe(model.constructor);
      expect(translate(again, from)).toEqual(translate(model, from));
      expect(JSON.stringify(again)).toBe(JSON.stringify(model));
    }
  });

  it('refuses states with anything missing, added, or of another meaning, by ModelErrors only', async () => {
    const json = (await fitted).toJSON();
    const entries = [
      ...Object.keys(json.settings).map((key) => ['settings', key]),
      ...Object.keys(json.tensors).flatMap((key) => [
        ['tensors', key],
        ['tensors', key, 'shape'],
        ['tensors', key, 'data'],
        ['tensors', key, 'data', '0'],
      ]),
    ];
    for (const path of entries) {
      for (const poison of [undefined, null, 'x', -1, {}, [], 1e308]) {
        const damaged = structuredClone(json);
        let place = damaged as unknown as Record<string, unknown>;
        for (const key of path.slice(0, -1)) place = place[key] as Record<string, unknown>;
        place[path[path.length - 1]] = poison;
        try {
          expect(translate(fromJSON(damaged), from).data.every(Number.isFinite)).toBe(true);
        } catch (error) {
          expect(error, path.join('.')).toBeInstanceOf(ModelError);
        }
      }
    }
    expect(() => fromJSON({ ...json, kind: 'OtherModel' })).toThrow(ModelError);
    expect(() => fromJSON({ ...json, settings: { ...json.settings, more: 1 } })).toThrow(ModelError);
  });

  it('hands out copies', async () => {
    const model = await fitted;
    const before = JSON.stringify(model);
    for (const list of Object.values((model as CycleGanModel).history)) list.fill(Number.NaN);
    model.warnings.push('x');
    for (const { data } of Object.values(model.toState().tensors)) data.fill(0);
    expect(JSON.stringify(model)).toBe(before);
  });

  it('refuses rows and arguments that will not do', async () => {
    const estimator = create(OPTIONS);
    const refused = (message: string | RegExp, ...[a, b, options]: Parameters<typeof estimator.fit>): Promise<void> =>
      expect(estimator.fit(a, b, options)).rejects.toThrow(message);
    await refused(`${name}.fit: from, row 1, column 0 must be finite, but got NaN.`, [[1], [Number.NaN]], [[1], [2]]);
    await refused(`${name}.fit: to, row 1 must have 1 column`, [[1], [2]], [[1], [2, 3]]);
    await refused(/from must hold at least one row/, [], [[1]]);
    await refused(/unknown option "weights"/, from, to, { weights: [] } as never);
    await refused(/"onCheckpoint" must be a function/, from, to, { onCheckpoint: 3 as never });
    const model = await fitted;
    expect(() => model.translate([[1, 2, 3]])).toThrow(
      `${name}Model.translate: rows must have 2 columns, as in fit, but got 3.`,
    );
  });

  it('tells its progress, and stops when it is aborted', async () => {
    const phases = new Set<string>();
    await create(OPTIONS).fit(from, to, { onProgress: ({ phase }) => phases.add(phase) });
    expect(phases).toContain('training');
    const reason = new Error('enough');
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    await expect(create(OPTIONS).fit(from, to, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    await expect(create(OPTIONS).fit(from, to, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  it('makes of rows that say nothing a finite model or a ModelError', async () => {
    const awkward: number[][][] = [
      [[1, 2]],
      [
        [1, 2],
        [1, 2],
      ],
      triangle(30, 1).map(([x]) => [x, 7]),
    ];
    for (const rows of awkward) {
      const outcome = await create(OPTIONS)
        .fit(rows, rows)
        .catch((error: unknown) => error as Error);
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ModelError);
      else expect(translate(outcome, rows).data.every(Number.isFinite)).toBe(true);
    }
    const far = translate(await fitted, [[1e300, -Number.MAX_VALUE]]);
    expect(far.data.every(Number.isFinite)).toBe(true);
  });
});
