/** HTTPMatchRequest in Envoy's words, and which matches hold for a client and listener at all. */

import { compareText } from '../../../base/compare-text.ts';
import type { ProxyIdentity } from '../../../model/proxy-identity.ts';
import type {
  HeaderMatch,
  PathMatch,
  QueryParameterMatch,
  RouteMatch,
  StringMatch,
} from '../../../model/route-match.ts';
import { hasLabels } from '../../registry/service.ts';
import type { RouteExtension } from '../../schema/route-extension.ts';
import type { StringMatch as IstioStringMatch } from '../../schema/shared.ts';
import type { HttpMatchRequest } from '../../schema/virtual-service.ts';

export interface MatchContext {
  readonly proxy: ProxyIdentity;
  /** Gateway server port or service port. */
  readonly listenerPort: number;
  /** `mesh`, or the `namespace/name` of the gateways of the listener. */
  readonly gateways: ReadonlySet<string>;
}

/** The conditions that are settled before any request: port, gateways and the client's workload. */
export function holdsFor(match: HttpMatchRequest, context: MatchContext): boolean {
  const port = match.port ?? 0;
  if (port !== 0 && port !== context.listenerPort) return false;
  const gateways = match.gateways ?? [];
  // Istio looks at the client's labels and namespace only where no gateways are named.
  if (gateways.length > 0) return gateways.some((name) => context.gateways.has(name));
  if (!hasLabels(context.proxy.labels, match.sourceLabels ?? {})) return false;
  const namespace = match.sourceNamespace ?? '';
  return namespace === '' || namespace === context.proxy.namespace;
}

export const matchEverything: RouteMatch = {
  path: { kind: 'prefix', value: '/', ignoreCase: false },
  headers: [],
  queryParameters: [],
};

/** `extension`: of the rule, where it was made from an Ingress or from the Gateway API. */
export function translateMatch(match: HttpMatchRequest, extension?: RouteExtension): RouteMatch {
  const headers: HeaderMatch[] = [
    ...headerMatches(match.headers, false),
    ...headerMatches(match.withoutHeaders, true),
  ];
  const pseudoHeaders = [
    [':method', match.method],
    [':authority', match.authority],
    [':scheme', match.scheme],
  ] as const;
  for (const [name, value] of pseudoHeaders) {
    if (value !== undefined) headers.push(headerMatch(name, value, false));
  }
  return {
    path: translatePath(match, stopsAtSlash(extension)),
    headers,
    queryParameters: sortedEntries(match.queryParams).map(
      ([name, value]): QueryParameterMatch => ({ name, match: translateString(value) }),
    ),
  };
}

/** Istio emits no route after one of these, even where the rule has further matches. */
export function isCatchAll({ path, headers, queryParameters }: RouteMatch): boolean {
  if (headers.length > 0 || queryParameters.length > 0) return false;
  if (path.kind === 'regex') return path.value === '.*' || path.value === '*';
  return path.kind !== 'exact' && (path.value === '/' || path.value === '');
}

export function translateString(match: IstioStringMatch): StringMatch {
  if (match.exact !== undefined) return { kind: 'exact', value: match.exact };
  if (match.prefix !== undefined) return { kind: 'prefix', value: match.prefix };
  if (match.regex === undefined || match.regex === '*') return { kind: 'present' };
  return { kind: 'regex', value: match.regex };
}

/** Whether `/foo` is no prefix of `/foobar`. */
export function stopsAtSlash(extension: RouteExtension | undefined): boolean {
  return extension !== undefined && extension.plainPrefixes !== true;
}

function translatePath(
  { uri, ignoreUriCase: ignoreCase = false }: HttpMatchRequest,
  separated: boolean,
): PathMatch {
  if (uri?.exact !== undefined) return { kind: 'exact', value: uri.exact, ignoreCase };
  if (uri?.prefix !== undefined) {
    if (!separated || uri.prefix === '/') return { kind: 'prefix', value: uri.prefix, ignoreCase };
    // One slash at its end says nothing more: as in Istio `/foo/` matches `/foo`, too.
    const value = uri.prefix.replace(/\/$/, '');
    return { kind: 'path-separated-prefix', value, ignoreCase };
  }
  if (uri?.regex !== undefined) return { kind: 'regex', value: uri.regex, ignoreCase: false };
  return matchEverything.path;
}

type StringMatches = Readonly<Record<string, IstioStringMatch>>;

/** In the order of their names. */
export function headerMatches(matches: StringMatches | undefined, invert: boolean): HeaderMatch[] {
  return sortedEntries(matches).map(([name, match]) => headerMatch(name, match, invert));
}

function headerMatch(name: string, istioMatch: IstioStringMatch, invert: boolean): HeaderMatch {
  const match = translateString(istioMatch);
  return {
    name: name.toLowerCase(),
    match,
    invert,
    // `withoutHeaders: {x: {exact: a}}` is to select requests without x, too.
    treatMissingAsEmpty: invert && match.kind !== 'present',
  };
}

function sortedEntries(matches: StringMatches | undefined): [string, IstioStringMatch][] {
  return Object.entries(matches ?? {}).sort(([a], [b]) => compareText(a, b));
}
