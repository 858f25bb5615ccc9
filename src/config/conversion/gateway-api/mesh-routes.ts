/**
 * HTTPRoutes and GRPCRoutes of Services as VirtualServices of the mesh: one for each host and
 * namespace of clients, with the rules of all its routes.
 */

import type { HttpMatchRequest } from '../../schema/virtual-service.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import type { Condition } from '../resource-status.ts';
import type { ParentAttachment } from './attachment.ts';
import type { GatewayApiContext } from './context.ts';
import type { MadeRule, RouteResource } from './made-rule.ts';
import { type MeshParent, MeshParents } from './mesh-parents.ts';
import { referenceConditions, routeConditions } from './reference-problem.ts';
import { type RouteRules, type RulesContext, reportProblems, routeRules } from './route-rules.ts';
import { ruleVirtualService } from './rule-virtual-service.ts';

interface HostEntry {
  readonly host: string;
  readonly exportTo: string;
  readonly rules: MadeRule[];
}

export class MeshRoutes {
  readonly #context: GatewayApiContext;
  readonly #parents: MeshParents;
  readonly #made: Omit<RulesContext, 'isMesh'>;
  readonly #rules = new Map<RouteResource, RouteRules>();
  readonly #entries = new Map<string, HostEntry>();

  constructor(context: GatewayApiContext, made: Omit<RulesContext, 'isMesh'>) {
    this.#context = context;
    this.#parents = new MeshParents(context);
    this.#made = made;
  }

  /** By age of the routes. What it returns are the conditions for a parent that is a Service. */
  attach(route: RouteResource, ref: ParentAttachment): readonly Condition[] {
    const { parent, accepted } = this.#parents.attach(route, ref);
    const { rules, problems, leftOut } = this.#rulesOf(route);
    if (parent === null) return [accepted, ...referenceConditions(problems)];
    this.#add(route, parent, rules);
    const conditions = routeConditions(problems, leftOut);
    return leftOut === null ? [accepted, ...conditions] : conditions;
  }

  virtualServices(): VirtualService[] {
    return [...this.#entries.values()].flatMap(({ host, exportTo, rules: [first, ...others] }) =>
      first === undefined
        ? []
        : ruleVirtualService({
            gateway: 'mesh',
            host,
            rules: [first, ...others],
            name: `mesh~${host}`,
            exportTo: [exportTo],
          }),
    );
  }

  #rulesOf(route: RouteResource): RouteRules {
    const known = this.#rules.get(route);
    if (known !== undefined) return known;
    const made = routeRules(route, { ...this.#made, isMesh: true });
    reportProblems(route, made, this.#context);
    this.#rules.set(route, made);
    return made;
  }

  #add(route: RouteResource, parent: MeshParent, rules: readonly MadeRule[]): void {
    const { hosts, port, exportTo } = parent;
    const own = port === null ? rules : rules.map((rule) => onPort(rule, port));
    for (const host of hosts) {
      const key = `${exportTo === '*' ? '*' : route.metadata.namespace} ${host}`;
      const known = this.#entries.get(key);
      if (known === undefined) this.#entries.set(key, { host, exportTo, rules: [...own] });
      else known.rules.push(...own);
    }
  }
}

/** Requests to other ports of the Service go where they go without the route. */
function onPort(rule: MadeRule, port: number): MadeRule {
  const { match = [{}], ...rest } = rule.spec;
  const withPort = match.map((one): HttpMatchRequest => ({ ...one, port }));
  return { ...rule, spec: { ...rest, match: withPort } };
}
