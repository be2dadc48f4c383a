/**
 * What a kernel density takes of a machine: the memory of a fit, and what a second thread brings.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { KernelDensity } from 'generative-models';
import { DensityPool } from 'generative-models/pool';
import { normalRows } from './data.js';
import { time } from './harness.js';
import {
  type Case,
  formatRatio,
  formatTiming,
  type Measurement,
  type Result,
  type Settings,
  type Suite,
} from './suite.js';

const THREADS = 2;
const MEMORY_SCRIPT = fileURLToPath(new URL('./kde-memory.js', import.meta.url));

function* cases({ quick }: Settings): Iterable<Case> {
  const rows = quick ? 10_000 : 1_000_000;
  yield { id: `kde-resources memory n=${rows} d=2`, parameters: { what: 'memory', rows, columns: 2 }, arrays: {} };
  for (const columns of [2, 3]) {
    const parameters = {
      what: 'threads',
      rows: quick ? 1000 : 100_000,
      columns,
      queries: quick ? 1000 : [0, 0, 200_000, 30_000][columns],
      tolerance: 1e-4,
    };
    yield { id: `kde-resources threads n=${parameters.rows} d=${columns}`, parameters, arrays: {} };
  }
}

function measure(given: Case): Promise<Measurement> {
  return given.parameters.what === 'memory' ? measureMemory(given) : measureThreads(given);
}

/** In a process of its own, so that nothing else is counted: the most memory that was resident, as the system counts it. */
async function measureMemory({ parameters: { rows, columns } }: Case): Promise<Measurement> {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--expose-gc', MEMORY_SCRIPT, `${rows}`, `${columns}`],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(`kde-memory.js failed: ${stderr}`);
  return { times: {}, values: JSON.parse(stdout) as Record<string, number> };
}

async function measureThreads({ parameters }: Case): Promise<Measurement> {
  const columns = Number(parameters.columns);
  const queries = normalRows(Number(parameters.queries), columns, 'queries');
  const estimator = new KernelDensity({ relativeTolerance: Number(parameters.tolerance) });
  const model = await estimator.fit(normalRows(Number(parameters.rows), columns, 'rows'));
  const expected = model.logDensity(queries);
  const pool = new DensityPool({ threads: THREADS });
  try {
    // The first call tells the threads the model.
    const found = await pool.logDensity(model, queries);
    const different = found.reduce((count, value, i) => count + (value === expected[i] ? 0 : 1), 0);
    return {
      times: {
        alone: await time(() => model.logDensity(queries)[0]),
        pooled: await time(async () => (await pool.logDensity(model, queries))[0]),
      },
      values: { different },
    };
  } finally {
    await pool.close();
  }
}

function format({ parameters, ours: { times, values } }: Result): string[] {
  const size = `${Number(parameters.rows).toLocaleString('en')} x ${parameters.columns}`;
  if (parameters.what === 'memory') {
    return [
      size,
      `${(values.fitBytes / 1e6).toFixed(0)} MB to fit, ${(values.peakBytes / 1e6).toFixed(0)} MB with queries`,
      '',
      '',
      '',
    ];
  }
  const speed = formatRatio(times.pooled.median, times.alone.median);
  return [size, formatTiming(times.alone), formatTiming(times.pooled), speed, String(values.different)];
}

/** The suite of `npm run bench -- kde-resources`. */
export const kdeResourcesSuite: Suite = {
  name: 'kde-resources',
  againstSklearn: false,
  cases,
  measure,
  headings: ['rows', 'one thread', `${THREADS} threads`, 'speed-up', 'other bits'],
  format,
  notes: [
    'Memory: the most that was resident beyond what the process held with the rows in it, after a fit and after 1,000 densities.',
    'Threads: 200,000 densities in two dimensions, 30,000 in three, at 1e-4.',
  ],
};
