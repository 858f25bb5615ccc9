/** Drives load at one port for tests, without proxy and scenario. */

import { systemClock } from '../../src/base/clock.ts';
import { FineTimers } from '../../src/base/fine-timers.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { keepAlive } from '../../src/base/timers.ts';
import { latencyHistogram } from '../../src/loadtest/latency-histogram.ts';
import { runClosedLoop } from '../../src/loadtest/load/closed-loop.ts';
import { Http1Client } from '../../src/loadtest/load/http1-client.ts';
import { Http2Client } from '../../src/loadtest/load/http2-client.ts';
import type { LoadClientOptions } from '../../src/loadtest/load/load-client.ts';
import { OpenLoop } from '../../src/loadtest/load/open-loop.ts';
import { RequestLog } from '../../src/loadtest/request-log.ts';
import { RequestMix } from '../../src/loadtest/request-mix.ts';
import type { Phase, RequestKind } from '../../src/loadtest/scenario.ts';
import { schedule } from '../../src/loadtest/schedule.ts';

export const page: RequestKind = {
  fieldPath: ['requests', 0],
  ...{ name: 'page', weight: 1, method: 'GET', host: 'shop.example.com', path: '/page' },
  ...{ headers: [['x-load', '{{sequence}}']], body: null, keys: null },
};

export interface LoadRunOptions extends Partial<LoadClientOptions> {
  readonly port: number;
  readonly protocol?: 'http1' | 'h2';
  /** Requests a second. */
  readonly rate?: number;
  readonly durationMs?: number;
  /** In the place of one of constant rate. */
  readonly phases?: readonly Phase[];
  readonly warmUpMs?: number;
  readonly kind?: RequestKind;
  readonly signal?: AbortSignal;
  /** Called when it begins. `zeroWallMs`: the end of the warm-up, since the epoch. */
  readonly onBegin?: (zeroWallMs: number) => void;
}

function target(options: LoadRunOptions): LoadClientOptions {
  const usual = { connections: 50, timeoutMs: 5000, tls: null, routeHeader: null };
  return { host: '127.0.0.1', ...usual, ...options };
}

export async function runOpenLoad(options: LoadRunOptions) {
  const { rate = 100, durationMs = 1000, warmUpMs = 0, protocol = 'http1', kind = page } = options;
  const client = target(options);
  const random = new SeededRandom(1);
  const log = new RequestLog();
  const constant = { kind: 'open', durationMs, from: rate, to: rate, poisson: false } as const;
  const phases = options.phases ?? [constant];
  const { connections, timeoutMs } = client;
  const timers = await FineTimers.start();
  const sender = protocol === 'h2' ? new Http2Client(client) : new Http1Client(client);
  options.onBegin?.(systemClock.wall() + warmUpMs);
  const loop = new OpenLoop({
    due: schedule({ phases, warmUpMs, connections, timeoutMs }, random),
    mix: new RequestMix([kind], random),
    client: sender,
    ...{ log, timeoutMs, timers, clock: systemClock },
    zero: systemClock.now() + warmUpMs,
    signal: options.signal ?? new AbortController().signal,
  });
  const awake = keepAlive();
  const { lateness } = await loop.run();
  awake.cancel();
  await Promise.all([sender.close(), timers.stop()]);
  return { ...statistics(log), lateness };
}

export async function runClosedLoad(options: LoadRunOptions) {
  const { durationMs = 1000, kind = page } = options;
  const client = target(options);
  const log = new RequestLog();
  await runClosedLoop({
    ...{ target: client, connections: client.connections, durationMs, log, clock: systemClock },
    mix: new RequestMix([kind], new SeededRandom(1)),
    zero: systemClock.now(),
    signal: new AbortController().signal,
  });
  return statistics(log);
}

function statistics(log: RequestLog) {
  const indexes = Array.from({ length: log.length }, (_, index) => index);
  const histogram = latencyHistogram(log, indexes);
  return {
    log,
    statuses: [...new Set(indexes.map((index) => log.status(index)))].sort(),
    failures: [...new Set(indexes.map((index) => log.failure(index)))].sort(),
    endpoints: [...new Set(indexes.map((index) => log.endpoint(index)))].sort(),
    slowerThan: (ms: number) => indexes.filter((index) => log.latencyMs(index) > ms).length,
    percentileMs: (percentile: number) => histogram.percentileMs(percentile),
  };
}
