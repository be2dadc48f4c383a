// Compiles the AssemblyScript loops of src/simd/assembly into modules that hold their bytes, so that they load
// synchronously in Node and in browsers. The modules are committed; a test compares them with what the sources give.
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import asc from 'assemblyscript/asc';

const SIMD = new URL('../src/simd/', import.meta.url);

/**
 * Entries for memory that threads share, by their sources.
 *
 * @type {Readonly<Record<string, string>>}
 */
const SHARED = { 'arrays-shared': 'arrays' };
/** Addresses reach 65,536 pages. */
const SHARED_OPTIONS = ['--enable', 'threads', '--sharedMemory', '--maximumMemory', '65536'];

/** Each becomes src/simd/<entry>.generated.ts: sources in src/simd/assembly, and those for shared memory. */
export const ENTRIES = ['kernel-sums', 'tree-growth', 'mixture', 'arrays', 'dense', 'seeding', ...Object.keys(SHARED)];

const OPTIONS = [
  '--enable',
  'simd',
  '--runtime',
  'stub',
  '--importMemory',
  '--zeroFilledMemory',
  '-O3',
  '--noAssert',
  '--converge',
];

/**
 * The WebAssembly module of an entry.
 *
 * @param {string} entry
 * @returns {Promise<Uint8Array>}
 */
export async function compile(entry) {
  /** @type {Uint8Array | undefined} */
  let bytes;
  const source = SHARED[entry];
  const options = source ? [...OPTIONS, ...SHARED_OPTIONS] : OPTIONS;
  const { error, stderr } = await asc.main([`${source ?? entry}.ts`, ...options, '--outFile', 'module.wasm'], {
    readFile: readSource,
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') bytes = contents;
    },
    listFiles: () => [],
  });
  const messages = stderr.toString();
  if (error || !bytes || messages !== '') throw new Error(`${entry}: ${error?.message ?? ''}\n${messages}`);
  return bytes;
}

/**
 * A source file as the compiler wants it. To other tools these files are TypeScript: imports end in .js, and what
 * is to be inlined is marked by a comment, since functions have no decorators there.
 *
 * @param {string} name
 * @returns {Promise<string | null>}
 */
async function readSource(name) {
  try {
    const text = await readFile(new URL(`assembly/${name.replace(/\.js\.ts$/, '.ts')}`, SIMD), 'utf8');
    return text.replaceAll('/* @inline */', '@inline');
  } catch {
    return null;
  }
}

/**
 * The text of the module that holds an entry's bytes.
 *
 * @param {string} entry
 * @param {Uint8Array} bytes
 */
export function moduleText(entry, bytes) {
  const lines =
    Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,112}/g) ?? [];
  return `/**
 * The compiled form of assembly/${SHARED[entry] ?? entry}.ts${entry in SHARED ? ' for shared memory' : ''}, made by \`npm run build:simd\`: ${bytes.length} bytes.
 *
 * @module
 */

/** A WebAssembly module in base64. */
export const bytes: string =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`;
}

/** @param {string} entry */
export const generatedFile = (entry) => new URL(`${entry}.generated.ts`, SIMD);

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const entry of ENTRIES) {
    const bytes = await compile(entry);
    await writeFile(generatedFile(entry), moduleText(entry, bytes));
    console.log(`${entry}: ${bytes.length} bytes`);
  }
}
