/**
 * The TLS that BackendTLSPolicies ask for, in the rule that holds for a host: whoever sees which
 * rule, no connection to a target is made in plain text unless a rule for its very host says so.
 */

import type { Path } from '../../problem.ts';
import { serviceHostName } from '../../registry/host-names.ts';
import { type WrittenPlace, writtenPlace } from '../../resource.ts';
import type {
  ClientTlsSettings,
  DestinationRuleSpec,
  PortTrafficPolicy,
  TrafficPolicy,
} from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import type { MergedDestinationRule, RuleSubset } from '../../translate/rules/destination-rules.ts';
import { madeResource } from '../made-resource.ts';
import type { BackendTlsPolicy } from './backend-authorities.ts';
import type { TlsByHost } from './backend-tls-variants.ts';

export interface AppliedTls {
  readonly policy: BackendTlsPolicy;
  /** In its `targetRefs`. */
  readonly index: number;
  /** `namespace/name`. */
  readonly service: string;
  /** null: all ports without a policy of their own. */
  readonly port: number | null;
  readonly tls: ClientTlsSettings;
}

/** What the rule says of TLS goes before policies, unless it is for a wildcard. */
export function ruleWithTls(
  found: MergedDestinationRule | null,
  host: string,
  applied: readonly AppliedTls[],
): MergedDestinationRule {
  const rule = found ?? ruleOfPolicy(host, applied);
  const { trafficPolicy: written, resource, policyResource } = rule;
  const own = written ?? {};
  const trafficPolicy = policyWithTls(rule.host === host ? own : withoutTls(own), applied);
  const changed = (one: DestinationRule) =>
    withPlaces(one, { ...one.spec, trafficPolicy }, applied);
  return {
    host: rule.host,
    subsets: new Map([...rule.subsets].map(([name, one]) => [name, subsetWithTls(one, applied)])),
    trafficPolicy,
    resource: changed(resource),
    policyResource: changed(policyResource),
  };
}

export function tlsByHost(applied: readonly AppliedTls[], domainSuffix: string): TlsByHost {
  return Map.groupBy(applied, ({ service }) => hostOf(service, domainSuffix));
}

function hostOf(service: string, domainSuffix: string): string {
  const [namespace = '', name = ''] = service.split('/');
  return serviceHostName({ namespace, name }, domainSuffix);
}

/** For a host that no rule is for; there is a policy for it at least. */
function ruleOfPolicy(host: string, [first]: readonly AppliedTls[]): MergedDestinationRule {
  const target = first as AppliedTls;
  const { policy } = target;
  const resource = madeResource({
    kind: 'DestinationRule',
    name: `${policy.metadata.name}~backend-tls`,
    spec: { host },
    from: policy,
    pathOf: () => targetPath(target),
  });
  return { host, subsets: new Map(), trafficPolicy: null, resource, policyResource: resource };
}

function withoutTls(policy: TrafficPolicy): TrafficPolicy {
  const { tls: _tls, portLevelSettings: ports, ...rest } = policy;
  if (ports === undefined) return rest;
  return { ...rest, portLevelSettings: ports.map(({ tls: _ofPort, ...others }) => others) };
}

/** Settings of a subset's port take nothing from those of the rule, so that they need their own. */
function subsetWithTls(subset: RuleSubset, applied: readonly AppliedTls[]): RuleSubset {
  const { spec, resource, path } = subset;
  const { trafficPolicy } = spec;
  if (trafficPolicy?.portLevelSettings === undefined) return subset;
  const portLevelSettings = trafficPolicy.portLevelSettings.map((settings) => ({
    ...settings,
    ...tlsField(settings.tls ?? tlsFor(settings.port?.number, applied)),
  }));
  const changed = { ...spec, trafficPolicy: { ...trafficPolicy, portLevelSettings } };
  const subsets = (resource.spec.subsets ?? []).with(Number(path.at(-1)), changed);
  const place = withPlaces(resource, { ...resource.spec, subsets }, applied);
  return { spec: changed, resource: place, path };
}

function tlsFor(
  port: number | undefined,
  applied: readonly AppliedTls[],
): ClientTlsSettings | undefined {
  const ofPort = applied.find((one) => one.port === port);
  return (ofPort ?? applied.find((one) => one.port === null))?.tls;
}

/** The rule with parts that come from policies. */
function withPlaces(
  rule: DestinationRule,
  spec: DestinationRuleSpec,
  applied: readonly AppliedTls[],
): DestinationRule {
  const place = (path: Path) =>
    placeOf(path, spec, applied) ?? writtenPlace({ resource: rule, path });
  const made = madeResource({
    kind: 'DestinationRule',
    name: rule.metadata.name,
    spec,
    from: rule,
    pathOf: (path) => place(path).path,
    resourceOf: (path) => place(path).resource,
  });
  return { ...made, metadata: rule.metadata };
}

function policyWithTls(policy: TrafficPolicy, applied: readonly AppliedTls[]): TrafficPolicy {
  const { portLevelSettings: written = [], ...blocks } = policy;
  const {
    tls,
    tunnel: _tunnel,
    proxyProtocol: _proxy,
    retryBudget: _budget,
    ...inherited
  } = blocks;
  const ofAll = applied.find(({ port }) => port === null)?.tls;
  const own = written.map((settings) => ({
    ...settings,
    ...tlsField(settings.tls ?? tlsFor(settings.port?.number, applied)),
  }));
  const added = applied.flatMap((one): PortTrafficPolicy[] => {
    const { port } = one;
    const isWritten = written.some((settings) => settings.port?.number === port);
    if (port === null || isWritten || tls !== undefined) return [];
    // Settings of a port take nothing from those of the rule.
    return [{ port: { number: port }, ...inherited, tls: one.tls }];
  });
  const ports = [...own, ...added];
  return {
    ...blocks,
    ...tlsField(tls ?? ofAll),
    ...(ports.length === 0 ? {} : { portLevelSettings: ports }),
  };
}

function tlsField(tls: ClientTlsSettings | undefined): Pick<PortTrafficPolicy, 'tls'> {
  return tls === undefined ? {} : { tls };
}

/** Of what comes from a policy; null: it is the user's rule that says it. */
function placeOf(
  madePath: Path,
  spec: DestinationRuleSpec,
  applied: readonly AppliedTls[],
): WrittenPlace | null {
  const end = madePath.indexOf('tls') + 1;
  if (end === 0) return null;
  const tls = valueAt({ spec }, madePath.slice(0, end));
  const found = applied.find((one) => one.tls === tls);
  if (found === undefined) return null;
  const field = madePath[end];
  const named = typeof field === 'string' ? fields[field] : undefined;
  const { policy } = found;
  const path = named === undefined ? targetPath(found) : ['spec', 'validation', named];
  return { resource: policy, path };
}

function valueAt(root: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, step) => (value as Readonly<Record<string | number, unknown>> | undefined)?.[step],
    root,
  );
}

/** Fields of `tls` by those of `validation`. */
const fields: Readonly<Record<string, string>> = {
  credentialName: 'caCertificateRefs',
  sni: 'hostname',
  subjectAltNames: 'subjectAltNames',
};

function targetPath({ index }: AppliedTls): Path {
  return ['spec', 'targetRefs', index];
}
