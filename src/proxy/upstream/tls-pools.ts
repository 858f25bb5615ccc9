/**
 * The pools of an endpoint that speaks TLS. A connection is for one server name, which follows the
 * host of the requests where the configuration names none: each name has pools of its own.
 */

import { ownText } from '../../base/own-text.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { Limits } from '../../model/limits.ts';
import type { UpstreamTls } from '../../model/tls.ts';
import { Http1Pool } from '../../transport/http1-pool.ts';
import { Http2Pool } from '../../transport/http2-pool.ts';
import type { TlsContexts } from '../../transport/tls-contexts.ts';
import type { PoolDependencies, UpstreamPool } from '../../transport/upstream-pool.ts';
import { UpstreamTlsClient } from '../../transport/upstream-tls-client.ts';
import { authorityHost } from '../headers/authority.ts';
import type { Stream } from '../stream/stream.ts';
import type { PoolDetour } from './protocol-pools.ts';
import { speaksHttp2 } from './speaks-http2.ts';

export class TlsPools implements PoolDetour {
  readonly #tls: UpstreamTls;
  readonly #dependencies: PoolDependencies;
  readonly #contexts: TlsContexts;
  /** The name of each protocol that was used least recently comes first. */
  readonly #http1 = new Map<string, UpstreamPool>();
  readonly #http2 = new Map<string, UpstreamPool>();
  #tcp: UpstreamTlsClient | null = null;

  constructor(tls: UpstreamTls, dependencies: PoolDependencies, contexts: TlsContexts) {
    this.#tls = tls;
    this.#dependencies = dependencies;
    this.#contexts = contexts;
  }

  /** Of all TCP connections, which have no host. */
  get tcp(): UpstreamTlsClient {
    this.#tcp ??= this.#client(null, null);
    return this.#tcp;
  }

  poolFor(stream: Stream, model: Cluster): UpstreamPool {
    const { limits } = stream;
    const isHttp2 = speaksHttp2(model.protocol, stream);
    const pools = isHttp2 ? this.#http2 : this.#http1;
    const asked = this.#tls.sni === null ? hostOf(stream) : '';
    const known = pools.get(asked);
    if (known !== undefined) {
      touch(pools, asked, known);
      return known;
    }
    const host = ownText(asked);
    const tls = this.#client(host, isHttp2 ? 'h2' : 'http/1.1');
    const dependencies = { ...this.#dependencies, tls };
    const Pool = isHttp2 ? Http2Pool : Http1Pool;
    const pool = new Pool(model.connection, limits, dependencies);
    makeRoom(pools, limits.serverNamesPerEndpoint);
    pools.set(host, pool);
    return pool;
  }

  configure({ connection }: Cluster, limits: Limits): void {
    for (const pool of this.#all()) pool.configure(connection, limits);
  }

  drain(): void {
    for (const pool of this.#all()) pool.drain();
  }

  #all(): UpstreamPool[] {
    return [...this.#http1.values(), ...this.#http2.values()];
  }

  #client(host: string | null, protocol: 'h2' | 'http/1.1' | null): UpstreamTlsClient {
    const { stats } = this.#dependencies.gate;
    return new UpstreamTlsClient({
      tls: this.#tls,
      host,
      protocol,
      contexts: this.#contexts,
      stats,
    });
  }
}

/** Of what is sent to the endpoint: a route may have put another host there. */
function hostOf(stream: Stream): string {
  return authorityHost(stream.headers.get('host') ?? '').toLowerCase();
}

function touch(pools: Map<string, UpstreamPool>, name: string, pool: UpstreamPool): void {
  if (pools.size === 1) return;
  pools.delete(name);
  pools.set(ownText(name), pool);
}

/** Clients make names up: those that have not been used for longest go. */
function makeRoom(pools: Map<string, UpstreamPool>, most: number): void {
  for (const [name, pool] of pools) {
    if (pools.size < most) return;
    pools.delete(name);
    pool.drain();
  }
}
