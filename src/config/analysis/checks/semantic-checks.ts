/** All checks of our own, over one reading of the configuration. */

import type { AnalysisContext, AnalyzerFinding } from '../analyzer.ts';
import { catchAllFirst } from './catch-all-first.ts';
import { doubleSlash } from './double-slash.ts';
import { ejectsNobody } from './ejects-nobody.ts';
import { faultBeforeRetries } from './fault-before-retries.ts';
import { hiddenMatch } from './hidden-match.ts';
import { mergeLosesRule } from './merge-loses-rule.ts';
import { mirrorToItself } from './mirror-to-itself.ts';
import { partialPattern } from './partial-pattern.ts';
import { prefixOfWord } from './prefix-of-word.ts';
import { redirectLoop } from './redirect-loop.ts';
import { type Check, readTraffic } from './traffic.ts';
import { tryOutlastsTimeout } from './try-outlasts-timeout.ts';
import { valueNeverSent } from './value-never-sent.ts';
import { weightsBeforeHash } from './weights-before-hash.ts';

const checks: readonly Check[] = [
  ejectsNobody,
  faultBeforeRetries,
  tryOutlastsTimeout,
  weightsBeforeHash,
  catchAllFirst,
  hiddenMatch,
  mergeLosesRule,
  prefixOfWord,
  partialPattern,
  mirrorToItself,
  valueNeverSent,
  redirectLoop,
  doubleSlash,
];

export function* semanticChecks(context: AnalysisContext): Iterable<AnalyzerFinding> {
  const traffic = readTraffic(context);
  for (const check of checks) yield* check(traffic);
}
