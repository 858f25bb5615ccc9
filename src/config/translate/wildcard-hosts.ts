/**
 * Which VirtualService a service belongs to where wildcards are about: a service belongs to the
 * most specific host over all VirtualServices, and a wildcard that covers any service is no virtual
 * host of its own.
 */

import { HostIndex } from '../registry/host-index.ts';
import { isWildcardHost } from '../registry/host-names.ts';
import type { RegistryService } from '../registry/service.ts';
import type { BoundVirtualService } from './virtual-services.ts';

export interface HostAssignment {
  /** Exact hosts that are no service, and wildcards that cover none. */
  readonly hosts: readonly string[];
  readonly services: readonly RegistryService[];
}

export class HostAssignments {
  readonly #services: ReadonlyMap<string, RegistryService>;
  readonly #byWildcardOwner = new Map<BoundVirtualService, RegistryService[]>();
  readonly #coveringWildcards = new Set<string>();

  /** `services`: those that have the port at hand. */
  constructor(
    virtualServices: readonly BoundVirtualService[],
    services: ReadonlyMap<string, RegistryService>,
  ) {
    this.#services = services;
    const owners = new HostIndex<BoundVirtualService>();
    let hasWildcards = false;
    for (const virtualService of virtualServices) {
      for (const host of virtualService.hosts) {
        hasWildcards ||= isWildcardHost(host);
        // Of two with one host the first counts.
        if (owners.get(host) === undefined) owners.set(host, virtualService);
      }
    }
    if (hasWildcards) this.#assign(owners, services.values());
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

  #assign(owners: HostIndex<BoundVirtualService>, services: Iterable<RegistryService>): void {
    for (const service of services) {
      const wildcards = owners.wildcardsOver(service.host);
      for (const wildcard of wildcards) this.#coveringWildcards.add(wildcard);
      const owner = owners.mostSpecific(service.host);
      if (owner === undefined || owner === owners.get(service.host)) continue;
      const owned = this.#byWildcardOwner.get(owner);
      if (owned === undefined) this.#byWildcardOwner.set(owner, [service]);
      else owned.push(service);
    }
  }
}
