/** Ingresses as HTTPRoutes and a Gateway of the Gateway API. */

import { isDeepStrictEqual } from 'node:util';
import { hostsOverlap } from '../config/registry/host-names.ts';
import type { Destination } from '../config/schema/destination.ts';
import type { HttpRouteRule } from '../config/schema/gateway-api/http-route.ts';
import type { ParentReference } from '../config/schema/gateway-api/references.ts';
import type { Conversion } from './conversion.ts';
import type { ConvertedResource } from './converted-resource.ts';
import { fromText } from './from-text.ts';
import { type GatewayApiEntry, gatewayApiEntry } from './gateway-api-entry.ts';
import { Grants } from './grants.ts';
import { backendReference } from './http-route-backends.ts';
import { httpRouteRules } from './http-route-rule.ts';
import {
  isServedAt,
  type MadeHost,
  madeHosts,
  type PlacedRule,
  rulesOfGateway,
} from './made-hosts.ts';
import { sourcesOf } from './made-resources.ts';
import { asOneRule } from './one-rule.ts';
import { reachableRules } from './reachable-rules.ts';
import { ResourceNames } from './resource-names.ts';
import { serviceEntries } from './to-virtual-service.ts';

const apiVersion = 'gateway.networking.k8s.io/v1';

/** As many as the Gateway API allows in one route. */
const maxRules = 16;

const plainPort = 80;
const tlsPort = 443;

export function toHttpRoute(conversion: Conversion): ConvertedResource[] {
  const { made, written } = conversion;
  const grants = new Grants();
  const names = new ResourceNames(written.httpRoutes);
  const gateway = gatewayApiEntry(conversion, grants);
  const hosts = madeHosts(made);
  const context: Context = { conversion, entry: gateway, hosts, grants, names };
  const routes = hosts.flatMap((one) => httpRoutes(one, context));
  return [gateway.resource, ...routes, ...serviceEntries(conversion), ...grants.resources(written)];
}

interface Context {
  readonly conversion: Conversion;
  readonly entry: GatewayApiEntry;
  /** All that are served. */
  readonly hosts: readonly MadeHost[];
  readonly grants: Grants;
  readonly names: ResourceNames;
}

/** What holds for the requests of one listener. */
interface View {
  readonly section: string;
  readonly rules: readonly PlacedRule[];
}

/** One for all listeners of the host that do the same. */
function httpRoutes(made: MadeHost, context: Context): ConvertedResource[] {
  const all = made.groups.flatMap(({ rules }) => rules);
  const hosts = context.hosts;
  const near = context.entry.tlsListeners.filter(({ hostname }) =>
    hostsOverlap(made.host, hostname),
  );
  const secure = near.filter(({ hostname, gateway }) =>
    isServedAt(made, { name: hostname, gateway }, hosts),
  );
  const views: View[] = [
    { section: 'http', rules: asOneRule(reachableRules(all, plainPort)) },
    ...secure.map(({ name, gateway }) => {
      const own = rulesOfGateway(made, gateway);
      return { section: name, rules: asOneRule(reachableRules(own, tlsPort)) };
    }),
  ].filter(({ rules }) => rules.length > 0);
  const alike: View[][] = [];
  for (const view of views) {
    const same = alike.find(([first]) => isDeepStrictEqual(first?.rules, view.rules));
    if (same === undefined) alike.push([view]);
    else same.push(view);
  }
  return alike.flatMap((group) => {
    const sections = group.length > near.length ? null : group.map(({ section }) => section);
    const isRedirect = group.length === 1 && sections !== null && sections[0] === 'http';
    const part = { rules: group[0]?.rules ?? [], sections, suffix: isRedirect ? '-http' : '' };
    return routesOf(made, part, context);
  });
}

interface Part {
  readonly rules: readonly PlacedRule[];
  /** Names of the listeners; null: all of them. */
  readonly sections: readonly string[] | null;
  /** Of the name. */
  readonly suffix: string;
}

function routesOf(made: MadeHost, part: Part, context: Context): ConvertedResource[] {
  const { host, namespace, ingress } = made;
  const rules = part.rules.flatMap((rule) => {
    return convertRule(rule, made, context).map((converted) => ({ rule, converted }));
  });
  const chunks: (typeof rules)[] = [];
  for (let start = 0; start < rules.length; start += maxRules) {
    chunks.push(rules.slice(start, start + maxRules));
  }
  const wanted = [ingress, `${ingress}-${host}`].map((name) => name + part.suffix);
  return chunks.map(
    (chunk): ConvertedResource => ({
      apiVersion,
      kind: 'HTTPRoute',
      metadata: { name: context.names.choose(namespace, wanted), namespace },
      spec: {
        parentRefs: parentRefs(part.sections, namespace, context),
        ...(host === '*' ? {} : { hostnames: [host] }),
        rules: chunk.map(({ converted }) => converted),
      },
      remarks: [fromText(sourcesOf(chunk.map(({ rule }) => rule)))],
    }),
  );
}

function parentRefs(
  sections: readonly string[] | null,
  namespace: string,
  { conversion }: Context,
): ParentReference[] {
  const { entry } = conversion;
  const other = entry.namespace === namespace ? {} : { namespace: entry.namespace };
  const parent = { name: entry.name, ...other };
  return sections === null ? [parent] : sections.map((sectionName) => ({ ...parent, sectionName }));
}

function convertRule(
  rule: PlacedRule,
  { namespace }: MadeHost,
  { conversion, grants }: Context,
): HttpRouteRule[] {
  const { losses, domainSuffix } = conversion;
  return httpRouteRules(rule, {
    destinationRules: conversion.made.destinationRules,
    losses,
    referenceTo: (destination: Destination) => {
      const reference = backendReference(destination, { namespace, domainSuffix });
      if (reference.namespace !== undefined) {
        grants.add({ from: 'HTTPRoute', namespace, to: 'Service', of: reference.namespace });
      }
      return reference;
    },
  });
}
