/** Ingresses as VirtualServices, Gateways, and DestinationRules where they ask for policies. */

import type { Resource } from '../config/resource.ts';
import type { ResourceSet } from '../config/resource-set.ts';
import type { HttpRoute } from '../config/schema/virtual-service.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { fromText } from './from-text.ts';
import { istioGateways } from './istio-gateways.ts';
import { lostExtension } from './lost-extension.ts';
import { type MadeHost, madeHosts, type PlacedRule, type RuleGroup } from './made-hosts.ts';
import { type MadeResources, sourcesOf } from './made-resources.ts';
import { withOneRedirect } from './one-rule.ts';
import { plainRules } from './plain-rules.ts';
import { ResourceNames } from './resource-names.ts';

const apiVersion = 'networking.istio.io/v1';

const plainPort = 80;

export function toVirtualService(conversion: Conversion): ConvertedResource[] {
  const { made, entry, written } = conversion;
  const names = new ResourceNames(written.virtualServices.map(fullName));
  const hosts = madeHosts(made);
  const gateways = istioGateways(entry, hosts);
  const context = { conversion, names, gatewaysOf: gateways.namesOf };
  return [
    ...gateways.resources,
    ...hosts.flatMap((host) => virtualServices(host, context)),
    ...destinationRules(made, written),
    ...serviceEntries(made),
  ];
}

function fullName({ metadata }: Resource<string, unknown>): string {
  return `${metadata.namespace}/${metadata.name}`;
}

interface Context {
  readonly conversion: Conversion;
  readonly names: ResourceNames;
  gatewaysOf(madeGateways: readonly string[], host: MadeHost): string[];
}

/** One, unless some rules are not for all Gateways of the host. */
function virtualServices(made: MadeHost, context: Context): ConvertedResource[] {
  const { host, namespace, ingress, groups } = made;
  const merged = new Map<string, RuleGroup>();
  for (const { gateways, rules } of groups) {
    const own = context.gatewaysOf(gateways, made);
    const key = own.join(' ');
    const known = merged.get(key)?.rules ?? [];
    merged.set(key, { gateways: own, rules: [...known, ...rules] });
  }
  const first = context.names.choose(namespace, [ingress, `${ingress}-${host}`]);
  return [...merged.values()].map((group, index) => {
    // Rules of VirtualServices of one age go by the names of these.
    const name = index === 0 ? first : context.names.choose(namespace, [`${first}-default`]);
    return virtualService({ name, namespace }, { host, group }, context);
  });
}

function virtualService(
  metadata: ConvertedResource['metadata'],
  { host, group }: { readonly host: string; readonly group: RuleGroup },
  { conversion }: Context,
): ConvertedResource {
  const { gateways, rules } = group;
  const { losses } = conversion;
  for (const { spec, resource, path } of rules) lostExtension(spec, { resource, path, losses });
  const http = withOneRedirect(rules, plainPort).flatMap(({ spec }: PlacedRule) =>
    plainRules(spec).map(inOrder),
  );
  return {
    apiVersion,
    kind: 'VirtualService',
    metadata,
    spec: { hosts: [host], gateways, http },
    remarks: [fromText(sourcesOf(rules))],
  };
}

/** Fields in the order in which people write them. */
function inOrder({ name, match, ...rest }: HttpRoute): HttpRoute {
  const { route, rewrite, redirect, ...others } = rest;
  const given = { name, match, redirect, rewrite, route, ...others };
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as HttpRoute;
}

function destinationRules({ destinationRules: made }: MadeResources, written: ResourceSet) {
  const known = new Set(written.destinationRules.map(fullName));
  return made.map((rule): ConvertedResource => {
    const { name, namespace, labels, annotations } = rule.metadata;
    const isKnown = known.has(fullName(rule));
    const remark = isKnown
      ? `${fullName(rule)} with what Ingresses ask for: takes the place of the one there is.`
      : fromText(sourcesOf([{ resource: rule, path: [] }]));
    const kept = {
      ...(Object.keys(labels).length === 0 ? {} : { labels }),
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    };
    return {
      apiVersion,
      kind: 'DestinationRule',
      metadata: { name, namespace, ...kept },
      spec: rule.spec,
      remarks: [remark],
    };
  });
}

/** Hosts outside the mesh that get copies of requests. */
export function serviceEntries({ serviceEntries: made }: MadeResources): ConvertedResource[] {
  return made.map((entry) => ({
    apiVersion,
    kind: 'ServiceEntry',
    metadata: { name: entry.metadata.name, namespace: entry.metadata.namespace },
    spec: entry.spec,
    remarks: [fromText(sourcesOf([{ resource: entry, path: [] }]))],
  }));
}
