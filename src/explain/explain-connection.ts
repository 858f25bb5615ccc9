/** Explains a connection: what the walk found, in words and with the place of everything. */

import { ok, type Result } from '../base/result.ts';
import type { TcpFilterChain } from '../model/filter-chain.ts';
import type { TcpProxy } from '../model/tcp-proxy.ts';
import { tcpDestination } from '../proxy/tcp/tcp-target.ts';
import type { AskedConnection } from './asked-connection.ts';
import type { ConnectionExplanation } from './connection-explanation.ts';
import { describeCluster, hashedEndpoint } from './describe-cluster.ts';
import { describeDuration } from './describe-duration.ts';
import type { ExplainedConfig } from './explained-config.ts';
import type { ExplainedCluster, PolicyValue } from './explained-target.ts';
import { explainFilterChains } from './filter-chains.ts';
import { PolicyWriter } from './policy-value.ts';
import { type ConnectionWalk, walkConnection } from './walk-connection.ts';

/** The error is a sentence for whoever asked. */
export function explainConnection(
  config: ExplainedConfig,
  asked: AskedConnection,
): Result<ConnectionExplanation, string> {
  const walk = walkConnection(config, asked);
  return walk.ok ? ok(explainConnectionWalk(config, walk.value)) : walk;
}

/** The same for a walk that was made already. */
export function explainConnectionWalk(
  config: ExplainedConfig,
  walk: ConnectionWalk,
): ConnectionExplanation {
  const { asked, open, begun, chain, tls, outcome } = walk;
  const { listener } = open;
  const forwarding = outcome === 'forwarded' && chain?.kind === 'tcp' ? chain : null;
  return {
    listener: listener.name,
    listeners: walk.considered,
    connection: {
      host: asked.host,
      port: asked.port,
      destination: begun.destination ?? listener.address,
      serverName: begun.serverName,
      client: asked.clientAddress,
    },
    filterChain: chain?.name ?? null,
    filterChains: explainFilterChains(listener, begun, chain),
    tls: tls?.explained ?? null,
    outcome,
    policy: forwarding === null ? [] : describePolicy(forwarding.tcp),
    targets: forwarding === null ? [] : targetsOf(config, walk, forwarding),
    originalDestination: forwarding === null ? null : originalDestination(walk),
  };
}

/** Envoy's, in milliseconds. */
const defaultIdleTimeoutMs = 3_600_000;

function describePolicy(tcp: TcpProxy): PolicyValue[] {
  const writer = new PolicyWriter();
  const describe = (name: string, ms: number, usual: number): PolicyValue => {
    const text = ms === 0 ? 'none' : describeDuration(ms);
    // Which DestinationRule says it is not kept.
    return ms === usual ? writer.value(name, text) : writer.said(name, text, null);
  };
  return [
    describe('idleTimeout', tcp.idleTimeoutMs, defaultIdleTimeoutMs),
    describe('maxConnectionDuration', tcp.maxConnectionDurationMs, 0),
    tcp.hashSourceIp
      ? writer.said('hash', 'address of the client', null)
      : writer.value('hash', 'none'),
  ];
}

function targetsOf(
  config: ExplainedConfig,
  { asked, open }: ConnectionWalk,
  { tcp }: TcpFilterChain,
): ExplainedCluster[] {
  const total = tcp.clusters.reduce((sum, { weight }) => sum + weight, 0);
  const hash = tcp.hashSourceIp ? config.hash64.hash(asked.clientAddress) : null;
  return tcp.clusters.map(({ cluster: name, weight }) => {
    const cluster = config.findCluster(name);
    const { limits } = open.listener;
    return {
      ...describeCluster(name, cluster),
      // Evenly where all are 0.
      percent: total === 0 ? 100 / tcp.clusters.length : (100 * weight) / total,
      hashedEndpoint: cluster === null ? null : hashedEndpoint(cluster, hash, limits),
    };
  });
}

/** A PROXY protocol header tells where the client wanted to go, or the server name. */
function originalDestination({ asked, open, begun }: ConnectionWalk): string | null {
  const { listener } = open;
  const { serverName, destination: address } = begun;
  const isTold = listener.proxyProtocol && address !== null;
  const destination = isTold ? { address, port: asked.port } : null;
  const end = tcpDestination({ destination, serverName, listener: { model: listener } });
  return end === null ? null : `${end.address}:${end.port}`;
}
