/**
 * Completes the names in a rule (hosts and gateways) with the namespace of the resource that
 * wrote it, so that rules of several resources can be mixed.
 */

import { expandShortName } from '../../registry/host-names.ts';
import type { TcpRoute, TlsRoute } from '../../schema/connection-route.ts';
import type { Destination } from '../../schema/destination.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';

export interface NamingContext {
  readonly namespace: string;
  readonly domainSuffix: string;
}

/** `gw`, `./gw`, `ns/gw` and `gw.ns.svc.cluster.local` as `ns/gw`; `mesh` stays. */
export function qualifyGateway(name: string, namespace: string): string {
  if (name === 'mesh') return name;
  if (name.startsWith('./')) return `${namespace}/${name.slice(2)}`;
  if (name.includes('/')) return name;
  const [gateway = '', gatewayNamespace] = name.split('.');
  return gatewayNamespace === undefined ? `${namespace}/${name}` : `${gatewayNamespace}/${gateway}`;
}

export function qualifyRule(rule: HttpRoute, context: NamingContext): HttpRoute {
  const qualified: HttpRoute = { ...rule };
  if (rule.route !== undefined) {
    qualified.route = rule.route.map((entry) => ({
      ...entry,
      destination: qualifyDestination(entry.destination, context),
    }));
  }
  if (rule.mirror !== undefined) qualified.mirror = qualifyDestination(rule.mirror, context);
  if (rule.mirrors !== undefined) {
    qualified.mirrors = rule.mirrors.map((entry) => ({
      ...entry,
      destination: qualifyDestination(entry.destination, context),
    }));
  }
  if (rule.match?.some((match) => match.gateways !== undefined) === true) {
    qualified.match = rule.match.map((match) => qualifyMatch(match, context));
  }
  return qualified;
}

/** The same for a rule of `tcp` or `tls`. */
export function qualifyConnectionRule<Rule extends TcpRoute | TlsRoute>(
  rule: Rule,
  context: NamingContext,
): Rule {
  const qualified: Rule = { ...rule };
  if (rule.route !== undefined) {
    qualified.route = rule.route.map((entry) => ({
      ...entry,
      destination: qualifyDestination(entry.destination, context),
    }));
  }
  if (rule.match !== undefined) {
    qualified.match = rule.match.map((match) => qualifyMatch(match, context));
  }
  return qualified;
}

function qualifyMatch<Match extends { readonly gateways?: string[] }>(
  match: Match,
  { namespace }: NamingContext,
): Match {
  if (match.gateways === undefined) return match;
  return { ...match, gateways: match.gateways.map((name) => qualifyGateway(name, namespace)) };
}

function qualifyDestination(destination: Destination, context: NamingContext): Destination {
  return {
    ...destination,
    host: expandShortName(destination.host, context.namespace, context.domainSuffix),
  };
}
