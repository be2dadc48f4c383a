import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { violations } from './floors.js';

const SRC = join(import.meta.dirname, '..', 'src');

function sourceTree(): Map<string, string> {
  const names = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'));
  return new Map(names.map((name) => [name.replaceAll('\\', '/'), readFileSync(join(SRC, name), 'utf8')]));
}

/** A small library that keeps every floor. */
const SOUND = {
  'index.ts': "export * from './core/index.js'; export * from './gan/index.js';",
  'models.ts': "import './index.js'; import './kde/fit.js';",
  'files.ts': "import { readFile } from 'node:fs/promises'; import './models.js';",
  'core/index.ts': "export * from './random.js';",
  'core/random.ts': "import alea from 'seedrandom/lib/alea.js'; alea(String(Math.random()));",
  'core/linalg.ts': "import { Matrix } from 'ml-matrix';",
  'simd/loops.ts': "import '../core/index.js';",
  'kernels/index.ts': "import '../core/random.js';",
  'neural/index.ts': "import '../simd/loops.js'; import '@tensorflow/tfjs-core';",
  'kde/index.ts': "import '../kernels/index.js'; /** Never names '@tensorflow' or Math.random in code. */",
  'kde/fit.ts': "import './index.js';",
  'gmm/index.ts': '',
  'rbm/index.ts': '',
  'vae/index.ts': "import '../gmm/index.js';",
  'gan/index.ts': "import '../kde/fit.js'; import '../neural/index.js';",
  'evaluation/index.ts': "import '../kde/index.js';",
};

const violationsWith = (path: string, text: string): string[] =>
  violations(new Map(Object.entries({ ...SOUND, [path]: text })));

describe('the floors', () => {
  it('are kept by the source', () => {
    const files = sourceTree();
    expect(files.size).toBeGreaterThan(0);
    expect(violations(files)).toEqual([]);
  });

  it('make unseeded streams in one file', () => {
    const users = [...sourceTree()].filter(([, text]) => /^(?!\s*(\*|\/)).*Math\.random\(/m.test(text));
    expect(users.map(([path]) => path)).toEqual(['core/random.ts']);
  });

  it('are kept by a sound library', () => expect(violations(new Map(Object.entries(SOUND)))).toEqual([]));
});

describe('a planted violation is found:', () => {
  it.each([
    ['core/index.ts', "import '../kde/index.js';", 'core/index.ts: must not import kde/index.ts'],
    ['kernels/index.ts', "import '../simd/loops.js';", 'kernels/index.ts: must not import simd/loops.ts'],
    ['kde/index.ts', "import '../gmm/index.js';", 'kde/index.ts: must not import gmm/index.ts'],
    ['kde/index.ts', "import '../gan/index.js';", 'kde/index.ts: must not import gan/index.ts'],
    ['gmm/index.ts', "export * from '../vae/index.js';", 'gmm/index.ts: must not import vae/index.ts'],
    ['gmm/index.ts', "import '../neural/index.js';", 'gmm/index.ts: must not import neural/index.ts'],
    ['vae/index.ts', "import '../kde/index.js';", 'vae/index.ts: must not import kde/index.ts'],
    [
      'kde/fit.ts',
      "import type { X } from '../evaluation/index.js';",
      'kde/fit.ts: must not import evaluation/index.ts',
    ],
    ['kde/fit.ts', "await import('../gmm/index.js');", 'kde/fit.ts: must not import gmm/index.ts'],
    ['kde/fit.ts', "type X = import('../gmm/index.js').X;", 'kde/fit.ts: must not import gmm/index.ts'],
    ['kde/fit.ts', "import '../index.js';", 'kde/fit.ts: must not import index.ts'],
    ['index.ts', "export * from './kde/fit.js';", 'index.ts: must not import kde/fit.ts'],
    ['index.ts', "export * from './files.js';", 'index.ts: must not import files.ts'],
    ['models.ts', "import './files.js';", 'models.ts: must not import files.ts'],
    ['kde/fit.ts', "import './index';", "kde/fit.ts: import './index' must end in .js"],
    ['kde/fit.ts', "import './index.ts';", "kde/fit.ts: import './index.ts' must end in .js"],
    [
      'kde/fit.ts',
      "import './tree.js';",
      "kde/fit.ts: import './tree.js' must name a file of src, but kde/tree.ts is none",
    ],
    ['kde/fit.ts', "import fs from 'node:fs';", 'kde/fit.ts: must not import node:fs'],
    [
      'gmm/index.ts',
      "import { Matrix } from 'ml-matrix';",
      'gmm/index.ts: must not import ml-matrix; core/linalg.ts stands for it',
    ],
    [
      'kde/fit.ts',
      "import FFT from 'fft.js';",
      'kde/fit.ts: must not import fft.js; core/fourier-transform.ts stands for it',
    ],
    ['gmm/index.ts', "import 'seedrandom';", 'gmm/index.ts: must not import seedrandom; core/random.ts stands for it'],
    ['gmm/index.ts', "const load = () => import('@tensorflow/tfjs-core');", 'gmm/index.ts: must not name @tensorflow'],
    ['index.ts', "const name = '@tensorflow/tfjs-node';", 'index.ts: must not name @tensorflow'],
    ['core/index.ts', 'export const x = Math.random();', 'core/index.ts: must not use Math.random'],
    ['kde/fit.ts', 'export const draw = Math.random;', 'kde/fit.ts: must not use Math.random'],
    ['kde/fit.ts', '// line\n'.repeat(321), 'kde/fit.ts: must not exceed 320 lines, but has 321'],
    ['flow/index.ts', '', 'flow/index.ts: is in no room that the floors know'],
    ['extra.ts', '', 'extra.ts: is in no room that the floors know'],
  ])('%s with %j', (path, text, message) => expect(violationsWith(path, text)).toEqual([message]));

  it('but not a generated file that is long', () => {
    expect(violationsWith('simd/loops.generated.ts', '// line\n'.repeat(1000))).toEqual([]);
  });
});
