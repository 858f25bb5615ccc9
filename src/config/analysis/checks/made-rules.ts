/** The checks that say something of rules made from an Ingress or from the Gateway API, too. */

import { convertResources } from '../../conversion/convert-resources.ts';
import { TranslationFindings } from '../../translate/translation-findings.ts';
import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { hiddenEverywhere } from './hidden-match.ts';
import { redirectLoop } from './redirect-loop.ts';
import { type Check, readTraffic } from './traffic.ts';

/** Others are about fields that only a VirtualService has, or about how Istio reads a path. */
const checks: readonly Check[] = [hiddenEverywhere, redirectLoop];

export function* madeRules(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const { ingresses, httpRoutes, grpcRoutes } = context.resources;
  if (ingresses.length + httpRoutes.length + grpcRoutes.length === 0) return;
  // What the conversion finds is told by the translation.
  const findings = new TranslationFindings();
  const { resources } = convertResources(context.resources, context.settings, findings);
  const virtualServices = resources.virtualServices.filter(
    ({ madeFrom }) => madeFrom !== undefined,
  );
  const traffic = readTraffic({ ...context, resources: { ...resources, virtualServices } });
  for (const check of checks) yield* check(traffic);
}
