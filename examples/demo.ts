/**
 * `npm run demo`: which distribution did the two-muon events come from?
 *
 * Fits kernel density and Gaussian mixtures to the mass of the muon pair and to all six columns of the events, compares
 * them by the log-density of events set aside, draws new events, looks for the Z boson among them, and writes pictures
 * into `pictures/`. With `--record` it keeps table and pictures for the README.
 *
 * @module
 */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Samples, splitRows } from 'generative-models';
import { CANDIDATES, type Task } from './demo/estimators.js';
import { findMassPeak } from './demo/mass-peak.js';
import { type Data, drawMasses, drawPlanes } from './demo/pictures.js';
import { massesOf, type Outcome, type Parts, runCandidate } from './demo/run.js';
import { readColumns } from './support/csv.js';
import { EVENT_COLUMNS, Z_MASS } from './support/dimuon.js';
import { savePicture } from './support/pictures.js';
import { ProgressLine } from './support/progress.js';
import { formatTable } from './support/table.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SEED = 1;

const events = readColumns('zmumu.csv', EVENT_COLUMNS);
const masses = massesOf(events);
const data: Data = { events, masses, peak: await findMassPeak(masses) };
const parts = splitTasks();
const progress = new ProgressLine();
const outcomes: Outcome[] = [];
for (const candidate of CANDIDATES) outcomes.push(await runCandidate(candidate, parts[candidate.task], progress));
progress.end();

console.log(`\n${describeData()}\n\n${formatOutcomes()}\n`);
const pictures = writePictures();
for (const path of pictures) console.log(relative(process.cwd(), path));
if (process.argv.includes('--record')) record();

/** One split for all tasks, so that all models have seen the same events. */
function splitTasks(): Record<Task, Parts> {
  const { training, test } = splitRows(events, { fraction: 0.25, seed: SEED });
  const onlyMass = { training: Samples.column(massesOf(training)), test: Samples.column(massesOf(test)) };
  return { mass: onlyMass, 'six columns': { training, test }, 'pair coordinates': { training, test } };
}

function describeData(): string {
  const { training, test } = parts['six columns'];
  const { position, width } = data.peak;
  return [
    `${events.rows.toLocaleString('en')} two-muon events, CMS 2011: fitted to ${training.rows}, judged on ${test.rows} others.`,
    'Held-out: mean log-density of those, ± its standard error, in nats; higher is better. Lines under "six columns" and',
    '"pair coordinates" count in the same units and compare; those of "mass", one column, with each other only.',
    'Peak and width: of the mass of generated events in GeV, the width in full at half height.',
    'Told apart: test and generated rows, each by its nearest neighbours among others: 50% where they are alike. Energy: the',
    'squared energy distance between them, columns standardised. An adversarial network’s density is an estimate by a window.',
    `Data: peak ${position.toFixed(2)}, width ${width.toFixed(2)}. Mass of the Z boson: ${Z_MASS}.`,
  ].join('\n');
}

function formatOutcomes(): string {
  const right = { align: 'right' as const };
  const columns = [
    { heading: 'fitted to' },
    { heading: 'estimator' },
    { heading: 'held-out', ...right },
    { heading: 'fit s', ...right },
    { heading: 'µs/row', ...right },
    { heading: 'peak', ...right },
    { heading: 'width', ...right },
    { heading: 'told apart', ...right },
    { heading: 'energy', ...right },
  ];
  const lines = outcomes.flatMap((outcome, i) => {
    const isFirst = i > 0 && outcomes[i - 1].candidate.task !== outcome.candidate.task;
    return isFirst ? [[], formatOutcome(outcome)] : [formatOutcome(outcome)];
  });
  return formatTable(columns, lines);
}

function formatOutcome(outcome: Outcome): string[] {
  const { candidate, mean, standardError, fitSeconds, evaluationUs, peak, toldApart, energy } = outcome;
  return [
    candidate.task,
    candidate.label,
    `${mean.toFixed(3)} ± ${standardError.toFixed(3)}`,
    fitSeconds.toFixed(fitSeconds < 0.1 ? 3 : 1),
    evaluationUs.toFixed(evaluationUs < 10 ? 1 : 0),
    peak.position.toFixed(2),
    peak.width.toFixed(2),
    `${(100 * toldApart).toFixed(1)}%`,
    energy.toFixed(4),
  ];
}

function writePictures(): string[] {
  const folder = join(ROOT, 'pictures');
  const drawn = outcomes.filter(({ candidate }) => candidate.drawn);
  const events = drawn.filter(({ candidate }) => candidate.task !== 'mass');
  return [
    ...savePicture(folder, 'zmumu-mass', drawMasses(data, drawn)),
    ...savePicture(folder, 'zmumu-events', drawPlanes(data, events)),
  ];
}

/** Keeps what the README shows: the table as JSON and the pictures. */
function record(): void {
  const rows = outcomes.map(({ candidate: { task, label }, drawn: _, masses: __, ...numbers }) => ({
    task,
    label,
    ...numbers,
  }));
  const kept = { seed: SEED, events: events.rows, testRows: parts.mass.test.rows, dataPeak: data.peak, rows };
  writeFileSync(join(ROOT, 'benchmarks', 'results', 'demo.json'), `${JSON.stringify(kept, null, 2)}\n`);
  const folder = join(ROOT, 'docs', 'pictures');
  mkdirSync(folder, { recursive: true });
  for (const path of pictures) if (path.endsWith('.png')) copyFileSync(path, join(folder, basename(path)));
}
