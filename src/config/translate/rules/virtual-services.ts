/**
 * The VirtualServices that one proxy sees: in Istio's order, with complete names, and with the
 * rules of delegates in place of the rules that refer to them.
 */

import type { ProxySettings } from '../../proxy-settings.ts';
import { exportToOrDefault, isVisibleIn, visibilityRank } from '../../registry/export-to.ts';
import { expandShortName } from '../../registry/host-names.ts';
import type { TcpRoute, TlsRoute } from '../../schema/connection-route.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import { inIstioOrder, type VirtualService } from '../istio-resources.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';
import { mergeDelegateRules } from './delegate.ts';
import { qualifyConnectionRule, qualifyGateway, qualifyRule } from './qualified-names.ts';

/** One rule with the resource it was written in: with delegates not always that of its hosts. */
export interface HttpRule {
  readonly spec: HttpRoute;
  readonly resource: VirtualService;
  readonly path: readonly (string | number)[];
  /** The rule whose `delegate` this one stands for. */
  readonly includedBy?: HttpRule;
}

/** A rule for connections, with its place. */
export interface ConnectionRule<Spec extends TcpRoute | TlsRoute> {
  readonly spec: Spec;
  readonly resource: VirtualService;
  readonly path: readonly (string | number)[];
}

export interface BoundVirtualService {
  readonly resource: VirtualService;
  readonly namespace: string;
  /** Complete host names. */
  readonly hosts: readonly string[];
  /** `mesh` or `namespace/name`. */
  readonly gateways: readonly string[];
  readonly rules: readonly HttpRule[];
  /** For connections that begin with TLS and are passed on unread. */
  readonly tlsRules: readonly ConnectionRule<TlsRoute>[];
  /** For connections of which nothing is read. */
  readonly tcpRules: readonly ConnectionRule<TcpRoute>[];
}

interface Context {
  readonly settings: ProxySettings;
  readonly findings: TranslationFindings;
  readonly delegates: ReadonlyMap<string, VirtualService>;
}

export function bindVirtualServices(
  resources: readonly VirtualService[],
  settings: ProxySettings,
  findings: TranslationFindings,
): BoundVirtualService[] {
  const ordered = inIstioOrder(resources);
  const delegates = new Map<string, VirtualService>();
  for (const resource of ordered) {
    const { namespace, name } = resource.metadata;
    if (isDelegate(resource)) delegates.set(`${namespace}/${name}`, resource);
  }
  const context = { settings, findings, delegates };
  const rank = (resource: VirtualService) =>
    visibilityRank(settings.identity.namespace, visibilityOf(resource, settings));
  return (
    ordered
      .filter((resource) => !isDelegate(resource) && isSeenBy(resource, settings))
      // What is meant for the client's namespace goes before older ones for everybody.
      .sort((a, b) => rank(a) - rank(b))
      .map((resource) => bind(resource, context))
  );
}

/** Only a VirtualService that others include has no hosts. */
function isDelegate(resource: VirtualService): boolean {
  return (resource.spec.hosts ?? []).length === 0;
}

function isSeenBy(resource: VirtualService, settings: ProxySettings): boolean {
  return isVisibleIn(settings.identity.namespace, visibilityOf(resource, settings));
}

function visibilityOf(resource: VirtualService, settings: ProxySettings) {
  return {
    exportTo: exportToOrDefault(
      resource.spec.exportTo,
      settings.mesh.defaultVirtualServiceExportTo,
    ),
    namespace: resource.metadata.namespace,
  };
}

function bind(resource: VirtualService, context: Context): BoundVirtualService {
  const { namespace } = resource.metadata;
  const { domainSuffix } = context.settings.mesh;
  const { hosts = [], gateways = [], tls, tcp } = resource.spec;
  return {
    resource,
    namespace,
    hosts: hosts.map((host) => expandShortName(host, namespace, domainSuffix)),
    gateways:
      gateways.length === 0 ? ['mesh'] : gateways.map((name) => qualifyGateway(name, namespace)),
    rules: rulesOf(resource, domainSuffix).flatMap((rule) =>
      rule.spec.delegate === undefined ? [rule] : includeDelegate(rule, context),
    ),
    tlsRules: connectionRules(tls, { resource, field: 'tls', domainSuffix }),
    tcpRules: connectionRules(tcp, { resource, field: 'tcp', domainSuffix }),
  };
}

interface RulesPlace {
  readonly resource: VirtualService;
  readonly field: 'tls' | 'tcp';
  readonly domainSuffix: string;
}

function connectionRules<Spec extends TcpRoute | TlsRoute>(
  rules: readonly Spec[] = [],
  { resource, field, domainSuffix }: RulesPlace,
): ConnectionRule<Spec>[] {
  const naming = { namespace: resource.metadata.namespace, domainSuffix };
  return rules.map((rule, index) => ({
    spec: qualifyConnectionRule(rule, naming),
    resource,
    path: ['spec', field, index],
  }));
}

function rulesOf(resource: VirtualService, domainSuffix: string): HttpRule[] {
  const naming = { namespace: resource.metadata.namespace, domainSuffix };
  return (resource.spec.http ?? []).map((rule, index) => ({
    spec: qualifyRule(rule, naming),
    resource,
    path: ['spec', 'http', index],
  }));
}

function includeDelegate(root: HttpRule, context: Context): HttpRule[] {
  const { name = '', namespace = root.resource.metadata.namespace } = root.spec.delegate ?? {};
  const place = { resource: root.resource, path: [...root.path, 'delegate'] };
  const delegate = context.delegates.get(`${namespace}/${name}`);
  if (delegate === undefined) {
    context.findings.add(translationCode.delegate, place, {
      message: `there is no delegate ${namespace}/${name}; the rule is left out`,
      hint: 'a delegate is a VirtualService without hosts and gateways',
    });
    return [];
  }
  const { settings } = context;
  if (!isVisibleIn(root.resource.metadata.namespace, visibilityOf(delegate, settings))) {
    context.findings.add(translationCode.delegate, place, {
      message: `${namespace}/${name} is not exported to this namespace; the rule is left out`,
      hint: `add "${root.resource.metadata.namespace}" to its exportTo`,
    });
    return [];
  }
  return mergeDelegateRules(root, rulesOf(delegate, settings.mesh.domainSuffix), context.findings);
}
