/**
 * A pool for each protocol that is spoken with an endpoint, all of them under the same rules. What
 * says more than requests do (who the client is, TLS) takes a detour, over pools of its own.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { EndpointConnections } from '../../cluster/live-endpoint.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Limits } from '../../model/limits.ts';
import { Http1Pool } from '../../transport/http1-pool.ts';
import { Http2Pool } from '../../transport/http2-pool.ts';
import type { TlsContexts } from '../../transport/tls-contexts.ts';
import type { PoolDependencies, UpstreamPool } from '../../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../../transport/upstream-tls-client.ts';
import type { Stream } from '../stream/stream.ts';
import { speaksHttp2 } from './speaks-http2.ts';

/** Pools that are not one for each protocol. */
export interface PoolDetour {
  /** TLS of TCP connections; null: they are clear text. */
  readonly tcp: UpstreamTlsClient | null;
  poolFor(stream: Stream, model: Cluster): UpstreamPool;
  configure(model: Cluster, limits: Limits): void;
  drain(): void;
}

export interface PoolSetup {
  readonly dependencies: PoolDependencies;
  readonly contexts: TlsContexts;
  /** null: endpoints of `model` need none. */
  detourOf(model: Cluster, setup: PoolSetup): PoolDetour | null;
}

export class ProtocolPools implements EndpointConnections {
  /** It takes up nothing new. */
  draining = false;
  readonly #setup: PoolSetup;
  /** Whose settings the pools have. */
  #model: Cluster;
  #http1: Http1Pool | null = null;
  #http2: Http2Pool | null = null;
  /** In place of both. */
  #detour: PoolDetour | null;

  constructor(model: Cluster, setup: PoolSetup) {
    this.#model = model;
    this.#setup = setup;
    this.#detour = setup.detourOf(model, setup);
  }

  poolFor(stream: Stream, model: Cluster): UpstreamPool {
    // Exchanges of an older snapshot do not bring its settings back.
    if (model !== this.#model && stream.snapshot === stream.context.snapshot) {
      this.configure(model, stream.limits);
    }
    if (this.#detour !== null) return this.#detour.poolFor(stream, model);
    if (model.protocol !== 'http1' && speaksHttp2(model.protocol, stream)) {
      this.#http2 ??= new Http2Pool(model.connection, stream.limits, this.#setup.dependencies);
      return this.#http2;
    }
    this.#http1 ??= new Http1Pool(model.connection, stream.limits, this.#setup.dependencies);
    return this.#http1;
  }

  /** `model` is that of a session which has just begun: the newest. */
  tcpTls(model: Cluster): UpstreamTlsClient | null {
    if (!connectsAlike(model, this.#model)) this.#startAnew(model);
    return this.#detour === null ? null : this.#detour.tcp;
  }

  configure(model: Cluster, limits: Limits): void {
    if (!connectsAlike(model, this.#model)) this.#startAnew(model);
    this.#model = model;
    this.#http1?.configure(model.connection, limits);
    this.#http2?.configure(model.connection, limits);
    this.#detour?.configure(model, limits);
  }

  drain(): void {
    this.draining = true;
    this.#drainPools();
  }

  /** What was connected under other rules ends with its requests, and takes no others. */
  #startAnew(model: Cluster): void {
    this.#drainPools();
    this.#http1 = null;
    this.#http2 = null;
    this.#model = model;
    this.#detour = this.#setup.detourOf(model, this.#setup);
  }

  #drainPools(): void {
    this.#http1?.drain();
    this.#http2?.drain();
    this.#detour?.drain();
  }
}

/** Whether connections of `a` are as good as those of `b`. */
function connectsAlike(a: Cluster, b: Cluster): boolean {
  return a.proxyProtocol === b.proxyProtocol && isDeepStrictEqual(a.tls, b.tls);
}
