// Compares a value with the text that an example prints beside it.
//
// Both texts, the value's by `util.inspect`, are cut into tokens. Numbers agree to the digits that the example prints,
// everything else agrees exactly, white space aside, and `...` stands for any rest of a list.
import { inspect } from 'node:util';

const NUMBER = String.raw`[-+]?(?:\d+(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)|Infinity\b|NaN\b)`;
const STRING = String.raw`'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`;
const TOKEN = new RegExp(String.raw`\.\.\.|…|${NUMBER}(?:\.\.\.|…)?|${STRING}|[A-Za-z_$][\w$]*|\S`, 'g');

/**
 * Whether a comment reads as a value, rather than as prose: a literal, a list, or `Name [` and `Name {`.
 *
 * @param {string} text
 */
export function readsAsValue(text) {
  const literal = new RegExp(String.raw`^(?:${NUMBER}|${STRING}|[[{]|(?:true|false|null|undefined)\b)`);
  return literal.test(text) || /^[A-Z]\w*(?:\(\d+\))? [[{]/.test(text);
}

/**
 * What is wrong with a value, or `undefined` where it agrees with the text.
 *
 * @param {unknown} value
 * @param {string} expected - The comment's text. Prose may follow the value: `0.31, nats`.
 * @returns {string | undefined}
 */
export function compareValue(value, expected) {
  const options = { depth: Infinity, maxArrayLength: Infinity, maxStringLength: Infinity, breakLength: Infinity };
  return compareText(inspect(value, options), expected);
}

/**
 * @param {string} actual
 * @param {string} expected
 * @returns {string | undefined}
 */
export function compareText(actual, expected) {
  const wanted = tokens(expected);
  const given = tokens(/\w\(\d+\) [[{]/.test(expected) ? actual : actual.replace(/(\w)\(\d+\) (?=[[{])/g, '$1 '));
  return agree(given, wanted) ? undefined : `expected ${expected}, but got ${shorten(actual)}`;
}

/**
 * What is wrong with an error, or `undefined` where it agrees with `Name: message`. The message may end in `...`, and may
 * be left out, with its name too.
 *
 * @param {Error} error
 * @param {string} expected
 * @returns {string | undefined}
 */
export function compareError(error, expected) {
  const actual = `${error.name}: ${error.message}`.replace(/\s+/g, ' ');
  const [head, ...rest] = expected.trim().split(/\.\.\.$|…$/);
  const whole = rest.length === 0 && head !== '' && head !== error.name;
  const agrees = whole ? actual === head : actual.startsWith(head);
  return agrees ? undefined : `expected to throw ${expected}, but got ${actual}`;
}

/**
 * @param {string[]} given
 * @param {string[]} wanted
 */
function agree(given, wanted) {
  let at = 0;
  for (const [i, token] of wanted.entries()) {
    if (at === given.length) return isProse(wanted, i);
    if (token === '...' || token === '…') at = endOfList(given, at);
    else if (tokenAgrees(given[at], token)) at++;
    else return false;
  }
  return at === given.length;
}

/**
 * Prose after a value starts with a word, or with a mark and a word: `, nats`, `(in nats)`, `: it converged`.
 *
 * @param {string[]} wanted
 * @param {number} from
 */
function isProse(wanted, from) {
  const first = /^[,;:(]$/.test(wanted[from]) ? wanted[from + 1] : wanted[from];
  return /^[A-Za-z]/.test(first ?? '');
}

/**
 * Index of the bracket that closes the list around `at`.
 *
 * @param {string[]} given
 * @param {number} at
 */
function endOfList(given, at) {
  let depth = 0;
  let i = at;
  for (; i < given.length; i++) {
    if (/^[[{(]$/.test(given[i])) depth++;
    if (/^[\]})]$/.test(given[i]) && depth-- === 0) break;
  }
  return i;
}

/**
 * @param {string} given
 * @param {string} wanted
 */
function tokenAgrees(given, wanted) {
  if (given === wanted) return true;
  if (/^['"]/.test(given) && /^['"]/.test(wanted)) return given.slice(1, -1) === wanted.slice(1, -1);
  const digits = wanted.replace(/\.\.\.$|…$/, '');
  const error = Math.abs(Number(given) - Number(digits));
  return Number.isFinite(error) ? error <= tolerance(digits, digits !== wanted) : given === digits;
}

/**
 * Half a unit of the last printed digit, a whole one where `1.38...` says that the rest is cut off, and what two
 * builds of `Math.exp` may differ by. A number without a point is exact.
 *
 * @param {string} digits
 * @param {boolean} isCut
 */
function tolerance(digits, isCut) {
  const rounding = 1e-14 * Math.abs(Number(digits));
  const parts = /\.(\d+)(?:e([-+]?\d+))?$/.exec(digits);
  if (!parts) return rounding;
  const unit = 10 ** (Number(parts[2] ?? 0) - parts[1].length);
  return rounding + (isCut ? unit : unit / 2);
}

/** @param {string} text */
function tokens(text) {
  return [...text.matchAll(TOKEN)].map((match) => match[0]);
}

/** @param {string} text */
function shorten(text) {
  return text.length > 300 ? `${text.slice(0, 300)} ...` : text;
}
