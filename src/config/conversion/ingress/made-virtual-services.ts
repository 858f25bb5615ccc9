/** The VirtualService of each host: the rules of all Ingresses for it, in their precedence. */

import type { Path } from '../../problem.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import type { WrittenPlace } from '../../resource.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import type { Gateway, VirtualService } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import type { IngressRule } from './ingress-rule.ts';
import { gatewaysFor, madeSuffix } from './made-gateways.ts';
import { comparePrecedence } from './path-match.ts';

/**
 * `rules` in Istio's order. Default backends have VirtualServices of their own: they are for what
 * nobody else takes, be it in the files of the user.
 */
export function ingressVirtualServices(
  rules: readonly IngressRule[],
  context: MadeFor,
): VirtualService[] {
  const paths = rules.filter(({ written }) => written !== null);
  const defaults = rules.filter(({ written }) => written === null);
  return [
    // Istio's have no time of creation: among themselves they are in the order of their names.
    ...byHost(paths).map((own) => virtualServiceOf(own, { ...context, created: 0 })),
    ...byHost(defaults).map((own) =>
      virtualServiceOf(own, { ...context, created: Number.MAX_SAFE_INTEGER }),
    ),
  ];
}

function byHost(rules: readonly IngressRule[]): IngressRule[][] {
  const groups = new Map<string, IngressRule[]>();
  for (const rule of rules) {
    const others = groups.get(rule.host);
    if (others === undefined) groups.set(rule.host, [rule]);
    else others.push(rule);
  }
  return [...groups.values()];
}

interface MadeFor {
  readonly settings: ProxySettings;
  readonly gateways: readonly Gateway[];
}

interface Making extends MadeFor {
  /** Time of creation: the oldest goes first. */
  readonly created: number;
}

function virtualServiceOf(
  rules: readonly IngressRule[],
  { created, ...context }: Making,
): VirtualService {
  const [first] = rules as readonly [IngressRule, ...IngressRule[]];
  const ordered = [...rules].sort((a, b) => comparePrecedence(a.precedence, b.precedence));
  const owners: IngressRule[] = [];
  const http: HttpRoute[] = [];
  for (const rule of ordered) {
    for (const route of rule.routes) {
      owners.push(rule);
      http.push(route);
    }
  }
  const place = (path: Path) => writtenPlace(path, first, owners);
  const made = madeResource({
    kind: 'VirtualService',
    name: `${first.host.replaceAll('.', '-')}-${first.ingress.metadata.name}-${madeSuffix}`,
    // Istio binds it to the first alone, so that certificates of the others are for nothing.
    spec: {
      hosts: [first.host],
      gateways: gatewaysFor(
        first.host,
        rules.map(({ ingress }) => ingress),
        context,
      ),
      http,
    },
    from: first.ingress,
    pathOf: (path) => place(path).path,
    resourceOf: (path) => place(path).resource,
  });
  return { ...made, metadata: { ...made.metadata, creationTimestamp: created } };
}

function writtenPlace(
  path: Path,
  first: IngressRule,
  owners: readonly IngressRule[],
): WrittenPlace {
  const [, list, index, ...rest] = path;
  const owner = list === 'http' && typeof index === 'number' ? owners[index] : undefined;
  if (owner !== undefined) return owner.placeOf(rest);
  const hostPath = first.written === null ? first.path : [...first.path.slice(0, 3), 'host'];
  return { resource: first.ingress, path: hostPath };
}
