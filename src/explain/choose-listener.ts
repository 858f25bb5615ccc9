/** Which listener and filter chain a request would come in by, and why not another one. */

import { err, ok, type Result } from '../base/result.ts';
import type { HttpFilterChain, TcpFilterChain } from '../model/filter-chain.ts';
import { authorityHost } from '../proxy/authority.ts';
import { findRouteTable } from '../proxy/find-route-table.ts';
import type { AskedRequest } from './asked-request.ts';
import { describeOrigin } from './describe-origin.ts';
import type { BegunConnection, ExplainedConfig, OpenListener } from './explained-config.ts';
import type { ConsideredListener } from './explained-entry.ts';
import { listenersOfSide } from './listeners-of-side.ts';

export interface Entry {
  readonly open: OpenListener;
  readonly chain: HttpFilterChain;
  readonly begun: BegunConnection;
  readonly considered: readonly ConsideredListener[];
}

interface Candidate {
  readonly open: OpenListener;
  readonly begun: BegunConnection;
  /** null: it is closed, no HTTP, or TLS ends on one side only. */
  readonly chain: HttpFilterChain | null;
  /** Its bytes are passed on unread; null: they are not. */
  readonly passedOn: TcpFilterChain | null;
  readonly fitness: Fitness;
}

interface Fitness {
  readonly knowsHost: boolean;
  readonly isItsPort: boolean;
  readonly takesAnyHost: boolean;
}

/** By name where one is given; otherwise the one whose port and virtual hosts fit best. */
export function chooseListener(
  config: ExplainedConfig,
  asked: AskedRequest,
): Result<Entry, string> {
  const open = listenersOfSide(config, asked);
  if (!open.ok) return open;
  const candidates = open.value.map((one) => candidateOf(config, one, asked));
  const usable = candidates.filter(({ chain }) => chain !== null);
  const [first, ...others] = usable;
  if (first === undefined) return err(whyNone(candidates, asked));
  const best = others.reduce((one, other) => (score(other) > score(one) ? other : one), first);
  const considered = candidates.map((candidate) => describe(candidate, best, asked));
  const { begun } = best;
  return ok({ open: best.open, chain: best.chain as HttpFilterChain, begun, considered });
}

function whyNone(candidates: readonly Candidate[], { scheme, authority }: AskedRequest): string {
  const tcp = candidates.find(({ passedOn }) => passedOn !== null);
  if (tcp?.passedOn == null) {
    const names = candidates.map(({ open }) => open.listener.name).join(', ');
    return `no listener takes ${scheme} requests for ${authority}; there are: ${names || 'none'}`;
  }
  const clusters = tcp.passedOn.tcp.clusters.map(({ cluster }) => cluster).join(', ');
  const passes = `${tcp.open.listener.name} passes connections for ${authority} on to ${clusters}`;
  return `${passes}, and reads no request: ask for the connection`;
}

function candidateOf(config: ExplainedConfig, open: OpenListener, asked: AskedRequest): Candidate {
  const { scheme, authority } = asked;
  const { listener, boundPort } = open;
  const isTls = scheme === 'https';
  const host = authorityHost(authority).toLowerCase();
  const serverName = isTls ? (asked.serverName ?? host) : null;
  const begun = { serverName, isTls, isHttp: !isTls, destination: null };
  const found = config.findFilterChain(listener.name, begun);
  const chain = found?.kind === 'http' && isTls === (found.tls !== null) ? found : null;
  const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? (isTls ? 443 : 80));
  const table =
    chain === null ? null : findRouteTable(chain.routes, authority, config.routeTables());
  return {
    open,
    begun,
    chain,
    passedOn: found?.kind === 'tcp' ? found : null,
    fitness: {
      knowsHost: table?.hasHost(host) ?? false,
      isItsPort: boundPort === port || listener.servicePort === port,
      takesAnyHost: table?.findVirtualHost(authority) != null,
    },
  };
}

function score({ fitness: { knowsHost, isItsPort, takesAnyHost } }: Candidate): number {
  return (knowsHost ? 4 : 0) + (isItsPort ? 2 : 0) + (takesAnyHost ? 1 : 0);
}

function describe(
  candidate: Candidate,
  best: Candidate,
  { scheme, authority }: AskedRequest,
): ConsideredListener {
  const { listener } = candidate.open;
  return {
    name: listener.name,
    chosen: candidate === best,
    reason: candidate.chain === null ? `takes no ${scheme} for ${authority}` : reason(candidate),
    origin: describeOrigin(listener.origin),
  };
}

function reason({ fitness: { knowsHost, isItsPort, takesAnyHost } }: Candidate): string {
  const host = knowsHost ? 'knows the host' : takesAnyHost ? 'takes any host' : 'has no such host';
  return isItsPort ? `${host}, and the port is its own` : host;
}
