/** Walks one request of a test, and tells how what it finds differs from what is expected. */

import { err, ok, type Result } from '../base/result.ts';
import { type AskedRequest, readAskedRequest } from '../explain/asked-request.ts';
import { explainWalk } from '../explain/explain-request.ts';
import type { Explanation } from '../explain/explanation.ts';
import { localStatus } from '../explain/local-status.ts';
import { type Walk, walkRequest } from '../explain/walk-request.ts';
import { actualOf } from './actual-outcome.ts';
import { compare } from './compare.ts';
import type { Difference } from './difference.ts';
import { findEntry } from './find-entry.ts';
import type { RoutingConfig } from './routing-config.ts';
import type { Expectation } from './schema.ts';
import type { SingleRequest } from './test-request.ts';
import { ownerText, type TryResult } from './try-result.ts';
import { compareEndpoint, compareUpstream } from './upstream.ts';

/** The error is a sentence about the request. */
export function tryRequest(
  request: SingleRequest,
  config: RoutingConfig,
): Result<TryResult, string> {
  const entry = findEntry(config, request);
  if (!entry.ok) return entry;
  const { proxy, listener, scheme } = entry.value;
  const asked = ask(request, scheme, listener.name);
  if (!asked.ok) return asked;
  const walk = walkRequest(proxy.compiled, asked.value);
  if (!walk.ok) return walk;
  const { route, outcome } = walk.value;
  const explain = (): Explanation => explainWalk(proxy.compiled, walk.value);
  return ok({
    origin: route?.route.origin ?? null,
    route: routeText(walk.value),
    isConfigured:
      outcome === 'redirected-to-https' || (route !== null && route.route.origin.kind !== ''),
    differencesFrom: (expected) => differences(expected, { walk: walk.value, explain, config }),
    explain,
  });
}

function ask(
  request: SingleRequest,
  scheme: 'http' | 'https',
  listener: string,
): Result<AskedRequest, string> {
  const { method, authority, uri, headers, serverName, sourceAddress: clientAddress } = request;
  if (!/^[^/?#@\s]+$/.test(authority)) {
    return err(`the authority is a host, with a port if need be, not "${authority}"`);
  }
  return readAskedRequest({
    method,
    url: `${scheme}://${authority}${uri.startsWith('/') ? uri : `/${uri}`}`,
    headers: headers.map(([name, value]) => `${name}: ${value}`),
    listener,
    serverName,
    clientAddress,
  });
}

function routeText({ route }: Walk): string | null {
  if (route === null) return null;
  const { name, origin } = route.route;
  return `route ${name === '' ? `#${route.position + 1}` : `"${name}"`} ${ownerText(origin)}`;
}

interface Walked {
  readonly walk: Walk;
  readonly explain: () => Explanation;
  readonly config: RoutingConfig;
}

function differences(
  expected: Expectation,
  { walk, explain, config }: Walked,
): readonly Difference[] {
  const { status, location, upstream, endpoint } = expected;
  // Nothing of a rule happens to what is never sent.
  const isSent = walk.outcome !== 'no-certificate';
  const rule = isSent ? actualOf(walk, (name) => config.delegates.has(name)) : {};
  const answered = localStatus(walk);
  const asksMore = [location, upstream, endpoint].some((field) => field !== undefined);
  const explanation = asksMore ? explain() : null;
  const found: Expectation = {
    ...rule,
    ...(status === undefined || answered === null ? {} : { status: answered }),
    ...(explanation?.location == null ? {} : { location: explanation.location }),
  };
  return [
    ...compare(expected, found),
    ...compareUpstream(expected, explanation),
    ...compareEndpoint(expected, explanation),
  ];
}
