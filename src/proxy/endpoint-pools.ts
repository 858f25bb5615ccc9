/** The connection pools of one endpoint: made at its first request, kept with it over reloads. */

import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { EndpointConnections, LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import { proxyHeader } from '../transport/proxy-protocol-writer.ts';
import type { PoolDependencies, UpstreamPool } from '../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../transport/upstream-tls.ts';
import { EndpointGate } from './endpoint-gate.ts';
import { isOwnListener } from './original-destination.ts';
import { ProtocolPools } from './protocol-pools.ts';
import type { ProxyContext } from './proxy-context.ts';
import type { Stream } from './stream.ts';

/** Where `stream` gets a connection to `endpoint`. */
export function poolFor(
  stream: Stream,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): UpstreamPool {
  return poolsOf(stream.context, cluster, endpoint).poolFor(stream, cluster);
}

/** TLS of a TCP connection to `endpoint`; null: it is clear text. */
export function tcpTlsFor(
  context: ProxyContext,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): UpstreamTlsClient | null {
  // Most have none, and need no pools for it.
  if (cluster.model.tls === null) return null;
  return poolsOf(context, cluster, endpoint).tcpTls(cluster.model);
}

function poolsOf(context: ProxyContext, cluster: LiveCluster, endpoint: LiveEndpoint) {
  const existing = endpoint.connections;
  // An endpoint that was given up and is back starts anew; what drains goes on draining.
  if (existing instanceof EndpointPools && !existing.draining) return existing;
  const pools = new EndpointPools(context, cluster, endpoint);
  endpoint.connections = pools;
  return pools;
}

class EndpointPools implements EndpointConnections {
  draining = false;
  readonly #context: ProxyContext;
  readonly #dependencies: PoolDependencies;
  readonly #shared: ProtocolPools;
  /** By header, where the endpoint is told who its client is; used least recently first. */
  readonly #ofClients = new Map<string, ProtocolPools>();

  constructor(context: ProxyContext, cluster: LiveCluster, endpoint: LiveEndpoint) {
    this.#context = context;
    this.#dependencies = {
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
    this.#shared = new ProtocolPools(cluster.model, this.#dependencies, context.tls);
  }

  poolFor(stream: Stream, { model }: LiveCluster): UpstreamPool {
    const pools = model.proxyProtocol === null ? this.#shared : this.#poolsOfClient(stream, model);
    return pools.poolFor(stream, model);
  }

  tcpTls(model: Cluster): UpstreamTlsClient | null {
    return this.#shared.tcpTls(model);
  }

  drain(): void {
    this.draining = true;
    this.#shared.drain();
    for (const pools of this.#ofClients.values()) pools.drain();
  }

  /** As in Envoy a connection that begins with a client's address is for that connection of it. */
  #poolsOfClient(stream: Stream, model: Cluster): ProtocolPools {
    const known = this.#ofClients;
    const prologue = proxyHeader(model.proxyProtocol ?? 'V1', stream.connection.ends);
    const pools =
      known.get(prologue) ??
      new ProtocolPools(model, { ...this.#dependencies, prologue }, this.#context.tls);
    known.delete(prologue);
    for (const [header, oldest] of known) {
      if (known.size < stream.limits.clientsPerEndpoint) break;
      known.delete(header);
      oldest.drain();
    }
    known.set(prologue, pools);
    return pools;
  }
}
