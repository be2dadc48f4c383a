// A project that has installed the packed package, and what can be asked of it. No network: the package's own
// dependencies are links to those of the repository.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const TRACE = fileURLToPath(new URL('trace.mjs', import.meta.url));

/**
 * Packs the repository and installs the tarball in a new project.
 *
 * @param {string} root - The repository.
 * @param {string} folder - An empty folder.
 */
export function installPacked(root, folder) {
  const command = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(run('npm', command, { cwd: root, shell: process.platform === 'win32' }));
  const tarball = join(folder, filename.replace('@', '').replace('/', '-'));
  run('tar', ['-xzf', filename], { cwd: folder });
  const manifest = JSON.parse(readFileSync(join(folder, 'package', 'package.json'), 'utf8'));
  const installed = join(folder, 'node_modules', manifest.name);
  mkdirSync(dirname(installed), { recursive: true });
  renameSync(join(folder, 'package'), installed);
  const needed = { ...manifest.dependencies, ...manifest.peerDependencies };
  for (const name of Object.keys(needed)) link(join(root, 'node_modules', name), join(folder, 'node_modules', name));
  link(join(root, 'node_modules', '@types', 'node'), join(folder, 'node_modules', '@types', 'node'));
  writeFileSync(join(folder, 'package.json'), '{ "name": "consumer", "private": true, "type": "module" }\n');
  return { folder, tarball, installed, manifest };
}

/** @typedef {ReturnType<typeof installPacked>} Consumer */

/**
 * The specifiers that the package's `exports` offer, and whether each is code.
 *
 * @param {Consumer} consumer
 * @returns {{ subpath: string, specifier: string, isCode: boolean }[]}
 */
export function entryPoints({ manifest }) {
  return Object.keys(manifest.exports).map((subpath) => {
    if (subpath.includes('*')) throw new Error(`check-package: exports must name every subpath, but got "${subpath}".`);
    return { subpath, specifier: manifest.name + subpath.slice(1), isCode: !subpath.endsWith('.json') };
  });
}

/**
 * Names that a fresh process gets by `import`.
 *
 * @param {Consumer} consumer
 * @param {string} specifier
 * @param {boolean} isCode
 * @returns {string[]}
 */
export function importedNames({ folder }, specifier, isCode) {
  const options = isCode ? '' : ", { with: { type: 'json' } }";
  const code = `const loaded = await import('${specifier}'${options}); ${PRINT_NAMES}`;
  return JSON.parse(evaluate(['--input-type=module', '--eval', code], { cwd: folder }));
}

/**
 * Names that a fresh process gets by `require`.
 *
 * @param {Consumer} consumer
 * @param {string} specifier
 * @returns {string[]}
 */
export function requiredNames({ folder }, specifier) {
  const code = `const loaded = require('${specifier}'); ${PRINT_NAMES}`;
  return JSON.parse(evaluate(['--input-type=commonjs', '--eval', code], { cwd: folder }));
}

const PRINT_NAMES = `
  for (const [name, value] of Object.entries(loaded)) if (value === undefined) throw new Error(name + ' is undefined');
  console.log(JSON.stringify(Object.keys(loaded).sort()));`;

/**
 * Every import that a fresh process makes for one subpath. `isOurs` where a module of the package makes it.
 *
 * @param {Consumer} consumer
 * @param {string} specifier
 * @returns {{ url: string, isOurs: boolean }[]}
 */
export function importsOf({ folder, installed }, specifier) {
  const file = join(folder, 'trace.jsonl');
  rmSync(file, { force: true });
  const code = `await import('${specifier}');`;
  const env = { ...process.env, TRACE_FILE: file };
  evaluate(['--import', pathToFileURL(TRACE).href, '--input-type=module', '--eval', code], { cwd: folder, env });
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  const ours = pathToFileURL(installed).href;
  return lines.map((line) => JSON.parse(line)).map(({ from, url }) => ({ url, isOurs: from.startsWith(ours) }));
}

/**
 * Paths of the package's files.
 *
 * @param {Consumer} consumer
 */
export function packedFiles({ installed }) {
  const entries = readdirSync(installed, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return files.map((file) => file.slice(installed.length + 1).replaceAll('\\', '/')).sort();
}

/**
 * Runs Node, and on failure says the error without its stack.
 *
 * @param {string[]} parameters
 * @param {import('node:child_process').ExecFileSyncOptions} options
 */
function evaluate(parameters, options) {
  try {
    return run(process.execPath, ['--no-warnings', ...parameters], options);
  } catch (error) {
    throw new Error(/^\w*Error\b.*$/m.exec(String(error).replace(/^Error: /, ''))?.[0] ?? String(error));
  }
}

/**
 * Runs a program and returns what it prints.
 *
 * @param {string} program
 * @param {string[]} parameters
 * @param {import('node:child_process').ExecFileSyncOptions} [options]
 * @returns {string}
 */
export function run(program, parameters, options = {}) {
  try {
    return execFileSync(program, parameters, { ...options, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    const { stdout = '', stderr = '' } = /** @type {{ stdout?: string, stderr?: string }} */ (error);
    throw new Error(`${stdout}${stderr}`.trim() || String(error));
  }
}

/**
 * @param {string} target
 * @param {string} path
 */
function link(target, path) {
  if (!existsSync(target)) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(target, path, 'junction');
}
