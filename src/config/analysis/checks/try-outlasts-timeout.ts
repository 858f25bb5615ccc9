/** Retries that the timeout of their rule leaves no time for. */

import { parseDuration } from '../../../base/duration.ts';
import { findingCode } from '../../finding-code.ts';
import type { HttpRule } from '../../translate/rules/virtual-services.ts';
import type { AnalyzerFinding } from '../analyzer.ts';
import type { Traffic } from './traffic.ts';

export function* tryOutlastsTimeout(traffic: Traffic): Iterable<AnalyzerFinding> {
  for (const rule of traffic.rules) yield* checkRule(rule);
}

function* checkRule({ spec, resource, path }: HttpRule): Iterable<AnalyzerFinding> {
  const { timeout, retries } = spec;
  const { perTryTimeout, attempts = 0 } = retries ?? {};
  const timeoutMs = milliseconds(timeout);
  const tryMs = milliseconds(perTryTimeout);
  if (timeoutMs === 0 || tryMs === 0) return;
  const place = { resource, path: [...path, 'retries', 'perTryTimeout'] };
  if (tryMs >= timeoutMs) {
    yield {
      code: findingCode.tryOutlastsTimeout,
      ...place,
      message: `a try may take ${perTryTimeout}, and the timeout of all tries is ${timeout}`,
      hint: `set perTryTimeout below ${timeout}, or raise the timeout`,
    };
    return;
  }
  if (attempts <= 0) return;
  const tries = attempts + 1;
  const fitting = Math.floor(timeoutMs / tryMs);
  if (fitting >= tries) return;
  yield {
    code: findingCode.triesOutlastTimeout,
    ...place,
    message: `of ${tries} tries of ${perTryTimeout} only ${fitting} fit into the timeout of ${timeout}`,
    hint: `set attempts to ${fitting - 1}, or the timeout to ${(tryMs * tries) / 1000}s`,
  };
}

/** 0 where there is none. */
function milliseconds(text: string | undefined): number {
  return text === undefined ? 0 : (parseDuration(text) ?? 0);
}
