/**
 * `npm run bench`: how long things take, and how exact they are.
 *
 *     npm run bench                       all suites but those that take minutes, such as vae-mnist
 *     npm run bench -- kde                one suite: kde, kde-pairs, kde-bandwidth, kde-grid, kde-resources, gmm, ...
 *     npm run bench -- --against sklearn  beside scikit-learn, on the same arrays
 *     npm run bench -- --large            with the sizes that take minutes
 *     npm run bench -- --quick            the smallest sizes only, to see that it works
 *     npm run bench -- kde --only d=2     the cases whose name holds this text
 *     npm run bench -- kde --case NAME    one case, as JSON: what a process of its own is asked for
 *
 * Results go to `benchmarks/results/SUITE.json` (not with `--quick` or `--only`); `npm run readme` makes the README's
 * tables of them.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatTable } from '../examples/support/table.js';
import { SEED } from './data.js';
import { ganSuite } from './gan.js';
import { ganDigitsSuite } from './gan-digits.js';
import { ganModesSuite } from './gan-modes.js';
import { gmmSuite } from './gmm.js';
import { gmmFitsSuite } from './gmm-fits.js';
import { describeMachine } from './harness.js';
import { kdeSuite } from './kde.js';
import { kdeBandwidthSuite } from './kde-bandwidth.js';
import { kdeGridSuite } from './kde-grid.js';
import { kdePairsSuite } from './kde-pairs.js';
import { kdeResourcesSuite } from './kde-resources.js';
import { findPeer, measurePeer, type Peer } from './sklearn.js';
import {
  type Case,
  fasterOf,
  type Measurement,
  type Result,
  type ResultsFile,
  type Settings,
  type Suite,
} from './suite.js';
import { vaeSuite } from './vae.js';
import { vaeDigitsSuite } from './vae-digits.js';
import { vaeMnistSuite } from './vae-mnist.js';

const SUITES: readonly Suite[] = [
  kdeSuite,
  kdePairsSuite,
  kdeBandwidthSuite,
  kdeGridSuite,
  kdeResourcesSuite,
  gmmSuite,
  gmmFitsSuite,
  ganSuite,
  ganModesSuite,
  ganDigitsSuite,
  vaeSuite,
  vaeDigitsSuite,
  vaeMnistSuite,
];
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string' },
    large: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    case: { type: 'string' },
  },
});
if (values.case !== undefined) await printCase(values.case, values);
else await main(positionals, values.against, values);

async function main(names: readonly string[], against: string | undefined, settings: Settings): Promise<void> {
  const unknown = names.find((name) => !SUITES.some((suite) => suite.name === name));
  if (unknown) throw new Error(`bench: "${unknown}" must be one of ${SUITES.map((suite) => suite.name).join(', ')}`);
  if (against !== undefined && against !== 'sklearn') throw new Error('bench: --against must be followed by sklearn');
  const peer = against ? findPeer() : undefined;
  const machine = describeMachine();
  console.log(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, Node ${machine.node}, seed ${SEED}`);
  if (peer) console.log(`against scikit-learn ${peer.versions['scikit-learn']} in ${peer.python}`);
  if (against && !peer) {
    console.log('scikit-learn is missing: no Python found here imports it, so there are no ratios.');
    console.log('Debian: apt-get install python3-sklearn; or set PYTHON to a Python that has it.');
  }
  for (const suite of SUITES) {
    if (names.length > 0 ? !names.includes(suite.name) : suite.onDemand) continue;
    const results = await runSuite(suite, settings, peer);
    if (!settings.quick && settings.only === '') save(suite, results, peer);
  }
}

async function runSuite(suite: Suite, settings: Settings, peer: Peer | undefined): Promise<Result[]> {
  const results: Result[] = [];
  for (const given of suite.cases(settings)) {
    if (!given.id.includes(settings.only)) continue;
    process.stderr.write(`${given.id} ...\n`);
    results.push(await measureCase(suite, given, suite.againstSklearn === false ? undefined : peer));
  }
  const columns = suite.headings.map((heading) => ({ heading, align: 'right' as const }));
  console.log(`\n${suite.name}\n\n${formatTable(columns, results.map(suite.format))}\n\n${suite.notes.join('\n')}`);
  return results;
}

/** Measures a case in a process of its own, which no other case has warmed up or left garbage to. */
function measureApart({ name }: Suite, { id }: Case): Measurement {
  const { status, stdout, stderr } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), name, '--case', id], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${id}: ${stderr}`);
  return JSON.parse(stdout) as Measurement;
}

/** Prints what one case came to. */
async function printCase(id: string, settings: Settings): Promise<void> {
  for (const suite of SUITES.filter(({ name }) => positionals.includes(name))) {
    for (const given of suite.cases(settings)) {
      if (given.id === id) console.log(JSON.stringify(await suite.measure(given)));
    }
  }
}

/** Measures a case, ours and the peer's in turns: a machine is not equally fast at all times. */
async function measureCase(suite: Suite, given: Case, peer: Peer | undefined): Promise<Result> {
  let ours: Measurement | undefined;
  let theirs: Measurement | undefined;
  for (let round = 0; round < (suite.rounds ?? 1); round++) {
    ours = fasterOf(ours, suite.ownProcess ? measureApart(suite, given) : await suite.measure(given));
    if (peer) theirs = fasterOf(theirs, measurePeer(peer, suite.name, given));
  }
  if (!ours) throw new Error(`${suite.name}: no round`);
  return { id: given.id, parameters: given.parameters, ours, ...(theirs && { peer: theirs }) };
}

function save(suite: Suite, results: readonly Result[], peer: Peer | undefined): void {
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
  const file: ResultsFile = {
    suite: suite.name,
    date: new Date().toISOString().slice(0, 10),
    version,
    seed: SEED,
    machine: describeMachine(),
    ...(peer && { peer: peer.versions }),
    results,
  };
  const folder = join(ROOT, 'benchmarks', 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${suite.name}.json`), `${JSON.stringify(file, null, 2)}\n`);
}
