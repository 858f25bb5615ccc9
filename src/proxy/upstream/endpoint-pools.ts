/** The connection pools of one endpoint: made at its first request, kept with it over reloads. */

import type { LiveCluster } from '../../cluster/live-cluster.ts';
import type { LiveEndpoint } from '../../cluster/live-endpoint.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { PoolDependencies, UpstreamPool } from '../../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../../transport/upstream-tls-client.ts';
import type { ProxyContext } from '../proxy-context.ts';
import type { Stream } from '../stream/stream.ts';
import { ClientPools } from './client-pools.ts';
import { EndpointGate } from './endpoint-gate.ts';
import { isOwnListener } from './original-destination.ts';
import { type PoolDetour, type PoolSetup, ProtocolPools } from './protocol-pools.ts';
import { TlsPools } from './tls-pools.ts';

/** Where `stream` gets a connection to `endpoint`. */
export function poolFor(
  stream: Stream,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): UpstreamPool {
  const existing = endpoint.connections;
  // An endpoint that was given up and is back starts anew; what drains goes on draining.
  if (existing instanceof ProtocolPools && !existing.draining)
    return existing.poolFor(stream, cluster.model);
  return newPools(stream.context, cluster, endpoint).poolFor(stream, cluster.model);
}

/** TLS of a TCP connection to `endpoint`; null: it is clear text. */
export function tcpTlsFor(
  context: ProxyContext,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): UpstreamTlsClient | null {
  // Most have none, and need no pools for it.
  if (cluster.model.tls === null) return null;
  const existing = endpoint.connections;
  const isUsable = existing instanceof ProtocolPools && !existing.draining;
  const pools = isUsable ? existing : newPools(context, cluster, endpoint);
  return pools.tcpTls(cluster.model);
}

function newPools(
  context: ProxyContext,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): ProtocolPools {
  const dependencies: PoolDependencies = {
    address: endpoint,
    gate: new EndpointGate(cluster.breaker, endpoint),
    clock: context.clock,
    wheel: context.wheel,
    turns: context.turns,
    readBuffer: context.readBuffer,
    http2Slabs: context.http2Slabs,
    tls: null,
    prologue: '',
    isForbidden:
      cluster.model.discovery === 'original-dst'
        ? (ends) => isOwnListener(context.snapshot.mesh.listeners, ends)
        : null,
  };
  const setup = { dependencies, contexts: context.tls, detourOf: endpointDetour };
  const pools = new ProtocolPools(cluster.model, setup);
  endpoint.connections = pools;
  return pools;
}

/** The header goes before TLS, and so do the pools of its clients. */
function endpointDetour(model: Cluster, setup: PoolSetup): PoolDetour | null {
  const { proxyProtocol } = model;
  if (proxyProtocol === null) return tlsDetour(model, setup);
  return new ClientPools(proxyProtocol, model, { ...setup, detourOf: tlsDetour });
}

function tlsDetour({ tls }: Cluster, { dependencies, contexts }: PoolSetup): PoolDetour | null {
  return tls === null ? null : new TlsPools(tls, dependencies, contexts);
}
