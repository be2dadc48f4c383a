// Finds the examples of a Markdown page and of TSDoc comments.
//
// An example is `{ file, line, source, mode }`. Its `source` has as many lines before it as its file has, all of them
// blank: line 17 of the example is line 17 of the file, in every message of the compiler and in every stack.

/**
 * @typedef {object} Example
 * @property {string} file - Path from the repository's root.
 * @property {number} line - First line of code, from 1.
 * @property {string} source - The code, at its own line numbers.
 * @property {boolean} run - False where the example is only compiled.
 * @property {boolean} autoImport - True where public names need no import statement.
 */

/**
 * @typedef {object} Block
 * @property {number} start - Index of the first line of code, from 0.
 * @property {string[]} code
 * @property {string[]} tags - The words after the language.
 */

/**
 * Examples of a Markdown page. They must import what they use, since readers copy them.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Example[]}
 */
export function markdownExamples(file, text) {
  /** @type {Block[][]} */
  const chains = [];
  for (const block of fencedBlocks(text.split('\n'))) {
    const previous = chains.at(-1);
    if (block.tags.includes('continued') && previous) previous.push(block);
    else chains.push([block]);
  }
  return chains.map((chain) => example(file, chain, false));
}

/**
 * Examples of the TSDoc comments of a source file.
 *
 * @param {string} file
 * @param {string} text
 * @returns {Example[]}
 */
export function docstringExamples(file, text) {
  const examples = [];
  for (const { 0: comment, index } of text.matchAll(/\/\*\*[\s\S]*?\*\//g)) {
    const firstLine = text.slice(0, index).split('\n').length - 1;
    const lines = comment.split('\n').map((line) => line.replace(/^\s*\/?\*+(\/| ?)/, '').replace(/\s*\*\/$/, ''));
    for (const tag of exampleTags(lines)) {
      const fenced = fencedBlocks(tag.lines);
      const blocks = fenced.length > 0 ? fenced : [{ start: 0, code: tag.lines, tags: [] }];
      const moved = blocks.map((block) => ({ ...block, start: block.start + firstLine + tag.start }));
      examples.push(example(file, moved, true));
    }
  }
  return examples;
}

/**
 * The lines below each `@example`, up to the next block tag. Text beside the tag is a title.
 *
 * @param {string[]} lines
 * @returns {{ start: number, lines: string[] }[]}
 */
function exampleTags(lines) {
  const tags = [];
  for (let i = 0; i < lines.length; i++) {
    if (!/^@example\b/.test(lines[i])) continue;
    let end = i + 1;
    while (end < lines.length && !/^@[a-zA-Z]+\b/.test(lines[end])) end++;
    tags.push({ start: i + 1, lines: lines.slice(i + 1, end) });
  }
  return tags;
}

/**
 * Blocks fenced by three or more backticks whose language is `ts` or `typescript`.
 *
 * @param {string[]} lines
 * @returns {Block[]}
 */
function fencedBlocks(lines) {
  const blocks = [];
  for (let i = 0; i < lines.length; i++) {
    const open = /^(\s*)(`{3,})\s*(.*)$/.exec(lines[i]);
    if (!open) continue;
    const [, indent, fence, info] = open;
    const start = i + 1;
    for (i = start; i < lines.length && lines[i].trim() !== fence; ) i++;
    const [language, ...tags] = info.trim().split(/\s+/);
    const code = lines.slice(start, i).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line));
    if (language === 'ts' || language === 'typescript') blocks.push({ start, code, tags });
  }
  return blocks;
}

/**
 * @param {string} file
 * @param {Block[]} blocks
 * @param {boolean} autoImport
 * @returns {Example}
 */
function example(file, blocks, autoImport) {
  /** @type {string[]} */
  const lines = [];
  for (const { start, code } of blocks) {
    while (lines.length < start) lines.push('');
    lines.push(...code);
  }
  const run = !blocks.some((block) => block.tags.includes('no-run'));
  return { file, line: blocks[0].start + 1, source: lines.join('\n'), run, autoImport };
}
