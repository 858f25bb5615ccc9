/**
 * Pools of an endpoint that is told who its client is (PROXY protocol): as in Envoy a connection
 * that begins with a client's address is for that connection of the client, and ends with it.
 */

import type { Cluster } from '../../model/cluster.ts';
import type { Limits } from '../../model/limits.ts';
import { proxyHeader } from '../../transport/proxy-protocol-writer.ts';
import type { UpstreamPool } from '../../transport/upstream-pool.ts';
import type { UpstreamTlsClient } from '../../transport/upstream-tls-client.ts';
import type {
  ConnectionDependent,
  DownstreamConnection,
} from '../connection/downstream-connection.ts';
import type { Stream } from '../stream/stream.ts';
import { type PoolDetour, type PoolSetup, ProtocolPools } from './protocol-pools.ts';

type HeaderVersion = 'V1' | 'V2';

export class ClientPools implements PoolDetour {
  readonly #version: HeaderVersion;
  readonly #setup: PoolSetup;
  /** Of TCP, of which every connection is for one client anyway. */
  readonly #tcp: PoolDetour | null;
  /** By header; used least recently first. */
  readonly #known = new Map<string, PoolsOfClient>();

  /** `setup`: of what comes behind the header. */
  constructor(version: HeaderVersion, model: Cluster, setup: PoolSetup) {
    this.#version = version;
    this.#setup = setup;
    this.#tcp = setup.detourOf(model, setup);
  }

  get tcp(): UpstreamTlsClient | null {
    return this.#tcp === null ? null : this.#tcp.tcp;
  }

  poolFor(stream: Stream, model: Cluster): UpstreamPool {
    const { client } = stream.connection;
    const header = proxyHeader(this.#version, client.ends);
    const known = this.#known.get(header);
    if (known === undefined) this.#makeRoom(stream.limits.clientsPerEndpoint);
    else this.#known.delete(header);
    const ofClient = known ?? this.#add(header, client, model);
    this.#known.set(header, ofClient);
    return ofClient.pools.poolFor(stream, model);
  }

  configure(model: Cluster, limits: Limits): void {
    for (const { pools } of this.#known.values()) pools.configure(model, limits);
  }

  drain(): void {
    for (const ofClient of this.#known.values()) ofClient.end();
  }

  /** The pools have ended. */
  forget(ofClient: PoolsOfClient): void {
    if (this.#known.get(ofClient.header) === ofClient) this.#known.delete(ofClient.header);
  }

  #add(header: string, client: DownstreamConnection, model: Cluster): PoolsOfClient {
    const { dependencies } = this.#setup;
    const setup = { ...this.#setup, dependencies: { ...dependencies, prologue: header } };
    return new PoolsOfClient(new ProtocolPools(model, setup), { header, client, home: this });
  }

  #makeRoom(most: number): void {
    for (const oldest of this.#known.values()) {
      if (this.#known.size < most) return;
      oldest.end();
    }
  }
}

interface ClientPlace {
  readonly header: string;
  readonly client: DownstreamConnection;
  readonly home: ClientPools;
}

class PoolsOfClient implements ConnectionDependent {
  readonly pools: ProtocolPools;
  readonly header: string;
  readonly #client: DownstreamConnection;
  readonly #home: ClientPools;

  constructor(pools: ProtocolPools, { header, client, home }: ClientPlace) {
    this.pools = pools;
    this.header = header;
    this.#client = client;
    this.#home = home;
    client.addDependent(this);
  }

  /** Idle connections close now, the others with their requests. */
  end(): void {
    this.#client.removeDependent(this);
    this.#home.forget(this);
    this.pools.drain();
  }

  onClientGone(): void {
    this.end();
  }
}
