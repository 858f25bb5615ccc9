/** Regular expressions that no path can match: paths begin with a slash and have no query. */

import { re2 } from '../../../base/re2.ts';

interface Reason {
  readonly message: string;
  readonly hint: string;
}

/** null where it may match, or is not plain enough to tell. */
export function pathNeverMatches(pattern: string): Reason | null {
  const parts = alternativesOf(pattern);
  const idle = parts.filter((part) => !mayBeginWithSlash(part));
  const [first] = idle;
  if (first !== undefined) {
    const what = idle.length === parts.length ? `"${pattern}"` : `the part "${first}"`;
    return {
      message: `${what} matches no path: a path begins with "/", and all of it must match`,
      hint:
        idle.length === parts.length
          ? `write "/${trimmed(first)}" or ".*${trimmed(first)}.*"`
          : `write "/${trimmed(first)}"`,
    };
  }
  if (parts.every((part) => /\\\?(?![?*{])/.test(withoutGroups(part)))) {
    return {
      message: `"${pattern}" matches no path: the query is not part of it`,
      hint: 'match the path alone, and the query with "queryParams"',
    };
  }
  if (parts.every((part) => /[^\\]\$./.test(withoutGroups(part)))) {
    return { message: `"${pattern}" matches no path: "$" is its end`, hint: 'write "\\$"' };
  }
  return null;
}

function trimmed(part: string): string {
  return part.replace(/^\^|\$$/g, '');
}

/** The parts between `|` outside of groups. */
function alternativesOf(pattern: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const [token] of pattern.matchAll(tokens)) {
    if (token === '(') depth += 1;
    if (token === ')') depth -= 1;
    if (token === '|' && depth === 0) parts.push('');
    else parts.push(`${parts.pop() ?? ''}${token}`);
  }
  return parts;
}

/** Texts between `\Q` and `\E`, escapes, classes, and single letters. */
const tokens =
  /\\Q[\s\S]*?(?:\\E|$)|\\[\s\S]|\[\^?\]?(?:\\[\s\S]|\[:\^?\w+:\]|[^\]\\])*\]|[\s\S]/gu;

/** What stands in groups may be left out: it has alternatives of its own. */
function withoutGroups(part: string): string {
  let depth = 0;
  let text = '';
  for (const [token] of part.matchAll(tokens)) {
    if (token === '(') depth += 1;
    // A class is one letter, whatever is in it; signs between `\Q` and `\E` mean themselves.
    if (depth === 0) text += token.startsWith('[') || token.startsWith('\\Q') ? 'x' : token;
    if (token === ')') depth -= 1;
  }
  return text;
}

function mayBeginWithSlash(part: string): boolean {
  const [first = '', quantifier = ''] = [...part.replace(/^\^/, '').matchAll(tokens)].map(
    ([token]) => token,
  );
  if (/^[\w/~%@!,;:=&'-]$/.test(first)) return first === '/' || /^[?*{]/.test(quantifier);
  // Groups and anchors are not followed; what may be absent says nothing.
  if (first === '' || /^[($^]$/.test(first) || /^[?*{]/.test(quantifier)) return true;
  if (/^\\[AbBzQpPx0-7]/.test(first)) return true;
  return mayMatchSlash(first);
}

/** Part of a pattern that is right need not be one that is read the same way alone. */
function mayMatchSlash(part: string): boolean {
  try {
    return re2().compile(`(?s:${part})`).matches('/');
  } catch {
    return true;
  }
}
