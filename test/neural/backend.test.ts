import { describe, expect, it } from 'vitest';
import { ModelError } from '../../src/core/errors.js';
import { loadBackend } from '../../src/neural/backend.js';
import { selfTest } from '../../src/neural/self-test.js';
import { transposeBlocks } from '../../src/neural/wasm-kernels.js';
import { Float64Kernels } from './float64-kernels.js';

describe('backends', () => {
  it('auto is the first that works, and says so in one sentence', async () => {
    const backend = await loadBackend('auto', 'test');
    expect(['native', 'wasm']).toContain(backend.name);
    expect(backend.explanation).toContain(`training on the ${backend.name} backend`);
    if (backend.name === 'wasm') expect(backend.explanation).toMatch(/native is not used: .+/);
  });

  it('native is an error where it cannot be had, with the way out', async () => {
    const loaded = await loadBackend('native', 'Test.fit').catch((error: unknown) => error);
    if (!(loaded instanceof Error)) return expect(loaded).toMatchObject({ name: 'native' });
    expect(loaded).toBeInstanceOf(ModelError);
    expect(loaded).toMatchObject({ code: 'missing-backend' });
    expect(loaded.message).toMatch(/^Test\.fit: backend "native" must load .*tfjs-node 4\.22\.0.*\.$/);
  });

  it('loading leaves the active backend of the program and its process alone', async () => {
    const events = ['uncaughtException', 'unhandledRejection'] as const;
    const before = events.map((event) => process.listeners(event as 'uncaughtException').length);
    const tf = await import('@tensorflow/tfjs-core');
    const cpu = await loadBackend('cpu', 'test');
    await tf.setBackend('cpu');
    const wasm = await loadBackend('wasm', 'test');
    expect(tf.getBackend()).toBe('cpu');
    expect(wasm.run(() => tf.getBackend())).toBe('wasm');
    expect(tf.getBackend()).toBe('cpu');
    expect(cpu.run(() => wasm.run(() => tf.getBackend()))).toBe('wasm');
    expect(events.map((event) => process.listeners(event as 'uncaughtException').length)).toEqual(before);
  });

  it('registers no gradient with TensorFlow', async () => {
    await loadBackend('wasm', 'test');
    const { getGradient } = await import('@tensorflow/tfjs-core');
    expect(['Tanh', 'Exp', 'BatchMatMul', 'Relu'].map((name) => getGradient(name))).toEqual(Array(4).fill(undefined));
  });

  it('the self-test passes exact arithmetic and names what is wrong', () => {
    expect(() => selfTest(new Float64Kernels())).not.toThrow();
    const wrong = new Float64Kernels();
    wrong.transpose = (a) => a as ReturnType<Float64Kernels['transpose']>;
    expect(() => selfTest(wrong)).toThrow(/gradient by/);
  });

  it('transposing by blocks equals transposing', () => {
    for (const [rows, columns] of [
      [1, 1],
      [3, 50],
      [37, 18],
    ]) {
      const source = Float32Array.from({ length: rows * columns }, (_, i) => i);
      const target = new Float32Array(rows * columns);
      transposeBlocks(source, target, rows, columns);
      for (let i = 0; i < rows; i++) {
        for (let j = 0; j < columns; j++) expect(target[j * rows + i]).toBe(source[i * columns + j]);
      }
    }
  });
});
