/**
 * Option tables: one entry per option drives its default, its check, its message and its generated tests.
 *
 * @module
 */
import { describe, modelError, reading } from './errors.js';
import { isSeed, type Seed } from './random.js';
import { alternatives, nearestName } from './text.js';

/** What an option may be: the rule in words, the check, and values for generated tests. */
export interface Rule<T> {
  /** Completes the sentence *option "x" must be ...*. */
  readonly words: string;
  /** Whether a value follows the rule. */
  readonly accepts: (value: unknown) => value is T;
  /** Values that follow the rule, its edges among them. */
  readonly inside: readonly T[];
  /** Values one step outside the rule. */
  readonly outside: readonly unknown[];
  /** A private copy of an accepted object value, so that the caller's later changes do not reach us. */
  readonly copy?: (value: T) => T;
}

/** One option: its rule and what it is when left out. */
export interface OptionSpec<T> {
  readonly rule: Rule<T>;
  /** The value when the option is left out; `undefined` for options that may stay unset. */
  readonly default: T | undefined;
}

/** The table of an options interface: an entry for each of its keys. */
export type OptionTable<Options> = {
  readonly [Key in keyof Options]-?: OptionSpec<Exclude<Options[Key], undefined>>;
};

/** Options after {@link checkOptions}: those with a default are present. */
export type Checked<Options> = Readonly<Required<{ [Key in keyof Options]: Exclude<Options[Key], undefined> }>>;

/** An option with a default. */
export function option<T>(rule: Rule<T>, fallback: T): OptionSpec<T> {
  return { rule, default: fallback };
}

/** An option that may stay unset. */
export function optional<T>(rule: Rule<T>): OptionSpec<T> {
  return { rule, default: undefined };
}

/**
 * Checks options against their table and fills in defaults.
 *
 * An option given as `undefined` counts as left out. The result is frozen and shares nothing mutable with the input.
 *
 * @throws ModelError `invalid-option` for the first unknown option or broken rule.
 */
export function checkOptions<Options extends object>(
  owner: string,
  table: OptionTable<Options>,
  given: Options | undefined,
): Readonly<Options> {
  const known = Object.keys(table);
  const values = readOptions(owner, given, known);
  const checked: Record<string, unknown> = {};
  for (const name of known) {
    const spec = table[name as keyof Options] as OptionSpec<unknown>;
    const value = checkOption(owner, name, spec, values.get(name));
    if (value !== undefined) checked[name] = value;
  }
  return Object.freeze(checked) as Readonly<Options>;
}

/**
 * The own options of an object, each read once, all of them known.
 *
 * @throws ModelError `invalid-option`.
 */
export function readOptions(owner: string, given: unknown, known: readonly string[]): Map<string, unknown> {
  const values = new Map<string, unknown>();
  if (given === undefined) return values;
  reading('invalid-option', owner, 'options', () => {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw modelError('invalid-option', { owner, must: 'options must be an object', got: given });
    }
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) throw unknownOption(owner, name, known);
      values.set(name, (given as Record<string, unknown>)[name]);
    }
  });
  return values;
}

function checkOption(owner: string, name: string, spec: OptionSpec<unknown>, value: unknown): unknown {
  if (value === undefined) {
    const fallback = spec.default;
    return fallback !== undefined && spec.rule.copy ? spec.rule.copy(fallback) : fallback;
  }
  return reading('invalid-option', owner, `option "${name}"`, () => {
    if (spec.rule.accepts(value)) {
      // The copy is checked too: what a getter says may change between two readings.
      const copied = spec.rule.copy ? spec.rule.copy(value) : value;
      if (copied === value || spec.rule.accepts(copied)) return copied;
    }
    throw modelError('invalid-option', { owner, must: `option "${name}" must be ${spec.rule.words}`, got: value });
  });
}

function unknownOption(owner: string, name: string, known: readonly string[]): Error {
  const nearest = nearestName(name, known);
  const list = known.length === 1 ? `the only option is ${known[0]}` : `known options are ${known.join(', ')}`;
  const advice = nearest === undefined ? list : `did you mean ${describe(nearest)}?`;
  return modelError('invalid-option', { owner, must: `unknown option ${describe(name)}; ${advice}` });
}

