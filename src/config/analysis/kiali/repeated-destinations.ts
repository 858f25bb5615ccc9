/** KIA1105: one destination twice in a rule, mostly a subset that should be another. */

import { expandShortName } from '../../registry/host-names.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';
import { type Target, targetLists } from './target-lists.ts';

export function* repeatedDestinations(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const { domainSuffix } = context.settings.mesh;
  for (const resource of context.resources.virtualServices) {
    const { namespace } = resource.metadata;
    for (const { targets, path } of targetLists(resource)) {
      if (targets.length < 2) continue;
      const seen = new Map<string, number>();
      for (const [index, target] of targets.entries()) {
        const host = expandShortName(target.destination.host, namespace, domainSuffix);
        const key = identityOf(target, host);
        const first = seen.get(key);
        if (first === undefined) {
          seen.set(key, index);
          continue;
        }
        yield {
          code: kialiCode.repeatedDestination,
          resource,
          path: [...path, index, 'destination'],
          message: `the same destination as that of route[${first}]: their weights add up`,
          hint: 'name another host or subset, or put both weights into one',
        };
      }
    }
  }
}

/** With its header rules: two that write different headers are not the same. */
function identityOf({ destination, headers = {} }: Target, host: string): string {
  const { subset = '', port } = destination;
  return JSON.stringify([host, subset, port?.number ?? 0, headers]);
}
