/**
 * Patterns of paths that mean a prefix with what is below it, as people write them for nginx,
 * `/shop(/|$)(.*)`, and rewrites of them that take the prefix away.
 */

/** A text that matches itself alone. */
export function quotedPattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

export interface PrefixPattern {
  /** Without a slash at its end. */
  readonly prefix: string;
  readonly ignoresCase: boolean;
  /** Of what follows the slash after it; null where no group is. */
  readonly restGroup: number | null;
}

const plainSegments = String.raw`(?:/(?:[\w~%!,;:=&@'-]|\\\.)+)+`;

/** What follows the prefix, and the group that holds the rest without its slash. */
const endings: readonly (readonly [RegExp, number | null])[] = [
  [/^\(\/\|\$\)\(\.\*\)\$?$/, 2],
  [/^\(\?:\/\|\$\)\(\.\*\)\$?$/, 1],
  [/^\((?:\?:)?\/\.\*\)\?\$?$/, null],
  [/^\((?:\?:)?\/\|\$\)\.\*\$?$/, null],
];

/** null for a pattern of another shape. */
export function prefixPattern(pattern: string): PrefixPattern | null {
  const [, letterCase = '', text = ''] = /^(\(\?i\))?(.*)$/s.exec(pattern) ?? [];
  const plain = withoutGroup(text);
  const start = new RegExp(`^\\^?(${plainSegments})`).exec(plain);
  if (start === null) return null;
  const [whole, prefix = ''] = start;
  const rest = plain.slice(whole.length);
  const found = endings.find(([ending]) => ending.test(rest));
  if (found === undefined) return null;
  const ignoresCase = letterCase !== '';
  return { prefix: prefix.replaceAll('\\.', '.'), ignoresCase, restGroup: found[1] };
}

/** `(?:…)` around all of it says nothing. */
function withoutGroup(pattern: string): string {
  if (!pattern.startsWith('(?:') || !pattern.endsWith(')')) return pattern;
  let depth = 0;
  for (const [index, sign] of [...pattern].entries()) {
    if (sign === '(') depth += 1;
    if (sign === ')') depth -= 1;
    if (depth === 0 && index < pattern.length - 1) return pattern;
  }
  return pattern.slice(3, -1);
}

/**
 * The prefix that comes in place of that of `pattern`: `/` for `/\2`, `/api` for `/api/\2`. null for
 * other rewrites.
 */
export function newPrefix({ restGroup }: PrefixPattern, substitution: string): string | null {
  if (isConstant(substitution)) return '/';
  if (restGroup === null) return null;
  const parts = new RegExp(`^((?:/[^\\\\/]+)*)/\\\\${restGroup}$`).exec(substitution);
  if (parts === null) return null;
  const [, prefix = ''] = parts;
  // With its slash, so that the prefix alone becomes that with a slash, too.
  return `${prefix}/`;
}

/** A rewrite that has no part of the old path. */
export function isConstant(substitution: string): boolean {
  return !substitution.includes('\\');
}
