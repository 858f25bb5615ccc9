/** The configuration as it is when what was converted takes the place of the Ingresses. */

import type { Resource } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { ServiceSpec } from '../config/schema/kubernetes.ts';
import type { MadeResources } from './made-resources.ts';

type AnyResource = Resource<string, unknown>;

/** What is converted replaces what has its name. */
export function applyConverted(written: ResourceSet, converted: ResourceSet): ResourceSet {
  const entries = Object.entries(written) as [keyof ResourceSet, readonly AnyResource[]][];
  const lists = entries.map(([kind, list]) => {
    const added: readonly AnyResource[] = converted[kind];
    const names = new Set(added.map(fullName));
    return [kind, [...list.filter((one) => !names.has(fullName(one))), ...added]];
  });
  // Every list has what it had before: resources of its kind.
  const all = Object.fromEntries(lists) as ResourceSet;
  return { ...all, ingresses: [], ingressClasses: [] };
}

function fullName({ metadata }: AnyResource): string {
  return `${metadata.namespace}/${metadata.name}`;
}

/** An Ingress may be converted without its Services: here they are, as far as they are needed. */
export function withAssumedServices(written: ResourceSet, made: MadeResources): ResourceSet {
  const known = new Set(written.services.map(fullName));
  const assumed = new Map<string, AssumedService>();
  for (const { spec } of made.virtualServices) {
    const destinations = (spec.http ?? []).flatMap(({ route = [], mirrors = [], mirror }) => [
      ...[...route, ...mirrors].map(({ destination }) => destination),
      ...(mirror === undefined ? [] : [mirror]),
    ]);
    for (const { host, port } of destinations) {
      const [name = '', namespace = '', kind] = host.split('.');
      if (kind !== 'svc' || known.has(`${namespace}/${name}`)) continue;
      const service = assumed.get(host) ?? { name, namespace, ports: new Set() };
      service.ports.add(port?.number ?? 80);
      assumed.set(host, service);
    }
  }
  return { ...written, services: [...written.services, ...[...assumed.values()].map(serviceOf)] };
}

interface AssumedService {
  readonly name: string;
  readonly namespace: string;
  readonly ports: Set<number>;
}

function serviceOf({ name, namespace, ports }: AssumedService): Resource<'Service', ServiceSpec> {
  return {
    kind: 'Service',
    apiVersion: 'v1',
    metadata: { name, namespace, labels: {}, annotations: {}, creationTimestamp: 0 },
    spec: { ports: [...ports].map((port) => ({ name: `http-${port}`, port })) },
    status: undefined,
    file: '',
    positionOf: () => ({ line: 0, column: 0 }),
  };
}
