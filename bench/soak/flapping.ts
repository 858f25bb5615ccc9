/** Endpoints that go away and come back, one at a time, in every way in which they fail. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Health, SoakEndpoint } from './soak-endpoint.ts';

export interface Flapping {
  readonly endpoints: readonly SoakEndpoint[];
  /** How long one fails, and how long all are well before the next does, milliseconds. */
  readonly failingMs: number;
  readonly wellMs: number;
  /** When each way has been met once more, in the middle of the time in which all are well. */
  readonly afterRound: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** As many ways as have no common divisor with the number of endpoints: each meets them all. */
const ways: readonly Health[] = ['gone', 'hanging', 'resetting', 'unavailable', 'closing'];

/** Resolves, when it is aborted, with how often an endpoint has failed; all are well then. */
export async function flap(flapping: Flapping): Promise<number> {
  const { endpoints, failingMs, wellMs, afterRound, signal } = flapping;
  let count = 0;
  while (!signal.aborted) {
    const endpoint = endpoints[count % endpoints.length];
    const way = ways[count % ways.length];
    if (endpoint === undefined || way === undefined) break;
    count++;
    await endpoint.become(way);
    await unlessAborted(failingMs, signal);
    await endpoint.become('serving');
    await unlessAborted(wellMs / 2, signal);
    if (!signal.aborted && count % ways.length === 0) await afterRound();
    await unlessAborted(wellMs / 2, signal);
  }
  return count;
}

async function unlessAborted(ms: number, signal: AbortSignal): Promise<void> {
  // It only rejects when it is aborted.
  await pause(ms, undefined, { signal }).catch(() => undefined);
}
