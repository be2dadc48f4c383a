/**
 * Models on disk, in the safetensors layout: parameters as numbers, no code. For Node.
 *
 * @module
 */
import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, describeThrown, modelError } from './core/errors.js';
import type { GenerativeModel, StoredModel } from './core/estimator.js';
import { decodeModelFile } from './core/model-file.js';
import { encodeModel, modelFromState } from './models.js';

/** What Node reads into one array: 2 GiB. */
const LARGEST_FILE = 2 ** 31 - 1;

/**
 * Saves a fitted model of any kind. The file is replaced as a whole or not at all: bytes go to a temporary file beside
 * it, which then takes its name.
 *
 * @param path - The file, by convention `*.safetensors`; its folder must exist.
 * @throws ModelError by rejection: `invalid-data` for what is not a fitted model, `invalid-model-file` when the file
 *   cannot be written.
 *
 * @example
 * import { mkdtemp } from 'node:fs/promises';
 * import { tmpdir } from 'node:os';
 * import { join } from 'node:path';
 * import { GaussianMixture } from 'generative-models';
 * import { loadModel, saveModel } from 'generative-models/files';
 * const model = await new GaussianMixture({ components: 1 }).fit([[0], [1], [2]]);
 * const path = join(await mkdtemp(join(tmpdir(), 'example-')), 'model.safetensors');
 * await saveModel(model, path);
 * const again = await loadModel(path);
 * again.logDensity([[1]])[0] === model.logDensity([[1]])[0]; // true
 */
export async function saveModel(model: StoredModel, path: string | URL): Promise<void> {
  const owner = 'saveModel';
  const target = pathOf(owner, path);
  const bytes = encodeModel(model);
  const temporary = `${target}.${randomUUID()}.tmp`;
  try {
    await write(temporary, bytes);
    await rename(temporary, target);
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => undefined);
    const must = `the file must be writable (${describeThrown(cause)})`;
    const remedy = codeOf(cause) === 'ENOENT' ? { remedy: 'Create its folder first' } : {};
    throw modelError('invalid-model-file', { owner, must, cause, ...remedy });
  }
}

/**
 * Loads a model of any kind that {@link saveModel} wrote: its densities and samples are the same to the bit.
 *
 * The file is data only, and is checked down to its meaning: whatever it holds, no code runs, and the result is a sound
 * model or a ModelError. See {@link saveModel} for an example.
 *
 * @typeParam Model - What you know it to be, where it is no `GenerativeModel`: not checked, `instanceof` tells.
 * @throws ModelError `invalid-model-file` by rejection.
 */
export async function loadModel<Model extends StoredModel = GenerativeModel>(path: string | URL): Promise<Model> {
  const owner = 'loadModel';
  const source = pathOf(owner, path);
  const bytes = await read(owner, source);
  return modelFromState<Model>(decodeModelFile(bytes, `${owner}(${describe(basename(source))})`));
}

function pathOf(owner: string, path: unknown): string {
  try {
    if (typeof path === 'string' && path !== '') return path;
    if (path instanceof URL) return fileURLToPath(path);
  } catch (cause) {
    throw modelError('invalid-data', { owner, must: 'path must be a file: URL', got: String(path), cause });
  }
  throw modelError('invalid-data', { owner, must: 'path must be a file name or a file: URL', got: path });
}

/** Writes a new file, down to the disk: a rename may outrun the bytes otherwise. */
async function write(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function read(owner: string, path: string): Promise<Uint8Array> {
  let found: string;
  try {
    const stats = await stat(path);
    // Devices and pipes may never end.
    if (stats.isFile() && stats.size <= LARGEST_FILE) return await readFile(path);
    found = stats.isFile() ? `a file of ${stats.size} bytes` : stats.isDirectory() ? 'a folder' : 'a device or pipe';
  } catch (cause) {
    throw modelError('invalid-model-file', {
      owner,
      must: `the file must be readable (${describeThrown(cause)})`,
      cause,
    });
  }
  const must = `${describe(path)} must be a file of at most 2 GiB, but is ${found}`;
  throw modelError('invalid-model-file', { owner, must });
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
