/**
 * R's mclust on the same arrays, where there is an `Rscript` that has it (Debian: `r-cran-mclust`).
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case } from './suite.js';

const SCRIPT = fileURLToPath(new URL('../../benchmarks/mclust_peer.R', import.meta.url));
const MODELS: Readonly<Record<string, string>> = { full: 'VVV', tied: 'EEE', diagonal: 'VVI', spherical: 'VII' };

let isThere: boolean | undefined;

/** Milliseconds of an EM iteration of mclust; `undefined` where there is none. */
export function mclustIteration({ parameters, arrays }: Case): number | undefined {
  isThere ??= spawnSync('Rscript', ['-e', 'library(mclust)']).status === 0;
  if (!isThere) return undefined;
  const folder = mkdtempSync(join(tmpdir(), 'generative-models-bench-'));
  try {
    for (const [name, data] of Object.entries(arrays)) {
      writeFileSync(join(folder, `${name}.f64`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    const { rows, columns, components, covariance } = parameters;
    // Its iterations are slow, and equally so: few are enough.
    writeFileSync(join(folder, 'case.txt'), [rows, columns, components, 2, 6].join(' '));
    writeFileSync(join(folder, 'model.txt'), `${MODELS[String(covariance)]}\n`);
    const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    const { status, stderr } = spawnSync('Rscript', [SCRIPT, folder], { encoding: 'utf8', env });
    if (status !== 0) throw new Error(`mclust_peer.R failed: ${stderr}`);
    return (JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as { iteration: number }).iteration;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
