/** KIA1104: the weight of a destination that is the only one, and gets all requests. */

import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';
import { targetLists } from './target-lists.ts';

export function* singleWeights({ resources }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of resources.virtualServices) {
    for (const { targets, path } of targetLists(resource)) {
      const [{ weight = 0 } = {}, ...others] = targets;
      if (others.length > 0 || weight <= 0 || weight >= 100) continue;
      yield {
        code: kialiCode.singleWeight,
        resource,
        path: [...path, 0, 'weight'],
        message: `the weight ${weight} of the only destination has no effect: it gets everything`,
        hint: 'remove the weight, or add the destination that gets the rest',
      };
    }
  }
}
