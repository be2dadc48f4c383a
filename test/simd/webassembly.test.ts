import { afterEach, describe, expect, it, vi } from 'vitest';
import { leafKernel, makeLeafLoops } from '../../src/simd/index.js';
import { bytes } from '../../src/simd/kernel-sums.generated.js';
import { PlainLeafLoops } from '../../src/simd/plain-leaf-loops.js';
import { forcePlainLoops, hasCompiledLoops, instantiate } from '../../src/simd/webassembly.js';

// Its declarations come with the DOM's, which nothing here asks for.
const { WebAssembly: REAL } = globalThis as unknown as { WebAssembly: Record<string, unknown> };

const SHAPE = { rows: 3, columns: 1, weighted: false };

function isPlain(shape = SHAPE): boolean {
  return makeLeafLoops(shape) instanceof PlainLeafLoops;
}

afterEach(() => {
  forcePlainLoops(false);
  vi.unstubAllGlobals();
});

describe('loops', () => {
  it('are compiled here', () => {
    expect(hasCompiledLoops()).toBe(true);
    expect(isPlain()).toBe(false);
  });

  it('are plain when forced', () => {
    forcePlainLoops(true);
    expect(hasCompiledLoops()).toBe(false);
    expect(isPlain()).toBe(true);
    forcePlainLoops(false);
    expect(isPlain()).toBe(false);
  });

  it('are plain where there is no SIMD, and where there is no WebAssembly', async () => {
    for (const without of [{ ...REAL, validate: () => false }, undefined]) {
      vi.resetModules();
      vi.stubGlobal('WebAssembly', without);
      const fresh = await import('../../src/simd/webassembly.js');
      expect(fresh.hasCompiledLoops()).toBe(false);
      expect(fresh.instantiate(bytes, [1])).toBeUndefined();
    }
  });

  it('are plain where compiling is forbidden', async () => {
    vi.resetModules();
    const Module = class {
      constructor() {
        throw new Error('refused');
      }
    };
    vi.stubGlobal('WebAssembly', { Module, validate: () => true });
    const fresh = await import('../../src/simd/webassembly.js');
    expect(fresh.instantiate(bytes, [1])).toBeUndefined();
    expect(fresh.instantiate(bytes, [1])).toBeUndefined();
  });

  it('are plain where memory cannot be had', () => {
    expect(instantiate(bytes, [2 ** 29])).toBeUndefined();
    vi.stubGlobal('WebAssembly', {
      Memory: class {
        constructor() {
          throw new RangeError('could not allocate memory');
        }
      },
      Instance: REAL.Instance,
      Module: REAL.Module,
    });
    expect(instantiate(bytes, [1])).toBeUndefined();
    expect(isPlain()).toBe(true);
  });

  it('share no memory', () => {
    const [first, second] = [makeLeafLoops(SHAPE), makeLeafLoops(SHAPE)];
    first.coordinates.set([1, 2, 3]);
    expect([...second.coordinates]).toEqual([0, 0, 0]);
    expect(first.coordinates.buffer).not.toBe(second.coordinates.buffer);
  });

  it('keep their arrays apart, aligned to pairs', () => {
    const { arrays } = instantiate(bytes, [1, 2, 3, 0, 5]) as { arrays: readonly Float64Array[] };
    expect(arrays.map((array) => array.length)).toEqual([1, 2, 3, 0, 5]);
    expect(arrays.map((array) => array.byteOffset % 16)).toEqual([0, 0, 0, 0, 0]);
    arrays.forEach((array, i) => {
      array.fill(i + 1);
    });
    expect(arrays.map((array, i) => array.every((value) => value === i + 1))).not.toContain(false);
  });

  it('can live by the thousand', () => {
    const many = Array.from({ length: 2000 }, () => makeLeafLoops(SHAPE));
    expect(many.filter((loops) => loops instanceof PlainLeafLoops)).toEqual([]);
    many.forEach((loops, i) => {
      loops.coordinates.fill(i);
    });
    expect(many.map((loops) => loops.sum(leafKernel('tophat', 0), 0, 3, 0, 3, 0))).toContain(3);
  });
});
