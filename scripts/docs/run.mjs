// Runs compiled examples one after the other, in a process of its own, and reports each to its parent.
//
// Its one argument is a file of `[{ module, checks }]`; it sends `{ problems: [{ line, message }] }` for each in turn.
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { formatWithOptions } from 'node:util';
import { compareError, compareText, compareValue } from './compare.mjs';
import { CHECKER } from './rewrite.mjs';

/** @typedef {{ line: number, message: string }} Problem */
/** @typedef {{ module: string, checks: import('./rewrite.mjs').Check[] }} Job */

/** @param {Job} job */
async function runExample({ module, checks }) {
  /** @type {Problem[]} */
  const problems = [];
  const reached = new Set();
  Object.assign(globalThis, { [CHECKER]: checker(checks, problems, reached) });
  try {
    await import(pathToFileURL(module).href);
    for (const [id, { line }] of checks.entries()) {
      if (!reached.has(id)) problems.push({ line, message: 'this line was never reached' });
    }
  } catch (error) {
    problems.push({ line: lineOf(error, module), message: `threw ${error}` });
  }
  return problems;
}

/**
 * The object whose methods an example calls in place of the comments at its line ends.
 *
 * @param {import('./rewrite.mjs').Check[]} checks
 * @param {Problem[]} problems
 * @param {Set<number>} reached
 */
function checker(checks, problems, reached) {
  /** @type {(id: number, compare: (expected: string) => string | undefined) => void} */
  const check = (id, compare) => {
    reached.add(id);
    const message = compare(checks[id].expected);
    if (message) problems.push({ line: checks[id].line, message });
  };
  return {
    /** @type {(id: number, value: unknown) => void} */
    value: (id, value) => check(id, (expected) => compareValue(value, expected)),
    /** @type {(id: number) => (...values: unknown[]) => void} */
    printed: (id) => {
      return (...values) => {
        const options = { depth: Infinity, maxArrayLength: Infinity, breakLength: Infinity };
        check(id, (expected) => compareText(formatWithOptions(options, ...values), expected));
      };
    },
    /** @type {(id: number, run: () => Promise<unknown>) => Promise<void>} */
    throws: async (id, run) => {
      const outcome = await run().then(
        () => undefined,
        (/** @type {unknown} */ error) => error,
      );
      check(id, (expected) => {
        const wanted = expected.replace(/^throws\s*/, '');
        return outcome instanceof Error ? compareError(outcome, wanted) : `expected to throw ${wanted}, but it did not`;
      });
    },
  };
}

/**
 * Line of an example at which an error was thrown, by the source map in the stack; 0 where none says.
 *
 * @param {unknown} error
 * @param {string} module
 */
function lineOf(error, module) {
  const name = module.replace(/^.*[\\/]/, '').replace(/\.js$/, '.ts');
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const at = stack.indexOf(`${name}:`);
  return at < 0 ? 0 : Number.parseInt(stack.slice(at + name.length + 1), 10);
}

/** @type {Job[]} */
const jobs = JSON.parse(readFileSync(process.argv[2], 'utf8'));
for (const job of jobs) {
  const problems = await runExample(job);
  await new Promise((sent) => process.send?.({ problems }, sent));
}
process.exit();
