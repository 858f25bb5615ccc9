/** Filter chains of an outbound listener for one service port (Istio listener.go). */

import { type FilterChain, type HttpFilterChain, matchAny } from '../../../model/filter-chain.ts';
import { builtInOrigin } from '../../../model/origin.ts';
import type { OutboundBinding } from '../../proxy-settings.ts';
import type { RegistryService } from '../../registry/service.ts';
import { blackHoleClusterName, passthroughClusterName } from '../clusters/clusters.ts';
import { httpSettings } from '../listeners/http-settings.ts';
import { FilterChainSet, tcpChain } from '../listeners/tcp-chain.ts';
import { proxyToCluster } from '../listeners/tcp-proxy.ts';
import { sidecarTcpChains } from '../listeners/tcp-routes.ts';
import { sidecarTlsChains } from '../listeners/tls-routes.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import { isTls, type PlacedService, placeServices } from './sidecar-places.ts';

/** What a connection must begin with to be HTTP, where it may be something else. */
export const detectedHttp = { ...matchAny, transport: 'raw', application: 'http' } as const;

export interface PortBinding extends OutboundBinding {
  readonly servicePort: number;
}

/**
 * HTTP by its first bytes, then the services of the port whose connections are passed on, then what
 * is for none of them. Also where the port is declared as HTTP other bytes are nobody's.
 */
export function outboundChains(scope: Scope, binding: PortBinding): FilterChain[] {
  const { identity, mesh } = scope.settings;
  const client = { namespace: identity.namespace, domainSuffix: mesh.domainSuffix };
  const isOpen = mesh.outboundTrafficPolicy === 'ALLOW_ANY';
  // To Istio the name of an ExternalName is unknown unless its target is a service.
  const services = scope.services.filter(({ external }) => isOpen || !external);
  const placement = placeServices(services, { ...binding, client });
  const chains = new FilterChainSet();
  if (placement.http) chains.add(httpChain(scope, binding.servicePort));
  const heard = new Set<RegistryService>();
  for (const placed of placement.services) {
    for (const chain of serviceChains(scope, placed, binding.servicePort)) {
      if (chains.add(chain)) heard.add(placed.service);
    }
  }
  reportUnheard(
    scope,
    binding,
    placement.services.filter(({ service }) => !heard.has(service)),
  );
  chains.add(tcpChain({ match: matchAny, tcp: proxyToUnknown(scope), origin: builtInOrigin }));
  return chains.chains;
}

function serviceChains(
  scope: Scope,
  { service, protocol, destinations, serverNames }: PlacedService,
  port: number,
): FilterChain[] {
  if (!isTls(protocol)) return sidecarTcpChains(scope, service, { port, destinations });
  return sidecarTlsChains(scope, service, { port, destinations, serverNames });
}

function httpChain(scope: Scope, servicePort: number): HttpFilterChain {
  return {
    kind: 'http',
    name: 'http',
    match: detectedHttp,
    tls: null,
    routes: { kind: 'table', name: String(servicePort) },
    http: httpSettings('outbound', scope),
    origin: builtInOrigin,
  };
}

/** Connections that are for no service. */
function proxyToUnknown({ settings, egressCluster }: Scope) {
  const isOpen = settings.mesh.outboundTrafficPolicy === 'ALLOW_ANY';
  if (!isOpen) return proxyToCluster(blackHoleClusterName);
  return proxyToCluster(egressCluster ?? passthroughClusterName);
}

/** What is detected is mostly HTTP, where the authority tells services apart. */
function reportUnheard(
  { findings }: Scope,
  { address, port, servicePort }: PortBinding,
  unheard: readonly PlacedService[],
): void {
  const declared = unheard.filter(({ protocol }) => protocol !== 'UNSPECIFIED');
  if (declared.length === 0) return;
  const hosts = declared.map(({ service }) => service.host).join(', ');
  findings.add(
    translationCode.indistinctServices,
    { resource: null, path: [] },
    {
      message:
        `connections to ${address}:${port} are for an earlier service with port ${servicePort}: ` +
        `none goes to ${hosts}`,
      hint: `give each service a listener at its own address: --outbound ADDRESS:PORT=${servicePort}`,
    },
  );
}
