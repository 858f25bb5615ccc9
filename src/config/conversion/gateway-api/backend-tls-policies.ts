/**
 * BackendTLSPolicies: TLS towards the endpoints of Services, for every client of them. As in Istio
 * they become `tls` of the DestinationRule that holds for a Service.
 */

import { ConfigMapIndex } from '../../registry/config-maps.ts';
import { expandShortName } from '../../registry/host-names.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { ClientTlsSettings } from '../../schema/destination-rule.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { Condition, PartStatus, ResourceStatus } from '../resource-status.ts';
import { type BackendAncestors, backendAncestors } from './backend-ancestors.ts';
import {
  type BackendAuthorities,
  type BackendTlsPolicy,
  backendAuthorities,
  resolvedRefs,
} from './backend-authorities.ts';
import { type AppliedTls, tlsByHost } from './backend-tls-rules.ts';
import { type TlsByHost, TlsVariants } from './backend-tls-variants.ts';
import { conditionOf, type Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import { type PolicyTarget, policyTargets } from './policy-targets.ts';

export interface BackendTls {
  /** What the policies ask for, to be added to the rule that holds for a host. */
  readonly applied: TlsByHost;
  /** What there was, with destinations that name subsets. */
  readonly virtualServices: ResourceSet['virtualServices'];
  /** What there was, and subsets that were made. */
  readonly destinationRules: ResourceSet['destinationRules'];
  readonly statuses: readonly ResourceStatus[];
}

interface ReadPolicy {
  readonly policy: BackendTlsPolicy;
  readonly authorities: BackendAuthorities;
  readonly targets: readonly PolicyTarget[];
}

/** The resources have all that was made without the policies. */
export function convertBackendTlsPolicies(context: GatewayApiContext): BackendTls {
  const { resources, settings } = context;
  const { virtualServices, destinationRules } = resources;
  if (resources.backendTlsPolicies.length === 0) {
    return { applied: new Map(), virtualServices, destinationRules, statuses: [] };
  }
  const configMaps = new ConfigMapIndex(resources.configMaps);
  const targets = Map.groupBy(policyTargets(resources), ({ policy }) => policy);
  const policies = resources.backendTlsPolicies.map((policy) => ({
    policy,
    authorities: backendAuthorities(policy, configMaps),
    targets: targets.get(policy) ?? [],
  }));
  for (const policy of policies) reportProblems(policy, context);
  const applied = tlsByHost(policies.flatMap(appliedTls), settings.mesh.domainSuffix);
  reportPlainText(applied, context);
  const variants = new TlsVariants(context, applied);
  const varied = virtualServices.map((one) => variants.of(one));
  const ancestors = backendAncestors(resources);
  return {
    applied,
    virtualServices: varied,
    destinationRules: [...destinationRules, ...variants.destinationRules()],
    statuses: policies.map((policy) => statusOf(policy, ancestors)),
  };
}

function appliedTls({ policy, authorities, targets }: ReadPolicy): AppliedTls[] {
  const tls = settingsOf(policy, authorities);
  return targets
    .filter(({ problem }) => problem === null)
    .map(({ index, service, port }) => ({ policy, index, service, port, tls }));
}

/** The host name is that of the certificate where the policy lists no others. */
function settingsOf(
  { spec }: BackendTlsPolicy,
  { credentialName }: BackendAuthorities,
): ClientTlsSettings {
  const { hostname, subjectAltNames = [] } = spec.validation;
  const names = subjectAltNames.flatMap(
    ({ type, hostname: dnsName, uri }) => (type === 'URI' ? uri : dnsName) ?? [],
  );
  return {
    mode: 'SIMPLE',
    sni: hostname,
    subjectAltNames: names.length === 0 ? [hostname] : names,
    ...(credentialName === null ? {} : { credentialName }),
  };
}

function reportProblems(
  { policy, authorities, targets }: ReadPolicy,
  { findings }: GatewayApiContext,
): void {
  const fate = authorities.isUseless ? '; no connection is made to its targets' : '';
  for (const { message, path } of authorities.problems) {
    const place = { resource: policy, path };
    findings.add(translationCode.backendTlsPolicy, place, { message: `${message}${fate}` });
  }
  for (const { problem } of targets) {
    if (problem === null) continue;
    const message = `${problem.message}; the policy does not hold for it`;
    const place = { resource: policy, path: problem.path };
    findings.add(translationCode.backendTlsPolicy, place, { message });
  }
}

/** A rule for the very host goes before policies; that may be a leftover. */
function reportPlainText(
  applied: TlsByHost,
  { resources, settings, findings }: GatewayApiContext,
): void {
  for (const resource of resources.destinationRules) {
    const { tls } = resource.spec.trafficPolicy ?? {};
    if (resource.madeFrom !== undefined || (tls?.mode ?? 'DISABLE') !== 'DISABLE') continue;
    const { namespace } = resource.metadata;
    const host = expandShortName(resource.spec.host, namespace, settings.mesh.domainSuffix);
    const policy = applied.get(host)?.[0]?.policy.metadata;
    if (tls === undefined || policy === undefined) continue;
    const place = { resource, path: ['spec', 'trafficPolicy', 'tls'] };
    const why = `this goes before the BackendTLSPolicy ${policy.namespace}/${policy.name}`;
    findings.add(translationCode.plainTextUpstream, place, {
      message: `requests to ${host} are sent in plain text: ${why}`,
      hint: 'remove it to have the TLS of the policy',
    });
  }
}

/** The ancestors are its targets, for the mesh, and the Gateways that send requests to them. */
function statusOf({ policy, authorities, targets }: ReadPolicy, all: BackendAncestors) {
  const { kind, metadata } = policy;
  const { namespace, name } = metadata;
  const ofGateways = new Map<string, PolicyTarget>();
  for (const target of targets) {
    for (const gateway of all.get(target.service) ?? []) {
      const known = ofGateways.get(gateway);
      // Of several targets one that has a problem speaks for all.
      if (known === undefined || known.problem === null) ofGateways.set(gateway, target);
    }
  }
  const refs = resolvedRefs(authorities);
  const part = (partName: string, target: PolicyTarget): PartStatus => ({
    name: partName,
    attachedRoutes: null,
    conditions: [accepted(target, authorities), refs],
  });
  const parts = [
    ...targets.map((target) => part(`Service ${targetName(target)}`, target)),
    ...[...ofGateways].sort().map(([gateway, target]) => part(gateway, target)),
  ];
  return { kind, namespace, name, conditions: [], parts };
}

function targetName({ policy, index, service }: PolicyTarget): string {
  const section = policy.spec.targetRefs[index]?.sectionName;
  return section === undefined ? service : `${service}/${section}`;
}

function accepted({ problem }: PolicyTarget, authorities: BackendAuthorities): Condition {
  const message = 'the policy holds for its targets';
  return conditionOf('Accepted', problem ?? uselessness(authorities), message);
}

function uselessness({ isUseless, problems }: BackendAuthorities): Mistake | null {
  const [problem] = problems;
  if (!isUseless || problem === undefined) return null;
  const { reason, message } = problem;
  return { reason: reason === 'Invalid' ? reason : 'NoValidCACertificate', message };
}
