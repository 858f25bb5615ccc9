/** What a host that nothing defines was probably meant to be. */

import { expandShortName } from '../registry/host-names.ts';
import type { Scope } from './scope.ts';

export class HostHints {
  readonly #scope: Scope;
  /** Some host by the Kubernetes name of its service. */
  readonly #hostsByName: ReadonlyMap<string, string>;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#hostsByName = new Map(scope.services.map(({ name, host }) => [name, host]));
  }

  /** `namespace`: of the resource that names the host. */
  for(host: string, namespace: string): string | null {
    const { servicesByHost, settings } = this.#scope;
    const { domainSuffix } = settings.mesh;
    // `reviews.prod` is a name of its own for Istio, and no short form.
    const full = `${host}.svc.${domainSuffix}`;
    if (servicesByHost.has(full)) return `did you mean "${full}"?`;
    const [name = ''] = host.split('.');
    if (servicesByHost.has(expandShortName(name, namespace, domainSuffix))) {
      return `did you mean "${name}"?`;
    }
    const elsewhere = this.#hostsByName.get(name);
    return elsewhere === undefined ? null : `did you mean "${elsewhere}"?`;
  }
}
