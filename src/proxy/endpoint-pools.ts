/**
 * The connection pools of one endpoint, one for each protocol that is spoken with it: made at its
 * first request, kept with it over reloads.
 */

import { isDeepStrictEqual } from 'node:util';
import type { LiveCluster } from '../cluster/live-cluster.ts';
import type { EndpointConnections, LiveEndpoint } from '../cluster/live-endpoint.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Limits } from '../model/limits.ts';
import { Http1Pool } from '../transport/http1-pool.ts';
import { Http2Pool } from '../transport/http2-pool.ts';
import type { PoolDependencies, UpstreamPool } from '../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../transport/upstream-tls.ts';
import { EndpointGate } from './endpoint-gate.ts';
import { isOwnListener } from './original-destination.ts';
import type { ProxyContext } from './proxy-context.ts';
import { speaksHttp2 } from './speaks-http2.ts';
import type { Stream } from './stream.ts';
import { TlsPools } from './tls-pools.ts';

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
  /** Whose settings the pools have. */
  #model: Cluster;
  #http1: Http1Pool | null = null;
  #http2: Http2Pool | null = null;
  /** In place of the others where the endpoint speaks TLS. */
  #tls: TlsPools | null;

  constructor(context: ProxyContext, cluster: LiveCluster, endpoint: LiveEndpoint) {
    this.#context = context;
    this.#model = cluster.model;
    this.#dependencies = {
      address: endpoint,
      gate: new EndpointGate(cluster.breaker, endpoint),
      clock: context.clock,
      wheel: context.wheel,
      turns: context.turns,
      readBuffer: context.readBuffer,
      http2Slabs: context.http2Slabs,
      tls: null,
      isForbidden:
        cluster.model.discovery === 'original-dst'
          ? (ends) => isOwnListener(context.snapshot.mesh.listeners, ends)
          : null,
    };
    this.#tls = this.#tlsOf(cluster.model);
  }

  poolFor(stream: Stream, cluster: LiveCluster): UpstreamPool {
    const { model } = cluster;
    // Exchanges of an older snapshot do not bring its settings back.
    if (model !== this.#model && stream.snapshot === this.#context.snapshot) {
      this.#configure(model, stream.limits);
    }
    if (this.#tls !== null) return this.#tls.poolFor(stream, model);
    if (speaksHttp2(model.protocol, stream)) {
      this.#http2 ??= new Http2Pool(model.connection, stream.limits, this.#dependencies);
      return this.#http2;
    }
    this.#http1 ??= new Http1Pool(model.connection, stream.limits, this.#dependencies);
    return this.#http1;
  }

  /** `model` is that of a session which has just begun: the newest. */
  tcpTls(model: Cluster): UpstreamTlsClient | null {
    if (!isDeepStrictEqual(model.tls, this.#model.tls)) this.#useTls(model);
    return this.#tls?.tcp ?? null;
  }

  drain(): void {
    this.draining = true;
    this.#http1?.drain();
    this.#http2?.drain();
    this.#tls?.drain();
  }

  #configure(model: Cluster, limits: Limits): void {
    const isSame = isDeepStrictEqual(model.tls, this.#model.tls);
    if (!isSame) this.#useTls(model);
    this.#model = model;
    this.#http1?.configure(model.connection, limits);
    this.#http2?.configure(model.connection, limits);
    this.#tls?.configure(model.connection, limits);
  }

  /** What was connected under other rules ends with its requests, and takes no others. */
  #useTls(model: Cluster): void {
    this.#http1?.drain();
    this.#http2?.drain();
    this.#tls?.drain();
    this.#http1 = null;
    this.#http2 = null;
    this.#model = model;
    this.#tls = this.#tlsOf(model);
  }

  #tlsOf({ tls }: Cluster): TlsPools | null {
    return tls === null ? null : new TlsPools(tls, this.#dependencies, this.#context.tls);
  }
}
