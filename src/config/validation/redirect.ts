/** The redirect of an HTTP rule. */

import type { Path, Problems } from '../problem.ts';
import type { HttpRedirect, HttpRoute } from '../schema/virtual-service.ts';
import { checkPort } from './addresses.ts';
import { checkAuthorityText, checkTargetText } from './head-text.ts';

export function checkRedirect(redirect: HttpRedirect, route: HttpRoute, place: Place): void {
  const { path, problems } = place;
  const { uri = '', authority = '', scheme = '', port, derivePort, prefixRewrite = '' } = redirect;
  const isEmpty = [uri, authority, scheme, prefixRewrite].every((text) => text === '');
  checkTargetText(uri, [...path, 'uri'], problems);
  checkAuthorityText(authority, [...path, 'authority'], problems);
  checkTargetText(prefixRewrite, [...path, 'prefixRewrite'], problems);
  if (isEmpty && port === undefined && derivePort === undefined) {
    problems.invalid(path, 'the redirect changes nothing', 'set uri, authority, scheme or port');
  }
  if (uri !== '' && prefixRewrite !== '') {
    problems.invalid([...path, 'prefixRewrite'], 'only one of uri and prefixRewrite may be set');
  }
  if (prefixRewrite !== '') checkPrefixMatches(route, place);
  const code = redirect.redirectCode ?? 0;
  if (code !== 0 && (code < 300 || code > 399)) {
    problems.invalid([...path, 'redirectCode'], `${code} is not a redirect, it must be 3xx`);
  }
  if (scheme !== '' && scheme !== 'http' && scheme !== 'https') {
    problems.invalid([...path, 'scheme'], `the scheme must be http or https, not "${scheme}"`);
  }
  if (port !== undefined && port > 0) checkPort(port, [...path, 'port'], problems);
}

interface Place {
  readonly path: Path;
  readonly problems: Problems;
}

/** Envoy has a prefix to replace only where the route matched one. */
function checkPrefixMatches(route: HttpRoute, { path, problems }: Place): void {
  const matches = route.match ?? [];
  if (matches.every((match) => match.uri?.prefix !== undefined)) return;
  const message = 'prefixRewrite needs a uri prefix in every match of the rule';
  problems.invalid([...path, 'prefixRewrite'], message);
}
