// Packs the package, installs the tarball in an empty project and uses it as a stranger would. `npm run package` builds
// first. Nothing is fetched from a network.
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import {
  entryPoints,
  importedNames,
  importsOf,
  installPacked,
  packedFiles,
  requiredNames,
  run,
} from './package/consumer.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** What the tarball holds, and nothing else. */
const FILES = ['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'];
/** Subpaths that run in a browser unchanged and never load TensorFlow. */
const LIGHT = ['./kde', './gmm', './kernels'];

/** @typedef {import('./package/consumer.mjs').Consumer} Consumer */

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'check-package-')));
try {
  process.exitCode = (await main()) ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  if (!existsSync(join(ROOT, 'dist'))) throw new Error('check-package: dist must exist. Run "npm run build" first.');
  const consumer = installPacked(ROOT, folder);
  let [passed, failed] = [0, 0];
  for (const [name, check] of checksOf(consumer)) {
    const problem = await problemOf(check);
    if (problem === undefined) passed++;
    else failed++;
    if (problem !== undefined) console.log(`${name}: ${problem}`);
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0;
}

/**
 * All checks, each with its name. A check throws where it fails.
 *
 * @param {Consumer} consumer
 * @returns {[string, () => unknown][]}
 */
function checksOf(consumer) {
  /** @type {[string, () => unknown][]} */
  const checks = [
    ['files', () => checkFiles(consumer)],
    ['publint', () => checkPublint(consumer)],
    ['are the types wrong', () => checkTypeResolution(consumer)],
    ['types', () => checkTypes(consumer)],
  ];
  for (const { specifier, isCode } of entryPoints(consumer)) {
    /** @type {string[]} */
    let imported = [];
    const load = () => {
      imported = importedNames(consumer, specifier, isCode);
      if (imported.length === 0) throw new Error('it must export something');
    };
    checks.push([`import ${specifier}`, load]);
    checks.push([`require ${specifier}`, () => checkRequire(consumer, specifier, isCode ? imported : undefined)]);
  }
  for (const subpath of LIGHT) checks.push([`imports of ${subpath}`, () => checkImports(consumer, subpath)]);
  return checks;
}

/** @param {() => unknown} check */
async function problemOf(check) {
  try {
    await check();
    return undefined;
  } catch (error) {
    return (error instanceof Error ? error.message : String(error)).replaceAll(folder, '');
  }
}

/** @param {Consumer} consumer */
function checkFiles(consumer) {
  const files = packedFiles(consumer);
  const extra = files.filter((file) => !FILES.includes(file) && !/^dist\/.+\.(js|d\.ts)$/.test(file));
  const missing = FILES.filter((file) => !files.includes(file));
  if (extra.length > 0) throw new Error(`the tarball must not hold ${extra.join(', ')}`);
  if (missing.length > 0) throw new Error(`the tarball must hold ${missing.join(', ')}`);
}

/** @param {Consumer} consumer */
async function checkPublint({ tarball }) {
  const { buffer, byteOffset, byteLength } = readFileSync(tarball);
  const bytes = /** @type {ArrayBuffer} */ (buffer).slice(byteOffset, byteOffset + byteLength);
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true });
  const texts = messages.map((message) => `${message.type}: ${formatMessage(message, pkg, { color: false })}`);
  if (texts.length > 0) throw new Error(texts.join('\n    '));
}

/** @param {Consumer} consumer */
function checkTypeResolution({ tarball }) {
  const attw = join(ROOT, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  const options = ['--profile', 'esm-only', '--no-definitely-typed', '--format', 'ascii', '--no-color', '--no-emoji'];
  try {
    run(process.execPath, [attw, tarball, ...options]);
  } catch (error) {
    const lines = /** @type {Error} */ (error).message.split('\n');
    const told = lines.filter((line) => line.trim() !== '' && !/^\*|ignor|: OK/.test(line));
    throw new Error(told.join('\n    '));
  }
}

/**
 * A strict program that imports every entry point compiles, and so do the package's declarations. What is wrong in those
 * of its dependencies is left to them.
 *
 * @param {Consumer} consumer
 */
function checkTypes(consumer) {
  const code = entryPoints(consumer).filter(({ isCode }) => isCode);
  const lines = code.map(({ specifier }, i) => `import * as entry${i} from '${specifier}';\nvoid entry${i};\n`);
  writeFileSync(join(consumer.folder, 'consumer.ts'), lines.join(''));
  const compilerOptions = { strict: true, noEmit: true, target: 'ES2022', module: 'NodeNext', types: ['node'] };
  const config = { compilerOptions: { ...compilerOptions, skipLibCheck: false }, files: ['consumer.ts'] };
  writeFileSync(join(consumer.folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc');
  try {
    run(process.execPath, [tsc, '-p', '.'], { cwd: consumer.folder });
  } catch (error) {
    const lines = /** @type {Error} */ (error).message.split('\n');
    const ours = ['consumer.ts', `node_modules/${consumer.manifest.name}/`, 'error'];
    const own = lines.filter((line) => ours.some((start) => line.startsWith(start)));
    if (own.length > 0) throw new Error(own.join('\n    '));
  }
}

/**
 * @param {Consumer} consumer
 * @param {string} specifier
 * @param {string[] | undefined} imported - Names that `import` gives, where `require` must give the same.
 */
function checkRequire(consumer, specifier, imported) {
  const required = requiredNames(consumer, specifier);
  if (imported && !isDeepStrictEqual(required, imported)) {
    throw new Error(`it must export the same names as import, ${imported.join(', ')}, but got ${required.join(', ')}`);
  }
}

/**
 * @param {Consumer} consumer
 * @param {string} subpath
 */
function checkImports(consumer, subpath) {
  for (const { url, isOurs } of importsOf(consumer, consumer.manifest.name + subpath.slice(1))) {
    if (url.includes('/@tensorflow/')) throw new Error(`it must not load TensorFlow, but loads ${url}`);
    if (isOurs && url.startsWith('node:')) throw new Error(`it must run in a browser, but loads ${url}`);
  }
}
