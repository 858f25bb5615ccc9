/** Which listener and filter chain a request would come in by. */

import { err, ok, type Result } from '../../base/result.ts';
import type { HttpFilterChain } from '../../model/filter-chain.ts';
import { authorityHost } from '../../proxy/authority.ts';
import { findRouteTable } from '../../proxy/find-route-table.ts';
import type { ListenerStatus, RunningState } from '../running-state.ts';
import type { AskedRequest } from './explain-request.ts';

export interface Entry {
  readonly status: ListenerStatus;
  readonly chain: HttpFilterChain;
}

/** By name where one is given; otherwise the one whose port and virtual hosts fit best. */
export function chooseListener(state: RunningState, asked: AskedRequest): Result<Entry, string> {
  const all = state.listeners();
  const { listener: name } = asked;
  const named = name === null ? all : all.filter(({ listener }) => listener.name === name);
  if (named.length === 0) {
    const names = all.map(({ listener }) => listener.name).join(', ');
    return err(`there is no listener "${name ?? ''}"; there are: ${names || 'none'}`);
  }
  const entries = named.flatMap((status) => {
    const chain = chainFor(state, status, asked);
    return chain === null ? [] : [{ status, chain }];
  });
  const [first, ...others] = entries;
  if (first === undefined) {
    return err(`no listener takes ${asked.scheme} requests for ${asked.authority}; choose another`);
  }
  const fit = (entry: Entry): number => fitness(state, entry, asked);
  return ok(others.reduce((best, entry) => (fit(entry) > fit(best) ? entry : best), first));
}

/** null: it is closed, no HTTP, or TLS ends on one side only. */
function chainFor(
  state: RunningState,
  { listener }: ListenerStatus,
  { scheme, authority }: AskedRequest,
): HttpFilterChain | null {
  const isTls = scheme === 'https';
  const serverName = isTls ? authorityHost(authority).toLowerCase() : null;
  const chain = state.findFilterChain(listener.name, { serverName, isTls, isHttp: !isTls });
  return chain?.kind === 'http' && isTls === (chain.tls !== null) ? chain : null;
}

function fitness(state: RunningState, { status, chain }: Entry, asked: AskedRequest): number {
  const { authority, scheme } = asked;
  const { listener, boundPort } = status;
  const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? (scheme === 'https' ? 443 : 80));
  const table = findRouteTable(chain.routes, authority, state.routeTables());
  const knowsHost = table?.hasHost(authorityHost(authority).toLowerCase()) ?? false;
  const findsHost = table?.findVirtualHost(authority) != null;
  const isItsPort = boundPort === port || listener.servicePort === port;
  return (knowsHost ? 4 : 0) + (isItsPort ? 2 : 0) + (findsHost ? 1 : 0);
}
