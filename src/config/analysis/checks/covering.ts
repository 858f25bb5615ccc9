/**
 * Whether every request of one match is one of another, too. Says so only where it is certain:
 * patterns are compared where they are simple.
 */

import { isDeepStrictEqual } from '../../../base/node-util.ts';
import { re2 } from '../../../base/re2.ts';
import type {
  HeaderMatch,
  PathMatch,
  QueryParameterMatch,
  StringMatch,
} from '../../../model/route-match.ts';
import { hasLabels } from '../../registry/service.ts';
import type { RouteExtension } from '../../schema/route-extension.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import { translateMatch } from '../../translate/routes/route-match.ts';

/** A match as it is written and in Envoy's words. */
export interface Coverable {
  readonly source: HttpMatchRequest;
  readonly path: PathMatch;
  readonly headers: readonly HeaderMatch[];
  readonly queryParameters: readonly QueryParameterMatch[];
}

/** `extension`: that of its rule. */
export function coverable(source: HttpMatchRequest, extension?: RouteExtension): Coverable {
  return { source, ...translateMatch(source, extension) };
}

export function covers(wide: Coverable, narrow: Coverable): boolean {
  return (
    coversPath(wide.path, narrow.path) &&
    wide.headers.every((asked) => narrow.headers.some((given) => impliesHeader(given, asked))) &&
    wide.queryParameters.every((asked) =>
      narrow.queryParameters.some(
        (given) => given.name === asked.name && impliesText(given.match, asked.match),
      ),
    ) &&
    coversSources(wide.source, narrow.source)
  );
}

/** The letters that every path begins with that matches; all of it where `isWhole`. */
export function literalStart(pattern: string): { readonly text: string; readonly rest: string } {
  const start = /^\^?((?:[\w/~%@!,;:=&'-]|\\[./-])*)/.exec(pattern);
  const escaped = start?.[1] ?? '';
  const rest = pattern.slice(start?.[0].length ?? 0);
  // A quantifier belongs to the last letter.
  const cut = /^[?*+{]/.test(rest) ? (/\\?.$/.exec(escaped)?.[0].length ?? 0) : 0;
  // So may all of it be one of several alternatives.
  if (hasAlternatives(pattern)) return { text: '', rest: pattern };
  const kept = escaped.slice(0, escaped.length - cut);
  return { text: kept.replaceAll('\\', ''), rest: escaped.slice(escaped.length - cut) + rest };
}

/** `|` outside of any group. */
function hasAlternatives(pattern: string): boolean {
  if (!pattern.includes('|')) return false;
  let depth = 0;
  for (const [part] of pattern.matchAll(/\\.|\[(?:\\.|[^\]])*\]|[()|]/g)) {
    if (part === '(') depth += 1;
    else if (part === ')') depth -= 1;
    else if (part === '|' && depth === 0) return true;
  }
  return false;
}

export function matchesWhole(pattern: string, text: string): boolean {
  return re2().compile(pattern).matches(text);
}

function coversPath(wide: PathMatch, narrow: PathMatch): boolean {
  if (wide.kind === 'regex') return patternCovers(wide.value, narrow);
  if (wide.kind !== 'exact' && (wide.value === '/' || wide.value === '')) return true;
  if (narrow.kind !== 'regex' && narrow.ignoreCase && !wide.ignoreCase) return false;
  const fold = (text: string) => (wide.ignoreCase ? text.toLowerCase() : text);
  if (wide.kind === 'exact') {
    return narrow.kind === 'exact' && fold(narrow.value) === fold(wide.value);
  }
  if (wide.kind === 'path-separated-prefix') return coversSegments(wide, narrow, fold);
  if (wide.kind !== 'prefix') return false;
  const start = narrow.kind === 'regex' ? literalStart(narrow.value).text : narrow.value;
  return fold(start).startsWith(fold(wide.value));
}

function coversSegments(
  wide: PathMatch,
  narrow: PathMatch,
  fold: (text: string) => string,
): boolean {
  const path = fold(narrow.value);
  const below = fold(`${wide.value}/`);
  // Of a plain prefix and of a pattern the next letter is not known, unless it is a slash.
  if (narrow.kind === 'prefix') return path.startsWith(below);
  if (narrow.kind === 'regex') return fold(literalStart(narrow.value).text).startsWith(below);
  return `${path}/`.startsWith(below);
}

function patternCovers(pattern: string, narrow: PathMatch): boolean {
  if (narrow.kind === 'regex' && narrow.value === pattern) return true;
  const { text, rest } = literalStart(pattern);
  const isOpen = /^\.\*\$?$/.test(rest);
  if (isOpen && (text === '' || text === '/')) return true;
  if (narrow.kind === 'exact') {
    // Cheaper than to compile the pattern, and mostly enough.
    if (narrow.ignoreCase || !narrow.value.startsWith(text)) return false;
    return matchesWhole(pattern, narrow.value);
  }
  if (!isOpen) return false;
  if (narrow.kind === 'regex') return literalStart(narrow.value).text.startsWith(text);
  return !narrow.ignoreCase && narrow.value.startsWith(text);
}

function impliesHeader(given: HeaderMatch, asked: HeaderMatch): boolean {
  if (given.name !== asked.name || given.invert !== asked.invert) return false;
  if (given.invert) return isDeepStrictEqual(given, asked);
  return impliesText(given.match, asked.match);
}

function impliesText(given: StringMatch, asked: StringMatch): boolean {
  if (asked.kind === 'present' || isDeepStrictEqual(given, asked)) return true;
  if (asked.kind === 'prefix') {
    const isText = given.kind === 'exact' || given.kind === 'prefix';
    return isText && given.value.startsWith(asked.value);
  }
  if (asked.kind !== 'regex') return false;
  return asked.value === '.*' || (given.kind === 'exact' && matchesWhole(asked.value, given.value));
}

/** The conditions on who sends the request, and where to. */
function coversSources(wide: HttpMatchRequest, narrow: HttpMatchRequest): boolean {
  const port = wide.port ?? 0;
  if (port !== 0 && port !== narrow.port) return false;
  const gateways = wide.gateways ?? [];
  const others = narrow.gateways ?? [];
  if (gateways.length > 0) {
    return others.length > 0 && others.every((name) => gateways.includes(name));
  }
  const namespace = wide.sourceNamespace ?? '';
  if (namespace === '' && Object.keys(wide.sourceLabels ?? {}).length === 0) return true;
  // Where gateways are named, Istio looks at nothing else of the client.
  if (others.length > 0) return false;
  if (namespace !== '' && namespace !== narrow.sourceNamespace) return false;
  return hasLabels(narrow.sourceLabels ?? {}, wide.sourceLabels ?? {});
}
