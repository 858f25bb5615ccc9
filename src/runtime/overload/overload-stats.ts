/** Envoy's statistics of its overload manager, below `overload.`. */

import type {
  OverloadActionName,
  OverloadResource,
  OverloadSettings,
} from '../../model/overload-settings.ts';
import type { Sample } from '../../telemetry/metrics/sample.ts';

/** Envoy's names, or such of our own where it has no such monitor. */
export const resourceNames: Readonly<Record<OverloadResource, string>> = {
  fixedHeap: 'envoy.resource_monitors.fixed_heap',
  residentMemory: 'sluice.resource_monitors.resident_memory',
  eventLoopDelay: 'sluice.resource_monitors.event_loop_delay',
  downstreamConnections: 'envoy.resource_monitors.global_downstream_max_connections',
  fileDescriptors: 'sluice.resource_monitors.file_descriptors',
};

export const actionNames: Readonly<Record<OverloadActionName, string>> = {
  stopAcceptingRequests: 'envoy.overload_actions.stop_accepting_requests',
  disableHttpKeepalive: 'envoy.overload_actions.disable_http_keepalive',
  stopAcceptingConnections: 'envoy.overload_actions.stop_accepting_connections',
  rejectIncomingConnections: 'envoy.overload_actions.reject_incoming_connections',
};

interface Measured {
  readonly monitor: { readonly resource: OverloadResource };
  readonly current: number;
  readonly failed: number;
}

/** Of a process that serves nobody: what others measure is added to it. */
export function* restingSamples({ monitors, actions }: OverloadSettings): Iterable<Sample> {
  for (const monitor of monitors) yield* pressureSamples({ monitor, current: 0, failed: 0 });
  for (const { name } of actions) yield* actionSamples(name, 0);
}

export function* pressureSamples({ monitor, current, failed }: Measured): Iterable<Sample> {
  const prefix = `overload.${resourceNames[monitor.resource]}.`;
  yield { kind: 'gauge', name: `${prefix}pressure`, value: Math.floor(current * 100) };
  yield { kind: 'counter', name: `${prefix}failed_updates`, value: failed };
}

/** `value`: 0 off, 1 on for all. */
export function* actionSamples(name: OverloadActionName, value: number): Iterable<Sample> {
  const prefix = `overload.${actionNames[name]}.`;
  yield { kind: 'gauge', name: `${prefix}active`, value: value >= 1 ? 1 : 0 };
  yield { kind: 'gauge', name: `${prefix}scale_percent`, value: Math.floor(value * 100) };
}
