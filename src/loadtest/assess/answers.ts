/** Shares of answers by what they are: a status, late, an error. */

import type { CheckOf } from '../check.ts';
import { type Observations, type Selection, selected } from '../observations.ts';
import type { Assertion } from '../scenario.ts';
import { type Count, rangeVerdict, shareVerdict, timeText, type Verdict } from './verdict.ts';

export function assessStatus(
  { code, share }: CheckOf<'status'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const count = counted(seen, assertion, (index) => seen.log.status(index) === code);
  return shareVerdict(`status ${code}`, share, count, assertion.confidence);
}

export function assessDelayed(
  { longerThanMs, share }: CheckOf<'delayed'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const count = counted(seen, assertion, (index) => seen.log.latencyMs(index) > longerThanMs);
  const subject = `longer than ${timeText(longerThanMs)}`;
  return shareVerdict(subject, share, count, assertion.confidence);
}

export function assessErrors(
  check: CheckOf<'errors'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const count = counted(seen, assertion, (index) => seen.log.isError(index));
  return rangeVerdict('errors', check, count);
}

function counted(
  seen: Observations,
  selection: Selection,
  isHit: (index: number) => boolean,
): Count {
  let [hits, total] = [0, 0];
  for (const index of selected(seen, selection)) {
    total++;
    if (isHit(index)) hits++;
  }
  return { hits, total };
}
