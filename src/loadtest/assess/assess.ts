/** Holds what was seen against the assertions of the scenario. */

import { unreachable } from '../../base/assert.ts';
import type { Observations } from '../observations.ts';
import type { Assertion } from '../scenario.ts';
import { assessDelayed, assessErrors, assessStatus } from './answers.ts';
import { assessConcurrency } from './concurrency.ts';
import { assessCounter } from './counter.ts';
import { assessEjection } from './ejection.ts';
import { assessKeysMoved, assessStickiness } from './keys.ts';
import { assessLatency } from './latency.ts';
import { assessProxyEnd } from './proxy-end.ts';
import { assessRecovery } from './recovery.ts';
import { assessRetries } from './retries.ts';
import { assessMirror, assessShares } from './shares.ts';
import type { Verdict } from './verdict.ts';

export interface AssertionResult extends Verdict {
  readonly name: string;
  /** `proxy`: that it did not end, which is told only where it did. */
  readonly kind: Assertion['check']['kind'] | 'proxy';
}

export function assess(seen: Observations): readonly AssertionResult[] {
  const ended = assessProxyEnd(seen).map((verdict) => ({
    ...verdict,
    ...{ name: 'the proxy', kind: 'proxy' as const },
  }));
  const asserted = seen.scenario.assertions.flatMap((assertion) =>
    verdicts(assertion, seen).map((verdict) => ({
      ...verdict,
      name: assertion.name,
      kind: assertion.check.kind,
    })),
  );
  return [...ended, ...asserted];
}

function verdicts(assertion: Assertion, seen: Observations): readonly Verdict[] {
  const { check } = assertion;
  switch (check.kind) {
    case 'shares':
      return assessShares(check, assertion, seen);
    case 'mirror':
      return [assessMirror(check, assertion, seen)];
    case 'status':
      return [assessStatus(check, assertion, seen)];
    case 'delayed':
      return [assessDelayed(check, assertion, seen)];
    case 'errors':
      return [assessErrors(check, assertion, seen)];
    case 'stickiness':
      return [assessStickiness(check, assertion, seen)];
    case 'keysMoved':
      return [assessKeysMoved(check, assertion, seen)];
    case 'retries':
      return [assessRetries(check, assertion, seen)];
    case 'ejection':
      return assessEjection(check, seen);
    case 'concurrency':
      return [assessConcurrency(check, seen)];
    case 'counter':
      return [assessCounter(check, assertion, seen)];
    case 'recovery':
      return [assessRecovery(check, assertion, seen)];
    case 'latency':
      return assessLatency(check, assertion, seen);
    default:
      return unreachable(check);
  }
}
