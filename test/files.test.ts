import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GenerativeModel } from '../src/core/estimator.js';
import { Samples } from '../src/core/samples.js';
import { loadModel, saveModel } from '../src/files.js';
import { GaussianMixture } from '../src/gmm/index.js';
import { KernelDensity } from '../src/kde/index.js';
import { encodeModel } from '../src/models.js';
import { readSafetensors } from './core/safetensors.js';

const ROWS = Samples.from([
  [0.1, 10],
  [1.3, 13],
  [0.7, 9],
  [4.2, 11],
  [3.9, 14],
  [4.4, 10.5],
  [5.1, 12],
  [0.2, 11.5],
]);
const DIST = join(import.meta.dirname, '..', 'dist');

let folder: string;
let mixture: GenerativeModel;
let density: GenerativeModel;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'model-files-'));
  mixture = await new GaussianMixture({ components: 2, seed: 1 }).fit(ROWS);
  density = await new KernelDensity({ kernel: 'biweight', bandwidth: 0.7 }).fit(ROWS);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  return promise.then(
    () => expect.fail('must reject'),
    (reason) => reason,
  );
}

/** The bits of a model's densities at ROWS and of 20 of its samples. */
function bitsOf(model: GenerativeModel): string {
  const numbers = [...model.logDensity(ROWS), ...model.sample(20, { seed: 3 }).data];
  return Buffer.from(Float64Array.from(numbers).buffer).toString('hex');
}

describe('saveModel and loadModel', () => {
  test('by name and by URL, the same to the bit', async () => {
    const path = join(folder, 'by name ü %20.safetensors');
    for (const [model, place] of [
      [mixture, path],
      [density, pathToFileURL(path)],
    ] as const) {
      await saveModel(model, place);
      expect(bitsOf(await loadModel(path))).toBe(bitsOf(model));
      expect(bitsOf(await loadModel(pathToFileURL(path)))).toBe(bitsOf(model));
    }
  });

  test('the file is safetensors, and what encodeModel gives', async () => {
    const path = join(folder, 'layout.safetensors');
    await saveModel(mixture, path);
    const bytes = readFileSync(path);
    expect(new Uint8Array(bytes)).toEqual(encodeModel(mixture));
    const { metadata, tensors } = readSafetensors(bytes);
    expect(metadata).toMatchObject({ format: 'generative-models', kind: 'GaussianMixtureModel', version: '1' });
    expect(tensors.means.shape).toEqual([2, 2]);
  });

  test('in a fresh process, from the built package, the same to the bit', async () => {
    expect(existsSync(join(DIST, 'files.js')), 'needs npm run build').toBe(true);
    const program = `
      import { loadModel } from ${JSON.stringify(pathToFileURL(join(DIST, 'files.js')))};
      const [path, rows] = process.argv.slice(1);
      const model = await loadModel(path);
      const numbers = [...model.logDensity(JSON.parse(rows)), ...model.sample(20, { seed: 3 }).data];
      console.log(Buffer.from(Float64Array.from(numbers).buffer).toString('hex'));`;
    for (const model of [mixture, density]) {
      const path = join(folder, 'fresh.safetensors');
      await saveModel(model, path);
      const args = ['--input-type=module', '--eval', program, path, JSON.stringify(ROWS.toArray())];
      expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe(bitsOf(model));
    }
  });

  test('loading a model loads its own room only, and no TensorFlow', async () => {
    // A resolver that stops the process at a forbidden module.
    const hook = `let forbidden;
      export function initialize(data) { forbidden = new RegExp(data); }
      export async function resolve(specifier, context, next) {
        const found = await next(specifier, context);
        if (forbidden.test(found.url)) throw new Error('loaded ' + found.url);
        return found;
      }`;
    const program = `
      import { register } from 'node:module';
      const [path, forbidden] = process.argv.slice(1);
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hook)}), { data: forbidden });
      const { loadModel } = await import(${JSON.stringify(pathToFileURL(join(DIST, 'files.js')))});
      console.log(await loadModel(path).then((model) => model.dimension, (error) => error.message));`;
    const path = join(folder, 'light.safetensors');
    await saveModel(mixture, path);
    const loadWithout = (forbidden: string) =>
      execFileSync(process.execPath, ['--input-type=module', '--eval', program, path, forbidden], { encoding: 'utf8' });
    expect(loadWithout('tensorflow|/neural/|/kde/').trim()).toBe('2');
    // The resolver does see what is loaded.
    expect(loadWithout('/gmm/')).toMatch(/^loaded .*gmm/);
  });

  test('replaces a file as a whole and leaves nothing beside it', async () => {
    const inside = join(folder, 'replace');
    mkdirSync(inside);
    const path = join(inside, 'model.safetensors');
    writeFileSync(path, 'something longer than any model'.repeat(1000));
    await Promise.all([saveModel(mixture, path), saveModel(density, path), saveModel(mixture, path)]);
    expect([bitsOf(mixture), bitsOf(density)]).toContain(bitsOf(await loadModel(path)));
    expect(readdirSync(inside)).toEqual(['model.safetensors']);
  });
});

