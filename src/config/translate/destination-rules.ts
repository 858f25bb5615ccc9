/** Which DestinationRule holds for a service, as one client sees it (Istio push_context.go). */

import type { ProxySettings } from '../proxy-settings.ts';
import { exportToOrDefault } from '../registry/export-to.ts';
import { HostIndex } from '../registry/host-index.ts';
import { expandShortName } from '../registry/host-names.ts';
import { hasLabels } from '../registry/service.ts';
import type { Subset, TrafficPolicy } from '../schema/destination-rule.ts';
import { type DestinationRule, inIstioOrder } from './istio-resources.ts';

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
}

interface MutableRule extends MergedDestinationRule {
  readonly subsets: Map<string, RuleSubset>;
  trafficPolicy: TrafficPolicy | null;
}

/**
 * Rules with a workloadSelector for the client go before those without, and are not mixed with
 * them.
 */
interface NamespaceRules {
  readonly selected: HostIndex<MutableRule>;
  readonly others: HostIndex<MutableRule>;
}

export class DestinationRules {
  readonly #settings: ProxySettings;
  /** All rules of the client's namespace. */
  readonly #local: NamespaceRules = emptyRules();
  /** Of other namespaces, those that the client's namespace may see. */
  readonly #exported = new Map<string, NamespaceRules>();
  readonly #found = new Map<string, MergedDestinationRule | null>();

  constructor(resources: readonly DestinationRule[], settings: ProxySettings) {
    this.#settings = settings;
    for (const resource of inIstioOrder(resources)) this.#add(resource);
  }

  /**
   * The client's namespace, the service's, then the root namespace: the first that has any rule for
   * the host decides alone.
   */
  for(service: {
    readonly host: string;
    readonly namespace: string;
  }): MergedDestinationRule | null {
    const key = `${service.namespace}/${service.host}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known;
    const { rootNamespace } = this.#settings.mesh;
    const found =
      lookUp(this.#local, service.host) ??
      lookUp(this.#exported.get(service.namespace), service.host) ??
      lookUp(this.#exported.get(rootNamespace), service.host) ??
      null;
    this.#found.set(key, found);
    return found;
  }

  #add(resource: DestinationRule): void {
    const { identity, mesh } = this.#settings;
    const { namespace } = resource.metadata;
    const exportTo = exportToOrDefault(resource.spec.exportTo, mesh.defaultDestinationRuleExportTo);
    const selector = resource.spec.workloadSelector?.matchLabels;
    if (selector !== undefined && !hasLabels(identity.labels, selector)) return;
    const isPrivate = exportTo.every((target) => target === '.' || target === namespace);
    const seesOwn = exportTo.some(
      (target) => target === '*' || target === '.' || target === namespace,
    );
    const isOwn = namespace === identity.namespace;
    // A gateway in the root namespace must not have every rule there win over those of the
    // services.
    const isFirst = isOwn && seesOwn && (namespace !== mesh.rootNamespace || isPrivate);
    if (isFirst) this.#merge(this.#local, resource);
    const isVisible =
      !isPrivate && exportTo.some((target) => target === '*' || target === identity.namespace);
    if (isVisible && selector === undefined) this.#merge(this.#exportedBy(namespace), resource);
  }

  #exportedBy(namespace: string): NamespaceRules {
    const known = this.#exported.get(namespace);
    if (known !== undefined) return known;
    const rules = emptyRules();
    this.#exported.set(namespace, rules);
    return rules;
  }

  #merge(rules: NamespaceRules, resource: DestinationRule): void {
    const { spec, metadata } = resource;
    const host = expandShortName(spec.host, metadata.namespace, this.#settings.mesh.domainSuffix);
    const index = spec.workloadSelector === undefined ? rules.others : rules.selected;
    let rule = index.get(host);
    if (rule === undefined) {
      rule = { host, subsets: new Map(), trafficPolicy: null, resource };
      index.set(host, rule);
    }
    for (const [position, subset] of (spec.subsets ?? []).entries()) {
      if (rule.subsets.has(subset.name)) continue;
      const path = ['spec', 'subsets', position];
      rule.subsets.set(subset.name, { spec: subset, resource, path });
    }
    rule.trafficPolicy ??= spec.trafficPolicy ?? null;
  }
}

function emptyRules(): NamespaceRules {
  return { selected: new HostIndex(), others: new HostIndex() };
}

function lookUp(rules: NamespaceRules | undefined, host: string): MergedDestinationRule | null {
  if (rules === undefined) return null;
  return rules.selected.mostSpecific(host) ?? rules.others.mostSpecific(host) ?? null;
}
