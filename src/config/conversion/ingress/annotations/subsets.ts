/**
 * Subsets without labels: all endpoints of a Service, used as one Ingress asks. Other Ingresses and
 * VirtualServices go on to use them in their own way.
 */

import { isHostWithin } from '../../../registry/host-names.ts';
import type { Resource } from '../../../resource.ts';
import type { Destination } from '../../../schema/destination.ts';
import type {
  DestinationRuleSpec,
  Subset,
  TrafficPolicy,
} from '../../../schema/destination-rule.ts';
import { madeResource } from '../../made-resource.ts';
import type { Ingress, IngressContext } from '../ingress-rule.ts';
import type { AnnotationReader } from './annotation-reader.ts';

type DestinationRule = Resource<'DestinationRule', DestinationRuleSpec>;

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
    return [...this.#byHost].map(([host, subsets]) => this.#ruleFor(host, subsets));
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

  /** It becomes one with a rule that the user has for the host. */
  #ruleFor(host: string, subsets: readonly MadeSubset[]): DestinationRule {
    const { ingress } = (subsets[0] as MadeSubset).reader;
    const own = this.#rulesOfUser(ingress.metadata.namespace);
    const same = own.find(({ spec }) => hostsOf(spec.host, this.#domain(ingress)).includes(host));
    const wide = own
      .filter(({ spec }) => spec.workloadSelector === undefined && isHostWithin(host, spec.host))
      .sort((a, b) => b.spec.host.length - a.spec.host.length)[0];
    // A rule for this host hides those for wildcards, so that it must say what they say.
    const inherited = same === undefined ? wide?.spec.trafficPolicy : undefined;
    const exportTo = (same ?? wide)?.spec.exportTo;
    return madeResource({
      kind: 'DestinationRule',
      name: `${host.split('.')[0]}-ingress`,
      namespace: same?.metadata.namespace ?? ingress.metadata.namespace,
      spec: {
        host,
        ...(exportTo === undefined ? {} : { exportTo }),
        ...(inherited === undefined ? {} : { trafficPolicy: inherited }),
        subsets: subsets.map(({ subset }) => subset),
      },
      from: ingress,
      pathOf: (path) => subsetPath(path, subsets),
      resourceOf: (path) => subsetAt(path, subsets)?.reader.ingress ?? ingress,
    });
  }

  /** Those of the namespace of the Ingress first. */
  #rulesOfUser(namespace: string): DestinationRule[] {
    const rules = this.#context.resources.destinationRules;
    const isOwn = (rule: DestinationRule) => rule.metadata.namespace === namespace;
    return [...rules.filter(isOwn), ...rules.filter((rule) => !isOwn(rule))];
  }

  #domain({ metadata }: Ingress): string {
    return `${metadata.namespace}.svc.${this.#context.settings.mesh.domainSuffix}`;
  }
}

/** A short name stands for a Service of the namespace. */
function hostsOf(host: string, domain: string): string[] {
  return host.includes('.') ? [host] : [`${host}.${domain}`];
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
