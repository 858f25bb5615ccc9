/** Measures the resources of the overload manager. */

import { EventLoopDelayWatch } from '../../base/event-loop.ts';
import { LiveHeapWatch } from '../../base/live-heap.ts';
import type { ProcessUsage } from '../../base/process-usage.ts';
import type { OverloadMonitor, OverloadResource } from '../../model/overload-settings.ts';
import type { OverloadState } from '../../proxy/overload/overload-state.ts';

export interface ResourceMonitor {
  readonly resource: OverloadResource;
  /** Bytes, milliseconds or a count: pressure is 1 there. */
  readonly max: number;
  /** The same, of what is used now; null: it could not be measured. */
  measure(): number | null;
  stop(): void;
}

export interface MonitorParts {
  readonly state: OverloadState;
  readonly usage: ProcessUsage;
  watchEventLoop(): Pick<EventLoopDelayWatch, 'takeMedian' | 'stop'>;
  watchLiveHeap(): Pick<LiveHeapWatch, 'bytes' | 'stop'>;
}

/** Of this process. */
export const processWatches: Pick<MonitorParts, 'watchEventLoop' | 'watchLiveHeap'> = {
  watchEventLoop: () => new EventLoopDelayWatch(),
  watchLiveHeap: () => new LiveHeapWatch(),
};

/** From this share of the heap on its garbage counts too: V8 may not get to collect it. */
const garbageCountsFrom = 0.88;

/** So much is believed to be alive before collections have told: less than any default asks. */
const believedAlive = 0.5;

/** null: this system does not tell how much there may be, and neither does `model`. */
export function maximumOf(model: OverloadMonitor, usage: ProcessUsage): number | null {
  return model.max ?? limitOf(model.resource, usage);
}

export function openMonitor(
  resource: OverloadResource,
  max: number,
  parts: MonitorParts,
): ResourceMonitor {
  if (resource === 'eventLoopDelay') {
    const watch = parts.watchEventLoop();
    return { resource, max, measure: () => watch.takeMedian(), stop: () => watch.stop() };
  }
  if (resource === 'fixedHeap') return openHeapMonitor(max, parts);
  return { resource, max, measure: measureOf(resource, parts), stop: () => undefined };
}

/** docs/decisions/0125-overload.md says why garbage does not count. */
function openHeapMonitor(max: number, { usage, watchLiveHeap }: MonitorParts): ResourceMonitor {
  const watch = watchLiveHeap();
  const measure = (): number => {
    const used = usage.heapBytes();
    if (used >= max * garbageCountsFrom) return used;
    return Math.min(used, watch.bytes() ?? max * believedAlive);
  };
  return { resource: 'fixedHeap', max, measure, stop: () => watch.stop() };
}

function limitOf(resource: OverloadResource, usage: ProcessUsage): number | null {
  switch (resource) {
    case 'fixedHeap':
      return usage.heapLimitBytes();
    case 'residentMemory':
      return usage.memoryLimitBytes();
    case 'fileDescriptors':
      return usage.openDescriptors() === null ? null : usage.descriptorLimit();
    case 'eventLoopDelay':
    case 'downstreamConnections':
      return null;
  }
}

function measureOf(
  resource: Exclude<OverloadResource, 'eventLoopDelay' | 'fixedHeap'>,
  { state, usage }: MonitorParts,
): () => number | null {
  switch (resource) {
    case 'residentMemory':
      return () => usage.residentBytes();
    case 'fileDescriptors':
      return () => usage.openDescriptors();
    case 'downstreamConnections':
      return () => state.openConnections;
  }
}
