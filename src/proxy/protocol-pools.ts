/**
 * A pool for each protocol that is spoken with an endpoint, all of them under the same rules: in
 * clear text or with TLS, with the same bytes ahead.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Cluster } from '../model/cluster.ts';
import type { Limits } from '../model/limits.ts';
import { Http1Pool } from '../transport/http1-pool.ts';
import { Http2Pool } from '../transport/http2-pool.ts';
import type { TlsContexts } from '../transport/tls-contexts.ts';
import type { PoolDependencies, UpstreamPool } from '../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../transport/upstream-tls.ts';
import { speaksHttp2 } from './speaks-http2.ts';
import type { Stream } from './stream.ts';
import { TlsPools } from './tls-pools.ts';

export class ProtocolPools {
  readonly #dependencies: PoolDependencies;
  readonly #contexts: TlsContexts;
  /** Whose settings the pools have. */
  #model: Cluster;
  #http1: Http1Pool | null = null;
  #http2: Http2Pool | null = null;
  /** In place of the others where the endpoint speaks TLS. */
  #tls: TlsPools | null;

  constructor(model: Cluster, dependencies: PoolDependencies, contexts: TlsContexts) {
    this.#model = model;
    this.#dependencies = dependencies;
    this.#contexts = contexts;
    this.#tls = this.#tlsOf(model);
  }

  poolFor(stream: Stream, model: Cluster): UpstreamPool {
    // Exchanges of an older snapshot do not bring its settings back.
    if (model !== this.#model && stream.snapshot === stream.context.snapshot) {
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
    this.drain();
    this.#http1 = null;
    this.#http2 = null;
    this.#model = model;
    this.#tls = this.#tlsOf(model);
  }

  #tlsOf({ tls }: Cluster): TlsPools | null {
    return tls === null ? null : new TlsPools(tls, this.#dependencies, this.#contexts);
  }
}
