/** Several resources that define one host: which of them counts, and what is made one. */

import type { RegistryEndpoint, RegistryService } from './service.ts';

/**
 * Within a namespace the resources for one host are one service: a Kubernetes Service says what it
 * is, otherwise the first ServiceEntry with the ports of those that are like it. Endpoints are
 * those of all.
 */
export function mergeSameHosts(services: readonly RegistryService[]): RegistryService[] {
  const groups = new Map<string, [RegistryService, ...RegistryService[]]>();
  for (const service of services) {
    const key = `${service.namespace}/${service.host}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [service]);
    else group.push(service);
  }
  return [...groups.values()].map(mergeGroup);
}

function mergeGroup(group: readonly [RegistryService, ...RegistryService[]]): RegistryService {
  const [first, ...others] = group;
  if (others.length === 0) return first;
  const kubernetes = group.find(({ source }) => source === 'Service');
  const definition = kubernetes ?? others.reduce(addPorts, first);
  // Names that DNS is asked for only because nothing else is known are no endpoints to merge.
  const known = kubernetes?.discovery === 'strict-dns' ? others : group;
  const endpoints = new Map<number, readonly RegistryEndpoint[]>();
  for (const port of definition.ports) {
    endpoints.set(
      port.number,
      known.flatMap((service) => endpointsOf(service, port, definition)),
    );
  }
  return {
    ...definition,
    discovery: known === group ? definition.discovery : 'static',
    endpoints,
    healthCheck: group.find(({ healthCheck }) => healthCheck !== null)?.healthCheck ?? null,
  };
}

function addPorts(first: RegistryService, second: RegistryService): RegistryService {
  if (!isAlike(first, second)) return first;
  const known = new Set(first.ports.map((port) => port.number));
  return {
    ...first,
    ports: [...first.ports, ...second.ports.filter((port) => !known.has(port.number))],
    targetPorts: new Map([...second.targetPorts, ...first.targetPorts]),
  };
}

function isAlike(a: RegistryService, b: RegistryService): boolean {
  return (
    a.discovery === b.discovery &&
    isSameSet(a.exportTo, b.exportTo) &&
    isSameSet(entriesOf(a.selector), entriesOf(b.selector))
  );
}

function entriesOf(selector: Readonly<Record<string, string>> | null): string[] {
  return Object.entries(selector ?? {}).map(([name, value]) => `${name}=${value}`);
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((value) => b.includes(value));
}

/** Istio finds endpoints of static services by the name of the port, others by its number. */
function endpointsOf(
  service: RegistryService,
  { number, name }: { readonly number: number; readonly name: string },
  { discovery }: RegistryService,
): readonly RegistryEndpoint[] {
  if (discovery !== 'static') return service.endpoints.get(number) ?? [];
  const port = service.ports.find((candidate) => candidate.name === name);
  return port === undefined ? [] : (service.endpoints.get(port.number) ?? []);
}
