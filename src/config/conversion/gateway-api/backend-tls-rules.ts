/**
 * DestinationRules that ask for the TLS of BackendTLSPolicies: those that the user has for the
 * host, with what they say nothing of, or else made ones.
 */

import type { Path } from '../../problem.ts';
import { expandShortName } from '../../registry/host-names.ts';
import type {
  ClientTlsSettings,
  DestinationRuleSpec,
  PortTrafficPolicy,
  Subset,
  TrafficPolicy,
} from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import { madeResource } from '../made-resource.ts';
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
  readonly domainSuffix: string;
}

export function rulesWithTls(
  rules: readonly DestinationRule[],
  { applied, variants, domainSuffix }: TlsChanges,
): DestinationRule[] {
  const changed = new Map<DestinationRule, DestinationRule>();
  const made: DestinationRule[] = [];
  for (const [host, ofHost] of applied) {
    const own = rules.filter(
      ({ spec, metadata }) => expandShortName(spec.host, metadata.namespace, domainSuffix) === host,
    );
    const change = { applied: ofHost, subsets: variants.subsetsOf(host) };
    for (const rule of speaking(own)) changed.set(rule, withTls(rule, change));
    const [first] = ofHost;
    const namespace = first?.policy.metadata.namespace;
    if (first === undefined || own.some(({ metadata }) => metadata.namespace === namespace)) {
      continue;
    }
    made.push(madeRule(host, first, change));
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

interface RuleChange {
  readonly applied: readonly AppliedTls[];
  /** Beside those that there are. */
  readonly subsets: readonly Subset[];
}

function madeRule(
  host: string,
  first: AppliedTls,
  { applied, subsets }: RuleChange,
): DestinationRule {
  const spec: DestinationRuleSpec = {
    host,
    trafficPolicy: policyWithTls({}, applied),
    ...(subsets.length === 0 ? {} : { subsets: [...subsets] }),
  };
  const [name = ''] = host.split('.');
  return madeResource({
    kind: 'DestinationRule',
    name: `${name}~backend-tls`,
    spec,
    from: first.policy,
    pathOf: (path) => placeOf(path, spec, applied)?.path ?? targetPath(first),
    resourceOf: (path) => placeOf(path, spec, applied)?.policy ?? first.policy,
  });
}

/** What the user says of TLS goes before policies. */
function withTls(rule: DestinationRule, { applied, subsets }: RuleChange): DestinationRule {
  const { trafficPolicy = {}, subsets: written = [] } = rule.spec;
  const spec = {
    ...rule.spec,
    trafficPolicy: policyWithTls(trafficPolicy, applied),
    ...(subsets.length === 0 ? {} : { subsets: [...written, ...subsets] }),
  };
  const made = madeResource({
    kind: 'DestinationRule',
    name: rule.metadata.name,
    spec,
    from: rule,
    pathOf: (path) => placeOf(path, spec, applied)?.path ?? path,
    resourceOf: (path) => placeOf(path, spec, applied)?.policy ?? rule,
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

interface PolicyPlace {
  readonly policy: BackendTlsPolicy;
  readonly path: Path;
}

/** Of what comes from a policy; null: it is the user's rule that says it. */
function placeOf(
  path: Path,
  { trafficPolicy }: DestinationRuleSpec,
  applied: readonly AppliedTls[],
): PolicyPlace | null {
  if (path[1] !== 'trafficPolicy') return null;
  const settings =
    path[2] === 'portLevelSettings' ? trafficPolicy?.portLevelSettings?.[Number(path[3])] : null;
  const [block, field] = settings == null ? path.slice(2) : path.slice(4);
  const tls = (settings ?? trafficPolicy)?.tls;
  const found = applied.find((one) => one.tls === tls);
  if (block !== 'tls' || found === undefined) return null;
  const named = typeof field === 'string' ? fields[field] : undefined;
  const { policy } = found;
  return { policy, path: named === undefined ? targetPath(found) : ['spec', 'validation', named] };
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
