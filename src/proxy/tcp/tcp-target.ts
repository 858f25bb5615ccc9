/** Where a TCP connection goes: one of the weighted clusters, and how its endpoint is chosen. */

import type { Random } from '../../base/random.ts';
import type { Listener } from '../../model/listener.ts';
import type { WeightedTcpCluster } from '../../model/tcp-proxy.ts';
import type { ConnectionEnd } from '../../transport/proxy-protocol.ts';

/** In proportion to the weights, and evenly where all are 0. Empty: there is no cluster. */
export function chooseTcpCluster(clusters: readonly WeightedTcpCluster[], random: Random): string {
  const [only] = clusters;
  if (only === undefined) return '';
  if (clusters.length === 1) return only.cluster;
  let total = 0;
  for (const { weight } of clusters) total += weight;
  let point = random.fraction() * (total === 0 ? clusters.length : total);
  for (const { cluster, weight } of clusters) {
    point -= total === 0 ? 1 : weight;
    if (point < 0) return cluster;
  }
  return only.cluster;
}

/** The port of TLS where a listener has none of its own. */
const tlsPort = 443;

/** What is read of a connection. */
interface TcpConnectionFacts {
  /** Of a PROXY protocol header; null: there was none. */
  readonly destination: ConnectionEnd | null;
  readonly serverName: string | null;
  readonly listener: { readonly model: Listener };
}

/**
 * Where the client wanted to go, for clusters without endpoints of their own. Nothing is
 * intercepted: a PROXY protocol header tells, or the server name of TLS; null: nothing does.
 */
export function tcpDestination(connection: TcpConnectionFacts): ConnectionEnd | null {
  const { destination, serverName } = connection;
  if (destination !== null) return destination;
  if (serverName === null) return null;
  const { servicePort } = connection.listener.model;
  return { address: serverName, port: servicePort === 0 ? tlsPort : servicePort };
}
