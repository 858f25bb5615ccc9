/** Regular expressions that are written as if to search: they must match the whole value. */

import { findingCode } from '../../finding-code.ts';
import type { Path } from '../../problem.ts';
import type { StringMatch } from '../../schema/shared.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { literalStart, matchesWhole } from './covering.ts';
import { pathNeverMatches } from './path-pattern.ts';
import { matchesOf, type Traffic } from './traffic.ts';

interface Fault {
  readonly message: string;
  readonly hint: string;
}

interface Place {
  readonly resource: VirtualService;
  readonly path: Path;
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH'];

/** Headers of which a part is meant: clients send far more in them. */
const longHeaders: ReadonlySet<string> = new Set(['cookie', 'user-agent', 'accept', 'referer']);

export function* partialPattern(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const { match, resource, path } of matchesOf(traffic)) {
    const inField = (field: string) => ({ resource, path: [...path, field] });
    yield* report(match.uri, inField('uri'), pathFault);
    yield* report(match.method, inField('method'), methodFault);
    for (const [name, value] of Object.entries(match.headers ?? {})) {
      const place = { resource, path: [...path, 'headers', name] };
      const header = name.toLowerCase();
      if (longHeaders.has(header)) yield* report(value, place, headerFault);
      if (header === 'cookie') yield* report(value, place, cookieFault);
    }
  }
}

function* report(
  value: StringMatch | undefined,
  { resource, path }: Place,
  faultOf: (pattern: string) => Fault | null,
): Iterable<AnalyzerFinding> {
  const pattern = value?.regex;
  const fault = pattern === undefined ? null : faultOf(pattern);
  if (fault === null) return;
  yield { code: findingCode.partialPattern, resource, path: [...path, 'regex'], ...fault };
}

function pathFault(pattern: string): Fault | null {
  const never = pathNeverMatches(pattern);
  if (never !== null) return never;
  // What has other signs, such as `$` at the end, is one on purpose.
  if (!/^\^?[\w/~-]+$/.test(pattern)) return null;
  const text = pattern.replace(/^\^/, '');
  return {
    message: `"${pattern}" matches the path "${text}" alone: it must match the whole path`,
    hint: `write "${text}.*", or match exact or prefix "${text}"`,
  };
}

function methodFault(pattern: string): Fault | null {
  if (methods.some((method) => matchesWhole(pattern, method))) return null;
  // Methods of WebDAV and others are known to those who use them.
  if (!methods.some((method) => new RegExp(method, 'i').test(pattern))) return null;
  return {
    message: `"${pattern}" matches no method in full, methods are sent in upper case`,
    hint: 'write the methods with | between them: GET|POST',
  };
}

function headerFault(pattern: string): Fault | null {
  const { text, rest } = literalStart(pattern);
  if (text.length < 3 || !/^[\w .;=/-]*\$?$/.test(rest)) return null;
  const wanted = pattern.replace(/^\^|\$$/g, '');
  return {
    message: `"${pattern}" must match all of the header, of which clients send more`,
    hint: `write ".*${wanted}.*"`,
  };
}

/** `^(.*?;)?(user=jason)(;.*)?$` forgets the blank that clients write after the semicolon. */
function cookieFault(pattern: string): Fault | null {
  const [pair] = /[\w-]+=[\w-]+/.exec(pattern) ?? [];
  if (pair === undefined || !matchesWhole(pattern, `a=b;${pair}`)) return null;
  if (matchesWhole(pattern, `a=b; ${pair}`)) return null;
  return {
    message: `"${pattern}" misses ${pair} after another cookie: clients write "; " between them`,
    hint: 'write "; ?" in place of the ";" before the name',
  };
}
