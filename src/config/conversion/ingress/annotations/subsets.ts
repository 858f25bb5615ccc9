/**
 * Subsets without labels: all endpoints of a Service, used as one Ingress asks. Other Ingresses and
 * VirtualServices go on to use them in their own way.
 */

import type { Destination } from '../../../schema/destination.ts';
import type { Subset, TrafficPolicy } from '../../../schema/destination-rule.ts';
import type { DestinationRule } from '../../../translate/istio-resources.ts';
import { type MadeSubsets, subsetRules } from '../../subset-rule.ts';
import type { Ingress, IngressContext } from '../ingress-rule.ts';
import type { AnnotationReader } from './annotation-reader.ts';

interface MadeSubset {
  readonly subset: Subset;
  readonly reader: AnnotationReader;
}

export class Subsets {
  readonly #context: IngressContext;
  readonly #byHost = new Map<string, MadeSubset[]>();

  constructor(context: IngressContext) {
    this.#context = context;
  }

  /** The destination with a subset for the policy, or as it is where the policy says nothing. */
  use(destination: Destination, policy: TrafficPolicy, reader: AnnotationReader): Destination {
    if (Object.keys(policy).length === 0) return destination;
    const subsets = this.#byHost.get(destination.host) ?? [];
    this.#byHost.set(destination.host, subsets);
    const name = this.#nameFor(policy, reader.ingress, subsets);
    if (!subsets.some(({ subset }) => subset.name === name)) {
      subsets.push({ subset: { name, trafficPolicy: policy }, reader });
    }
    return { ...destination, subset: name };
  }

  destinationRules(): DestinationRule[] {
    const all = [...this.#byHost].map(([host, subsets]) => subsetsFor(host, subsets));
    return subsetRules(all, this.#context);
  }

  /** `ingress-NAME`, with a number behind it where rules of one Ingress ask for different things. */
  #nameFor(policy: TrafficPolicy, { metadata }: Ingress, subsets: readonly MadeSubset[]): string {
    const base = `ingress-${metadata.name}`;
    for (let number = 1; ; number += 1) {
      const name = number === 1 ? base : `${base}-${number}`;
      const taken = subsets.find(({ subset }) => subset.name === name)?.subset;
      const isSame = JSON.stringify(taken?.trafficPolicy) === JSON.stringify(policy);
      if (taken === undefined || isSame) return name;
    }
  }
}

function subsetsFor(host: string, subsets: readonly MadeSubset[]): MadeSubsets {
  const { ingress } = (subsets[0] as MadeSubset).reader;
  return {
    host,
    namespace: ingress.metadata.namespace,
    name: `${host.split('.')[0]}-ingress`,
    subsets: subsets.map(({ subset }) => subset),
    from: ingress,
    pathOf: (path) => subsetPath(path, subsets),
    resourceOf: (path) => subsetAt(path, subsets)?.reader.ingress ?? ingress,
  };
}

function subsetAt(path: readonly (string | number)[], subsets: readonly MadeSubset[]) {
  return path[1] === 'subsets' && typeof path[2] === 'number' ? subsets[path[2]] : undefined;
}

/** Annotations that make a block of a policy, by its name. */
const annotationsOf: Readonly<Record<string, readonly string[]>> = {
  loadBalancer: ['affinity', 'upstream-hash-by', 'load-balance'],
  connectionPool: ['proxy-connect-timeout', 'backend-protocol', 'grpc-backend'],
  tls: ['backend-protocol', 'secure-backends'],
};

function subsetPath(
  path: readonly (string | number)[],
  subsets: readonly MadeSubset[],
): readonly (string | number)[] {
  const reader = subsetAt(path, subsets)?.reader;
  const name = reader?.nameOf(annotationsOf[String(path[4] ?? '')] ?? []) ?? null;
  return reader === undefined || name === null ? ['metadata', 'annotations'] : reader.pathOf(name);
}
