/** Route tables of the outbound side: for each service port the hosts that a client may name. */

import { builtInOrigin, type Origin } from '../../../model/origin.ts';
import type { Route } from '../../../model/route.ts';
import type { RouteTable, VirtualHost } from '../../../model/virtual-host.ts';
import { isHttp } from '../../registry/protocol.ts';
import type { RegistryService } from '../../registry/service.ts';
import { originOf } from '../../resource.ts';
import { clusterName } from '../clusters/clusters.ts';
import { hashPolicyOfService } from '../routes/hash-policies.ts';
import { blockRoute, passthroughRoute, serviceRoute } from '../routes/plain-routes.ts';
import { defaultRetryPolicy } from '../routes/retry-policy.ts';
import type { RouteContext } from '../routes/route-action.ts';
import { translateRules } from '../routes/routes.ts';
import type { HostAssignments } from '../rules/mesh-hosts.ts';
import type { BoundVirtualService } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import { literalAddress, serviceDomains } from './sidecar-domains.ts';

/**
 * Ports on which the scope has HTTP, and 80: only there VirtualServices for unknown hosts count.
 */
export function outboundPorts(scope: Scope): number[] {
  const ports = new Set([80]);
  for (const service of scope.services) {
    for (const port of service.ports) if (isHttp(port.protocol)) ports.add(port.number);
  }
  return [...ports].sort((a, b) => a - b);
}

/** The table of a service port, named like it. */
export function outboundTable(scope: Scope, port: number): RouteTable {
  const claims = new DomainClaims(scope, port);
  const services = servicesOnPort(scope, port);
  const assignments = scope.meshHosts.assign(services);
  const context: RouteContext = {
    scope,
    role: 'sidecar',
    isTls: false,
    proxy: scope.settings.identity,
    listenerPort: port,
    gateways: new Set(['mesh']),
  };
  const groups = ruledGroups(scope.meshHosts.virtualServices, { assignments, context });
  const unruled = new Map(services);
  for (const group of groups) for (const { host } of group.services) unruled.delete(host);
  for (const service of unruled.values()) {
    if (!hasHttp(service, port)) continue;
    groups.push({ ...serviceGroup(scope, service, port), hosts: [], services: [service] });
  }
  claims.reserve(groups.flatMap((group) => group.services.map(({ host }) => host)));
  for (const group of groups) claims.addGroup(group);
  return {
    name: String(port),
    virtualHosts: [...claims.virtualHosts, ...catchAll(scope, claims)],
    ignorePortInHost: true,
    grpcWeb: scope.services.some(({ ports }) =>
      ports.some(({ number, protocol }) => number === port && protocol === 'GRPC_WEB'),
    ),
  };
}

/** For ports that no service has. */
export function fallbackTable(scope: Scope, name: string): RouteTable {
  return {
    name,
    virtualHosts: catchAll(scope, new DomainClaims(scope, 0)),
    ignorePortInHost: true,
    grpcWeb: false,
  };
}

function servicesOnPort(scope: Scope, port: number): Map<string, RegistryService> {
  const found = new Map<string, RegistryService>();
  const refuseUnknown = scope.settings.mesh.outboundTrafficPolicy === 'REGISTRY_ONLY';
  for (const service of scope.services) {
    // To Istio the name of an ExternalName is unknown unless its target is a service.
    if (service.external && refuseUnknown) continue;
    if (service.ports.some(({ number }) => number === port)) found.set(service.host, service);
  }
  return found;
}

function hasHttp(service: RegistryService, port: number): boolean {
  return service.ports.some(({ number, protocol }) => number === port && isHttp(protocol));
}

/** Hosts and services that share their routes. */
interface Group {
  readonly hosts: readonly string[];
  readonly services: readonly RegistryService[];
  readonly routes: readonly Route[];
  readonly origin: Origin;
  readonly virtualService: BoundVirtualService | null;
}

