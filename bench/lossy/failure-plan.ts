/** Which endpoints fail how, and when they change. */

import { setTimeout as pause } from 'node:timers/promises';
import type { FailingEndpoint, Health } from './failing-endpoint.ts';

export const failureKinds = ['dying', 'hanging', 'resetting', '503', 'mixed', 'in-turn'] as const;

export type FailureKind = (typeof failureKinds)[number];

export const failureNotes: Readonly<Record<FailureKind, string>> = {
  dying: 'two endpoints close their connections and refuse new ones',
  hanging: 'two endpoints accept requests and never answer',
  resetting: 'two endpoints reset the connection of every request',
  '503': 'two endpoints answer 503',
  mixed: 'two endpoints fail in two ways at a time, others every two seconds',
  'in-turn': 'one endpoint fails while the other serves, changing every two seconds',
};

/** How long one step of a plan with several steps lasts, milliseconds. */
const stepMs = 2_000;

type Step = readonly [Health, Health];

const plans: Readonly<Record<FailureKind, readonly Step[]>> = {
  dying: [['dying', 'dying']],
  hanging: [['hanging', 'hanging']],
  resetting: [['resetting', 'resetting']],
  '503': [['unavailable', 'unavailable']],
  mixed: [
    ['dying', 'hanging'],
    ['hanging', 'resetting'],
    ['resetting', 'unavailable'],
    ['unavailable', 'dying'],
  ],
  'in-turn': [
    ['dying', 'serving'],
    ['serving', 'hanging'],
    ['resetting', 'serving'],
    ['serving', 'unavailable'],
  ],
};

/** Lets the endpoints fail from `healthyMs` on until `signal` says that the load is over. */
export async function runFailures(
  kind: FailureKind,
  endpoints: readonly FailingEndpoint[],
  { healthyMs, signal }: { readonly healthyMs: number; readonly signal: AbortSignal },
): Promise<void> {
  try {
    await pause(healthyMs, undefined, { signal });
    const steps = plans[kind];
    for (let index = 0; ; index++) {
      const step = steps[index % steps.length] ?? [];
      await Promise.all(step.map((health, which) => endpoints[which]?.become(health)));
      await pause(stepMs, undefined, { signal });
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
