/**
 * DestinationRules that ask for the TLS of BackendTLSPolicies: those that the user has for the
 * host, with what they say nothing of, or else made ones.
 */

import type { Path } from '../../problem.ts';
import { expandShortName } from '../../registry/host-names.ts';
import { type WrittenPlace, writtenPlace } from '../../resource.ts';
import type {
  ClientTlsSettings,
  DestinationRuleSpec,
  PortTrafficPolicy,
  Subset,
  TrafficPolicy,
} from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
import { type SubsetRuleContext, subsetRule } from '../subset-rule.ts';
import type { BackendTlsPolicy } from './backend-authorities.ts';
import type { TlsByHost, TlsVariants } from './backend-tls-variants.ts';

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

export interface TlsChanges {
  readonly applied: TlsByHost;
  readonly variants: Pick<TlsVariants, 'subsetsOf'>;
  readonly context: SubsetRuleContext;
}

/** Of all DestinationRules of the context. */
export function rulesWithTls({ applied, variants, context }: TlsChanges): DestinationRule[] {
  const { destinationRules: rules } = context.resources;
  const { domainSuffix } = context.settings.mesh;
  const byHost = Map.groupBy(rules, ({ spec, metadata }) =>
    expandShortName(spec.host, metadata.namespace, domainSuffix),
  );
  const changed = new Map<DestinationRule, DestinationRule>();
  const made: DestinationRule[] = [];
  for (const [host, ofHost] of applied) {
    const own = byHost.get(host) ?? [];
    const change = { applied: ofHost, subsets: variants.subsetsOf(host) };
    for (const rule of speaking(own)) {
      // Made ones have what a rule for a wildcard says.
      const written = rule.madeFrom === undefined ? rule : withoutTls(rule);
      changed.set(rule, withTls(written, change));
    }
    const [first] = ofHost;
    const namespace = first?.policy.metadata.namespace;
    if (first === undefined || own.some(({ metadata }) => metadata.namespace === namespace)) {
      continue;
    }
    made.push(withTls(withoutTls(emptyRule(host, first, context)), change));
  }
  return [...rules.map((rule) => changed.get(rule) ?? rule), ...made];
}

export function tlsByHost(applied: readonly AppliedTls[], domainSuffix: string): TlsByHost {
  return Map.groupBy(applied, ({ service }) => hostOf(service, domainSuffix));
}

function hostOf(service: string, domainSuffix: string): string {
  const [namespace = '', name = ''] = service.split('/');
  return `${name}.${namespace}.svc.${domainSuffix}`;
}

/** Of the rules of one namespace those whose policy may count: a rule without one takes any. */
function speaking(rules: readonly DestinationRule[]): DestinationRule[] {
  const namespaces = new Set(rules.map(({ metadata }) => metadata.namespace));
  return [...namespaces].flatMap((namespace) => {
    const own = rules.filter(({ metadata }) => metadata.namespace === namespace);
    const withPolicy = own.filter(({ spec }) => spec.trafficPolicy !== undefined);
    return withPolicy.length > 0 ? withPolicy : own.slice(0, 1);
  });
}

/** For a host that no rule of the namespace is for: what one for a wildcard says goes on to hold. */
function emptyRule(host: string, first: AppliedTls, context: SubsetRuleContext): DestinationRule {
  const [name = ''] = host.split('.');
  const { namespace } = first.policy.metadata;
  return subsetRule(
    {
      host,
      namespace,
      name: `${name}~backend-tls`,
      subsets: [],
      from: first.policy,
      pathOf: () => targetPath(first),
    },
    context,
  );
}

function withoutTls(rule: DestinationRule): DestinationRule {
  if (rule.spec.trafficPolicy?.tls === undefined) return rule;
  const { tls: _tls, ...rest } = rule.spec.trafficPolicy;
  return { ...rule, spec: { ...rule.spec, trafficPolicy: rest } };
}

interface RuleChange {
  readonly applied: readonly AppliedTls[];
  /** Beside those that there are. */
  readonly subsets: readonly Subset[];
}

/** What the rule says of TLS goes before policies. */
function withTls(rule: DestinationRule, { applied, subsets }: RuleChange): DestinationRule {
  const { trafficPolicy = {}, subsets: written = [] } = rule.spec;
  const spec = {
    ...rule.spec,
    trafficPolicy: policyWithTls(trafficPolicy, applied),
    ...(subsets.length === 0 ? {} : { subsets: [...written, ...subsets] }),
  };
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
  const tlsOf = (port: number | undefined) =>
    applied.find((one) => one.port === port)?.tls ?? ofAll;
  const own = written.map((settings) => ({
    ...settings,
    ...tlsField(settings.tls ?? tlsOf(settings.port?.number)),
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
  { trafficPolicy }: DestinationRuleSpec,
  applied: readonly AppliedTls[],
): WrittenPlace | null {
  if (madePath[1] !== 'trafficPolicy') return null;
  const settings =
    madePath[2] === 'portLevelSettings'
      ? trafficPolicy?.portLevelSettings?.[Number(madePath[3])]
      : null;
  const [block, field] = settings == null ? madePath.slice(2) : madePath.slice(4);
  const tls = (settings ?? trafficPolicy)?.tls;
  const found = applied.find((one) => one.tls === tls);
  if (block !== 'tls' || found === undefined) return null;
  const named = typeof field === 'string' ? fields[field] : undefined;
  const { policy } = found;
  const path = named === undefined ? targetPath(found) : ['spec', 'validation', named];
  return { resource: policy, path };
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
