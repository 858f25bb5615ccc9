/** HTTPRoutes and GRPCRoutes of Gateways as VirtualServices: one for each listener and host. */

import type { VirtualService } from '../../translate/istio-resources.ts';
import type { ResourceStatus } from '../resource-status.ts';
import type { ParentAttachment } from './attachment.ts';
import { Backends } from './backends.ts';
import type { GatewayApiContext } from './context.ts';
import type { MadeRule, RouteResource } from './made-rule.ts';
import type { RouteParents } from './parents.ts';
import { referenceConditions, reportReference } from './reference-problem.ts';
import { type RouteRules, routeRules } from './route-rules.ts';
import { routeStatus } from './route-status.ts';
import { ruleVirtualService } from './rule-virtual-service.ts';

/** A route with what became of its parents. */
export interface AttachedRoute {
  readonly route: RouteResource;
  readonly parents: readonly ParentAttachment[];
}

export interface ConvertedRoutes {
  readonly virtualServices: readonly VirtualService[];
  readonly statuses: readonly ResourceStatus[];
}

export function convertHttpRoutes(
  context: GatewayApiContext,
  parents: RouteParents,
): ConvertedRoutes {
  const { httpRoutes, grpcRoutes } = context.resources;
  const routes = inAge([...httpRoutes, ...grpcRoutes]).map((route) => ({
    route,
    parents: parents.attach(route),
  }));
  const backends = new Backends(context);
  const hosts = new RulesByHost();
  const statuses = routes.map((attached) => {
    const { route } = attached;
    const made = routeRules(route, { backends, isMesh: false });
    reportProblems(route, made, context);
    hosts.add(attached, made.rules);
    const conditions = referenceConditions(made.problems);
    return routeStatus(route, attached.parents, ({ parent }) =>
      parent === 'gateway' ? conditions : [],
    );
  });
  return { virtualServices: hosts.virtualServices(), statuses };
}

/** Of two rules that say the same that of the older route decides. */
export function inAge(routes: readonly RouteResource[]): RouteResource[] {
  return [...routes].sort(({ metadata: a }, { metadata: b }) => {
    const age = a.creationTimestamp - b.creationTimestamp;
    if (age !== 0) return age;
    if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
    return a.name < b.name ? -1 : 1;
  });
}

export function reportProblems(
  route: RouteResource,
  { rules, problems }: RouteRules,
  { findings }: GatewayApiContext,
): void {
  const fate = rules.length === 0 ? 'the route is left out' : 'its requests get 500';
  for (const problem of problems) reportReference(problem, { resource: route, fate }, findings);
}

interface HostEntry {
  readonly gateway: string;
  readonly host: string;
  readonly rules: MadeRule[];
  /** A route may name a listener several times. */
  readonly routes: Set<RouteResource>;
}

class RulesByHost {
  readonly #entries = new Map<string, HostEntry>();

  add({ route, parents }: AttachedRoute, rules: readonly MadeRule[]): void {
    for (const { gatewayName, hostnames } of parents.flatMap((each) => each.attachments)) {
      for (const host of hostnames) {
        const { routes, rules: known } = this.#entryOf(gatewayName, host);
        if (routes.has(route)) continue;
        routes.add(route);
        known.push(...rules);
      }
    }
  }

  virtualServices(): VirtualService[] {
    return [...this.#entries.values()].flatMap(({ gateway, host, rules: [first, ...others] }) =>
      first === undefined
        ? []
        : ruleVirtualService({
            gateway,
            host,
            rules: [first, ...others],
            // Istio names them like that, which decides between hosts that differ in a wildcard.
            name: `${gateway.replace('/', '~')}~${host}`,
            exportTo: ['*'],
          }),
    );
  }

  #entryOf(gateway: string, host: string): HostEntry {
    const key = `${gateway} ${host}`;
    const known = this.#entries.get(key);
    if (known !== undefined) return known;
    const entry: HostEntry = { gateway, host, rules: [], routes: new Set() };
    this.#entries.set(key, entry);
    return entry;
  }
}
