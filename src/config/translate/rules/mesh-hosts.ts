/**
 * Which VirtualService a service belongs to where wildcards are about: a service belongs to the
 * most specific host over all VirtualServices, and a wildcard that covers any service is no virtual
 * host of its own.
 */

import { HostIndex } from '../../registry/host-index.ts';
import { hostsOverlap, isWildcardHost } from '../../registry/host-names.ts';
import type { RegistryService } from '../../registry/service.ts';
import type { BoundVirtualService } from './virtual-services.ts';

export interface HostAssignment {
  /** Exact hosts that are no service, and wildcards that cover none. */
  readonly hosts: readonly string[];
  readonly services: readonly RegistryService[];
}

/** The VirtualServices that hold for the mesh, by their hosts. */
export class MeshHosts {
  readonly virtualServices: readonly BoundVirtualService[];
  /** Those with rules for connections, which are few. */
  readonly forConnections: readonly BoundVirtualService[];
  readonly #owners = new HostIndex<BoundVirtualService>();
  readonly #wildcards: readonly string[];

  constructor(virtualServices: readonly BoundVirtualService[]) {
    this.virtualServices = virtualServices.filter(({ gateways }) => gateways.includes('mesh'));
    this.forConnections = this.virtualServices.filter(
      ({ tlsRules, tcpRules }) => tlsRules.length + tcpRules.length > 0,
    );
    const wildcards = new Set<string>();
    for (const virtualService of this.virtualServices) {
      for (const host of virtualService.hosts) {
        if (isWildcardHost(host)) wildcards.add(host);
        // Of two with one host the first counts.
        if (this.#owners.get(host) === undefined) this.#owners.set(host, virtualService);
      }
    }
    this.#wildcards = [...wildcards];
  }

  /** `services`: those that have the port at hand, whatever is spoken there. */
  assign(services: ReadonlyMap<string, RegistryService>): HostAssignments {
    const assignments = new HostAssignments(services);
    if (this.#wildcards.length === 0) return assignments;
    for (const service of services.values()) {
      // A wildcard below that of a service is covered by it, too: it gets no virtual host.
      assignments.cover(
        isWildcardHost(service.host)
          ? this.#wildcards.filter((wildcard) => hostsOverlap(wildcard, service.host))
          : this.#owners.wildcardsOver(service.host),
      );
      const owner = this.#owners.mostSpecific(service.host);
      if (owner === undefined) continue;
      if (owner !== this.#owners.get(service.host)) assignments.add(owner, service);
    }
    return assignments;
  }
}

/** Which hosts and services of one port the rules of each VirtualService hold for. */
export class HostAssignments {
  readonly #services: ReadonlyMap<string, RegistryService>;
  readonly #byWildcardOwner = new Map<BoundVirtualService, RegistryService[]>();
  readonly #coveringWildcards = new Set<string>();

  constructor(services: ReadonlyMap<string, RegistryService>) {
    this.#services = services;
  }

  cover(wildcards: readonly string[]): void {
    for (const wildcard of wildcards) this.#coveringWildcards.add(wildcard);
  }

  add(owner: BoundVirtualService, service: RegistryService): void {
    const owned = this.#byWildcardOwner.get(owner);
    if (owned === undefined) this.#byWildcardOwner.set(owner, [service]);
    else owned.push(service);
  }

  of(virtualService: BoundVirtualService): HostAssignment {
    const hosts: string[] = [];
    const services: RegistryService[] = [];
    for (const host of virtualService.hosts) {
      const service = this.#services.get(host);
      if (service !== undefined) services.push(service);
      else if (!this.#coveringWildcards.has(host)) hosts.push(host);
    }
    for (const service of this.#byWildcardOwner.get(virtualService) ?? []) {
      if (!services.includes(service)) services.push(service);
    }
    return { hosts, services };
  }
}
