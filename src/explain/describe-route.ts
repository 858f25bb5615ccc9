/** One route, in words where its parts are many. */

import type { ForwardAction, Route, RouteAction } from '../model/route.ts';
import type { HeaderMatch, RouteMatch } from '../model/route-match.ts';
import type { FaultPolicy } from '../model/route-policy.ts';
import { pathKindText } from '../routing/path-kind-text.ts';
import { stringMatchText } from '../routing/string-match-text.ts';
import { describeOrigin } from './describe-origin.ts';
import type { FaultDescription, RouteDescription } from './descriptions.ts';

/** `position`: among the routes of its virtual host, from 0. */
export function describeRoute(route: Route, position: number): RouteDescription {
  const { action } = route;
  const forward = action.kind === 'forward' ? action : null;
  return {
    name: route.name,
    position,
    match: describeMatch(route.match),
    action: action.kind,
    clusters:
      forward === null ? [] : forward.clusters.map(({ cluster, weight }) => ({ cluster, weight })),
    status: action.kind === 'forward' ? null : action.status,
    rewrite: describeRewrite(action),
    timeoutMs: forward?.timeoutMs ?? 0,
    retries: forward === null ? null : describeRetries(forward),
    fault: route.fault === null ? null : describeFault(route.fault),
    mirrors: forward === null ? [] : forward.mirrors.map(({ cluster }) => cluster),
    cors: route.cors !== null,
    toxics: route.toxics?.length ?? 0,
    origin: describeOrigin(route.origin),
  };
}

function describeMatch({ path, headers, queryParameters }: RouteMatch): string[] {
  const suffix = path.ignoreCase ? ' ignoring case' : '';
  return [
    `path ${pathKindText(path.kind)} "${path.value}"${suffix}`,
    ...headers.map(describeHeader),
    ...queryParameters.map(({ name, match }) => `query ${name} ${stringMatchText(match)}`),
  ];
}

function describeHeader({ name, match, invert }: HeaderMatch): string {
  // Methods, authorities and schemes are matched as the headers that HTTP/2 makes of them.
  const what = name.startsWith(':') ? name.slice(1) : `header ${name}`;
  return `${what} ${invert ? 'not ' : ''}${stringMatchText(match)}`;
}

/** null: everything stays as it is. */
function describeRewrite(action: RouteAction): string | null {
  if (action.kind === 'direct-response') return null;
  const parts: string[] = [];
  if (action.prefixRewrite === '') parts.push('prefix taken away');
  else if (action.prefixRewrite !== null) parts.push(`prefix to "${action.prefixRewrite}"`);
  if (action.kind === 'redirect') {
    if (action.path !== null) parts.push(`path to "${action.path}"`);
    if (action.scheme !== null) parts.push(`scheme to "${action.scheme}"`);
    if (action.host !== null) parts.push(`authority to "${action.host}"`);
    if (action.port !== null) parts.push(`port to ${action.port}`);
  } else {
    const { regexRewrite, hostRewrite } = action;
    if (regexRewrite !== null) {
      parts.push(`"${regexRewrite.pattern}" in the path to "${regexRewrite.substitution}"`);
    }
    if (hostRewrite !== null) parts.push(`authority to "${hostRewrite}"`);
  }
  return parts.length === 0 ? null : parts.join(', ');
}

function describeRetries({ retryPolicy }: ForwardAction): RouteDescription['retries'] {
  if (retryPolicy === null || retryPolicy.numRetries === 0) return null;
  const { numRetries, retryOn, perTryTimeoutMs } = retryPolicy;
  return { retries: numRetries, retryOn: [...retryOn], perTryTimeoutMs };
}

function describeFault({ delay, abort }: FaultPolicy): FaultDescription {
  return {
    delayMs: delay?.fixedDelayMs ?? null,
    delayPercent: (delay?.percentage ?? 0) / 10_000,
    abortStatus: abort?.httpStatus ?? null,
    abortGrpcStatus: abort?.grpcStatus ?? null,
    abortPercent: (abort?.percentage ?? 0) / 10_000,
  };
}
