/**
 * Entry point of the child process with the synthetic workloads: what they cost must not show in
 * the latencies that the load test measures. See `messages.ts` for what is said.
 */

import { systemClock } from '../../base/clock.ts';
import { FineTimers } from '../../base/fine-timers.ts';
import { SeededRandom } from '../../base/random.ts';
import { keepAlive } from '../../base/timers.ts';
import type { FromUpstreams, ToUpstreams, UpstreamPlan } from './messages.ts';
import { SyntheticEndpoint } from './synthetic-endpoint.ts';
import { WorkloadGauge } from './workload-gauge.ts';

const { upstreams, seed } = JSON.parse(process.argv[2] ?? '{}') as UpstreamPlan;

/** By the clock of the epoch, which processes share; before the load begins nothing has a time. */
let zeroWallMs = Infinity;
const now = (): number => systemClock.wall() - zeroWallMs;

const timers = await FineTimers.start();
const gauges = upstreams.map(() => new WorkloadGauge());
const endpoints = createEndpoints();

function createEndpoints(): readonly SyntheticEndpoint[] {
  const created: SyntheticEndpoint[] = [];
  for (const [position, upstream] of upstreams.entries()) {
    for (let ordinal = 0; ordinal < upstream.endpoints; ordinal++) {
      const index = created.length;
      const random = new SeededRandom(seed + index);
      const gauge = gauges[position] ?? new WorkloadGauge();
      created.push(
        new SyntheticEndpoint({
          ...{ upstream, ordinal, index, random, gauge, now },
          ...{ timers, clock: systemClock },
        }),
      );
    }
  }
  return created;
}

function tell(message: FromUpstreams): void {
  process.send?.(message);
}

// However the load test ends, its workloads end with it.
process.once('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group of processes: the load test says when it ends.
process.on('SIGINT', () => undefined);
keepAlive();

process.on('message', (message: ToUpstreams) => {
  if (message.kind === 'begin') {
    zeroWallMs = message.zeroWallMs;
    for (const endpoint of endpoints) endpoint.followScript();
    return;
  }
  const hops = Math.min(...endpoints.map(({ counts }) => counts.fewestHops));
  const report = {
    endpoints: endpoints.map(({ counts }) => counts.report(hops === Infinity ? 0 : hops)),
    peaks: gauges.map(({ peak }) => peak),
  };
  tell({ kind: 'report', report });
});

try {
  const ports: number[] = [];
  for (const endpoint of endpoints) ports.push(await endpoint.listen());
  tell({ kind: 'ready', ports });
} catch (error) {
  tell({ kind: 'failed', message: (error as Error).message });
}
