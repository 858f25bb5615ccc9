/** The request that a client makes because of a redirect, as far as matches can tell. */

import type { StringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest, HttpRedirect } from '../../schema/virtual-service.ts';
import { matchesWhole } from './covering.ts';

export interface RedirectedRequest {
  readonly path: string;
  /** null where no redirect has changed it: what matched the first request matches still. */
  readonly authority: string | null;
  /** null as above. */
  readonly scheme: string | null;
  readonly isQueryNew: boolean;
}

export function firstRequest(path: string): RedirectedRequest {
  return { path, authority: null, scheme: null, isQueryNew: false };
}

/** What the client asks for next, after `match` had its request. */
export function follow(
  redirect: HttpRedirect,
  match: HttpMatchRequest,
  request: RedirectedRequest,
): RedirectedRequest {
  const { uri = '', authority = '', scheme = '' } = redirect;
  return {
    path: targetOf(redirect, match, request.path),
    authority: authority === '' ? request.authority : authority,
    scheme: scheme === '' ? request.scheme : scheme,
    // Without one of its own the target keeps the query.
    isQueryNew: request.isQueryNew || uri.includes('?'),
  };
}

/** The path without what follows it. */
export function targetOf(
  { uri: target = '', prefixRewrite = '' }: HttpRedirect,
  { uri = {} }: HttpMatchRequest,
  path: string,
): string {
  if (target !== '') return target.replace(/[?#].*$/, '');
  return prefixRewrite === '' ? path : prefixRewrite + path.slice((uri.prefix ?? '').length);
}

/**
 * Whether a match of the first request matches this one for certain, its path aside. Of a new
 * query nothing is certain.
 */
export function matchesStill(match: HttpMatchRequest, request: RedirectedRequest): boolean {
  const { authority, scheme, headers = {}, withoutHeaders = {}, queryParams = {} } = match;
  if (request.isQueryNew && Object.keys(queryParams).length > 0) return false;
  const has = ([name, wanted]: [string, StringMatch | undefined]) =>
    hasText(headerOf(name, request), wanted);
  const lacks = ([name, unwanted]: [string, StringMatch]) =>
    headerOf(name, request) === null || !has([name, unwanted]);
  return (
    has([':authority', authority]) &&
    has([':scheme', scheme]) &&
    Object.entries(headers).every(has) &&
    Object.entries(withoutHeaders).every(lacks)
  );
}

/** null for what has not changed. */
function headerOf(header: string, { authority, scheme }: RedirectedRequest): string | null {
  const name = header.toLowerCase();
  if (name === ':authority' || name === 'host') return authority;
  return name === ':scheme' || name === 'x-forwarded-proto' ? scheme : null;
}

function hasText(text: string | null, wanted: StringMatch | undefined): boolean {
  if (text === null || wanted === undefined) return true;
  const { exact, prefix, regex } = wanted;
  if (exact !== undefined) return text === exact;
  if (prefix !== undefined) return text.startsWith(prefix);
  return regex === undefined || matchesWhole(regex, text);
}
