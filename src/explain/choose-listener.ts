/** Which listener and filter chain a request would come in by, and why not another one. */

import { err, ok, type Result } from '../base/result.ts';
import type { HttpFilterChain, TcpFilterChain } from '../model/filter-chain.ts';
import { authorityHost } from '../proxy/authority.ts';
import { findRouteTable } from '../proxy/find-route-table.ts';
import type { AskedRequest, Side } from './asked-request.ts';
import { describeOrigin } from './describe-origin.ts';
import type { ExplainedConfig, OpenListener } from './explained-config.ts';
import type { ConsideredListener } from './explanation.ts';

export interface Entry {
  readonly open: OpenListener;
  readonly chain: HttpFilterChain;
  readonly considered: readonly ConsideredListener[];
}

interface Candidate {
  readonly open: OpenListener;
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
  const open = listenersOf(config, asked);
  if (!open.ok) return open;
  const candidates = open.value.map((one) => candidateOf(config, one, asked));
  const usable = candidates.filter(({ chain }) => chain !== null);
  const [first, ...others] = usable;
  if (first === undefined) return err(whyNone(candidates, asked));
  const best = others.reduce((one, other) => (score(other) > score(one) ? other : one), first);
  const considered = candidates.map((candidate) => describe(candidate, best, asked));
  return ok({ open: best.open, chain: best.chain as HttpFilterChain, considered });
}

function listenersOf(
  config: ExplainedConfig,
  { listener: name, side }: AskedRequest,
): Result<readonly OpenListener[], string> {
  const all = config.listeners();
  const named = name === null ? all : all.filter(({ listener }) => listener.name === name);
  if (named.length === 0) {
    const names = all.map(({ listener }) => listener.name).join(', ');
    return err(`there is no listener "${name ?? ''}"; there are: ${names || 'none'}`);
  }
  const open = named.filter((one) => isOnSide(one, side));
  return open.length > 0 ? ok(open) : err(missingSide(all, side));
}

function whyNone(candidates: readonly Candidate[], { scheme, authority }: AskedRequest): string {
  const tcp = candidates.find(({ passedOn }) => passedOn !== null);
  if (tcp?.passedOn == null) {
    return `no listener takes ${scheme} requests for ${authority}; choose another`;
  }
  const clusters = tcp.passedOn.tcp.clusters.map(({ cluster }) => cluster).join(', ');
  const { name } = tcp.open.listener;
  return `${name} passes connections for ${authority} on to ${clusters}, and reads no request`;
}

function isOnSide({ listener }: OpenListener, side: Side): boolean {
  if (side.kind === 'any') return true;
  if (side.kind === 'mesh') return listener.direction === 'outbound';
  if (listener.direction !== 'gateway') return false;
  const { name: wanted } = side;
  if (wanted === null) return true;
  const origins = [listener.origin, ...listener.filterChains.map(({ origin }) => origin)];
  return origins.some(({ name, namespace }) => [name, `${namespace}/${name}`].includes(wanted));
}

function missingSide(all: readonly OpenListener[], side: Side): string {
  if (side.kind === 'mesh') return 'there is no listener of the mesh';
  const gateways = all.filter(({ listener }) => listener.direction === 'gateway');
  const names = gateways.map(
    ({ listener: { name, origin } }) => `${name} of ${origin.namespace}/${origin.name}`,
  );
  const wanted = side.kind === 'gateway' && side.name !== null ? ` "${side.name}"` : '';
  return `there is no listener of a Gateway${wanted}; there are: ${names.join(', ') || 'none'}`;
}

function candidateOf(config: ExplainedConfig, open: OpenListener, asked: AskedRequest): Candidate {
  const { scheme, authority } = asked;
  const { listener, boundPort } = open;
  const isTls = scheme === 'https';
  const host = authorityHost(authority).toLowerCase();
  const serverName = isTls ? (asked.serverName ?? host).toLowerCase() : null;
  const found = config.findFilterChain(listener.name, { serverName, isTls, isHttp: !isTls });
  const chain = found?.kind === 'http' && isTls === (found.tls !== null) ? found : null;
  const port = Number(/:(\d+)$/.exec(authority)?.[1] ?? (isTls ? 443 : 80));
  const table =
    chain === null ? null : findRouteTable(chain.routes, authority, config.routeTables());
  return {
    open,
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
