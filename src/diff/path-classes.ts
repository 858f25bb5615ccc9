/** Cuts all paths into classes that no route of two virtual hosts tells apart. */

import type { PathNormalization } from '../model/http-settings.ts';
import type { PathMatch } from '../model/route-match.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { normalizePath } from '../routing/path-normalization.ts';
import { anyByte, byteSet } from './byte-set.ts';
import { canonicalText } from './canonical.ts';
import { pathPattern, stringPattern } from './condition-pattern.ts';
import { choice, type Pattern, sequence } from './pattern.ts';
import type { WordFinder } from './word-finder.ts';

export interface PathClass {
  /** Paths of the class: one, or two that are unlike each other. */
  readonly paths: readonly string[];
  /** Keys (`pathKey`) of the path conditions that hold. */
  readonly holds: ReadonlySet<string>;
}

export interface PathClasses {
  readonly classes: readonly PathClass[];
  readonly complete: boolean;
}

const hex: Pattern = { kind: 'byte', set: byteSet('0123456789ABCDEF') };
const escaped = sequence({ kind: 'byte', set: byteSet('%') }, hex, hex);
/** Characters that a normalised path has as they are. */
const canonical = byteSet(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!$&'()*+,-./:;=@[]_~",
);
/** What may stand in a path that is not normalised. */
const raw = canonical | byteSet('"<>\\^`{|}') | (anyByte & ~((1n << 128n) - 1n));
const dot: Pattern = { kind: 'byte', set: byteSet('.') };
const slash: Pattern = { kind: 'byte', set: byteSet('/') };

export function pathKey(match: PathMatch): string {
  return canonicalText(match);
}

export interface PathQuestion {
  readonly normalization: PathNormalization;
  /** Paths that none of these conditions (keys) lets pass are left out; null: all paths. */
  readonly wanted: ReadonlySet<string> | null;
}

/** `routes` are those of both virtual hosts. */
export function pathClasses(
  routes: readonly CompiledRoute[],
  { normalization, wanted }: PathQuestion,
  words: WordFinder,
): PathClasses {
  const matches = new Map(routes.map(({ route }) => [pathKey(route.match.path), route.match.path]));
  const keys = [...matches.keys()];
  const patterns: Pattern[] = [];
  const keyOf: (string | null)[] = [];
  let complete = true;
  for (const [key, match] of matches) {
    const pattern = pathPattern(match);
    if (pattern === null) complete = false;
    else {
      patterns.push(pattern);
      keyOf.push(key);
    }
  }
  for (const pattern of wholePathPatterns(routes)) {
    if (pattern === null) complete = false;
    else {
      patterns.push(pattern);
      keyOf.push(null);
    }
  }
  const hasEscapes = keys.some((key) => key.includes('%'));
  const isWanted = (at: number): boolean => wanted?.has(keyOf[at] ?? '') ?? true;
  const numbers = wanted === null ? null : new Set([...patterns.keys()].filter(isWanted));
  const found = words.find(patterns, vocabularyOf(normalization, hasEscapes), numbers);
  const classes = found.classes.map(({ words, matches: indices }): PathClass => {
    const holds = indices.map((index) => keyOf[index] ?? null).filter((key) => key !== null);
    const normal = words.filter((word) => normalizePath(word, normalization) === word);
    return { paths: normal.length > 0 ? normal : words, holds: new Set(holds) };
  });
  return { classes, complete: complete && found.complete };
}

/** Conditions on `:path`, as far as they can be met without a query. */
function wholePathPatterns(routes: readonly CompiledRoute[]): (Pattern | null)[] {
  const headers = routes.flatMap((route) => route.headers ?? []);
  const models = headers.filter(({ source }) => source === 'path').map(({ model }) => model.match);
  const distinct = new Map(models.map((match) => [canonicalText(match), match]));
  return [...distinct.values()].map(stringPattern);
}

function vocabularyOf(normalization: PathNormalization, hasEscapes: boolean) {
  const bytes = normalization === 'NONE' ? raw : canonical;
  const plain = bytes & ~byteSet('/');
  const other: Pattern = { kind: 'byte', set: plain & ~byteSet('.') };
  const inner: Pattern = { kind: 'byte', set: plain };
  const char = hasEscapes ? choice(inner, escaped) : inner;
  const first = hasEscapes ? choice(other, escaped) : other;
  const rest: Pattern = { kind: 'repeat', part: char, min: 0, max: Number.POSITIVE_INFINITY };
  // Neither `.` nor `..`, which a normalised path does not have.
  const segment = choice(
    sequence(first, rest),
    sequence(dot, first, rest),
    sequence(dot, dot, char, rest),
  );
  const mergesSlashes = normalization !== 'NONE' && normalization !== 'BASE';
  const inside = mergesSlashes ? segment : choice(sequence(), segment);
  const valid = sequence(
    slash,
    {
      kind: 'repeat',
      part: sequence(inside, slash),
      min: 0,
      max: Number.POSITIVE_INFINITY,
    },
    choice(sequence(), segment),
  );
  return { alphabet: hasEscapes ? bytes | byteSet('%') : bytes, valid };
}
