/** ReferenceGrants: whether an object of another namespace may be referred to. */

import type { ResourceSet } from '../../resource-set.ts';

export interface GrantedReference {
  readonly from: { readonly group: string; readonly kind: string; readonly namespace: string };
  readonly to: {
    readonly group: string;
    readonly kind: string;
    readonly namespace: string;
    readonly name: string;
  };
}

export class ReferenceGrants {
  /** By the namespace they are in, which is that of what they grant. */
  readonly #byNamespace = new Map<string, ResourceSet['referenceGrants'][number]['spec'][]>();

  constructor(grants: ResourceSet['referenceGrants']) {
    for (const { metadata, spec } of grants) {
      const known = this.#byNamespace.get(metadata.namespace);
      if (known === undefined) this.#byNamespace.set(metadata.namespace, [spec]);
      else known.push(spec);
    }
  }

  /** References within a namespace need no grant. */
  permits({ from, to }: GrantedReference): boolean {
    if (from.namespace === to.namespace) return true;
    const grants = this.#byNamespace.get(to.namespace) ?? [];
    return grants.some(
      (grant) =>
        grant.from.some(
          ({ group, kind, namespace }) =>
            group === from.group && kind === from.kind && namespace === from.namespace,
        ) &&
        grant.to.some(
          ({ group, kind, name = '' }) =>
            group === to.group && kind === to.kind && (name === '' || name === to.name),
        ),
    );
  }
}
