/** IST0002: fields that Istio has given up, and that the schemas here still honour. */

import { findingCode } from '../../finding-code.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';

export function* deprecatedFields({ read }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of read.sidecars) {
    if (resource.spec.outboundTrafficPolicy?.egressProxy === undefined) continue;
    yield {
      code: findingCode.deprecated,
      resource,
      path: ['spec', 'outboundTrafficPolicy', 'egressProxy'],
      message: '"egressProxy" is an old field that Istio may ignore',
      hint: 'name the hosts that are left by a ServiceEntry, with rules of their own',
    };
  }
}
