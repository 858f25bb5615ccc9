/**
 * The way of a request without sending it: listener, filter chain, route table, virtual host,
 * route. Every step is the proxy's own; what is found are the objects by which it would go on.
 */

import { AddressSet } from '../base/address-set.ts';
import { SeededRandom } from '../base/random.ts';
import { ok, type Result } from '../base/result.ts';
import { authorityChar, isAll } from '../http1/char-table.ts';
import { HeaderList } from '../http1/header-list.ts';
import { noBody, type RequestHead } from '../http1/message-head.ts';
import type { HttpFilterChain } from '../model/filter-chain.ts';
import { type ForwardedFacts, prepareRequestHeaders } from '../proxy/headers/request-headers.ts';
import { findRouteTable } from '../proxy/stream/find-route-table.ts';
import type { CompiledRoute } from '../routing/compiled-route.ts';
import { matchRoute } from '../routing/match.ts';
import { normalizePath } from '../routing/path-normalization.ts';
import type { RouteRequest } from '../routing/route-request.ts';
import type { CompiledRouteTable, CompiledVirtualHost } from '../routing/route-table.ts';
import type { AskedRequest } from './asked-request.ts';
import { chooseListener, type Entry } from './choose-listener.ts';
import { type ClientTls, clientTls, hasNoCertificate } from './client-tls.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { Outcome } from './explanation.ts';
import { type Refusal, refusalOf } from './refusal.ts';

export interface Walk {
  readonly entry: Entry;
  readonly asked: AskedRequest;
  readonly request: RouteRequest;
  readonly facts: ForwardedFacts;
  /** null: it does not end here. */
  readonly tls: ClientTls | null;
  readonly table: CompiledRouteTable | null;
  readonly virtualHost: CompiledVirtualHost | null;
  /** What the matcher answers. */
  readonly route: CompiledRoute | null;
  readonly outcome: Outcome;
  /** null unless the outcome is `denied`. */
  readonly refusal: Refusal | null;
}

/** The error is a sentence for whoever asked: no listener takes such a request. */
export function walkRequest(config: ExplainedConfig, asked: AskedRequest): Result<Walk, string> {
  const entry = chooseListener(config, asked);
  if (!entry.ok) return entry;
  const { chain } = entry.value;
  const path = normalizePath(asked.target, chain.http.pathNormalization);
  const { direction } = entry.value.open.listener;
  const tls = clientTls(config, { chain, direction, certificate: asked.certificate });
  const { request, facts } = prepare(asked, { chain, tls }, path ?? asked.target);
  const table = findRouteTable(chain.routes, asked.authority, config.routeTables());
  const known = { entry: entry.value, asked, request, facts, tls, table };
  const nothing = { ...known, virtualHost: null, route: null, refusal: null };
  if (hasNoCertificate(config, chain.tls)) {
    // The route that there would be.
    const virtualHost = table?.findVirtualHost(asked.authority) ?? null;
    const route = virtualHost === null ? null : matchRoute(virtualHost, request);
    return ok({ ...nothing, virtualHost, route, outcome: 'no-certificate' });
  }
  if (tls?.explained.accepted === false) return ok({ ...nothing, outcome: 'handshake-failed' });
  const isHost = isAll(asked.authority, authorityChar);
  if (!isHost || path === null) return ok({ ...nothing, outcome: 'refused' });
  // No tunnels are made for anybody.
  if (asked.method === 'CONNECT') return ok({ ...nothing, outcome: 'not-found' });
  const virtualHost = table?.findVirtualHost(asked.authority) ?? null;
  if (virtualHost === null) return ok({ ...nothing, outcome: 'not-found' });
  if (virtualHost.virtualHost.requireTls && facts.forwardedProto !== 'https') {
    return ok({ ...nothing, virtualHost, outcome: 'redirected-to-https' });
  }
  const route = matchRoute(virtualHost, request);
  const client = facts.clientAddress ?? asked.clientAddress;
  const refusal = route === null ? null : refusalOf(route.route, asked, client);
  const outcome = refusal === null ? outcomeOf(config, route) : 'denied';
  return ok({ ...known, virtualHost, route, outcome, refusal });
}

function outcomeOf(config: ExplainedConfig, route: CompiledRoute | null): Outcome {
  const action = route?.action;
  switch (action?.kind) {
    case undefined:
      return 'not-found';
    case 'forward': {
      const drawn = action.clusters.filter(({ weight }) => weight > 0);
      const isNowhere = drawn.every(({ cluster }) => config.findCluster(cluster) === null);
      return isNowhere ? 'cluster-not-found' : 'forwarded';
    }
    case 'redirect':
      return 'redirected';
    case 'direct-response':
      return 'answered';
  }
}

interface Prepared {
  readonly request: RouteRequest;
  readonly facts: ForwardedFacts;
}

/** As the listener makes it of what comes: routes see the header block that this leaves. */
function prepare(
  asked: AskedRequest,
  { chain: { http }, tls }: { readonly chain: HttpFilterChain; readonly tls: ClientTls | null },
  path: string,
): Prepared {
  const { method, scheme, authority, clientAddress } = asked;
  const head = headOf(asked);
  const facts: ForwardedFacts = {
    requestId: null,
    forwardedProto: null,
    clientAddress: null,
    isInternal: false,
    bearsOnTracing: false,
  };
  const { internalAddresses } = http;
  prepareRequestHeaders(
    head,
    {
      authority,
      settings: http,
      peerAddress: clientAddress,
      internalAddresses: internalAddresses === null ? null : new AddressSet(internalAddresses),
      scheme,
      tls: tls?.info ?? null,
      random: new SeededRandom(0),
      upgrading: head.upgrade === 'websocket' && http.websocketUpgrades,
    },
    facts,
  );
  const question = path.indexOf('?');
  return {
    facts,
    request: {
      method,
      scheme: facts.forwardedProto?.toLowerCase() === 'https' ? 'https' : 'http',
      authority,
      path,
      pathname: question < 0 ? path : path.slice(0, question),
      query: question < 0 ? null : path.slice(question + 1),
      headers: head.headers,
    },
  };
}

function headOf({ method, target, authority, headers: given }: AskedRequest): RequestHead {
  const headers = new HeaderList();
  headers.append('host', authority);
  const { flat } = given;
  for (let i = 0; i < flat.length; i += 2) headers.append(flat[i] as string, flat[i + 1] as string);
  return {
    method,
    target,
    scheme: null,
    minorVersion: 1,
    headers,
    host: authority,
    framing: noBody,
    keepAlive: true,
    ...connectionOf(given),
  };
}

/** What the parser finds in the Connection line. */
function connectionOf(headers: HeaderList): Pick<RequestHead, 'upgrade' | 'connectionNames'> {
  const said = headers.getAll('connection').flatMap((line) => line.toLowerCase().split(','));
  const names = said.map((name) => name.trim());
  const others = names.filter((name) => !['', 'close', 'keep-alive', 'upgrade'].includes(name));
  return {
    upgrade: names.includes('upgrade') ? (headers.get('upgrade')?.toLowerCase() ?? null) : null,
    connectionNames: others.length === 0 ? null : others,
  };
}
