/**
 * The way of a connection without making it: listener, then the filter chain that the matcher
 * chooses. What is found is the object by which the proxy would go on.
 */

import { isIP } from 'node:net';
import { err, ok, type Result } from '../base/result.ts';
import type { FilterChain } from '../model/filter-chain.ts';
import type { AskedConnection } from './asked-connection.ts';
import { type ClientTls, clientTls, hasNoCertificate } from './client-tls.ts';
import type { ConnectionOutcome } from './connection-explanation.ts';
import { describeOrigin } from './describe-origin.ts';
import type { BegunConnection, ExplainedConfig, OpenListener } from './explained-config.ts';
import type { ConsideredListener } from './explained-entry.ts';
import { listenersOfSide } from './listeners-of-side.ts';

export interface ConnectionWalk {
  readonly asked: AskedConnection;
  readonly open: OpenListener;
  readonly begun: BegunConnection;
  readonly considered: readonly ConsideredListener[];
  /** What the matcher answers; null: no filter chain takes it. */
  readonly chain: FilterChain | null;
  /** null: it does not end here. */
  readonly tls: ClientTls | null;
  readonly outcome: ConnectionOutcome;
}

interface Candidate {
  readonly open: OpenListener;
  readonly begun: BegunConnection;
  readonly chain: FilterChain | null;
  /** Why connections cannot come to it; null: they can. */
  readonly obstacle: string | null;
  /** It passes bytes on to a service of that name. */
  readonly knowsHost: boolean;
}

/** The error is a sentence for whoever asked: no listener takes such a connection. */
export function walkConnection(
  config: ExplainedConfig,
  asked: AskedConnection,
): Result<ConnectionWalk, string> {
  const open = listenersOfSide(config, asked);
  if (!open.ok) return open;
  const candidates = open.value.map((one) => candidateOf(config, one, asked));
  const [first, ...others] = candidates.filter(({ obstacle }) => obstacle === null);
  if (first === undefined) return err(whyNone(candidates, asked));
  const best = others.reduce((one, other) => (score(other) > score(one) ? other : one), first);
  const { chain, begun } = best;
  const { direction } = best.open.listener;
  const { certificate } = asked;
  const tls = chain === null ? null : clientTls(config, { chain, direction, certificate });
  const considered = candidates.map((candidate) => describe(candidate, best, asked));
  const isBare = begun.isTls && hasNoCertificate(config, chain?.tls ?? null);
  const outcome = isBare ? 'no-certificate' : outcomeOf(chain, begun, tls);
  return ok({ asked, open: best.open, begun, considered, chain, tls, outcome });
}

function candidateOf(
  config: ExplainedConfig,
  open: OpenListener,
  asked: AskedConnection,
): Candidate {
  const { host, serverName } = asked;
  const { listener } = open;
  const destination = isIP(host) === 0 ? null : host;
  const begun = { destination, serverName, isTls: serverName !== null, isHttp: false };
  const chain = config.findFilterChain(listener.name, begun);
  const hosts = chain?.kind === 'tcp' ? chain.tcp.clusters.map(({ cluster }) => cluster) : [];
  const isNamed = asked.listener !== null;
  return {
    open,
    begun,
    chain,
    obstacle: isNamed ? null : obstacleOf(open, asked),
    knowsHost: hosts.some((cluster) => isService(cluster, host)),
  };
}

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Nothing is intercepted: clients connect to where a listener is bound, or a proxy tells of it. */
function obstacleOf({ listener, boundPort }: OpenListener, { host, port }: AskedConnection) {
  const { servicePort, proxyProtocol, address } = listener;
  if (servicePort !== port && boundPort !== port) {
    return servicePort === 0 ? 'is for requests to any port' : `is for port ${servicePort}`;
  }
  if (isIP(host) === 0 || proxyProtocol || anyAddress.has(address) || address === host) return null;
  return `is bound to ${address}: nothing comes to it at ${host}`;
}

/** `store` and `store.default` are names of `outbound|80||store.default.svc.cluster.local`. */
function isService(cluster: string, host: string): boolean {
  const [, , , service = ''] = cluster.split('|');
  return service === host || service.startsWith(`${host}.`);
}

function score({ chain, knowsHost, open, begun }: Candidate): number {
  const isOwnAddress = open.listener.address === begun.destination;
  return (knowsHost ? 4 : 0) + (chain?.kind === 'tcp' ? 2 : 0) + (isOwnAddress ? 1 : 0);
}

function whyNone(candidates: readonly Candidate[], { host, port }: AskedConnection): string {
  const reasons = candidates.map(({ open, obstacle }) => `${open.listener.name} ${obstacle}`);
  return `no listener takes connections to ${host}:${port}: ${reasons.join('; ')}`;
}

function describe(
  candidate: Candidate,
  best: Candidate,
  { port }: AskedConnection,
): ConsideredListener {
  const { listener } = candidate.open;
  return {
    name: listener.name,
    chosen: candidate === best,
    reason: candidate.obstacle ?? fitOf(candidate, port),
    origin: describeOrigin(listener.origin),
  };
}

function fitOf({ chain, knowsHost, open }: Candidate, port: number): string {
  const { servicePort } = open.listener;
  const isItsPort = servicePort === port || open.boundPort === port;
  const place = isItsPort ? `, and port ${port} is its own` : '';
  if (chain === null) return `has no filter chain for it${place}`;
  if (chain.kind === 'http') return `reads requests${place}`;
  return `${knowsHost ? 'knows the host' : 'passes connections on'}${place}`;
}

function outcomeOf(
  chain: FilterChain | null,
  { isTls }: BegunConnection,
  tls: ClientTls | null,
): ConnectionOutcome {
  if (chain === null) return 'closed';
  // Where TLS is to end, whatever else comes is no handshake.
  if (tls !== null && (!isTls || !tls.explained.accepted)) return 'handshake-failed';
  return chain.kind === 'http' ? 'http' : 'forwarded';
}
