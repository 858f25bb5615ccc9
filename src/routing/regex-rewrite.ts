/** Replaces every match of a pattern in a path as RE2::GlobalReplace does: uriRegexRewrite. */

import type { RE2JS } from 're2js';
import type { RegexRewrite } from '../model/route.ts';
import { compileRe2 } from './regex.ts';
import { wireTarget } from './wire-action.ts';

export interface CompiledRegexRewrite {
  /** null for a pattern that is not valid RE2: nothing is replaced. */
  readonly pattern: RE2JS | null;
  /** Literal text, and numbers of groups. */
  readonly substitution: readonly (string | number)[];
}

export function compileRegexRewrite(rewrite: RegexRewrite): CompiledRegexRewrite {
  return {
    pattern: compileRe2(rewrite.pattern),
    substitution: parseSubstitution(wireTarget(rewrite.substitution)),
  };
}

export function replaceMatches(rewrite: CompiledRegexRewrite, text: string): string {
  if (rewrite.pattern === null) return text;
  const matcher = rewrite.pattern.matcher(text);
  let result = '';
  let copied = 0;
  let lastEnd = -1;
  while (matcher.find()) {
    const start = matcher.start();
    const end = matcher.end();
    // RE2 takes no empty match right behind another match.
    if (start === end && start === lastEnd) continue;
    result += text.slice(copied, start);
    for (const part of rewrite.substitution) {
      result += typeof part === 'string' ? part : (matcher.group(part) ?? '');
    }
    copied = end;
    lastEnd = end;
  }
  return result + text.slice(copied);
}

/** `\0` to `\9` are groups, `\\` is a backslash; validation refuses other escapes. */
function parseSubstitution(text: string): readonly (string | number)[] {
  const parts: (string | number)[] = [];
  for (const [part, escaped] of text.matchAll(/\\([\d\\])|[^\\]+|\\/g)) {
    parts.push(escaped === undefined ? part : escaped === '\\' ? escaped : Number(escaped));
  }
  return parts;
}
