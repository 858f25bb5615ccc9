/**
 * A DestinationRule of subsets that were made for a host. It becomes one with a rule that the user
 * has for the host, so that what that says goes on to hold.
 */

import type { ProxySettings } from '../proxy-settings.ts';
import { expandShortName, isHostWithin } from '../registry/host-names.ts';
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

export function subsetRule(made: MadeSubsets, context: SubsetRuleContext): DestinationRule {
  const { host, namespace, subsets, ...from } = made;
  const rules = rulesOfUser(namespace, context);
  const same = rules.find((rule) => hostOf(rule, context) === host);
  const wide = rules
    .filter(({ spec }) => spec.workloadSelector === undefined)
    .filter((rule) => isHostWithin(host, hostOf(rule, context)))
    .sort((a, b) => b.spec.host.length - a.spec.host.length)[0];
  // A rule for this host hides those for wildcards, so that it must say what they say.
  const inherited = same === undefined ? wide?.spec.trafficPolicy : undefined;
  const exportTo = (same ?? wide)?.spec.exportTo;
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

/** Those of the namespace first. */
function rulesOfUser(
  namespace: string,
  { resources: { destinationRules: rules } }: SubsetRuleContext,
): DestinationRule[] {
  const isOwn = (rule: DestinationRule) => rule.metadata.namespace === namespace;
  return [...rules.filter(isOwn), ...rules.filter((rule) => !isOwn(rule))];
}

function hostOf({ spec, metadata }: DestinationRule, { settings }: SubsetRuleContext): string {
  return expandShortName(spec.host, metadata.namespace, settings.mesh.domainSuffix);
}
