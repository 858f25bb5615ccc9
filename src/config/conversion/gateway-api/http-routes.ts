/** HTTPRoutes and GRPCRoutes of Gateways as VirtualServices: one for each listener and host. */

import type { DestinationRule, VirtualService } from '../../translate/istio-resources.ts';
import type { Condition, ResourceStatus } from '../resource-status.ts';
import type { ParentAttachment } from './attachment.ts';
import { Backends } from './backends.ts';
import type { GatewayApiContext } from './context.ts';
import type { MadeRule, RouteResource } from './made-rule.ts';
import { MeshRoutes } from './mesh-routes.ts';
import type { RouteParents } from './parents.ts';
import { routeConditions } from './reference-problem.ts';
import { inAge } from './route-age.ts';
import { type RulesContext, reportProblems, routeRules } from './route-rules.ts';
import { routeStatus } from './route-status.ts';
import { ruleVirtualService } from './rule-virtual-service.ts';
import { Sessions } from './session-persistence.ts';

/** A route with what became of its parents. */
export interface AttachedRoute {
  readonly route: RouteResource;
  readonly parents: readonly ParentAttachment[];
}

export interface ConvertedRoutes {
  readonly virtualServices: readonly VirtualService[];
  readonly destinationRules: readonly DestinationRule[];
  readonly statuses: readonly ResourceStatus[];
}

export function convertHttpRoutes(
  context: GatewayApiContext,
  parents: RouteParents,
): ConvertedRoutes {
  const { httpRoutes, grpcRoutes } = context.resources;
  const routes = inAge<RouteResource>([...httpRoutes, ...grpcRoutes]).map((route) => ({
    route,
    parents: parents.attach(route),
  }));
  const sessions = new Sessions();
  const made = { backends: new Backends(context), sessions };
  const hosts = new RulesByHost();
  const mesh = new MeshRoutes(context, made);
  const statuses = routes.map((attached) => {
    const { route } = attached;
    const conditions = attached.parents.some(({ parent }) => parent === 'gateway')
      ? serve(attached, { ...made, hosts, context })
      : [];
    return routeStatus(route, attached.parents, (parent) =>
      parent.parent === 'gateway' ? conditions : mesh.attach(route, parent),
    );
  });
  return {
    virtualServices: [...hosts.virtualServices(), ...mesh.virtualServices()],
    // Only now all rules are made.
    destinationRules: sessions.destinationRules(),
    statuses,
  };
}

interface GatewayRules extends Omit<RulesContext, 'isMesh'> {
  readonly hosts: RulesByHost;
  readonly context: GatewayApiContext;
}

/** On Gateways; what it returns are the conditions for each. */
function serve(
  attached: AttachedRoute,
  { hosts, context, ...made }: GatewayRules,
): readonly Condition[] {
  const read = routeRules(attached.route, { ...made, isMesh: false });
  reportProblems(attached.route, read, context);
  hosts.add(attached, read.rules);
  return routeConditions(read.problems, read.leftOut);
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
