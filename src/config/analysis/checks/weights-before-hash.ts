/** Weighted destinations with consistentHash: weight is drawn anew for each request, then hashed. */

import { findingCode } from '../../finding-code.ts';
import { hashPolicyOfDestination } from '../../translate/routes/hash-policies.ts';
import { hasStickyWeights } from '../../translate/routes/sticky-weights.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

export function* weightsBeforeHash(traffic: Traffic): Iterable<AnalyzerFinding> {
  const { servicesByHost, destinationRules } = traffic;
  for (const rule of traffic.rules) {
    const { spec, resource, path } = rule;
    const shared = (spec.route ?? []).filter(({ weight = 0 }) => weight > 0);
    if (shared.length < 2 || hasStickyWeights(rule)) continue;
    const hashed = shared.find(({ destination }) => {
      const service = servicesByHost.get(destination.host);
      if (service === undefined) return false;
      return hashPolicyOfDestination(destinationRules.for(service), destination) !== null;
    });
    if (hashed === undefined) continue;
    yield {
      code: findingCode.weightsBeforeHash,
      resource,
      path: [...path, 'route'],
      message:
        'weights choose the destination of each request anew, before consistentHash chooses ' +
        `an endpoint of ${hashed.destination.host}: clients do not stay with one version`,
      hint: 'set the annotation sluice.dev/sticky-weights: "true"; Istio has nothing for it',
    };
  }
}
