/**
 * scikit-learn on the same arrays, in the same run: arrays go through a temporary folder, results come back as JSON.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Case, Measurement } from './suite.js';

/** A Python that has scikit-learn. */
export interface Peer {
  readonly python: string;
  /** Versions of Python, numpy and scikit-learn. */
  readonly versions: Readonly<Record<string, string>>;
}

const SCRIPT = fileURLToPath(new URL('../../benchmarks/sklearn_peer.py', import.meta.url));
const ASK_VERSIONS =
  'import json, platform, numpy, sklearn; ' +
  'print(json.dumps({"python": platform.python_version(), "numpy": numpy.__version__, "scikit-learn": sklearn.__version__}))';

/** The first Python that imports scikit-learn: `$PYTHON`, then those on the path, then Debian's. */
export function findPeer(): Peer | undefined {
  const candidates = [process.env.PYTHON, 'python3', 'python', '/usr/bin/python3'];
  for (const python of candidates) {
    if (!python) continue;
    const { status, stdout } = spawnSync(python, ['-c', ASK_VERSIONS], { encoding: 'utf8' });
    if (status === 0) return { python, versions: JSON.parse(stdout) };
  }
  return undefined;
}

/** Runs one case in Python. */
export function measurePeer({ python }: Peer, suite: string, { parameters, arrays }: Case): Measurement {
  const folder = mkdtempSync(join(tmpdir(), 'generative-models-bench-'));
  try {
    for (const [name, data] of Object.entries(arrays)) {
      writeFileSync(join(folder, `${name}.f64`), new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    }
    writeFileSync(join(folder, 'case.json'), JSON.stringify({ suite, parameters }));
    const threads = parameters.threads === undefined ? {} : threadLimits(Number(parameters.threads));
    const options = { encoding: 'utf8', env: { ...process.env, ...threads } } as const;
    const { status, stderr, error } = spawnSync(python, [SCRIPT, folder], options);
    if (status !== 0) throw new Error(`sklearn_peer.py failed: ${error?.message ?? stderr}`);
    return JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')) as Measurement;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What keeps numpy's libraries to so many threads. */
function threadLimits(threads: number): Record<string, string> {
  return { OMP_NUM_THREADS: `${threads}`, OPENBLAS_NUM_THREADS: `${threads}`, MKL_NUM_THREADS: `${threads}` };
}
