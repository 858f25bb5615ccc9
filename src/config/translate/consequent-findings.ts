/**
 * Findings that may only be there because another resource was refused: their reader would look for
 * a mistake where there is none. They come back, if they are right, once that one is mended.
 */

import type { Finding } from '../finding.ts';
import type { KindName } from '../schema/kinds.ts';
import { type TranslationCode, translationCode } from './translation-findings.ts';

const services: readonly KindName[] = ['Service', 'ServiceEntry'];
/** A Bootstrap describes workloads, too. */
const workloads: readonly KindName[] = [
  'Deployment',
  'StatefulSet',
  'Pod',
  'WorkloadEntry',
  'Bootstrap',
];

/** What is missed by whom. */
const causes: Readonly<Partial<Record<TranslationCode, readonly KindName[]>>> = {
  [translationCode.unknownGateway]: ['Gateway', 'KubernetesGateway'],
  [translationCode.unboundGatewayServer]: ['VirtualService'],
  [translationCode.unknownDestination]: services,
  [translationCode.unknownSubset]: ['DestinationRule'],
  [translationCode.unknownDestinationPort]: services,
  [translationCode.resolvedByDns]: workloads,
  [translationCode.delegate]: ['VirtualService'],
  [translationCode.unknownWorkload]: workloads,
  [translationCode.ruleForNothing]: services,
  [translationCode.emptySubset]: [...services, ...workloads],
  [translationCode.missingSecret]: ['Secret'],
  [translationCode.idlePort]: ['Gateway'],
  [translationCode.unknownToxicTarget]: ['VirtualService'],
  [translationCode.unheardPort]: ['Bootstrap'],
  [translationCode.unknownProvider]: ['Bootstrap'],
};

/** `missing`: kinds of refused resources without a last good version; null: it may be any. */
export function withoutConsequentFindings(
  findings: readonly Finding[],
  missing: ReadonlySet<KindName> | null,
): readonly Finding[] {
  if (missing?.size === 0) return findings;
  return findings.filter(({ code }) => {
    const kinds = causes[code as TranslationCode] ?? [];
    return missing === null ? kinds.length === 0 : !kinds.some((kind) => missing.has(kind));
  });
}
