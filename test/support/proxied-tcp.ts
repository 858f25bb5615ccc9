/** A TCP proxy within the test's process, in front of one cluster. */

import { createServer, type Socket } from 'node:net';
import type { Test } from 'tap';
import type { Cluster } from '../../src/model/cluster.ts';
import { defaultLimits, type Limits } from '../../src/model/limits.ts';
import type { Mesh } from '../../src/model/mesh.ts';
import type { TcpProxy } from '../../src/model/tcp-proxy.ts';
import { clusterOf, listenerModel, meshOf } from './mesh-models.ts';
import { Origin, type OriginHandler } from './origin.ts';
import { type HarnessOptions, ProxyHarness } from './proxy-harness.ts';
import { tcpChain } from './tcp-models.ts';

export interface TcpSetup extends HarnessOptions {
  /** Of the cluster `origin`. */
  readonly cluster?: Partial<Cluster>;
  readonly tcp?: Partial<TcpProxy>;
  readonly limits?: Partial<Limits>;
  /** Of the listener. */
  readonly servicePort?: number;
}

const echo: OriginHandler = ({ socket }, data) => socket.write(data);

/** Everything goes to the cluster `origin` with endpoints on these ports. */
export function tcpMesh(
  ports: readonly number[],
  { cluster, tcp, limits, servicePort = 0 }: TcpSetup = {},
): Mesh {
  const listener = listenerModel({
    servicePort,
    filterChains: [tcpChain({}, tcp)],
    limits: { ...defaultLimits, ...limits },
  });
  return meshOf({ clusters: [clusterOf('origin', ports, cluster)], listeners: [listener] });
}

export interface ProxiedTcp {
  readonly origin: Origin;
  readonly proxy: ProxyHarness;
}

/** In front of an origin that sends back what it gets. */
export async function proxiedTcp(t: Test, setup: TcpSetup = {}): Promise<ProxiedTcp> {
  const origin = await Origin.start(echo);
  t.teardown(() => origin.stop());
  const proxy = await ProxyHarness.start(t, tcpMesh([origin.port], setup), setup);
  return { origin, proxy };
}

/** The port of a server whose sockets are left to the test. */
export async function rawServer(t: Test, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets: Socket[] = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    onSocket(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as { port: number }).port;
}

/** Nothing counts as under way. */
export function atRest(proxy: ProxyHarness): boolean {
  const { breaker, endpoints } = proxy.cluster();
  return (
    breaker.connections === 0 &&
    breaker.requests === 0 &&
    breaker.pending === 0 &&
    endpoints.every(({ activeRequests }) => activeRequests === 0) &&
    proxy.listener.openConnections === 0
  );
}
