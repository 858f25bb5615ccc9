/** KIA1108: names of Gateways in the old form `name.namespace`. */

import { qualifyGateway } from '../../translate/rules/qualified-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { fullName } from '../istio/names.ts';
import { kialiCode } from '../kiali-code.ts';

export function* oldGatewayNames({ resources }: AnalysisContext): Iterable<AnalyzerFinding> {
  const known = new Set(resources.gateways.map(fullName));
  for (const resource of resources.virtualServices) {
    for (const [index, name] of (resource.spec.gateways ?? []).entries()) {
      const full = qualifyGateway(name, resource.metadata.namespace);
      if (name.includes('/') || !name.includes('.') || !known.has(full)) continue;
      yield {
        code: kialiCode.oldGatewayName,
        resource,
        path: ['spec', 'gateways', index],
        message: `"${name}" is the old way to name a Gateway of another namespace`,
        hint: `write "${full}"`,
      };
    }
  }
}
