/** Where the settings of a route or a cluster are said: explanations name the line of each. */

import type { Origin, SettingOrigins } from '../../../model/origin.ts';
import { originOf } from '../../resource.ts';
import type { TrafficPolicy } from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../istio-resources.ts';
import type { MergedDestinationRule, RuleSubset } from './destination-rules.ts';
import { type PolicyBlocks, portSettings } from './traffic-policy.ts';
import type { HttpRule } from './virtual-services.ts';

const ruleFields = [
  'route',
  'redirect',
  'directResponse',
  'rewrite',
  'timeout',
  'retries',
  'fault',
  'mirror',
  'mirrors',
  'corsPolicy',
  'headers',
] as const;

/** Of what an Ingress asks beyond VirtualService. */
const extensionFields = [
  'idleTimeoutMs',
  'sendTimeoutMs',
  'maxRequestBytes',
  'rateLimits',
  'concurrencyLimits',
  'sourceIps',
  'errorResponses',
] as const;

/** Of a rule with a delegate some are said in one resource, and some in the other. */
export function settingOriginsOfRule(rule: HttpRule): SettingOrigins {
  const origins: Record<string, Origin> = {};
  for (const field of ruleFields) {
    if (rule.spec[field] === undefined) continue;
    const { resource, path } = ruleThatSays(rule, field);
    origins[field] = originOf(resource, [...path, field]);
  }
  const { resource, path, spec } = rule;
  for (const field of extensionFields) {
    if (spec.extension?.[field] === undefined) continue;
    origins[field] = originOf(resource, [...path, 'extension', field]);
  }
  return origins;
}

function ruleThatSays(rule: HttpRule, field: (typeof ruleFields)[number]): HttpRule {
  const written = rule.resource.spec.http?.[Number(rule.path.at(-1))];
  return written?.[field] === undefined ? (rule.includedBy ?? rule) : rule;
}

type Path = readonly (string | number)[];

interface SaidPolicy {
  readonly resource: DestinationRule;
  readonly path: Path;
  readonly policy: TrafficPolicy | undefined | null;
}

/** undefined where no DestinationRule says any of `blocks`. */
export function settingOriginsOfCluster(
  blocks: PolicyBlocks,
  rule: MergedDestinationRule | null,
  of: { readonly subset: RuleSubset | null; readonly port: number },
): SettingOrigins | undefined {
  if (rule === null) return undefined;
  const { subset, port } = of;
  const said: SaidPolicy[] = [
    { resource: rule.policyResource, path: ['spec', 'trafficPolicy'], policy: rule.trafficPolicy },
  ];
  if (subset !== null) {
    const path = [...subset.path, 'trafficPolicy'];
    said.push({ resource: subset.resource, path, policy: subset.spec.trafficPolicy });
  }
  const origins: Record<string, Origin> = {};
  for (const [name, block] of Object.entries(blocks)) {
    const origin = said.map((policy) => blockOrigin(policy, name, { block, port })).find(isFound);
    if (origin !== undefined) origins[name] = origin;
  }
  return Object.keys(origins).length === 0 ? undefined : origins;
}

/** null: it is not there that this very block is written. */
function blockOrigin(
  { resource, path, policy = null }: SaidPolicy,
  name: string,
  { block, port }: { readonly block: unknown; readonly port: number },
): Origin | null {
  const ofPort = portSettings(policy, port);
  if (ofPort !== null && Object.entries(ofPort).some(([, value]) => value === block)) {
    const index = policy?.portLevelSettings?.indexOf(ofPort) ?? 0;
    return originOf(resource, [...path, 'portLevelSettings', index, name]);
  }
  const isHere = Object.entries(policy ?? {}).some(([, value]) => value === block);
  return isHere ? originOf(resource, [...path, name]) : null;
}

function isFound(origin: Origin | null): origin is Origin {
  return origin !== null;
}
