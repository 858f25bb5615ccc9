/** KIA1102: matches for Gateways that the VirtualService is not bound to, which never hold. */

import type { Path } from '../../problem.ts';
import { nearestName } from '../../schema/suggest.ts';
import type { VirtualService } from '../../translate/istio-resources.ts';
import { qualifyGateway } from '../../translate/rules/qualified-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';

export function* matchGateways({ resources }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of resources.virtualServices) {
    const { spec, metadata } = resource;
    // A delegate has those of the rule that includes it.
    if (spec.hosts === undefined || spec.hosts.length === 0) continue;
    const written = spec.gateways ?? [];
    const bound = written.length === 0 ? ['mesh'] : written;
    const full = new Set(bound.map((name) => qualifyGateway(name, metadata.namespace)));
    for (const { gateways, path } of matchesWithGateways(resource)) {
      for (const [index, name] of gateways.entries()) {
        if (full.has(qualifyGateway(name, metadata.namespace))) continue;
        const near = nearestName(name, bound);
        yield {
          code: kialiCode.unlistedMatchGateway,
          resource,
          path: [...path, 'gateways', index],
          message: `the rules are not bound to ${name}, only to ${bound.join(', ')}`,
          hint: near === null ? `add "${name}" to spec.gateways` : `did you mean "${near}"?`,
        };
      }
    }
  }
}

interface MatchGateways {
  readonly gateways: readonly string[];
  readonly path: Path;
}

function* matchesWithGateways({ spec }: VirtualService): Iterable<MatchGateways> {
  for (const field of ['http', 'tls', 'tcp'] as const) {
    for (const [rule, { match = [] }] of (spec[field] ?? []).entries()) {
      for (const [index, { gateways = [] }] of match.entries()) {
        if (gateways.length > 0) yield { gateways, path: ['spec', field, rule, 'match', index] };
      }
    }
  }
}
