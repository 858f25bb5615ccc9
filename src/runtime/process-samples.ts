/** What the process uses, as far as Envoy's own statistics do not tell it. */

import { eventLoopShare } from '../base/event-loop.ts';
import type { Sample } from '../telemetry/metrics/sample.ts';

/** `armedTimers`: of connections and requests. */
export function* processSamples(armedTimers: number): Iterable<Sample> {
  const { user, system } = process.cpuUsage();
  const cpuSeconds = (user + system) / 1e6;
  const busySeconds = eventLoopShare().active / 1000;
  yield { kind: 'counter', name: 'sluice_process_cpu_seconds_total', value: cpuSeconds };
  yield { kind: 'counter', name: 'sluice_event_loop_busy_seconds_total', value: busySeconds };
  yield { kind: 'gauge', name: 'sluice_timers_armed', value: armedTimers };
}
