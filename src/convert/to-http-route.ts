/** Ingresses as HTTPRoutes and a Gateway of the Gateway API. */

import { isDeepStrictEqual } from '../base/node-util.ts';
import { hostsOverlap } from '../config/registry/host-names.ts';
import type { Destination } from '../config/schema/destination.ts';
import type { HttpRouteRule } from '../config/schema/gateway-api/http-route.ts';
import type { ParentReference } from '../config/schema/gateway-api/references.ts';
import { behindPatterns } from './behind-patterns.ts';
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
  return [
    ...gateway.resources,
    ...routes,
    ...serviceEntries(conversion),
    ...grants.resources(written),
  ];
}

interface Context {
  readonly conversion: Conversion;
  readonly entry: GatewayApiEntry;
  /** All that are served. */
  readonly hosts: readonly MadeHost[];
  readonly grants: Grants;
  readonly names: ResourceNames;
}

/** A listener of a Gateway that is written. */
interface ListenerName {
  readonly parent: string;
  readonly sectionName: string;
}

/** What holds for the requests of one listener. */
interface View {
  readonly listener: ListenerName;
  readonly rules: readonly PlacedRule[];
}

/** Those that get requests on the port, so that the order of an HTTPRoute keeps theirs. */
function rulesOf(rules: readonly PlacedRule[], port: number): PlacedRule[] {
  return behindPatterns(asOneRule(reachableRules(rules, port)));
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
  const plain = { parent: context.conversion.entry.name, sectionName: 'http' };
  const views: View[] = [
    { listener: plain, rules: rulesOf(all, plainPort) },
    ...secure.map(({ name, parent, gateway }) => {
      const own = rulesOfGateway(made, gateway);
      const listener = { parent, sectionName: name };
      return { listener, rules: rulesOf(own, tlsPort) };
    }),
  ].filter(({ rules }) => rules.length > 0);
  const alike: View[][] = [];
  for (const view of views) {
    const same = alike.find(([first]) => isDeepStrictEqual(first?.rules, view.rules));
    if (same === undefined) alike.push([view]);
    else same.push(view);
  }
  return alike.flatMap((group) => {
    const listeners = group.map(({ listener }) => listener);
    const isForAll = group.length > near.length;
    const isRedirect = group.length === 1 && !isForAll && listeners[0] === plain;
    const suffix = isRedirect ? '-http' : '';
    const part = { rules: group[0]?.rules ?? [], listeners, isForAll, suffix };
    return routesOf(made, part, context);
  });
}

interface Part {
  readonly rules: readonly PlacedRule[];
  readonly listeners: readonly ListenerName[];
  /** Whether these are all that have the host. */
  readonly isForAll: boolean;
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
        parentRefs: parentRefs(part, namespace, context),
        ...(host === '*' ? {} : { hostnames: [host] }),
        rules: chunk.map(({ converted }) => converted),
      },
      remarks: [fromText(sourcesOf(chunk.map(({ rule }) => rule)))],
    }),
  );
}

function parentRefs(
  { listeners, isForAll }: Part,
  namespace: string,
  { conversion }: Context,
): ParentReference[] {
  const { entry } = conversion;
  const other = entry.namespace === namespace ? {} : { namespace: entry.namespace };
  if (isForAll) {
    const parents = new Set(listeners.map(({ parent }) => parent));
    return [...parents].map((name) => ({ name, ...other }));
  }
  return listeners.map(({ parent, sectionName }) => ({ name: parent, ...other, sectionName }));
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
