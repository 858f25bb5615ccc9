/**
 * KIA0204: a DestinationRule without TLS settings that takes the place of one for a wildcard host
 * with them. Rules for different hosts are not put together: the most specific one counts alone.
 */

import { expandShortName, isHostWithin, isWildcardHost } from '../../registry/host-names.ts';
import type { TrafficPolicy } from '../../schema/destination-rule.ts';
import type { DestinationRule } from '../../translate/istio-resources.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { fullName } from '../istio/names.ts';
import { kialiCode } from '../kiali-code.ts';

interface TlsRule {
  readonly resource: DestinationRule;
  readonly mode: string;
}

export function* hiddenTls({ resources, settings }: AnalysisContext): Iterable<AnalyzerFinding> {
  const { rootNamespace, domainSuffix } = settings.mesh;
  const wide = resources.destinationRules.flatMap(wildcardWithTls);
  if (wide.length === 0) return;
  for (const resource of resources.destinationRules) {
    const { spec, metadata } = resource;
    if (spec.workloadSelector !== undefined || hasTls(resource)) continue;
    const host = expandShortName(spec.host, metadata.namespace, domainSuffix);
    const hidden = wide.find(({ resource: other }) => {
      const { namespace } = other.metadata;
      const isNear = namespace === metadata.namespace || namespace === rootNamespace;
      return isNear && other.spec.host !== host && isHostWithin(host, other.spec.host);
    });
    if (hidden === undefined) continue;
    yield {
      code: kialiCode.hiddenTls,
      resource,
      path: ['spec', 'trafficPolicy'],
      message:
        `this rule for ${host} takes the place of ${fullName(hidden.resource)}, ` +
        `and has not its tls.mode ${hidden.mode}`,
      hint: 'repeat the tls settings here, or say mode: DISABLE',
    };
  }
}

function wildcardWithTls(resource: DestinationRule): TlsRule[] {
  const { host, trafficPolicy, workloadSelector } = resource.spec;
  const mode = trafficPolicy?.tls?.mode ?? 'DISABLE';
  if (!isWildcardHost(host) || workloadSelector !== undefined || mode === 'DISABLE') return [];
  return [{ resource, mode }];
}

/** Whether it says anything about TLS, at whatever place. */
function hasTls({ spec }: DestinationRule): boolean {
  const policies = [spec.trafficPolicy, ...(spec.subsets ?? []).map((one) => one.trafficPolicy)];
  return policies.some((policy) => policy !== undefined && saysTls(policy));
}

function saysTls({ tls, portLevelSettings = [] }: TrafficPolicy): boolean {
  return tls !== undefined || portLevelSettings.some((port) => port.tls !== undefined);
}
