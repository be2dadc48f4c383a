/**
 * JSON that says everything once: `JSON.parse` keeps the last of two equal keys and accepts `__proto__`; here both are
 * errors, so that no two readers of a file can understand it differently.
 *
 * @module
 */

/** Nesting beyond which a text is refused. */
const DEEPEST = 64;

/**
 * Parses JSON, refusing duplicate keys, `__proto__`, and nesting deeper than 64.
 *
 * @throws SyntaxError saying what is wrong.
 */
export function parseStrictJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  checkKeys(text);
  return parsed;
}

/** Walks a text that is known to be JSON, and checks the keys of each object. */
function checkKeys(text: string): void {
  // One set of keys per open object; `undefined` for an open array.
  const open: (Set<string> | undefined)[] = [];
  let expectKey = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const end = endOfString(text, i);
      if (expectKey) addKey(open[open.length - 1], JSON.parse(text.slice(i, end + 1)) as string);
      expectKey = false;
      i = end;
    } else if (character === '{' || character === '[') {
      if (open.length === DEEPEST) throw new SyntaxError(`nested deeper than ${DEEPEST}`);
      open.push(character === '{' ? new Set() : undefined);
      expectKey = character === '{';
    } else if (character === '}' || character === ']') {
      open.pop();
      expectKey = false;
    } else if (character === ',') {
      expectKey = open[open.length - 1] !== undefined;
    }
  }
}

function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (key === '__proto__') throw new SyntaxError('key "__proto__" is not allowed');
  if (keys?.has(key)) throw new SyntaxError(`duplicate key ${JSON.stringify(key.slice(0, 40))}`);
  keys?.add(key);
}