interface RuledGroupOptions {
  readonly assignments: HostAssignments;
  readonly context: RouteContext;
}

function ruledGroups(
  virtualServices: readonly BoundVirtualService[],
  { assignments, context }: RuledGroupOptions,
): Group[] {
  const groups: Group[] = [];
  for (const virtualService of virtualServices) {
    const { hosts, services: assigned } = assignments.of(virtualService);
    const services = assigned.filter((service) => hasHttp(service, context.listenerPort));
    if (services.length === 0 && context.listenerPort !== 80) continue;
    if (services.length === 0 && hosts.length === 0) continue;
    const routes = translateRules(virtualService, context);
    // Where every rule is for other clients, the services keep their default route.
    if (routes.length === 0) continue;
    const origin = originOf(virtualService.resource);
    groups.push({ hosts, services, routes, origin, virtualService });
  }
  return groups;
}

function serviceGroup(scope: Scope, service: RegistryService, port: number) {
  const route = serviceRoute({
    cluster: clusterName(service.host, port),
    retryPolicy: scope.settings.mesh.defaultHttpRetryPolicy ?? defaultRetryPolicy,
    hashPolicy: hashPolicyOfService(scope.destinationRules.for(service), port),
    origin: service.origin,
  });
  return { routes: [route], origin: service.origin, virtualService: null };
}

function catchAll(scope: Scope, claims: DomainClaims): VirtualHost[] {
  if (claims.has('*')) return [];
  const isOpen = scope.settings.mesh.outboundTrafficPolicy === 'ALLOW_ANY';
  const route = isOpen ? passthroughRoute(scope.egressCluster) : blockRoute();
  return [
    {
      name: route.name,
      domains: ['*'],
      routes: [route],
      requireTls: false,
      origin: builtInOrigin,
    },
  ];
}

/** Gives every domain to the first virtual host that asks for it. */
class DomainClaims {
  readonly virtualHosts: VirtualHost[] = [];
  readonly #scope: Scope;
  readonly #port: number;
  readonly #names = new Set<string>();
  readonly #domains = new Set<string>();
  #fullNames: ReadonlySet<string> = new Set();

  constructor(scope: Scope, port: number) {
    this.#scope = scope;
    this.#port = port;
  }

  /** Full names of services, which no short form of another may take. */
  reserve(fullNames: readonly string[]): void {
    this.#fullNames = new Set(fullNames);
  }

  has(domain: string): boolean {
    return this.#domains.has(domain);
  }

  addGroup(group: Group): void {
    for (const host of group.hosts) this.#add(host, [literalAddress(host)], group);
    for (const service of group.services) {
      const { identity, mesh } = this.#scope.settings;
      const client = { namespace: identity.namespace, domainSuffix: mesh.domainSuffix };
      const { domains, shortForms } = serviceDomains(service, client);
      const free = domains.filter((name) => !shortForms.has(name) || !this.#fullNames.has(name));
      this.#add(service.host, free, group);
    }
  }

  #add(host: string, wanted: readonly string[], group: Group): void {
    const name = `${host}:${this.#port}`;
    if (this.#names.has(name)) {
      this.#reportTaken(host, group);
      return;
    }
    this.#names.add(name);
    const domains: string[] = [];
    for (const domain of wanted) {
      const key = domain.toLowerCase();
      if (this.#domains.has(key)) continue;
      this.#domains.add(key);
      domains.push(domain);
    }
    if (domains.length === 0) return;
    const { routes, origin } = group;
    this.virtualHosts.push({ name, domains, routes, requireTls: false, origin });
  }

  #reportTaken(host: string, { virtualService }: Group): void {
    if (virtualService === null) return;
    const { resource } = virtualService;
    this.#scope.findings.add(
      translationCode.hostTaken,
      { resource, path: ['spec', 'hosts'] },
      {
        message: `another VirtualService has ${host} already; for the mesh the first counts alone`,
        hint: 'put the rules into one VirtualService',
      },
    );
  }
}
