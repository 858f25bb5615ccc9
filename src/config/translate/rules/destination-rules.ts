/**
 * Which DestinationRule holds for a service, as one client sees it (Istio push_context.go), with
 * what the conversion adds to it.
 */

import { ruleWithTls } from '../../conversion/gateway-api/backend-tls-rules.ts';
import type { TlsByHost } from '../../conversion/gateway-api/backend-tls-variants.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import { HostIndex } from '../../registry/host-index.ts';
import { expandShortName } from '../../registry/host-names.ts';
import { hasLabels } from '../../registry/service.ts';
import type { Subset, TrafficPolicy } from '../../schema/destination-rule.ts';
import { type DestinationRule, inIstioOrder } from '../istio-resources.ts';

export interface RuleSubset {
  readonly spec: Subset;
  readonly resource: DestinationRule;
  readonly path: readonly (string | number)[];
}

/** All DestinationRules for one host of one namespace together. */
export interface MergedDestinationRule {
  readonly host: string;
  /** By name; of two subsets with one name the first is kept. */
  readonly subsets: ReadonlyMap<string, RuleSubset>;
  readonly trafficPolicy: TrafficPolicy | null;
  /** The first of the resources, for its place. */
  readonly resource: DestinationRule;
  /** The one that `trafficPolicy` is of. */
  readonly policyResource: DestinationRule;
}

interface MutableRule extends MergedDestinationRule {
  readonly subsets: Map<string, RuleSubset>;
  trafficPolicy: TrafficPolicy | null;
  policyResource: DestinationRule;
  /** As written; empty: the mesh's default. Only rules that say the same are one rule. */
  readonly exportTo: ReadonlySet<string>;
  readonly selector: Labels | null;
}

type Labels = Readonly<Record<string, string>>;
type Rules = HostIndex<MutableRule[]>;

export class DestinationRules {
  readonly #settings: ProxySettings;
  /** Rules of the client's namespace; of the root namespace only the private ones. */
  readonly #local: Rules = new HostIndex();
  /** By namespace, whoever they are exported to. */
  readonly #exported = new Map<string, Rules>();
  readonly #found = new Map<string, MergedDestinationRule | null>();
  /** Subsets that were made for a host: whatever rule holds has them, and they hide none. */
  readonly #additions: ReadonlyMap<string, readonly DestinationRule[]>;
  readonly #backendTls: TlsByHost;

  constructor(
    resources: readonly DestinationRule[],
    settings: ProxySettings,
    backendTls: TlsByHost = new Map(),
  ) {
    this.#settings = settings;
    this.#backendTls = backendTls;
    const [additions, written] = partition(resources, isAddition);
    this.#additions = Map.groupBy(additions, ({ spec }) => spec.host);
    const ordered = inIstioOrder(written);
    const selecting = ordered.filter(({ spec }) => spec.workloadSelector !== undefined);
    const others = ordered.filter(({ spec }) => spec.workloadSelector === undefined);
    for (const resource of [...selecting, ...others]) this.#add(resource);
  }

