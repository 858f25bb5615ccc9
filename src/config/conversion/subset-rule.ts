/**
 * DestinationRules of subsets that were made for hosts. For this proxy they are added to whatever
 * rule holds; written out they become one with a rule that the user has for the host.
 */

import type { ProxySettings } from '../proxy-settings.ts';
import { HostIndex } from '../registry/host-index.ts';
import { expandShortName } from '../registry/host-names.ts';
import type { ResourceSet } from '../resource-set.ts';
import type { Subset } from '../schema/destination-rule.ts';
import type { DestinationRule } from '../translate/istio-resources.ts';
import { type MadeParts, madeResource } from './made-resource.ts';

type FromParts = Pick<
  MadeParts<'DestinationRule', unknown>,
  'name' | 'from' | 'pathOf' | 'resourceOf'
>;

export interface MadeSubsets extends FromParts {
  /** Full name. */
  readonly host: string;
  /** Where the user has no rule for the host. */
  readonly namespace: string;
  /** In the order of their places: `['spec', 'subsets', 0]`. */
  readonly subsets: readonly Subset[];
}

export interface SubsetRuleContext {
  readonly resources: Pick<ResourceSet, 'destinationRules'>;
  readonly settings: Pick<ProxySettings, 'mesh'>;
}

type RulesByHost = HostIndex<DestinationRule[]>;

export function subsetRules(
  all: readonly MadeSubsets[],
  context: SubsetRuleContext,
): DestinationRule[] {
  const rules = rulesByHost(context);
  return all.map((made) => subsetRule(made, rules));
}

function subsetRule(made: MadeSubsets, rules: RulesByHost): DestinationRule {
  const { host, namespace, subsets, ...from } = made;
  const same = inOrNear(namespace, rules.get(host));
  const found = same ?? inOrNear(namespace, rules.mostSpecific(host));
  // A rule for this host hides those for wildcards, so that it must say what they say.
  const inherited = same === undefined ? found?.spec.trafficPolicy : undefined;
  const exportTo = found?.spec.exportTo;
  return madeResource({
    ...from,
    kind: 'DestinationRule',
    namespace: same?.metadata.namespace ?? namespace,
    spec: {
      host,
      ...(exportTo === undefined ? {} : { exportTo }),
      ...(inherited === undefined ? {} : { trafficPolicy: inherited }),
      subsets: [...subsets],
    },
  });
}

/** Rules for some workloads alone have nothing to say of the others. */
function rulesByHost({ resources, settings }: SubsetRuleContext): RulesByHost {
  const rules: RulesByHost = new HostIndex();
  for (const rule of resources.destinationRules) {
    const { spec, metadata } = rule;
    if (spec.workloadSelector !== undefined) continue;
    const host = expandShortName(spec.host, metadata.namespace, settings.mesh.domainSuffix);
    const known = rules.get(host);
    if (known === undefined) rules.set(host, [rule]);
    else known.push(rule);
  }
  return rules;
}

function inOrNear(
  namespace: string,
  rules: readonly DestinationRule[] = [],
): DestinationRule | undefined {
  return rules.find(({ metadata }) => metadata.namespace === namespace) ?? rules[0];
}
