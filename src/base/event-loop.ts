/** How much the event loop of this process had to do. */

import { performance } from 'node:perf_hooks';

/** Since the start, seconds: what is left of the time, it waited. */
export function eventLoopBusySeconds(): number {
  return performance.eventLoopUtilization().active / 1000;
}