  /**
   * The client's namespace, the service's, then the root namespace: the first that has any rule for
   * the host decides alone.
   */
  for(service: NamedService): MergedDestinationRule | null {
    const key = `${service.namespace}/${service.host}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const { labels } = this.#settings.identity;
    const rules = this.#lookUp(service);
    const selecting = rules.find(
      ({ selector }) => selector !== null && hasLabels(labels, selector),
    );
    const found = this.#extended(selecting ?? withoutSelector(rules), service.host);
    this.#found.set(key, found);
    return found;
  }

  #extended(rule: MergedDestinationRule | null, host: string): MergedDestinationRule | null {
    const additions = this.#additions.get(host) ?? [];
    const extended = additions.reduce(withSubsets, rule);
    const applied = this.#backendTls.get(host);
    return applied === undefined ? extended : ruleWithTls(extended, host, applied);
  }

  /** For requests to the workload itself, where rules that select clients do not count. */
  forInbound(service: NamedService): MergedDestinationRule | null {
    return withoutSelector(this.#lookUp(service));
  }

  #lookUp({ host, namespace }: NamedService): readonly MutableRule[] {
    const local = this.#local.mostSpecific(host);
    if (local !== undefined) return local;
    const exported = this.#exportedTo(namespace, host);
    return exported.length > 0
      ? exported
      : this.#exportedTo(this.#settings.mesh.rootNamespace, host);
  }

  /** An exact host hides wildcards of its namespace even from clients that do not see it. */
  #exportedTo(namespace: string, host: string): readonly MutableRule[] {
    const rules = this.#exported.get(namespace)?.mostSpecific(host) ?? [];
    const client = this.#settings.identity.namespace;
    return rules.filter(
      ({ exportTo }) => exportTo.size === 0 || exportTo.has('*') || exportTo.has(client),
    );
  }

  #add(resource: DestinationRule): void {
    const { identity, mesh } = this.#settings;
    const { namespace } = resource.metadata;
    const { workloadSelector, exportTo: written = [] } = resource.spec;
    // A rule that selects workloads is private to its namespace.
    const exportTo = new Set(workloadSelector === undefined ? written : ['.']);
    const seesOwn =
      exportTo.size === 0 || ['*', '.', namespace].some((target) => exportTo.has(target));
    const isPrivate =
      exportTo.size === 0
        ? mesh.defaultDestinationRuleExportTo.includes('.')
        : exportTo.size === 1 && (exportTo.has('.') || exportTo.has(namespace));
    // A gateway in the root namespace must not have every rule there win over those of the
    // services.
    const isFirst = seesOwn && (namespace !== mesh.rootNamespace || isPrivate);
    if (namespace === identity.namespace && isFirst) this.#merge(this.#local, resource, exportTo);
    if (!isPrivate) this.#merge(this.#rulesOf(namespace), resource, exportTo);
  }

  #rulesOf(namespace: string): Rules {
    const known = this.#exported.get(namespace);
    if (known !== undefined) return known;
    const rules: Rules = new HostIndex();
    this.#exported.set(namespace, rules);
    return rules;
  }

  /** Istio's mergeDestinationRule: what cannot be one with an earlier rule stands beside it. */
  #merge(rules: Rules, resource: DestinationRule, exportTo: ReadonlySet<string>): void {
    const { spec, metadata } = resource;
    const host = expandShortName(spec.host, metadata.namespace, this.#settings.mesh.domainSuffix);
    const selector =
      spec.workloadSelector === undefined ? null : (spec.workloadSelector.matchLabels ?? {});
    const added: MutableRule = {
      host,
      subsets: new Map(),
      trafficPolicy: null,
      resource,
      policyResource: resource,
      exportTo,
      selector,
    };
    include(added, resource);
    const others = rules.get(host);
    if (others === undefined) {
      rules.set(host, [added]);
      return;
    }
    let isApart = true;
    for (const other of others) {
      isApart = !isMergedInto(other, added);
      if (isApart && !isSharedWith(other, added)) continue;
      include(other, resource);
    }
    if (isApart) others.push(added);
  }
}

interface NamedService {
  readonly host: string;
  readonly namespace: string;
}

/** Of several that are exported differently Istio takes the last. */
function withoutSelector(rules: readonly MutableRule[]): MutableRule | null {
  return rules.findLast(({ selector }) => selector === null) ?? null;
}

/** Whether the other rule has all of this one, so that it need not stand for itself. */
function isMergedInto(other: MutableRule, added: MutableRule): boolean {
  return isSharedWith(other, added) && (other.selector === null) === (added.selector === null);
}

/** Whether the other rule gets the subsets of this one: whoever sees it sees this one, too. */
function isSharedWith(other: MutableRule, added: MutableRule): boolean {
  const isSame = other.exportTo.size === added.exportTo.size && covers(added, other);
  const isWider = other.exportTo.size > 0 && covers(added, other);
  if (!isSame && !isWider) return false;
  if (other.selector === null || added.selector === null) return true;
  return hasLabels(other.selector, added.selector) && hasLabels(added.selector, other.selector);
}

function covers(wide: MutableRule, narrow: MutableRule): boolean {
  return [...narrow.exportTo].every((target) => wide.exportTo.has(target));
}

function isAddition({ madeFrom, spec }: DestinationRule): boolean {
  return madeFrom !== undefined && (spec.subsets ?? []).length > 0;
}

function partition<T>(all: readonly T[], isFirst: (one: T) => boolean): [T[], T[]] {
  return [all.filter(isFirst), all.filter((one) => !isFirst(one))];
}

function withSubsets(
  rule: MergedDestinationRule | null,
  resource: DestinationRule,
): MergedDestinationRule {
  const { host } = resource.spec;
  const base = rule ?? { host, trafficPolicy: null, resource, policyResource: resource };
  const subsets = new Map(rule?.subsets);
  includeSubsets(subsets, resource);
  return { ...base, subsets };
}

function include(rule: MutableRule, resource: DestinationRule): void {
  includeSubsets(rule.subsets, resource);
  if (rule.trafficPolicy !== null || resource.spec.trafficPolicy === undefined) return;
  rule.trafficPolicy = resource.spec.trafficPolicy;
  rule.policyResource = resource;
}

function includeSubsets(subsets: Map<string, RuleSubset>, resource: DestinationRule): void {
  for (const [position, subset] of (resource.spec.subsets ?? []).entries()) {
    if (subsets.has(subset.name)) continue;
    const path = ['spec', 'subsets', position];
    subsets.set(subset.name, { spec: subset, resource, path });
  }
}
