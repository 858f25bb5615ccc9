/**
 * Gateways that VirtualServices name and that are not in the configuration: they often live with
 * another team. For tests each of them serves every host in plain text at port 80.
 */

import type { Resource } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { GatewaySpec } from '../config/schema/gateway.ts';

export function absentGateways({ virtualServices, gateways }: ResourceSet) {
  const present = new Set(gateways.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`));
  const absent = new Map<string, Resource<'Gateway', GatewaySpec>>();
  for (const { spec, metadata } of virtualServices) {
    for (const name of spec.gateways ?? []) {
      const full = name.includes('/') ? name : `${metadata.namespace}/${name}`;
      if (name !== 'mesh' && !present.has(full)) absent.set(full, openGateway(full));
    }
  }
  return [...absent.values()];
}

function openGateway(full: string): Resource<'Gateway', GatewaySpec> {
  const [namespace = '', name = ''] = full.split('/');
  return {
    kind: 'Gateway',
    apiVersion: 'networking.istio.io/v1',
    metadata: { name, namespace, labels: {}, annotations: {}, creationTimestamp: 0 },
    spec: { servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*/*'] }] },
    status: undefined,
    file: '',
    positionOf: () => ({ line: 0, column: 0 }),
  };
}
