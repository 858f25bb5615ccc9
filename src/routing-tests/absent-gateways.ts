/**
 * Gateways that VirtualServices name and that are not in the configuration: they often live with
 * another team. For tests each of them serves every host in plain text at port 80, passes on TLS at
 * the ports of `tls` rules (443 where they name none), and bytes at those that `tcp` rules name.
 */

import type { Resource } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { GatewaySpec } from '../config/schema/gateway.ts';
import type { VirtualServiceSpec } from '../config/schema/virtual-service.ts';

type Server = NonNullable<GatewaySpec['servers']>[number];

const httpPort = 80;
const tlsPort = 443;

export function absentGateways({ virtualServices, gateways }: ResourceSet) {
  const present = new Set(gateways.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const absent = new Map<string, Map<number, Server>>();
  for (const { spec, metadata } of virtualServices) {
    for (const name of spec.gateways ?? []) {
      const full = name.includes('/') ? name : `${metadata.namespace}/${name}`;
      if (name === 'mesh' || present.has(full)) continue;
      const servers = absent.get(full) ?? new Map([[httpPort, serverOf(httpPort, 'HTTP')]]);
      addServers(servers, spec);
      absent.set(full, servers);
    }
  }
  return [...absent].map(([full, servers]) => openGateway(full, [...servers.values()]));
}

/** A port has what the first rule says. */
function addServers(servers: Map<number, Server>, { tls = [], tcp = [] }: VirtualServiceSpec) {
  const add = (port: number, protocol: 'TLS' | 'TCP'): void => {
    if (port > 0 && !servers.has(port)) servers.set(port, serverOf(port, protocol));
  };
  for (const { match = [] } of tls) for (const { port } of match) add(port || tlsPort, 'TLS');
  for (const { match = [] } of tcp) for (const { port = 0 } of match) add(port, 'TCP');
}

function serverOf(number: number, protocol: 'HTTP' | 'TLS' | 'TCP'): Server {
  const server: Server = {
    port: { number, name: `${protocol.toLowerCase()}-${number}`, protocol },
    hosts: ['*/*'],
  };
  return protocol === 'TLS' ? { ...server, tls: { mode: 'PASSTHROUGH' } } : server;
}

function openGateway(full: string, servers: Server[]): Resource<'Gateway', GatewaySpec> {
  const [namespace = '', name = ''] = full.split('/');
  return {
    kind: 'Gateway',
    apiVersion: 'networking.istio.io/v1',
    metadata: { name, namespace, labels: {}, annotations: {}, creationTimestamp: 0 },
    spec: { servers },
    status: undefined,
    file: '',
    positionOf: () => ({ line: 0, column: 0 }),
  };
}
