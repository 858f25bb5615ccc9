/** Which VirtualServices have the requests for a host: those with the closest name. */

import type { BoundVirtualService } from '../../translate/rules/virtual-services.ts';

export class ServedHosts {
  /** Of the VirtualServices that are for the mesh. */
  readonly #mesh = new Set<string>();
  /** Of those for any Gateway: one proxy may serve several of them on one port. */
  readonly #gateways = new Set<string>();

  constructor(virtualServices: readonly BoundVirtualService[]) {
    for (const virtualService of virtualServices) {
      for (const names of this.#namesFor(virtualService)) {
        for (const host of virtualService.hosts) names.add(host);
      }
    }
  }

  isServedBy(virtualService: BoundVirtualService, host: string): boolean {
    return this.#namesFor(virtualService).some((names) => {
      const closest = closestName(names, host);
      // Who serves `*` need not be where the name leads to.
      if (closest === null || closest === '*') return false;
      return virtualService.hosts.includes(closest);
    });
  }

  #namesFor({ gateways }: BoundVirtualService): Set<string>[] {
    const isForMesh = gateways.includes('mesh');
    const isForGateway = gateways.some((name) => name !== 'mesh');
    return [...(isForMesh ? [this.#mesh] : []), ...(isForGateway ? [this.#gateways] : [])];
  }
}

/** The name itself, or the longest wildcard that covers it. */
function closestName(names: ReadonlySet<string>, host: string): string | null {
  if (names.has(host)) return host;
  for (let start = 0; start <= host.length; start += 1) {
    const wildcard = `*${host.slice(start)}`;
    if (names.has(wildcard)) return wildcard;
  }
  return null;
}
