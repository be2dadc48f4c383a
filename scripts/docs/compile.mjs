// Compiles examples against the built package, strictly, as a user of it would.
import { existsSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { CHECKER } from './rewrite.mjs';

/** @type {ts.CompilerOptions} */
const OPTIONS = {
  target: ts.ScriptTarget.ES2022,
  lib: ['lib.es2023.d.ts'],
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  types: ['node'],
  inlineSourceMap: true,
};

/** Declares what a rewritten example calls. */
export const CHECKER_TYPES = `declare const ${CHECKER}: {
  value(id: number, value: unknown): void;
  printed(id: number): (...values: unknown[]) => void;
  throws(id: number, run: () => Promise<unknown>): Promise<void>;
};
`;

/**
 * Writes a module beside each file, and returns the compiler's messages.
 *
 * @param {string[]} files
 * @returns {{ file: string, line: number, message: string }[]}
 */
export function compile(files) {
  const program = ts.createProgram(files, OPTIONS);
  program.emit();
  return ts.getPreEmitDiagnostics(program).map((diagnostic) => {
    const { file, start = 0, code, messageText } = diagnostic;
    const message = `TS${code}: ${ts.flattenDiagnosticMessageText(messageText, '\n    ')}`;
    if (!file) throw new Error(message);
    return { file: resolve(file.fileName), line: file.getLineAndCharacterOfPosition(start).line + 1, message };
  });
}

/**
 * The names that can be imported, each with its module: every public name, from the first entry point that has it, then
 * every name of the built modules, for examples of functions that only the library itself sees.
 *
 * @param {string} root
 * @param {string[]} sources - Paths of source files, from the root.
 * @returns {(source: string, from: string) => Map<string, string>} The names for an example of `source` that is written
 *   to the folder `from`: the public ones and its own module's.
 */
export function importableNames(root, sources) {
  const { name, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  /** @type {[string, string][]} */
  const entries = Object.entries(exports).flatMap(([subpath, target]) =>
    target.types ? [[name + subpath.slice(1), join(root, target.types)]] : [],
  );
  const own = sources.map((source) => join(root, source.replace(/^src/, 'dist').replace(/\.ts$/, '.d.ts')));
  const namesOf = exportReader([...entries.map(([, file]) => file), ...own]);
  /** @type {Map<string, string>} */
  const publicNames = new Map();
  for (const [specifier, file] of entries.reverse()) {
    for (const exported of namesOf(file)) publicNames.set(exported, specifier);
  }
  return (source, from) => {
    const module = join(root, source.replace(/^src/, 'dist').replace(/\.ts$/, '.js'));
    const specifier = relative(from, module).replaceAll('\\', '/');
    const local = namesOf(module.replace(/\.js$/, '.d.ts')).map(
      (exported) => /** @type {const} */ ([exported, specifier]),
    );
    return new Map([...local, ...publicNames]);
  };
}

/**
 * @param {string[]} files - Declaration files.
 * @returns {(file: string) => string[]} The names that one of them exports.
 */
function exportReader(files) {
  const program = ts.createProgram(files.filter(existsSync), OPTIONS);
  const checker = program.getTypeChecker();
  return (file) => {
    const sourceFile = program.getSourceFile(file);
    const symbol = sourceFile && checker.getSymbolAtLocation(sourceFile);
    return symbol ? checker.getExportsOfModule(symbol).map((exported) => exported.name) : [];
  };
}
