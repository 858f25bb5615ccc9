/** KIA0209: subsets without labels, which have every endpoint of the host. */

import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { kialiCode } from '../kiali-code.ts';

export function* unlabelledSubsets({ resources }: AnalysisContext): Iterable<AnalyzerFinding> {
  for (const resource of resources.destinationRules) {
    for (const [index, { name, labels = {} }] of (resource.spec.subsets ?? []).entries()) {
      if (Object.keys(labels).length > 0) continue;
      yield {
        code: kialiCode.subsetWithoutLabels,
        resource,
        path: ['spec', 'subsets', index],
        message: `the subset "${name}" has no labels: every endpoint of the host is in it`,
        hint: 'add the labels of its pods, unless all of them are meant',
      };
    }
  }
}
