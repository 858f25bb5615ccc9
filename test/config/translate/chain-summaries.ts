/** Filter chains in a form that fits into a table, and services that are not HTTP. */

import type { ProxySettings } from '../../../src/config/proxy-settings.ts';
import type { Translation } from '../../../src/config/translate/mesh.ts';
import type { FilterChain } from '../../../src/model/filter-chain.ts';
import type { TcpProxy } from '../../../src/model/tcp-proxy.ts';
import { resource, sidecar } from './translate-yaml.ts';

/** `conditions -> clusters` of each chain of the first listener, in order. */
export function chainSummaries({ mesh }: Translation): string[] {
  return (mesh.listeners[0]?.filterChains ?? []).map(summarize);
}

export function summarize(chain: FilterChain): string {
  const { destinations, serverNames, transport, application } = chain.match;
  const words = [...destinations, ...serverNames, transport, application];
  const conditions = words.filter((word) => word !== null).join(' ');
  return `${conditions || 'any'} -> ${chain.kind === 'tcp' ? clusters(chain.tcp) : 'http'}`;
}

function clusters({ clusters }: TcpProxy): string {
  return clusters.map(({ cluster, weight }) => `${cluster} (${weight})`).join(', ');
}

/** The settings of the first chain that is TCP. */
export function tcpProxy({ mesh }: Translation): TcpProxy {
  for (const chain of mesh.listeners[0]?.filterChains ?? []) {
    if (chain.kind === 'tcp') return chain.tcp;
  }
  throw new Error('there is no TCP chain');
}

/** A sidecar with one listener for a service port. */
export function listeningOn(
  servicePort: number,
  address = '127.0.0.1',
  changes: Partial<ProxySettings> = {},
): ProxySettings {
  return { ...sidecar, outbound: [{ address, port: 15001, servicePort }], ...changes };
}

export interface ServiceShape {
  readonly port?: number;
  readonly protocol?: string;
  readonly addresses?: readonly string[];
}

/** A ServiceEntry with one endpoint, on port 9000 and TCP where nothing else is said. */
export function entry(host: string, shape: ServiceShape = {}): string {
  const { port = 9000, protocol = 'TCP', addresses = [] } = shape;
  const name = host.toLowerCase().replaceAll('*', 'any').replaceAll('.', '-');
  return resource(
    'ServiceEntry',
    name,
    `
  hosts: ["${host}"]
  addresses: [${addresses.map((address) => `"${address}"`).join(', ')}]
  resolution: STATIC
  ports: [{number: ${port}, name: p, protocol: ${protocol}}]
  endpoints: [{address: 10.1.0.1, labels: {version: v1}}]`,
  );
}

/** The names that chains lead to where a host has no port of its own. */
export function outbound(host: string, port = 9000, subset = ''): string {
  return `outbound|${port}|${subset}|${host}`;
}
