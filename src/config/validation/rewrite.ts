/** How an HTTP rule changes path and authority of requests. */

import { re2 } from '../../base/re2.ts';
import type { Path, Problems } from '../problem.ts';
import type { HttpRewrite } from '../schema/virtual-service.ts';
import { checkAuthorityText, checkTargetText } from './head-text.ts';
import { checkPattern } from './values.ts';

export function checkRewrite(rewrite: HttpRewrite, path: Path, problems: Problems): void {
  const { uri = '', authority = '', uriRegexRewrite } = rewrite;
  checkTargetText(uri, [...path, 'uri'], problems);
  checkAuthorityText(authority, [...path, 'authority'], problems);
  checkTargetText(uriRegexRewrite?.rewrite, [...path, 'uriRegexRewrite', 'rewrite'], problems);
  if (uri !== '' && uriRegexRewrite !== undefined) {
    problems.invalid(path, 'only one of uri and uriRegexRewrite may be set');
  }
  if (uri === '' && authority === '' && uriRegexRewrite === undefined) {
    problems.invalid(path, 'the rewrite changes nothing', 'set uri, uriRegexRewrite or authority');
  }
  if (uriRegexRewrite === undefined) return;
  const { match = '', rewrite: replacement = '' } = uriRegexRewrite;
  const place = [...path, 'uriRegexRewrite'];
  if (match === '' || replacement === '') {
    problems.invalid(place, 'uriRegexRewrite needs both match and rewrite');
    return;
  }
  const isPattern = checkPattern(match, [...place, 'match'], problems);
  const mistake = isPattern ? substitutionMistake(match, replacement) : null;
  if (mistake !== null) problems.invalid([...place, 'rewrite'], mistake, 'a backslash is \\\\');
}

/** Envoy refuses what its RE2 would (CheckRewriteString), and with it the whole configuration. */
function substitutionMistake(pattern: string, replacement: string): string | null {
  const groups = re2().compile(pattern).groupCount();
  for (const [written, digit] of replacement.matchAll(/\\(\d|.|$)/gs)) {
    if (digit === '\\') continue;
    if (digit === undefined || !/^\d$/.test(digit))
      return `"${written}" is no group of the pattern`;
    if (Number(digit) > groups) return `the pattern has no group ${digit}`;
  }
  return null;
}
