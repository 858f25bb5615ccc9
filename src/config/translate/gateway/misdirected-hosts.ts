/**
 * Requests that a client sends on the connection to another listener of a Gateway of the Gateway
 * API, because the certificate is for both: 421, and it connects once more (RFC 9110, 15.5.20).
 */

import type { VirtualHost } from '../../../model/virtual-host.ts';
import { originOf, type Resource } from '../../resource.ts';
import { misdirectedRoute } from '../routes/plain-routes.ts';
import type { BoundServer } from './gateway-servers.ts';

export interface TableHosts {
  readonly port: number;
  /** Of the table. */
  readonly own: readonly BoundServer[];
  /** Of all tables of the port. */
  readonly ofPort: readonly BoundServer[];
  readonly served: readonly VirtualHost[];
}

/** None where the hosts of others get 404, as in Istio. */
export function misdirectedHosts({ port, own, ofPort, served }: TableHosts): VirtualHost[] {
  const [server] = own;
  const gateway = server === undefined ? null : writtenGateway(server);
  if (server?.kind !== 'https' || gateway === null) return [];
  const others = ofPort.filter(
    (other) => other.kind === 'https' && !own.includes(other) && writtenGateway(other) === gateway,
  );
  if (others.length === 0) return [];
  const taken = new Set(served.flatMap(({ domains }) => domains));
  const hosts: VirtualHost[] = [];
  const add = (from: BoundServer, isOwn: boolean): void => {
    const origin = originOf(from.resource, from.path);
    for (const { host } of from.hosts) {
      if (taken.has(host)) continue;
      taken.add(host);
      const routes = isOwn ? [] : [misdirectedRoute(origin)];
      const name = `${host}:${port}`;
      hosts.push({ name, domains: [host], routes, requireTls: false, origin });
    }
  };
  // Without routes of its own a host is unknown, and not that of a wider listener.
  for (const each of own) add(each, true);
  for (const each of others) add(each, false);
  return hosts;
}

/** That of the Gateway API which a Gateway was made from; null: none. */
function writtenGateway({ resource }: BoundServer): Resource<string, unknown> | null {
  const written = resource.madeFrom?.resource;
  return written?.kind === 'KubernetesGateway' ? written : null;
}
