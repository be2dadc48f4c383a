// Compiles and runs the examples of README.md, docs/*.md and the docstrings of src, and compares the values that they
// print beside their lines. `npm run docs` builds the package first; `node scripts/check-docs.mjs FILE...` checks a few
// files only. Blocks are tagged:
//
//     ```ts              compiled and run, on its own
//     ```ts continued    the same, after the block above it
//     ```ts no-run       compiled only
import { fork } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHECKER_TYPES, compile, importableNames } from './docs/compile.mjs';
import { docstringExamples, markdownExamples } from './docs/extract.mjs';
import { rewrite } from './docs/rewrite.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const OUT = join(ROOT, 'build', 'docs-check');
const SECONDS_PER_EXAMPLE = 120;

/** @typedef {import('./docs/run.mjs').Problem} Problem */
/**
 * @typedef {object} Prepared
 * @property {import('./docs/extract.mjs').Example} example
 * @property {string} path - The generated file.
 * @property {import('./docs/rewrite.mjs').Check[]} checks
 * @property {Problem[]} problems
 */

process.exitCode = (await main(process.argv.slice(2))) ? 0 : 1;

/** @param {string[]} files */
async function main(files) {
  if (!existsSync(join(ROOT, 'dist'))) throw new Error('check-docs: dist must exist. Run "npm run build" first.');
  rmSync(OUT, { recursive: true, force: true });
  mkdirSync(join(OUT, 'files'), { recursive: true });
  const prepared = prepare(files.length > 0 ? files : documentedFiles());
  compileAll(prepared);
  await runAll(prepared.filter(({ example, problems }) => example.run && problems.length === 0));
  return report(prepared);
}

/** Paths from the root of all files that may hold examples. */
function documentedFiles() {
  const pages = ['README.md', ...filesIn('docs', '.md')].filter((file) => existsSync(join(ROOT, file)));
  return [...pages, ...filesIn('src', '.ts')];
}

/**
 * @param {string} folder
 * @param {string} extension
 */
function filesIn(folder, extension) {
  if (!existsSync(join(ROOT, folder))) return [];
  const names = readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' });
  const paths = names
    .filter((name) => name.endsWith(extension))
    .map((name) => `${folder}/${name.replaceAll('\\', '/')}`);
  return paths.sort();
}

/**
 * Writes each example as a module under build/docs-check.
 *
 * @param {string[]} files
 * @returns {Prepared[]}
 */
function prepare(files) {
  const namesFor = importableNames(
    ROOT,
    files.filter((file) => file.endsWith('.ts')),
  );
  const examples = files.flatMap((file) => {
    const text = readFileSync(join(ROOT, file), 'utf8');
    return file.endsWith('.md') ? markdownExamples(file, text) : docstringExamples(file, text);
  });
  return examples.map((example, i) => {
    const path = join(OUT, `${i}-${example.file.replace(/\W+/g, '-')}.ts`);
    const { code, checks, problems } = rewrite(
      example.source,
      example.autoImport ? namesFor(example.file, OUT) : new Map(),
    );
    writeFileSync(path, code);
    return { example, path, checks, problems };
  });
}

/** @param {Prepared[]} prepared */
function compileAll(prepared) {
  const globals = join(OUT, 'globals.d.ts');
  writeFileSync(globals, CHECKER_TYPES);
  for (const { file, line, message } of compile([globals, ...prepared.map(({ path }) => path)])) {
    const owner = prepared.find(({ path }) => path === file);
    if (!owner) throw new Error(`check-docs: ${file}:${line}: ${message}`);
    owner.problems.push({ line, message });
  }
}

/**
 * Runs examples in one process; where one of them ends it, the rest run in a next.
 *
 * @param {Prepared[]} prepared
 */
async function runAll(prepared) {
  let rest = prepared;
  while (rest.length > 0) {
    const done = await runSome(rest);
    rest = rest.slice(done);
  }
}

/**
 * @param {Prepared[]} prepared
 * @returns {Promise<number>} How many have run.
 */
function runSome(prepared) {
  const list = join(OUT, 'jobs.json');
  const jobs = prepared.map(({ path, checks }) => ({ module: path.replace(/\.ts$/, '.js'), checks }));
  writeFileSync(list, JSON.stringify(jobs));
  const child = fork(join(ROOT, 'scripts', 'docs', 'run.mjs'), [list], {
    cwd: join(OUT, 'files'),
    execArgv: ['--enable-source-maps'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  let [done, stderr] = [0, ''];
  const expire = () => child.kill('SIGKILL');
  let timer = setTimeout(expire, SECONDS_PER_EXAMPLE * 1000);
  child.stderr?.on('data', (chunk) => {
    stderr = (stderr + chunk).slice(-2000);
  });
  child.on('message', (/** @type {{ problems: Problem[] }} */ { problems }) => {
    prepared[done++].problems.push(...problems);
    clearTimeout(timer);
    timer = setTimeout(expire, SECONDS_PER_EXAMPLE * 1000);
  });
  return new Promise((resolve) => {
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (done === prepared.length) return resolve(done);
      const why = signal ? `was still running after ${SECONDS_PER_EXAMPLE} s` : `ended the process with code ${code}`;
      prepared[done].problems.push({ line: 0, message: `${why}\n${stderr}` });
      resolve(done + 1);
    });
  });
}

/** @param {Prepared[]} prepared */
function report(prepared) {
  const failed = prepared.filter(({ problems }) => problems.length > 0);
  for (const { example, problems } of failed) {
    for (const { line, message } of problems) console.log(`${example.file}:${line || example.line}: ${message}`);
  }
  console.log(`${prepared.length - failed.length} passed, ${failed.length} failed`);
  return failed.length === 0;
}
