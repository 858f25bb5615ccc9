/** Where keys go: always to the same place, and elsewhere after a change. */

import type { CheckOf, Place } from '../check.ts';
import { type Observations, type Selection, selected } from '../observations.ts';
import { noEndpoint, noKey } from '../request-log.ts';
import type { Assertion } from '../scenario.ts';
import { rangeVerdict, type Verdict } from './verdict.ts';

export function assessStickiness(
  { by, atLeast }: CheckOf<'stickiness'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const places = new Map<number, { place: string; requests: number; stayed: boolean }>();
  for (const [key, place] of visits(seen, assertion, by)) {
    const known = places.get(key);
    if (known === undefined) {
      places.set(key, { place, requests: 1, stayed: true });
      continue;
    }
    known.requests++;
    if (known.place !== place) known.stayed = false;
  }
  // A key with one request says nothing.
  const keys = [...places.values()].filter(({ requests }) => requests > 1);
  const count = { hits: keys.filter(({ stayed }) => stayed).length, total: keys.length };
  return rangeVerdict(`keys with one ${by}`, { atLeast, atMost: 1 }, count);
}

export function assessKeysMoved(
  { atMs, settleMs, by, atLeast, atMost }: CheckOf<'keysMoved'>,
  assertion: Assertion,
  seen: Observations,
): Verdict {
  const before = new Map(visits(seen, { ...assertion, untilMs: atMs }, by));
  const after = new Map(visits(seen, { ...assertion, fromMs: atMs + settleMs }, by));
  let [hits, total] = [0, 0];
  for (const [key, place] of after) {
    const old = before.get(key);
    if (old === undefined) continue;
    total++;
    if (old !== place) hits++;
  }
  return rangeVerdict('keys moved', { atLeast, atMost }, { hits, total });
}

/** Key and place of each answer of an endpoint, in the order of the requests. */
function* visits(
  seen: Observations,
  selection: Selection,
  by: Place,
): Generator<readonly [key: number, place: string]> {
  for (const index of selected(seen, selection)) {
    const key = seen.log.key(index);
    const endpoint = seen.log.endpoint(index);
    if (key === noKey || endpoint === noEndpoint) continue;
    const { workload = '', ordinal = 0 } = seen.endpoints[endpoint] ?? {};
    yield [key, by === 'workload' ? workload : `${workload}/${ordinal}`];
  }
}
