/** Cross-origin requests (Istio CorsPolicy, Envoy's CORS filter): preflights and answer headers. */

import type { HeaderList } from '../../http1/header-list.ts';
import type { CorsPolicy } from '../../model/route-policy.ts';
import { compileStringMatch } from '../../routing/string-match.ts';

export interface CorsFilter {
  /** Headers of the answer to a preflight; null if the request is to go on. */
  answerPreflight(
    method: string,
    headers: HeaderList,
  ): readonly (readonly [string, string])[] | null;
  /** The request's origin, if answers to it get CORS headers. */
  allowedOrigin(headers: HeaderList): string | null;
  decorate(responseHeaders: HeaderList, origin: string): void;
}

export function createCorsFilter(policy: CorsPolicy): CorsFilter {
  const matchers = policy.allowOrigins.map(compileStringMatch);
  // Envoy asks each matcher for `*` itself, so that a prefix `*` and a regex for it count as well.
  const wildcard = matchers.some((matches) => matches('*'));
  const isAllowed = (origin: string): boolean =>
    wildcard || matchers.some((matches) => matches(origin));

  function allowedOrigin(headers: HeaderList): string | null {
    const origin = headers.get('origin');
    return origin !== undefined && origin !== '' && isAllowed(origin) ? origin : null;
  }

  function preflightHeaders(origin: string | null, request: HeaderList): [string, string][] {
    const answer: [string, string][] = [];
    if (origin !== null) answer.push(['access-control-allow-origin', origin]);
    if (policy.allowCredentials) {
      answer.push(['access-control-allow-credentials', 'true']);
    }
    const methods = reflect(policy.allowMethods, request, 'access-control-request-method');
    if (methods !== null) answer.push(['access-control-allow-methods', methods]);
    const allowed = reflect(policy.allowHeaders, request, 'access-control-request-headers');
    if (allowed !== null) answer.push(['access-control-allow-headers', allowed]);
    if (policy.maxAgeSeconds !== null) {
      answer.push(['access-control-max-age', String(policy.maxAgeSeconds)]);
    }
    if (origin !== null && policy.exposeHeaders !== null) {
      answer.push(['access-control-expose-headers', policy.exposeHeaders]);
    }
    return answer;
  }

  return {
    allowedOrigin,
    answerPreflight(method, headers) {
      if (method !== 'OPTIONS') return null;
      const asking = headers.get('origin');
      if (asking === undefined || asking === '') return null;
      const requested = headers.get('access-control-request-method');
      if (requested === undefined || requested === '') return null;
      const origin = allowedOrigin(headers);
      if (origin === null && policy.forwardUnmatchedPreflights) return null;
      return preflightHeaders(origin, headers);
    },
    decorate(responseHeaders, origin) {
      responseHeaders.set('access-control-allow-origin', origin);
      if (policy.allowCredentials) {
        responseHeaders.set('access-control-allow-credentials', 'true');
      }
      if (policy.exposeHeaders !== null) {
        responseHeaders.set('access-control-expose-headers', policy.exposeHeaders);
      }
    },
  };
}

/** `*` stands for whatever the request asks for. */
function reflect(configured: string | null, request: HeaderList, asks: string): string | null {
  if (configured !== '*') return configured;
  return request.get(asks) ?? '';
}
