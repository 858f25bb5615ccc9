/** The Gateway of the Gateway API with a listener for plain HTTP, and one for each host with TLS. */

import type { GatewayApiListener } from '../config/schema/gateway-api/gateway.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import type { EntryServer, SecureServer } from './entry-point.ts';
import { fromText } from './from-text.ts';
import type { Grants } from './grants.ts';
import { dnsLabel } from './resource-names.ts';
import { secretOf } from './secret-of.ts';

export interface GatewayApiEntry {
  readonly resource: ConvertedResource;
  readonly tlsListeners: readonly TlsListener[];
}

export interface TlsListener {
  readonly name: string;
  /** `*` for all. */
  readonly hostname: string;
  /** `namespace/name` of the Gateway that was made with it. */
  readonly gateway: string;
}

export function gatewayApiEntry(conversion: Conversion, grants: Grants): GatewayApiEntry {
  const { entry, made, gatewayClass } = conversion;
  const { name, namespace, plain, secure } = entry;
  const isShared = made.virtualServices.some(({ metadata }) => metadata.namespace !== namespace);
  const allowed = isShared ? ({ allowedRoutes: { namespaces: { from: 'All' } } } as const) : {};
  const secured = secure.flatMap((server) =>
    secureListeners(server, conversion, grants).map((listener) => ({ server, listener })),
  );
  const listeners: GatewayApiListener[] = [
    ...(plain === null ? [] : [plainListener(plain)]),
    ...secured.map(({ listener }) => listener),
  ].map((listener) => ({ ...listener, ...allowed }));
  const resource: ConvertedResource = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'Gateway',
    metadata: { name, namespace },
    spec: { gatewayClassName: gatewayClass, listeners },
    remarks: [fromText(entry.sources)],
  };
  const tlsListeners = secured.map(({ server, listener }) => ({
    name: listener.name,
    hostname: listener.hostname ?? '*',
    gateway: server.gateway,
  }));
  return { resource, tlsListeners };
}

function plainListener({ spec }: EntryServer): GatewayApiListener {
  return { name: 'http', port: spec.port?.number ?? 80, protocol: 'HTTP' };
}

function secureListeners(
  { spec, hosts, resource, path }: SecureServer,
  { entry, losses }: Conversion,
  grants: Grants,
): GatewayApiListener[] {
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
    name: host === '*' ? 'https' : `https-${dnsLabel(host)}`,
    ...(host === '*' ? {} : { hostname: host }),
    port: spec.port?.number ?? 443,
    protocol: 'HTTPS',
    tls: { mode: 'Terminate', certificateRefs: [reference] } as const,
  }));
}
