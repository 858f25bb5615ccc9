/** The rules of each host that Ingresses serve, with the places that they come from. */

import type { Path } from '../config/problem.ts';
import { closestHost, isHostWithin } from '../config/registry/host-names.ts';
import type { Resource } from '../config/resource.ts';
import type { HttpRoute, VirtualServiceSpec } from '../config/schema/virtual-service.ts';
import type { MadeResources } from './made-resources.ts';

export interface PlacedRule {
  readonly spec: HttpRoute;
  /** The VirtualService that was made for it, and its path there. */
  readonly resource: Resource<'VirtualService', VirtualServiceSpec>;
  readonly path: Path;
}

export interface MadeHost {
  readonly host: string;
  /** Of the first Ingress that has the host. */
  readonly namespace: string;
  readonly ingress: string;
  /** Those that go first are asked first. */
  readonly groups: readonly RuleGroup[];
}

/** Rules that hold for requests by the same Gateways. */
export interface RuleGroup {
  /** `namespace/name` of those that were made. */
  readonly gateways: readonly string[];
  /** In their order. */
  readonly rules: readonly PlacedRule[];
}

export function madeHosts({ virtualServices }: MadeResources): MadeHost[] {
  const hosts = new Map<string, MadeHost>();
  for (const resource of virtualServices) {
    const { metadata, madeFrom, spec } = resource;
    const rules = (spec.http ?? []).map(
      (rule, index): PlacedRule => ({ spec: rule, resource, path: ['spec', 'http', index] }),
    );
    const group = { gateways: spec.gateways ?? [], rules };
    for (const host of spec.hosts ?? []) {
      const key = host.toLowerCase();
      const ingress = madeFrom?.resource.metadata.name ?? metadata.name;
      const known = hosts.get(key) ?? { host, namespace: metadata.namespace, ingress, groups: [] };
      hosts.set(key, { ...known, groups: [...known.groups, group] });
    }
  }
  return [...hosts.values()];
}

/** All rules of a host that hold for the requests of a Gateway. */
export function rulesOfGateway({ groups }: MadeHost, gateway: string): PlacedRule[] {
  return groups.flatMap(({ gateways, rules }) => (gateways.includes(gateway) ? rules : []));
}

/** A name that a Gateway has a certificate for. */
export interface ServedName {
  readonly name: string;
  readonly gateway: string;
}

/** Whether requests for the name are for the rules of the host: no other host is closer. */
export function isServedAt(
  { host }: MadeHost,
  { name, gateway }: ServedName,
  hosts: readonly MadeHost[],
): boolean {
  if (isHostWithin(host, name)) return true;
  const bound = hosts.filter(({ groups }) =>
    groups.some(({ gateways }) => gateways.includes(gateway)),
  );
  return (
    closestHost(
      name,
      bound.map((one) => one.host),
    ) === host
  );
}
