/** ReferenceGrants: an object of another namespace may be named where that namespace says so. */

import type { ResourceSet } from '../config/resource-set.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { ResourceNames } from './resource-names.ts';

export interface Grant {
  readonly from: 'HTTPRoute' | 'Gateway';
  readonly namespace: string;
  readonly to: 'Service' | 'Secret';
  /** The namespace of what is named. */
  readonly of: string;
}

export class Grants {
  readonly #grants = new Map<string, Grant>();

  add(grant: Grant): void {
    const { from, namespace, to, of } = grant;
    this.#grants.set([of, from, namespace, to].join(' '), grant);
  }

  resources({ referenceGrants }: Pick<ResourceSet, 'referenceGrants'>): ConvertedResource[] {
    const names = new ResourceNames(referenceGrants);
    return [...this.#grants.values()].map(({ from, namespace, to, of }) => ({
      apiVersion: 'gateway.networking.k8s.io/v1beta1',
      kind: 'ReferenceGrant',
      metadata: { name: names.choose(of, [`${from}-${namespace}-${to}`]), namespace: of },
      spec: {
        from: [{ group: 'gateway.networking.k8s.io', kind: from, namespace }],
        to: [{ group: '', kind: to }],
      },
      remarks: [`So that each ${from} of ${namespace} may name a ${to} of this namespace.`],
    }));
  }
}
