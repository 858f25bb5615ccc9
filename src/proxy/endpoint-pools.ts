/**
 * The connection pools of one endpoint, one for each protocol that is spoken with it: made at its
 * first request, kept with it over reloads.
 */

import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { EndpointConnections, LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import { Http1Pool } from '../transport/http1-pool.ts';
import { Http2Pool } from '../transport/http2-pool.ts';
import type { PoolDependencies, UpstreamPool } from '../transport/upstream-pool.ts';
import { EndpointGate } from './endpoint-gate.ts';
import { isOwnListener } from './original-destination.ts';
import type { ProxyContext } from './proxy-context.ts';
import type { Stream } from './stream.ts';

/** Where `stream` gets a connection to `endpoint`. */
export function poolFor(
  stream: Stream,
  cluster: LiveCluster,
  endpoint: LiveEndpoint,
): UpstreamPool {
  const existing = endpoint.connections;
  // An endpoint that was given up and is back starts anew; what drains goes on draining.
  if (existing instanceof EndpointPools && !existing.draining)
    return existing.poolFor(stream, cluster);
  const pools = new EndpointPools(stream.context, cluster, endpoint);
  endpoint.connections = pools;
  return pools.poolFor(stream, cluster);
}

class EndpointPools implements EndpointConnections {
  draining = false;
  readonly #dependencies: PoolDependencies;
  /** Whose settings the pools have. */
  #model: Cluster;
  #http1: Http1Pool | null = null;
  #http2: Http2Pool | null = null;

  constructor(context: ProxyContext, cluster: LiveCluster, endpoint: LiveEndpoint) {
    this.#model = cluster.model;
    this.#dependencies = {
      address: endpoint,
      gate: new EndpointGate(cluster.breaker, endpoint),
      clock: context.clock,
      wheel: context.wheel,
      turns: context.turns,
      readBuffer: context.readBuffer,
      tls: null,
      isForbidden:
        cluster.model.discovery === 'original-dst'
          ? (ends) => isOwnListener(context.snapshot.mesh.listeners, ends)
          : null,
    };
  }

  poolFor(stream: Stream, cluster: LiveCluster): UpstreamPool {
    const { model } = cluster;
    // Exchanges of an older snapshot do not bring its settings back.
    if (model !== this.#model && stream.snapshot === stream.context.snapshot) {
      this.#model = model;
      this.#http1?.configure(model.connection, stream.limits);
      this.#http2?.configure(model.connection, stream.limits);
    }
    if (model.protocol === 'http2') {
      this.#http2 ??= new Http2Pool(model.connection, stream.limits, this.#dependencies);
      return this.#http2;
    }
    this.#http1 ??= new Http1Pool(model.connection, stream.limits, this.#dependencies);
    return this.#http1;
  }

  drain(): void {
    this.draining = true;
    this.#http1?.drain();
    this.#http2?.drain();
  }
}
