/**
 * The floors of the library: which room may import which, and where a name may be spoken at all.
 *
 *     core -> simd, kernels -> neural -> kde, gmm, rbm, vae, gan -> evaluation -> index, models, files, pool
 *
 * @module
 */
import { dirname, join } from 'node:path/posix';
import ts from 'typescript';

/** Rooms from the ground up. A room imports its own files and the floors below, never a neighbour. */
const FLOORS = [['core'], ['simd', 'kernels'], ['neural'], ['kde', 'gmm', 'rbm', 'vae', 'gan'], ['evaluation']];

/** Estimators that may use another: a GAN's density is a Parzen window, a VAE may fit a mixture to its codes. */
const NEIGHBOURS = ['gan -> kde', 'vae -> gmm'];

/** Files on top of all rooms. Each may import those before it; `index.ts` sees the rooms' `index.ts` only. */
const TOP = ['index.ts', 'models.ts', 'files.ts', 'pool-worker.ts', 'pool-threads.ts', 'pool-jobs.ts', 'pool.ts'];

/** Rooms that may name TensorFlow. No other room may import them, so that nobody else loads it. */
const TENSORFLOW_ROOMS = ['neural', 'rbm', 'vae', 'gan'];

/** The only files that may import from Node: subpaths of their own, so that the rest runs in a browser. */
const NODE_FILES = ['files.ts', 'pool-worker.ts', 'pool-threads.ts', 'pool.ts'];

/** Packages that one file stands for. */
const WRAPPED = {
  'fft.js': 'core/fourier-transform.ts',
  'ml-matrix': 'core/linalg.ts',
  seedrandom: 'core/random.ts',
};

const RANDOM_FILE = 'core/random.ts';
const LONGEST_FILE = 320;

/** What a file says, comments aside. */
interface SourceFile {
  readonly path: string;
  readonly imports: readonly string[];
  readonly strings: readonly string[];
  readonly usesMathRandom: boolean;
  readonly lines: number;
}

/**
 * Everything that breaks a floor, one line each.
 *
 * @param files - The text of each file, by its path below `src`.
 */
export function violations(files: ReadonlyMap<string, string>): string[] {
  const sources = [...files].map(([path, text]) => read(path, text));
  return sources.flatMap((source) => [
    ...source.imports.flatMap((specifier) => importViolations(source.path, specifier, files)),
    ...nameViolations(source),
  ]);
}

function importViolations(path: string, specifier: string, files: ReadonlyMap<string, string>): string[] {
  if (!specifier.startsWith('.')) return packageViolations(path, specifier);
  if (!specifier.endsWith('.js')) return [`${path}: import '${specifier}' must end in .js`];
  const target = join(dirname(path), specifier).replace(/\.js$/, '.ts');
  if (!files.has(target)) return [`${path}: import '${specifier}' must name a file of src, but ${target} is none`];
  return mayImport(path, target) ? [] : [`${path}: must not import ${target}`];
}

function packageViolations(path: string, specifier: string): string[] {
  if (specifier.startsWith('node:')) {
    return NODE_FILES.includes(path) ? [] : [`${path}: must not import ${specifier}`];
  }
  return Object.entries(WRAPPED)
    .filter(([name, home]) => (specifier === name || specifier.startsWith(`${name}/`)) && path !== home)
    .map(([name, home]) => `${path}: must not import ${name}; ${home} stands for it`);
}

function mayImport(path: string, target: string): boolean {
  const [from, to] = [roomOf(path), roomOf(target)];
  if (from === undefined) return mayTopImport(path, target);
  if (to === undefined) return false;
  if (from === to || NEIGHBOURS.includes(`${from} -> ${to}`)) return true;
  if (TENSORFLOW_ROOMS.includes(to) && !TENSORFLOW_ROOMS.includes(from)) return false;
  return floorOf(to) < floorOf(from);
}

function mayTopImport(path: string, target: string): boolean {
  if (roomOf(target) === undefined) return TOP.indexOf(target) < TOP.indexOf(path);
  return path !== 'index.ts' || /^[^/]+\/index\.ts$/.test(target);
}

function nameViolations({ path, strings, usesMathRandom, lines }: SourceFile): string[] {
  const found: string[] = [];
  const room = roomOf(path);
  const known = room === undefined ? TOP.includes(path) : floorOf(room) >= 0;
  if (!known) found.push(`${path}: is in no room that the floors know`);
  if (usesMathRandom && path !== RANDOM_FILE) found.push(`${path}: must not use Math.random`);
  if (strings.some((text) => text.includes('@tensorflow')) && !TENSORFLOW_ROOMS.includes(room ?? '')) {
    found.push(`${path}: must not name @tensorflow`);
  }
  const isGenerated = path.endsWith('.generated.ts');
  if (lines > LONGEST_FILE && !isGenerated)
    found.push(`${path}: must not exceed ${LONGEST_FILE} lines, but has ${lines}`);
  return found;
}

/** The folder directly below `src`; `undefined` for a file on top. */
function roomOf(path: string): string | undefined {
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : undefined;
}

function floorOf(room: string): number {
  return FLOORS.findIndex((rooms) => rooms.includes(room));
}

function read(path: string, text: string): SourceFile {
  const imports: string[] = [];
  const strings: string[] = [];
  let usesMathRandom = false;
  const visit = (node: ts.Node): void => {
    const specifier = importedBy(node);
    if (specifier && ts.isStringLiteralLike(specifier)) imports.push(specifier.text);
    if (ts.isStringLiteralLike(node)) strings.push(node.text);
    if (ts.isPropertyAccessExpression(node) && /^(globalThis\.)?Math\.random$/.test(node.getText()))
      usesMathRandom = true;
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true));
  return { path, imports, strings, usesMathRandom, lines: text.trimEnd().split('\n').length };
}

/** The module of `import ... from`, `export ... from`, `import('...')` and `type T = import('...').T`. */
function importedBy(node: ts.Node): ts.Node | undefined {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) return node.moduleSpecifier;
  if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) return node.arguments[0];
  if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) return node.argument.literal;
  return undefined;
}