/** An integer from `least` to `most`, both included. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Rule<number> {
  const bounded = most < Number.MAX_SAFE_INTEGER;
  return {
    words: bounded ? `an integer from ${least} to ${most}` : `an integer >= ${least}`,
    accepts: (value): value is number =>
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
    inside: [least, bounded ? most : least + 1],
    outside: [
      least - 1,
      least + 0.5,
      Number.NaN,
      Number.POSITIVE_INFINITY,
      `${least}`,
      null,
      ...(bounded ? [most + 1] : []),
    ],
  };
}

/** The ends of a {@link number} rule; an end that is left out is open to infinity. */
export interface Range {
  /** The least value, included. */
  readonly least?: number;
  /** All values must exceed this one. */
  readonly above?: number;
  /** The greatest value, included. */
  readonly most?: number;
  /** All values must stay below this one. */
  readonly below?: number;
}

/** A finite number in a range. */
export function number(range: Range = {}): Rule<number> {
  const { least, above, most, below } = range;
  const ends = [
    above !== undefined ? `> ${above}` : undefined,
    least !== undefined ? `>= ${least}` : undefined,
    below !== undefined ? `< ${below}` : undefined,
    most !== undefined ? `<= ${most}` : undefined,
  ].filter((end) => end !== undefined);
  const accepts = (value: unknown): value is number =>
    typeof value === 'number' &&
    Number.isFinite(value) &&
    (least === undefined || value >= least) &&
    (above === undefined || value > above) &&
    (most === undefined || value <= most) &&
    (below === undefined || value < below);
  const start = least ?? above ?? 0;
  const candidates = [least, most, 0, 0.5, 1, beyond(start, 1e-3), below !== undefined && beyond(below, -1e-3)];
  const outside = [least !== undefined && beyond(least, -1e-9), most !== undefined && beyond(most, 1e-9), above, below];
  return {
    words: `a finite number ${ends.join(' and ')}`.trimEnd(),
    accepts,
    inside: [...new Set(candidates.filter(accepts))],
    outside: [...outside.filter((x) => typeof x === 'number'), Number.NaN, Number.POSITIVE_INFINITY, '1', null],
  };
}

/** A step away from an end that does not vanish beside it, however large it is. */
function beyond(end: number, step: number): number {
  return end + step * Math.max(1, Math.abs(end));
}

/** One of some names. */
export function oneOf<const Names extends readonly string[]>(...names: Names): Rule<Names[number]> {
  return {
    words: names.length === 1 ? alternatives(names) : `one of ${alternatives(names)}`,
    accepts: (value): value is Names[number] => typeof value === 'string' && names.includes(value),
    inside: names,
    outside: [`${names[0]}x`, '', 0, null],
  };
}

/** `true` or `false`. */
export function flag(): Rule<boolean> {
  return {
    words: 'true or false',
    accepts: (value): value is boolean => typeof value === 'boolean',
    inside: [true, false],
    outside: [0, 1, 'true', null],
  };
}

/** A seed: a finite number or a string. */
export function seed(): Rule<Seed> {
  return {
    words: 'a finite number or a string',
    accepts: isSeed,
    inside: [0, 1, -1.5, '', 'a seed'],
    outside: [Number.NaN, Number.POSITIVE_INFINITY, null, {}, true],
  };
}

/** Several numbers that each follow a rule, in an array or typed array of at least one entry. */
export function listOf(rule: Rule<number>): Rule<ArrayLike<number>> {
  const isList = (value: unknown): value is ArrayLike<number> =>
    Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
  return {
    words: `an array, each entry ${rule.words}`,
    accepts: (value): value is ArrayLike<number> => {
      if (!isList(value) || !(value.length > 0)) return false;
      // Entry by entry, so that a hole ends the walk through an array of whatever length.
      for (let i = 0; i < value.length; i++) if (!rule.accepts(value[i])) return false;
      return true;
    },
    inside: [[rule.inside[0]], Float64Array.from(rule.inside)],
    outside: [[], ...rule.outside.map((entry) => [entry]), {}],
    copy: (value) => Object.freeze(Array.from(value)),
  };
}

/** Either of two rules. */
export function either<A, B>(first: Rule<A>, second: Rule<B>): Rule<A | B> {
  return {
    words: `${first.words}, or ${second.words}`,
    accepts: (value): value is A | B => first.accepts(value) || second.accepts(value),
    inside: [...first.inside, ...second.inside],
    outside: [...first.outside, ...second.outside].filter((value) => !first.accepts(value) && !second.accepts(value)),
    copy: (value) => {
      if (first.accepts(value)) return first.copy ? first.copy(value) : value;
      return second.copy && second.accepts(value) ? second.copy(value) : value;
    },
  };
}
