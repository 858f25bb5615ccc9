/** What a host that nothing defines was probably meant to be. */

import { expandShortName } from '../../registry/host-names.ts';
import type { Scope } from '../scope.ts';

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
    if (elsewhere !== undefined) return `did you mean "${elsewhere}"?`;
    return incompleteHint(host, namespace, domainSuffix);
  }
}

/** For a name that is neither short nor full, where no service tells what was meant. */
function incompleteHint(host: string, namespace: string, domainSuffix: string): string | null {
  const end = `.svc.${domainSuffix}`;
  const [name = '', ...rest] = (host.endsWith(end) ? host.slice(0, -end.length) : host).split('.');
  const full = `${name}.${namespace}${end}`;
  if (host === `${name}${end}`) return `the namespace is missing: write "${full}"`;
  const [second, third = 'svc', ...more] = rest;
  if (second !== namespace || third !== 'svc' || more.length > 0 || host === full) return null;
  return `only names without a dot are completed: write "${full}"`;
}