describe('what cannot be written', () => {
  test('a missing folder, with the remedy', async () => {
    const error = await rejection(saveModel(mixture, join(folder, 'missing', 'model.safetensors')));
    expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-model-file', cause: { code: 'ENOENT' } });
    expect(error.message).toMatch(/^saveModel: the file must be writable \(ENOENT: .*\)\. Create its folder first\.$/);
  });

  test('a folder in its place; the temporary file goes', async () => {
    const inside = join(folder, 'taken');
    mkdirSync(join(inside, 'model.safetensors'), { recursive: true });
    const error = await rejection(saveModel(mixture, join(inside, 'model.safetensors')));
    expect(error).toMatchObject({ code: 'invalid-model-file' });
    expect(readdirSync(inside)).toEqual(['model.safetensors']);
  });

  test('what is no fitted model leaves the old file alone', async () => {
    const path = join(folder, 'kept.safetensors');
    await saveModel(mixture, path);
    for (const value of [undefined, {}, new GaussianMixture()]) {
      const error = await rejection(saveModel(value as GenerativeModel, path));
      expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-data' });
    }
    expect(bitsOf(await loadModel(path))).toBe(bitsOf(mixture));
  });

  test.each<[unknown, string]>([
    ['', 'path must be a file name or a file: URL, but got "".'],
    [3, 'path must be a file name or a file: URL, but got 3.'],
    [undefined, 'path must be a file name or a file: URL, but got undefined.'],
    [new URL('https://example.com/a'), 'path must be a file: URL, but got "https://example.com/a".'],
  ])('a path such as %o', async (path, message) => {
    const place = path as string;
    expect(await rejection(saveModel(mixture, place))).toMatchObject({
      code: 'invalid-data',
      message: `saveModel: ${message}`,
    });
    expect(await rejection(loadModel(place))).toMatchObject({ code: 'invalid-data', message: `loadModel: ${message}` });
  });
});

describe('what cannot be read', () => {
  const load = async (path: string) => {
    const error = await rejection(loadModel(path));
    expect(error).toMatchObject({ name: 'ModelError', code: 'invalid-model-file' });
    return error;
  };

  test('a missing file', async () => {
    const error = await load(join(folder, 'nothing'));
    expect(error.message).toMatch(/^loadModel: the file must be readable \(ENOENT: /);
    expect(error.cause).toMatchObject({ code: 'ENOENT' });
  });

  test('a folder, and a device without end', async () => {
    expect((await load(folder)).message).toMatch(/must be a file of at most 2 GiB, but is a folder\.$/);
    if (existsSync('/dev/zero')) expect((await load('/dev/zero')).message).toMatch(/but is a device or pipe\.$/);
  });

  test('a file of 3 GiB is refused by its size, unread', async () => {
    const path = join(folder, 'sparse');
    writeFileSync(path, '');
    truncateSync(path, 3 * 2 ** 30);
    expect((await load(path)).message).toMatch(/but is a file of 3221225472 bytes\.$/);
    rmSync(path);
  });

  test('a damaged file is named', async () => {
    const path = join(folder, 'damaged.safetensors');
    writeFileSync(path, encodeModel(mixture).subarray(0, 100));
    expect((await load(path)).message).toMatch(/^loadModel\("damaged.safetensors"\): the file must hold its header/);
    writeFileSync(path, '');
    expect((await load(path)).message).toMatch(
      /^loadModel\("damaged.safetensors"\): the file must hold at least 8 bytes/,
    );
  });
});
