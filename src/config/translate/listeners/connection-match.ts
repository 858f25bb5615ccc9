/** Which rules of `tcp` and `tls` are for a listener: what is settled before any connection. */

import type { ProxyIdentity } from '../../../model/proxy-identity.ts';
import { hostsOverlap } from '../../registry/host-names.ts';
import { hasLabels } from '../../registry/service.ts';
import type { L4MatchAttributes, TlsMatchAttributes } from '../../schema/connection-route.ts';
import type { BoundVirtualService } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import type { ServerHost } from './server-host.ts';

/** One server of a Gateway, as far as rules for connections are bound to it. */
export interface ConnectionServer {
  /** `namespace/name` of its Gateway. */
  readonly gateway: string;
  /** The port as the Gateway has it. */
  readonly port: number;
  readonly hosts: readonly ServerHost[];
}

/** In a sidecar all conditions must hold; the client is the proxy's own workload. */
export function holdsForSidecar(
  match: L4MatchAttributes | TlsMatchAttributes,
  { labels, namespace }: ProxyIdentity,
  servicePort: number,
): boolean {
  const { gateways = [], sourceLabels = {}, sourceNamespace = '' } = match;
  if (gateways.length > 0 && !gateways.includes('mesh')) return false;
  if (!isPort(match, servicePort) || !hasLabels(labels, sourceLabels)) return false;
  return sourceNamespace === '' || sourceNamespace === namespace;
}

/** On a gateway nobody knows the client's workload: its conditions are left out, as in Istio. */
export function holdsForServer(
  match: L4MatchAttributes | TlsMatchAttributes,
  { gateway, port }: ConnectionServer,
): boolean {
  const { gateways = [] } = match;
  return isPort(match, port) && (gateways.length === 0 || gateways.includes(gateway));
}

function isPort({ port = 0 }: { readonly port?: number }, listenerPort: number): boolean {
  return port === 0 || port === listenerPort;
}

/** Those for the mesh that name the host: unlike for HTTP, all. */
export function virtualServicesOfHost({ meshHosts }: Scope, host: string): BoundVirtualService[] {
  return meshHosts.forConnections.filter((bound) => namesHost(bound, host));
}

/** Itself, or by a wildcard over it or under it. */
export function namesHost({ hosts }: BoundVirtualService, host: string): boolean {
  return hosts.some((own) => hostsOverlap(own, host));
}

/** Those bound to the server's Gateway that share a host with it. */
export function virtualServicesOfServer(
  { virtualServices }: Scope,
  { gateway, hosts }: ConnectionServer,
): BoundVirtualService[] {
  return virtualServices.filter(
    (bound) =>
      bound.gateways.includes(gateway) &&
      hosts.some(
        ({ namespace, host }) =>
          (namespace === '*' || namespace === bound.namespace) && namesHost(bound, host),
      ),
  );
}
