/** Who answers how much, and who gets copies. */

import type { CheckOf } from '../check.ts';
import { type Observations, type Selection, selected, workloadAt } from '../observations.ts';
import { noKey } from '../request-log.ts';
import type { Assertion } from '../scenario.ts';
import { slotMs } from '../upstream/messages.ts';
import { shareVerdict, type Verdict } from './verdict.ts';

export function assessShares(
  check: CheckOf<'shares'>,
  assertion: Assertion,
  seen: Observations,
): readonly Verdict[] {
  const places = check.per === 'key' ? placesOfKeys(assertion, seen) : placesOf(assertion, seen);
  const total = places.reduce((sum, [, count]) => sum + count, 0);
  const counts = new Map(places);
  return check.of.map(({ workload, share }) =>
    shareVerdict(workload, share, { hits: counts.get(workload) ?? 0, total }, assertion.confidence),
  );
}

type Counts = readonly (readonly [workload: string, count: number])[];

function placesOf(selection: Selection, seen: Observations): Counts {
  const counts = new Map<string, number>();
  for (const index of selected(seen, selection)) {
    const workload = workloadAt(seen, seen.log.endpoint(index));
    if (workload !== null) counts.set(workload, (counts.get(workload) ?? 0) + 1);
  }
  return [...counts];
}

/** Each key counts once, where its last request went. */
function placesOfKeys(selection: Selection, seen: Observations): Counts {
  const places = new Map<number, string>();
  for (const index of selected(seen, selection)) {
    const workload = workloadAt(seen, seen.log.endpoint(index));
    const key = seen.log.key(index);
    if (workload !== null && key !== noKey) places.set(key, workload);
  }
  const keys = Map.groupBy(places.values(), (workload) => workload);
  return [...keys].map(([workload, { length }]) => [workload, length] as const);
}

export function assessMirror(
  check: CheckOf<'mirror'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const [from, until] = [assertion.fromMs / slotMs, assertion.untilMs / slotMs];
  let hits = 0;
  for (const [index, { workload }] of seen.endpoints.entries()) {
    if (workload !== check.workload) continue;
    const slots = seen.upstreams.endpoints[index]?.mirrored ?? [];
    for (const [slot, count] of slots.entries()) if (slot >= from && slot < until) hits += count;
  }
  let total = 0;
  for (const _ of selected(seen, assertion)) total++;
  const subject = `copies to ${check.workload}`;
  // A proxy that copies twice has more copies than requests.
  const count = { hits: Math.min(hits, total), total };
  const verdict = shareVerdict(subject, check.share, count, assertion.confidence);
  if (hits <= total) return verdict;
  return { ...verdict, passed: false, found: `${hits} copies of ${total} requests` };
}
