/**
 * The native backend as a program meets it, in a process of its own: `@tensorflow/tfjs-node` is stood in for by a module that
 * puts TensorFlow's plain kernels under the name of its backend, or by one that is broken as the real one is on Node 23.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const folder = mkdtempSync(join(tmpdir(), 'native-'));
afterAll(() => rmSync(folder, { recursive: true }));

const urlOf = (path: string): string => pathToFileURL(join(ROOT, path)).href;

/** A module that registers a backend of the native one's name, from that of the plain backend, kernel by kernel. */
const standIn = (kernel: string): string => `
  import * as tf from '@tensorflow/tfjs-core';
  import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
  tf.registerBackend('tensorflow', () => new MathBackendCPU());
  for (const known of tf.getKernelsForBackend('cpu')) {
    tf.registerKernel({ ...known, backendName: 'tensorflow', ${kernel} });
  }
  export default tf;
`;

/** Fits a small model in a process in which the package is \`module\`, and gives what it printed. */
async function runWith(name: string, module: string, backend: string): Promise<string> {
  const package_ = join(folder, `${name}.mjs`);
  const hooks = join(folder, `${name}-hooks.mjs`);
  const program = join(folder, `${name}-program.mjs`);
  writeFileSync(package_, module);
  // What the stand-in imports is the library's own, wherever the stand-in lies.
  writeFileSync(
    hooks,
    `export function resolve(name, context, next) {
      if (name === '@tensorflow/tfjs-node') return { url: ${JSON.stringify(pathToFileURL(package_).href)}, shortCircuit: true };
      const parentURL = name.startsWith('@tensorflow/') ? ${JSON.stringify(urlOf('dist/index.js'))} : context.parentURL;
      return next(name, { ...context, parentURL });
    }`,
  );
  writeFileSync(
    program,
    `import { register } from 'node:module';
    register(${JSON.stringify(pathToFileURL(hooks).href)});
    const { VariationalAutoencoder } = await import(${JSON.stringify(urlOf('dist/vae/index.js'))});
    const rows = Array.from({ length: 60 }, (_, i) => [Math.sin(i), Math.cos(i)]);
    const phases = new Set();
    const options = { hidden: [4], epochs: 3, densitySamples: 5, seed: 1, backend: ${JSON.stringify(backend)} };
    try {
      const model = await new VariationalAutoencoder(options).fit(rows, { onProgress: ({ phase }) => phases.add(phase) });
      console.log(JSON.stringify({ phase: [...phases][0], density: Array.from(model.logDensity(rows.slice(0, 3))) }));
    } catch (error) {
      console.log(JSON.stringify({ code: error.code, message: error.message }));
    }`,
  );
  const { stdout } = await promisify(execFile)(process.execPath, ['--no-warnings', program], { encoding: 'utf8' });
  return stdout;
}

describe('a native backend', () => {
  it('is preferred where it works', async () => {
    const found = JSON.parse(await runWith('working', standIn(''), 'auto'));
    expect(found.phase).toBe('training on the native backend');
    const plain = JSON.parse(await runWith('plain', standIn(''), 'cpu'));
    // The stand-in has the plain kernels, and the seed decides.
    expect(found.density).toEqual(plain.density);
  });

  const broken = standIn("kernelFunc: () => { throw new TypeError('util_1.isNullOrUndefined is not a function'); }");

  it('is passed over where its first operation throws, and the reason is told', async () => {
    const found = JSON.parse(await runWith('broken', broken, 'auto'));
    expect(found.phase).toBe(
      'training on the wasm backend; native is not used: util_1.isNullOrUndefined is not a function',
    );
  });

  it('is an error where it was asked for by name', async () => {
    const found = JSON.parse(await runWith('wanted', broken, 'native'));
    expect(found.code).toBe('missing-backend');
    expect(found.message).toContain('backend "native" must load and pass its self-test (util_1.isNullOrUndefined');
  });

  it('is passed over where it computes something else', async () => {
    const wrong = standIn("kernelFunc: (call) => known.kernelName === 'Tanh' ? call.inputs.x : known.kernelFunc(call)");
    const found = JSON.parse(await runWith('wrong', wrong, 'auto'));
    expect(found.phase).toContain('training on the wasm backend; native is not used: its self-test failed on');
  });
});
