/** Faults and retries in one rule: Envoy injects faults before the retry loop, which sees none. */

import { findingCode } from '../../finding-code.ts';
import type { HttpRoute } from '../../schema/virtual-service.ts';
import { isFaultInAttempt } from '../../translate/routes/attempt-faults.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

export function* faultBeforeRetries(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const rule of traffic.rules) {
    const { resource, path, spec } = rule;
    if ((spec.retries?.attempts ?? 0) <= 0 || isFaultInAttempt(rule)) continue;
    const share = spec.fault?.abort?.percentage?.value ?? 0;
    if (share <= 0 || !hasRoute(spec)) continue;
    yield {
      code: findingCode.faultBeforeRetries,
      resource,
      path: [...path, 'fault', 'abort'],
      message: `no retry follows an injected abort: ${share} % of the requests fail at once`,
      hint: 'leave retries out, or set the annotation sluice.dev/fault-in-attempt: "true"',
    };
  }
}

function hasRoute({ route = [] }: HttpRoute): boolean {
  return route.length > 0;
}
