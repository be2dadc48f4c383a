/**
 * JSON that says everything once: `JSON.parse` keeps the last of two equal keys and accepts `__proto__`; here both are
 * errors, so that no two readers of a file can understand it differently.
 *
 * From V8 12.8 on (Node 24 and 26 among others) `JSON.parse` may take a key with an escape, such as `"\n"`, for another
 * that it has met at the same place of an earlier text: `"\\"` (github.com/nodejs/node/issues/63785). Texts with escapes in
 * keys are therefore put together here, part by part.
 *
 * @module
 */

/** Nesting beyond which a text is refused. */
const DEEPEST = 64;

/**
 * Parses JSON, refusing duplicate keys, `__proto__`, and nesting deeper than 64.
 *
 * Cost: two passes; some times as long where keys have escapes.
 *
 * @throws SyntaxError saying what is wrong.
 */
export function parseStrictJson(text: string): unknown {
  const parsed: unknown = JSON.parse(text);
  return checkKeys(text) ? new Reader(text).value() : parsed;
}

/** Walks a text that is known to be JSON, and checks the keys of each object. Returns whether any of them has an escape. */
function checkKeys(text: string): boolean {
  // One set of keys per open object; `undefined` for an open array.
  const open: (Set<string> | undefined)[] = [];
  let expectKey = false;
  let hasEscapes = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (character === '"') {
      const end = endOfString(text, i);
      if (expectKey) {
        const key = stringAt(text, i, end);
        addKey(open[open.length - 1], key);
        hasEscapes ||= key.length !== end - i - 1;
      }
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
  return hasEscapes;
}

/** Where the string that starts at `start` has its closing quote. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (text[i] !== '"') i += text[i] === '\\' ? 2 : 1;
  return i;
}

function stringAt(text: string, start: number, end: number): string {
  return JSON.parse(text.slice(start, end + 1)) as string;
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (key === '__proto__') throw new SyntaxError('key "__proto__" is not allowed');
  if (keys?.has(key)) throw new SyntaxError(`duplicate key ${JSON.stringify(key.slice(0, 40))}`);
  keys?.add(key);
}

const SPACE = /[\t\n\r ]*/y;
const PLAIN = /[^\t\n\r ,\]}]+/y;

/** Reads a text that is known to be JSON, nested no deeper than {@link DEEPEST}, with no `__proto__`. */
class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): unknown {
    const first = this.#next();
    if (first === '{') return this.#object();
    if (first === '[') return this.#array();
    if (first === '"') return this.#string();
    return JSON.parse(this.#match(PLAIN)) as unknown;
  }

  #object(): Record<string, unknown> {
    const found: Record<string, unknown> = {};
    this.#at++;
    while (this.#next() !== '}') {
      const key = this.#string();
      this.#next();
      this.#at++;
      found[key] = this.value();
      if (this.#next() === ',') this.#at++;
    }
    this.#at++;
    return found;
  }

  #array(): unknown[] {
    const found: unknown[] = [];
    this.#at++;
    while (this.#next() !== ']') {
      found.push(this.value());
      if (this.#next() === ',') this.#at++;
    }
    this.#at++;
    return found;
  }

  #string(): string {
    const end = endOfString(this.#text, this.#at);
    const found = stringAt(this.#text, this.#at, end);
    this.#at = end + 1;
    return found;
  }

  /** The next character that is no space. */
  #next(): string | undefined {
    this.#match(SPACE);
    return this.#text[this.#at];
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#at += found.length;
    return found;
  }
}
