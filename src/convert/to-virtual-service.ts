/** Ingresses as VirtualServices, Gateways, and DestinationRules where they ask for policies. */

import type { HttpRoute } from '../config/schema/virtual-service.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { fromText } from './from-text.ts';
import { istioGateways } from './istio-gateways.ts';
import { lostExtension } from './lost-extension.ts';
import { type MadeHost, madeHosts, type PlacedRule, type RuleGroup } from './made-hosts.ts';
import { sourcesOf } from './made-resources.ts';
import { upToAll, withOneRedirect } from './one-rule.ts';
import { plainRules } from './plain-rules.ts';
import { ResourceNames } from './resource-names.ts';

const apiVersion = 'networking.istio.io/v1';

const plainPort = 80;

export function toVirtualService(conversion: Conversion): ConvertedResource[] {
  const { made, entry, written } = conversion;
  const names = new ResourceNames(written.virtualServices);
  const hosts = madeHosts(made);
  const gateways = istioGateways(conversion.gatewayNames, entry, hosts);
  const context = { conversion, names, gatewaysOf: gateways.namesOf };
  return [
    ...gateways.resources,
    ...hosts.flatMap((host) => virtualServices(host, context)),
    ...destinationRules(conversion),
    ...serviceEntries(conversion),
  ];
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
  const { gateways } = group;
  const rules = upToAll(group.rules);
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

/** Beside those of the user: Istio puts the subsets of one host together. */
function destinationRules({ made, written }: Conversion): ConvertedResource[] {
  const names = new ResourceNames(written.destinationRules);
  return made.destinationRules.map((rule) => {
    const { name, namespace } = rule.metadata;
    return {
      apiVersion,
      kind: 'DestinationRule',
      metadata: { name: names.choose(namespace, [name]), namespace },
      spec: rule.spec,
      remarks: [fromText(sourcesOf([{ resource: rule, path: [] }]))],
    };
  });
}

/** Hosts outside the mesh that get copies of requests. */
export function serviceEntries({ made, written }: Conversion): ConvertedResource[] {
  const names = new ResourceNames(written.serviceEntries);
  return made.serviceEntries.map((entry) => {
    const { name, namespace } = entry.metadata;
    return {
      apiVersion,
      kind: 'ServiceEntry',
      metadata: { name: names.choose(namespace, [name]), namespace },
      spec: entry.spec,
      remarks: [fromText(sourcesOf([{ resource: entry, path: [] }]))],
    };
  });
}
