// Writes the tables of README.md from what benchmarks and demonstration recorded in benchmarks/results.
//
//     node scripts/readme-tables.mjs           rewrites README.md
//     node scripts/readme-tables.mjs --check   fails where README.md is out of date
//
// A table stands between `<!-- bench:NAME -->` and `<!-- /bench -->`, that of the demonstration between `<!-- demo -->` and
// `<!-- /demo -->`. A marker without anything inside may wait for its first results: it is left empty, with a warning. A table
// whose results are gone is an error, for nobody could say where it comes from.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { TABLES } from './readme/tables.mjs';

const ROOT = new URL('..', import.meta.url);
const MARKED = /(<!-- (?:bench:)?(\w[\w-]*) -->\n)([\s\S]*?)(<!-- \/(?:bench|demo) -->)/g;

/**
 * A page with its tables renewed.
 *
 * @param {string} page
 * @param {(name: string) => any} read - The results of a name, or undefined where nothing is recorded.
 * @param {(message: string) => void} [warn] - Told of markers that stay empty.
 */
export function renewTables(page, read, warn = () => {}) {
  return page.replace(MARKED, (whole, start, name, old, end) => {
    const table = TABLES[name];
    if (!table) throw new Error(`readme-tables: "${name}" must be one of ${Object.keys(TABLES).join(', ')}`);
    const results = read(name);
    if (results === undefined) {
      const missing = `benchmarks/results/${name}.json must exist`;
      if (old.trim() !== '') throw new Error(`readme-tables: ${missing}, for the page has a table of it`);
      warn(`readme-tables: "${name}" stays empty: ${missing}`);
      return whole;
    }
    return `${start}\n${table(results)}\n\n${end}`;
  });
}

/** @param {string} name */
function readResults(name) {
  const path = new URL(`benchmarks/results/${name}.json`, ROOT);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : undefined;
}

/** @param {boolean} check */
function main(check) {
  const path = new URL('README.md', ROOT);
  const page = readFileSync(path, 'utf8');
  const renewed = renewTables(page, readResults, console.warn);
  if (!check) return writeFileSync(path, renewed);
  if (renewed === page) return;
  console.error('README.md is out of date. Run "npm run readme".');
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main(process.argv.includes('--check'));
