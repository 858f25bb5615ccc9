/** IST0109: several VirtualServices of the mesh for one host, of which one alone is used. */

import type { ReadResources } from '../../read-resources.ts';
import { expandShortName, hostsOverlap } from '../../registry/host-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { exportScopes, fullName } from './names.ts';

type VirtualService = ReadResources['virtualServices'][number];

/** Who has a host, as the namespaces of `scope` see it. */
interface Claim {
  readonly scope: string;
  readonly host: string;
  readonly resources: VirtualService[];
}

export function* conflictingMeshHosts(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const claims = [...claimsOf(context).values()];
  const global = claims.filter(({ scope }) => scope === '*');
  const reported = new Set<VirtualService>();
  for (const claim of claims) {
    const others =
      claim.scope === '*' ? [] : global.filter(({ host }) => hostsOverlap(claim.host, host));
    const all = [...claim.resources, ...others.flatMap(({ resources }) => resources)];
    if (all.length < 2) continue;
    const names = [...new Set(all.map(fullName))];
    for (const resource of all) {
      if (reported.has(resource)) continue;
      reported.add(resource);
      yield {
        code: istioCode.conflictingMeshGatewayHosts,
        resource,
        path: ['spec', 'hosts'],
        message: `the host ${claim.host} has rules in ${othersThan(resource, names)}, too`,
        hint: 'put them into one VirtualService, or use a delegate: in the mesh one alone is used',
      };
    }
  }
}

/** Names told in a finding; the others are counted, for each of them has a finding of its own. */
const namesMax = 3;

function othersThan(resource: VirtualService, names: readonly string[]): string {
  if (names.length === 1) return 'this resource twice';
  const own = fullName(resource);
  const told = names
    .slice(0, namesMax + 1)
    .filter((name) => name !== own)
    .slice(0, namesMax);
  const more = names.length - 1 - told.length;
  return more === 0 ? told.join(', ') : `${told.join(', ')} and ${more} more`;
}

function claimsOf({ read, settings }: AnalysisContext): ReadonlyMap<string, Claim> {
  const claims = new Map<string, Claim>();
  for (const resource of read.virtualServices) {
    const { gateways = [], hosts = [], exportTo } = resource.spec;
    if (gateways.length > 0 && !gateways.includes('mesh')) continue;
    const { namespace } = resource.metadata;
    for (const scope of exportScopes(exportTo, namespace)) {
      for (const name of hosts) {
        const host = expandShortName(name, namespace, settings.mesh.domainSuffix);
        const key = `${scope}/${host}`;
        const claim = claims.get(key) ?? { scope, host, resources: [] };
        claim.resources.push(resource);
        claims.set(key, claim);
      }
    }
  }
  return claims;
}
