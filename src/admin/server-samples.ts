/** What Envoy tells of the process under `server.`. */

import type { Sample } from '../telemetry/metrics/sample.ts';
import { parseCertificates } from './parse-certificates.ts';
import type { LifecycleState, RunningState } from './running-state.ts';

/** Envoy's ServerInfo.State. */
const states: Readonly<Record<LifecycleState, number>> = { LIVE: 0, DRAINING: 1, INITIALIZING: 3 };

const dayMs = 24 * 60 * 60 * 1000;
/** Envoy's word for never. */
const noExpiry = 2 ** 32 - 1;

export function* serverSamples(state: RunningState, connections: number): Iterable<Sample> {
  const lifecycle = state.lifecycle();
  const { heapUsed, heapTotal, rss } = process.memoryUsage();
  const gauges: readonly (readonly [name: string, value: number])[] = [
    ['uptime', Math.floor(state.uptimeSeconds())],
    ['live', lifecycle === 'LIVE' ? 1 : 0],
    ['state', states[lifecycle]],
    ['version', numberOf(state.version)],
    ['concurrency', state.concurrency()],
    ['total_connections', connections],
    // A new process does not take over from an old one.
    ['parent_connections', 0],
    ['hot_restart_epoch', 0],
    ['memory_allocated', heapUsed],
    ['memory_heap_size', heapTotal],
    ['memory_physical_size', rss],
    ['days_until_first_cert_expiring', daysUntilExpiry(state)],
  ];
  for (const [name, value] of gauges) yield { kind: 'gauge', name: `server.${name}`, value };
}

/** 1.2.3 is 10203. */
function numberOf(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[.-]/).map(Number);
  return major * 10_000 + minor * 100 + patch;
}

function daysUntilExpiry(state: RunningState): number {
  const ends = state
    .certificates()
    .flatMap(({ authorities, chain }) => [...authorities, ...chain])
    .flatMap(({ pem }) => parseCertificates(pem))
    .map(({ validToDate }) => validToDate.getTime());
  if (ends.length === 0) return noExpiry;
  return Math.max(0, Math.floor((Math.min(...ends) - state.wall()) / dayMs));
}
