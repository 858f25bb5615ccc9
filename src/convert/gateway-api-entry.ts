/** Gateways of the Gateway API with a listener for plain HTTP, and one for each host with TLS. */

import type { GatewayApiListener } from '../config/schema/gateway-api/gateway.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import type { EntryServer, SecureServer } from './entry-point.ts';
import { fromText } from './from-text.ts';
import type { Grants } from './grants.ts';
import { ResourceNames } from './resource-names.ts';
import { secretOf } from './secret-of.ts';

export interface GatewayApiEntry {
  /** One, unless it would have too many listeners. */
  readonly resources: readonly ConvertedResource[];
  readonly tlsListeners: readonly TlsListener[];
}

export interface TlsListener {
  readonly name: string;
  /** `*` for all. */
  readonly hostname: string;
  /** Name of the Gateway that is written. */
  readonly parent: string;
  /** `namespace/name` of the Gateway that was made with it. */
  readonly gateway: string;
}

/** As many as the Gateway API allows in one Gateway. */
const maxListeners = 64;

export function gatewayApiEntry(conversion: Conversion, grants: Grants): GatewayApiEntry {
  const { entry, made, gatewayClass, gatewayNames } = conversion;
  const { name, namespace, plain, secure } = entry;
  const isShared = made.virtualServices.some(({ metadata }) => metadata.namespace !== namespace);
  const allowed = isShared ? ({ allowedRoutes: { namespaces: { from: 'All' } } } as const) : {};
  const listeners = plain === null ? [] : [plainListener(plain)];
  const tlsListeners: TlsListener[] = [];
  const gateways = [{ name, listeners, remark: fromText(entry.sources) }];
  const listenerNames = new ResourceNames([]);
  for (const server of secure) {
    for (const { hostname, ...listener } of secureListeners(server, conversion, grants)) {
      let parent = gateways[gateways.length - 1];
      if (parent === undefined || parent.listeners.length === maxListeners) {
        const remark = `Further listeners: a Gateway has ${maxListeners} at most.`;
        parent = { name: gatewayNames.choose(namespace, [name]), listeners: [], remark };
        gateways.push(parent);
      }
      const wanted = hostname === undefined ? 'https' : `https-${hostname}`;
      const own = listenerNames.choose('', [wanted]);
      parent.listeners.push({ name: own, ...(hostname && { hostname }), ...listener });
      const { gateway } = server;
      tlsListeners.push({ name: own, hostname: hostname ?? '*', parent: parent.name, gateway });
    }
  }
  const resources = gateways.map((one) => ({
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name: one.name, namespace },
    spec: {
      gatewayClassName: gatewayClass,
      listeners: one.listeners.map((listener) => ({ ...listener, ...allowed })),
    },
    remarks: [one.remark],
  }));
  return { resources, tlsListeners };
}

function plainListener({ spec }: EntryServer): GatewayApiListener {
  return { name: 'http', port: spec.port?.number ?? 80, protocol: 'HTTP' };
}

function secureListeners(
  { spec, hosts, resource, path }: SecureServer,
  { entry, losses }: Conversion,
  grants: Grants,
): Omit<GatewayApiListener, 'name'>[] {
  const secret = secretOf(spec);
  if (secret === null) {
    const what = 'hosts with TLS and without a Secret';
    losses.add({ resource, path }, { what, hint: 'add certificateRefs to the listener' });
    return [];
  }
  const own = resource.madeFrom?.resource.metadata.namespace ?? resource.metadata.namespace;
  const { name, namespace = own } = secret;
  const isOther = namespace !== entry.namespace;
  if (isOther)
    grants.add({ from: 'Gateway', namespace: entry.namespace, to: 'Secret', of: namespace });
  const reference = { kind: 'Secret', name, ...(isOther ? { namespace } : {}) };
  return hosts.map((host) => ({
    ...(host === '*' ? {} : { hostname: host }),
    port: spec.port?.number ?? 443,
    protocol: 'HTTPS',
    tls: { mode: 'Terminate', certificateRefs: [reference] } as const,
  }));
}
