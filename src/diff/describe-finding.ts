/** Says in words what a differing request stands for. */

import { unicodeFromWire } from '../base/wire-text.ts';
import { originPlace } from '../model/origin.ts';
import type { RouteMatch } from '../model/route-match.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { explainRoute } from '../routing/explain.ts';
import { pathKindText } from '../routing/path-kind-text.ts';
import { pathMatches } from '../routing/path-match.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import type { CompiledVirtualHost } from '../routing/route-table.ts';
import { stringMatchText } from '../routing/string-match-text.ts';
import { type Behaviour, describeOutcome } from './behaviour.ts';
import type { Finding } from './compare-hosts.ts';
import type { ExampleRequest, Region, RouteReference, Way } from './difference.ts';
import type { HostClass } from './host-classes.ts';

export function describeFinding(finding: Finding, hosts: HostClass, table: string): Region {
  const { request, before, after, differences, outcomes } = finding;
  const conditions = [before, after].flatMap((route) =>
    route === null ? [] : describeMatch(route.route.match),
  );
  return {
    tables: [table],
    hosts: hosts.domains,
    conditions: [...new Set(conditions)],
    differences,
    example: exampleOf(request, table),
    old: wayOf(hosts.before, { request, route: before, outcome: outcomes[0] }),
    new: wayOf(hosts.after, { request, route: after, outcome: outcomes[1] }),
  };
}

/** The last of them say the most. */
const shownRejected = 3;

interface Taken {
  readonly request: RouteRequest;
  readonly route: CompiledRoute | null;
  readonly outcome: Behaviour;
}

function wayOf(host: CompiledVirtualHost | null, { request, route, outcome }: Taken): Way {
  const outcomeText = describeOutcome(outcome);
  if (host === null) return { route: null, rejected: [], passedOver: 0, outcome: outcomeText };
  const position = route === null ? host.routes.length : route.position;
  const near = host.routes
    .slice(0, position)
    .filter(({ path }) => pathMatches(path, request.pathname))
    .slice(-shownRejected);
  const { rejected } = explainRoute({ ...host, routes: near }, request);
  return {
    route: route === null ? null : referenceTo(route, host),
    passedOver: position - rejected.length,
    rejected: rejected.map((one) => ({
      route: referenceTo(one.route, host),
      mismatches: one.mismatches.map((mismatch) => ({
        ...mismatch,
        actual: mismatch.actual?.map(unicodeFromWire) ?? null,
      })),
    })),
    outcome: outcomeText,
  };
}

function referenceTo(
  { route, position }: CompiledRoute,
  host: CompiledVirtualHost,
): RouteReference {
  return {
    virtualHost: host.virtualHost.name,
    name: route.name,
    position,
    place: originPlace(route.origin),
    conditions: describeMatch(route.match),
  };
}

/** A path that every request has is no condition. */
function describeMatch({ path, headers, queryParameters }: RouteMatch): string[] {
  const isAny = path.kind === 'prefix' && (path.value === '/' || path.value === '');
  const ending = path.ignoreCase ? ' ignoring case' : '';
  const ofPath = isAny ? [] : [`path ${pathKindText(path.kind)} "${path.value}"${ending}`];
  const ofHeaders = headers.map(({ name, match, invert }) => {
    const part = name.startsWith(':') ? name.slice(1) : `header ${name}`;
    return `${part} ${invert ? 'not ' : ''}${stringMatchText(match)}`;
  });
  const ofQuery = queryParameters.map(({ name, match }) => {
    return `query parameter ${name} ${stringMatchText(match)}`;
  });
  return [...ofPath, ...ofHeaders, ...ofQuery];
}

/** Tables of the mesh have the name of their port, which the authority then names. */
function exampleOf(request: RouteRequest, table: string): ExampleRequest {
  const { method, authority, path, headers, scheme } = request;
  const needsPort = /^\d+$/.test(table) && table !== '80' && !/:\d+$/.test(authority);
  const place = needsPort ? `${authority}:${table}` : authority;
  const isTls = scheme === 'https' || table.startsWith('https.');
  const lines: [string, string][] = [];
  for (let i = 0; i < headers.flat.length; i += 2) {
    lines.push([headers.flat[i] ?? '', unicodeFromWire(headers.flat[i + 1] ?? '')]);
  }
  const url = `${isTls ? 'https' : 'http'}://${place}${unicodeFromWire(path)}`;
  return { method, url, headers: lines };
}
