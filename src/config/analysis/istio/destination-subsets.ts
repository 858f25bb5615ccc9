/** IST0101: subsets that no DestinationRule of the host has. */

import { expandShortName } from '../../registry/host-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { istioCode } from '../istio-code.ts';
import { destinationsOf } from './destinations.ts';

export function* destinationSubsets({
  read,
  settings,
}: AnalysisContext): Iterable<AnalyzerFinding> {
  const { domainSuffix } = settings.mesh;
  const known = new Map<string, string[]>();
  for (const { metadata, spec } of read.destinationRules) {
    const host = expandShortName(spec.host ?? '', metadata.namespace, domainSuffix);
    const names = (spec.subsets ?? []).flatMap(({ name }) => name ?? []);
    known.set(host, [...(known.get(host) ?? []), ...names]);
  }
  for (const resource of read.virtualServices) {
    for (const { destination, path } of destinationsOf(resource)) {
      const { host = '', subset = '' } = destination;
      const names = known.get(expandShortName(host, resource.metadata.namespace, domainSuffix));
      if (subset === '' || names?.includes(subset) === true) continue;
      yield {
        code: istioCode.referencedResourceNotFound,
        resource,
        path: [...path, 'subset'],
        message: `no DestinationRule for ${host} has a subset "${subset}"`,
        hint: names === undefined || names.length === 0 ? null : `there are ${names.join(', ')}`,
      };
    }
  }
}
