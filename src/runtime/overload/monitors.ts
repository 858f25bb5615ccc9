/** Measures the resources of the overload manager. */

import { EventLoopDelayWatch } from '../../base/event-loop.ts';
import type { ProcessUsage } from '../../base/process-usage.ts';
import type { OverloadMonitor, OverloadResource } from '../../model/overload-settings.ts';
import type { OverloadState } from '../../proxy/overload-state.ts';

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
}

export function watchEventLoop(): EventLoopDelayWatch {
  return new EventLoopDelayWatch();
}

/** null: this system does not tell how much there may be, and neither does `model`. */
export function openMonitor(model: OverloadMonitor, parts: MonitorParts): ResourceMonitor | null {
  const { resource } = model;
  const max = model.max ?? limitOf(resource, parts.usage);
  if (max === null) return null;
  if (resource === 'eventLoopDelay') {
    const watch = parts.watchEventLoop();
    return { resource, max, measure: () => watch.takeMedian(), stop: () => watch.stop() };
  }
  return { resource, max, measure: measureOf(resource, parts), stop: () => undefined };
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
  resource: Exclude<OverloadResource, 'eventLoopDelay'>,
  { state, usage }: MonitorParts,
): () => number | null {
  switch (resource) {
    case 'fixedHeap':
      return () => usage.heapBytes();
    case 'residentMemory':
      return () => usage.residentBytes();
    case 'fileDescriptors':
      return () => usage.openDescriptors();
    case 'downstreamConnections':
      return () => state.openConnections;
  }
}
