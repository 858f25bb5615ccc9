/**
 * How well a listener fits a request, and which of several fits best. Explanations and tests of
 * routing choose by it.
 */

import type { HttpFilterChain, TcpFilterChain } from '../model/filter-chain.ts';
import { authorityHost } from '../proxy/headers/authority.ts';
import { findRouteTable } from '../proxy/stream/find-route-table.ts';
import type { CompiledRouteTable } from '../routing/route-table.ts';
import type { AskedRequest } from './asked-request.ts';
import type { BegunConnection, ExplainedConfig, OpenListener } from './explained-config.ts';

/** What of a request decides which listener takes it. */
export type ArrivingRequest = Pick<AskedRequest, 'scheme' | 'authority' | 'serverName'> & {
  /** That its client connects to; null: nothing tells. */
  readonly port: number | null;
};

export interface ListenerCandidate {
  readonly open: OpenListener;
  readonly begun: BegunConnection;
  /** null: it is closed, no HTTP, or TLS ends on one side only. */
  readonly chain: HttpFilterChain | null;
  /** Its bytes are passed on unread; null: they are not. */
  readonly passedOn: TcpFilterChain | null;
  readonly table: CompiledRouteTable | null;
  readonly fitness: Fitness;
}

interface Fitness {
  readonly knowsHost: boolean;
  readonly isItsPort: boolean;
  readonly takesAnyHost: boolean;
}

export function listenerCandidate(
  config: ExplainedConfig,
  open: OpenListener,
  request: ArrivingRequest,
): ListenerCandidate {
  const { scheme, authority, port } = request;
  const { listener, boundPort } = open;
  const isTls = scheme === 'https';
  const host = authorityHost(authority).toLowerCase();
  const serverName = isTls ? (request.serverName ?? host) : null;
  const begun = { serverName, isTls, isHttp: !isTls, destination: null };
  const found = config.findFilterChain(listener.name, begun);
  const chain = found?.kind === 'http' && isTls === (found.tls !== null) ? found : null;
  const table =
    chain === null ? null : findRouteTable(chain.routes, authority, config.routeTables());
  return {
    open,
    begun,
    chain,
    passedOn: found?.kind === 'tcp' ? found : null,
    table,
    fitness: {
      knowsHost: table?.hasHost(host) ?? false,
      isItsPort: boundPort === port || listener.servicePort === port,
      takesAnyHost: table?.findVirtualHost(authority) != null,
    },
  };
}

/** The port that an authority names; null: none. */
export function namedPort(authority: string): number | null {
  const port = /:(\d+)$/.exec(authority)?.[1];
  return port === undefined ? null : Number(port);
}

/** The first of those whose virtual hosts and port fit best; null: there is none. */
export function fittest<Candidate extends Pick<ListenerCandidate, 'fitness'>>(
  candidates: readonly Candidate[],
): Candidate | null {
  const [first, ...others] = candidates;
  if (first === undefined) return null;
  return others.reduce(
    (one, other) => (score(other.fitness) > score(one.fitness) ? other : one),
    first,
  );
}

function score({ knowsHost, isItsPort, takesAnyHost }: Fitness): number {
  return (knowsHost ? 4 : 0) + (isItsPort ? 2 : 0) + (takesAnyHost ? 1 : 0);
}
