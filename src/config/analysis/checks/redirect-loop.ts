/** Redirects whose target is redirected again, round and round. */

import { findingCode } from '../../finding-code.ts';
import { hostsOverlap } from '../../registry/host-names.ts';
import type { HttpMatchRequest, HttpRedirect } from '../../schema/virtual-service.ts';
import type { Gateway } from '../../translate/istio-resources.ts';
import { qualifyGateway } from '../../translate/rules/qualified-names.ts';
import type { BoundVirtualService, HttpRule } from '../../translate/rules/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import { literalStart, matchesWhole } from './covering.ts';
import { matchPath } from './hidden-match.ts';
import { askedMatches, type Candidate, RedirectCandidates } from './redirect-candidates.ts';
import {
  firstRequest,
  follow,
  matchesStill,
  type RedirectedRequest,
  targetOf,
} from './redirected-request.ts';
import { ServedHosts } from './served-hosts.ts';
import type { Traffic } from './traffic.ts';

/** Browsers give up after about 20. */
const roundsMax = 10;

export function* redirectLoop({ virtualServices, resources }: Traffic): Iterable<AnalyzerFinding> {
  const servedHosts = new ServedHosts(virtualServices);
  for (const virtualService of virtualServices) {
    const redirects = virtualService.rules.filter(({ spec }) => spec.redirect !== undefined);
    if (redirects.length === 0) continue;
    const gateways = resources.gateways.filter(({ metadata: { namespace, name } }) =>
      virtualService.gateways.includes(qualifyGateway(name, namespace)),
    );
    const candidates = new RedirectCandidates(virtualService);
    const place = { virtualService, gateways, candidates, servedHosts };
    for (const rule of redirects) yield* checkRule(rule, place);
  }
}

interface Place {
  readonly virtualService: BoundVirtualService;
  readonly gateways: readonly Gateway[];
  readonly candidates: RedirectCandidates;
  readonly servedHosts: ServedHosts;
}

function* checkRule(rule: HttpRule, place: Place): Iterable<AnalyzerFinding> {
  const matches = rule.spec.match ?? [];
  for (const [position, match] of askedMatches(rule).entries()) {
    const start = samplesOf(match).find((path) => isLoop(path, { rule, match, place }));
    if (start === undefined) continue;
    const next = targetOf(rule.spec.redirect ?? {}, match, start);
    yield {
      code: findingCode.redirectLoop,
      resource: rule.resource,
      path: matches.length === 0 ? [...rule.path, 'redirect'] : matchPath(rule, position),
      message: `a request for "${start}" is redirected to "${next}", and that again, without end`,
      hint: 'serve the target by a rule before this one, or redirect to another host',
    };
  }
}

/** Paths that such a request may have. */
function samplesOf({ uri = {} }: HttpMatchRequest): string[] {
  if (uri.exact !== undefined) return [uri.exact];
  if (uri.prefix !== undefined) {
    const below = uri.prefix.endsWith('/') ? `${uri.prefix}x` : `${uri.prefix}/x`;
    return [uri.prefix, below];
  }
  if (uri.regex === undefined) return ['/x'];
  const { text } = literalStart(uri.regex);
  return [text, `${text}x`, '/x'].filter((path) => matchesWhole(uri.regex ?? '', path));
}

interface Start {
  readonly rule: HttpRule;
  readonly match: HttpMatchRequest;
  readonly place: Place;
}

function isLoop(path: string, start: Start): boolean {
  const seen = new Set<string>();
  let request = firstRequest(path);
  for (let round = 0; round < roundsMax; round += 1) {
    const found = firstMatch(request, start);
    const redirect = found?.rule.spec.redirect;
    // At the start an earlier rule may have this path; that is no loop of this rule.
    if (round === 0 && found?.rule !== start.rule) return false;
    if (found === null || redirect === undefined) return false;
    const next = follow(redirect, found.match, request);
    if (!staysHere(next, { redirect, match: found.match, place: start.place })) return false;
    const key = JSON.stringify(request);
    if (seen.has(key)) return true;
    seen.add(key);
    request = next;
  }
  return true;
}

/** Of conditions other than the path, only the match that it began with is known to have them. */
function firstMatch(request: RedirectedRequest, { match: own, place }: Start): Candidate | null {
  return place.candidates.first(request.path, matchesStill(own, request) ? own : null);
}

interface Step {
  readonly redirect: HttpRedirect;
  readonly match: HttpMatchRequest;
  readonly place: Place;
}

/** Whether the client comes back to the same virtual host. */
function staysHere(next: RedirectedRequest, { redirect, match, place }: Step): boolean {
  const { authority = '', scheme = '', port = 0 } = redirect;
  if (port !== 0 || /:\d+$/.test(authority)) return false;
  const { virtualService, servedHosts } = place;
  if (authority !== '' && !servedHosts.isServedBy(virtualService, authority)) return false;
  if (scheme === '') return true;
  const hosts = next.authority === null ? virtualService.hosts : [next.authority];
  return place.gateways.some((gateway) => speaks(gateway, { scheme, match, hosts }));
}

interface Wanted {
  readonly scheme: string;
  readonly match: HttpMatchRequest;
  readonly hosts: readonly string[];
}

/** Whether a server that the match is for has this scheme already. */
function speaks({ spec: { servers = [] } }: Gateway, { scheme, match, hosts }: Wanted): boolean {
  const port = match.port ?? 0;
  return servers.some(({ tls, hosts: served = [], port: own }) => {
    if (port !== 0 && own?.number !== port) return false;
    const isHttps = tls !== undefined && tls.httpsRedirect !== true;
    if (tls?.httpsRedirect === true || isHttps !== (scheme === 'https')) return false;
    const names = served.map((name) => name.replace(/^.*\//, ''));
    return names.some((name) => hosts.some((host) => hostsOverlap(name, host)));
  });
}
