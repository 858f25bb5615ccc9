/** rewrite-target and use-regex: paths that are regular expressions, and what replaces them. */

import type { HttpMatchRequest, HttpRewrite } from '../../../schema/virtual-service.ts';
import { patternMistake } from '../../../validation/values.ts';
import type { AnnotationReader } from './annotation-reader.ts';
import { variablesOf } from './nginx-variables.ts';

/** null where the target cannot be used. */
export function readRewriteTarget(reader: AnnotationReader): string | null {
  const name = 'rewrite-target';
  const target = reader.spaceless(name);
  if (target === null) return null;
  const variable = variablesOf(target).find((text) => !/^\d+$/.test(text));
  if (variable !== undefined) {
    reader.refuse(name, `"$${variable}" is not known; $1 to $9 are groups of the path`);
    return null;
  }
  if (/^https?:\/\//i.test(target)) {
    reader.refuse(name, 'it is a path; permanent-redirect sends to another host');
    return null;
  }
  if (!target.includes('?')) return target;
  reader.refuse(name, 'a path has no query', 'the query of the request stays as it is');
  return target.slice(0, target.indexOf('?'));
}

export interface PathRule {
  /** One of them must hold. */
  readonly matches: readonly HttpMatchRequest[];
  readonly rewrite: HttpRewrite | null;
}

const metacharacter = /[\\^$.|?*+()[\]{}]/;

/**
 * nginx's `location ~* "^path"` with its `rewrite "(?i)path" target break`: the path is matched
 * from its beginning without regard to case, and all of it is replaced.
 */
export function regexPath(path: string, target: string | null): PathRule | { mistake: string } {
  const mistake = patternMistake(`(?i)${path}`);
  if (mistake !== null) return { mistake };
  const wanted = target === path ? null : target;
  const plain = plainPath(path, wanted);
  if (plain !== null) return plain;
  const uri = { regex: `(?i)${matched(path)}` };
  return { matches: [{ uri }], rewrite: wanted === null ? null : rewriteOf(path, wanted) };
}

/**
 * What most patterns are, without any: text, and behind it anything, which the target keeps. A
 * prefix costs less than a pattern, and HTTPRoutes can say it. null: it takes a pattern.
 */
function plainPath(path: string, target: string | null): PathRule | null {
  for (const { end, group, prefixes } of plainEnds) {
    if (!path.endsWith(end)) continue;
    const text = path.slice(0, path.length - end.length);
    const kept = target?.endsWith(group) === true ? target.slice(0, -group.length) : '';
    const isKept = group !== '' && kept !== '' && !kept.includes('$');
    if (metacharacter.test(text) || text === '' || (target !== null && !isKept)) return null;
    return {
      matches: prefixes(text).map((uri) => ({ uri, ignoreUriCase: true })),
      rewrite: target === null ? null : { uri: kept },
    };
  }
  return null;
}

interface PlainEnd {
  readonly end: string;
  /** That a target may end with; empty: it can keep nothing. */
  readonly group: string;
  prefixes(text: string): NonNullable<HttpMatchRequest['uri']>[];
}

const plainEnds: readonly PlainEnd[] = [
  {
    end: '(/|$)(.*)',
    group: '$2',
    prefixes: (text) => [{ prefix: `${text}/` }, { exact: text }],
  },
  { end: '(.*)', group: '$1', prefixes: (text) => [{ prefix: text }] },
  { end: '.*', group: '', prefixes: (text) => [{ prefix: text }] },
  { end: '', group: '', prefixes: (text) => [{ prefix: text }] },
];

/** Groups that the target names and the path does not have, each once. */
export function missingGroups(path: string, target: string): number[] {
  const named = [...target.matchAll(/\$(?:\{(\d)\}|(\d))/g)].map(([, a, b]) => Number(a ?? b));
  const groups = countGroups(path);
  return [...new Set(named)].filter((group) => group < 1 || group > groups);
}

function rewriteOf(path: string, target: string): HttpRewrite {
  if (!/\$\{?\d/.test(target)) return { uri: target };
  const groups = countGroups(path);
  const rewrite = target
    .replaceAll('\\', '\\\\')
    .replaceAll(/\$(?:\{(\d)\}|(\d))/g, (_, braced: string | undefined, plain: string) => {
      const number = Number(braced ?? plain);
      // nginx takes a group that there is not for an empty one, RE2 refuses it.
      return number >= 1 && number <= groups ? `\\${number}` : '';
    });
  return { uriRegexRewrite: { match: `(?i)^${replaced(path)}$`, rewrite } };
}

/** The end that most rewrites have, in a form that costs less to match: groups are not needed. */
const usualEnd = '(/|$)(.*)';

/** A pattern of the whole path, where nginx looks for `^path` in it. */
function matched(path: string): string {
  // Of several patterns the `^` is that of the first alone: others may match further on.
  if (hasAlternatives(path)) return `.*(?:^${path}).*`;
  return path.endsWith(usualEnd) ? `${path.slice(0, -usualEnd.length)}(?:/.*)?` : whole(path);
}

/** nginx replaces what `path`, without a `^`, matches first. */
function replaced(path: string): string {
  return hasAlternatives(path) ? `.*?(?:${path}).*` : whole(path);
}

/** What follows is anything. */
function whole(path: string): string {
  return takesAll(path) ? path : `${path}.*`;
}

function takesAll(path: string): boolean {
  return /(?:^|[^\\])(?:\.\*|\(\.\*\)|\$)$/.test(path);
}

/** Outside of groups. */
function hasAlternatives(path: string): boolean {
  let outside = path.replaceAll(escapeOrClass, '');
  for (let inside = ''; inside !== outside; ) {
    inside = outside;
    outside = outside.replaceAll(/\([^()]*\)/g, '');
  }
  return outside.includes('|');
}

const escapeOrClass = /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]/g;

function countGroups(path: string): number {
  const plain = path.replaceAll(escapeOrClass, '');
  return [...plain.matchAll(/\((?!\?)|\(\?P?<(?![=!])/g)].length;
}
