// Turns an example into a module that checks itself. No line moves.
//
//     f(2); // 4                 ->  docs.value(0, (f(2))); // 4
//     const y = f(2); // 4       ->  const y = f(2); docs.value(0, y); // 4
//     console.log(f(2)); // 4    ->  docs.printed(0)(f(2)); // 4
//     f(NaN); // throws Error    ->  await docs.throws(0, async () => (f(NaN))); // throws Error
import ts from 'typescript';
import { readsAsValue } from './compare.mjs';

/** What an example may call: held by the process that runs it. */
export const CHECKER = '__docs';

/** @typedef {{ line: number, expected: string }} Check */
/** @typedef {{ position: number, text: string, drop?: number }} Edit */

/**
 * @param {string} source
 * @param {Map<string, string>} importable - Module of each name that may be used without an import statement.
 * @returns {{ code: string, checks: Check[], problems: { line: number, message: string }[] }}
 */
export function rewrite(source, importable) {
  const file = ts.createSourceFile('example.ts', source, ts.ScriptTarget.ES2022, true);
  /** @type {Check[]} */
  const checks = [];
  /** @type {Edit[]} */
  const edits = [{ position: 0, text: `${importStatements(file, importable)}export {};` }];
  const problems = [];
  for (const { statement, comment } of commentedStatements(file)) {
    const line = file.getLineAndCharacterOfPosition(statement.end).line + 1;
    const added = checkEdits(statement, comment, checks.length);
    edits.push(...added);
    if (added.length > 0) checks.push({ line, expected: comment });
    else if (expectsValue(comment)) {
      problems.push({ line, message: 'a value is compared only after an expression or after "const name = ..."' });
    }
  }
  return { code: applyEdits(source, edits), checks, problems };
}

/** @param {string} comment */
function expectsValue(comment) {
  return readsAsValue(comment) || /^throws\b/.test(comment);
}

/**
 * Statements with a `// comment` at the end of their last line.
 *
 * @param {ts.SourceFile} file
 */
function commentedStatements(file) {
  /** @type {{ statement: ts.Statement, comment: string }[]} */
  const found = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isStatement(node) && !ts.isBlock(node)) {
      const range = ts.getTrailingCommentRanges(file.text, node.end)?.[0];
      const comment = range && file.text.slice(range.pos, range.end);
      if (comment?.startsWith('//')) found.push({ statement: node, comment: comment.slice(2).trim() });
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * The edits that compare a statement with its comment; none where the comment is prose or the statement has no value.
 *
 * @param {ts.Statement} statement
 * @param {string} comment
 * @param {number} id
 * @returns {Edit[]}
 */
function checkEdits(statement, comment, id) {
  if (ts.isExpressionStatement(statement)) {
    const { expression } = statement;
    const print = printCallee(expression);
    if (print) return [{ position: print.getStart(), text: `${CHECKER}.printed(${id})`, drop: print.getWidth() }];
    if (!expectsValue(comment)) return [];
    const throws = /^throws\b/.test(comment);
    const open = throws ? `await ${CHECKER}.throws(${id}, async () => (` : `${CHECKER}.value(${id}, (`;
    return [
      { position: expression.getStart(), text: open },
      { position: expression.end, text: '))' },
    ];
  }
  if (!ts.isVariableStatement(statement) || !readsAsValue(comment)) return [];
  const [declaration, ...others] = statement.declarationList.declarations;
  if (others.length > 0 || !ts.isIdentifier(declaration.name)) return [];
  return [{ position: statement.end, text: `; ${CHECKER}.value(${id}, ${declaration.name.text});` }];
}

/**
 * @param {ts.Expression} expression
 * @returns {ts.Expression | undefined} The `console.log` of a call of it.
 */
function printCallee(expression) {
  if (!ts.isCallExpression(expression)) return undefined;
  return expression.expression.getText() === 'console.log' ? expression.expression : undefined;
}

/**
 * @param {ts.SourceFile} file
 * @param {Map<string, string>} importable
 */
function importStatements(file, importable) {
  const { used, declared } = identifiers(file);
  let statements = '';
  for (const name of used) {
    const specifier = importable.get(name);
    if (specifier && !declared.has(name)) statements += `import { ${name} } from '${specifier}'; `;
  }
  return statements;
}

/**
 * Names that a file refers to, and names that it declares or imports.
 *
 * @param {ts.SourceFile} file
 */
function identifiers(file) {
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Set<string>} */
  const declared = new Set();
  /** @param {ts.Node} node */
  const visit = (node) => {
    if (ts.isIdentifier(node)) {
      const { parent } = node;
      const isName = 'name' in parent && parent.name === node;
      const isMember = ts.isPropertyAccessExpression(parent) || ts.isPropertyAssignment(parent);
      if (!isName || ts.isShorthandPropertyAssignment(parent)) used.add(node.text);
      else if (!isMember) declared.add(node.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return { used, declared };
}

/**
 * @param {string} source
 * @param {Edit[]} edits
 */
function applyEdits(source, edits) {
  let code = source;
  for (const { position, text, drop = 0 } of [...edits].sort((a, b) => b.position - a.position)) {
    code = code.slice(0, position) + text + code.slice(position + drop);
  }
  return code;
}
