/** Drives load at one port for tests, without proxy and scenario. */

import { systemClock } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { systemTimers } from '../../src/base/timers.ts';
import { latencyHistogram } from '../../src/loadtest/latency-histogram.ts';
import { runClosedLoop } from '../../src/loadtest/load/closed-loop.ts';
import { Http1Client } from '../../src/loadtest/load/http1-client.ts';
import { Http2Client } from '../../src/loadtest/load/http2-client.ts';
import type { LoadClientOptions } from '../../src/loadtest/load/load-client.ts';
import { OpenLoop } from '../../src/loadtest/load/open-loop.ts';
import { RequestLog } from '../../src/loadtest/request-log.ts';
import { RequestMix } from '../../src/loadtest/request-mix.ts';
import type { RequestKind } from '../../src/loadtest/scenario.ts';
import { schedule } from '../../src/loadtest/schedule.ts';

export const page: RequestKind = {
  ...{ name: 'page', weight: 1, method: 'GET', host: 'shop.example.com', path: '/page' },
  ...{ headers: [['x-load', '{{sequence}}']], body: null, keys: null },
};

export interface LoadRunOptions extends Partial<LoadClientOptions> {
  readonly port: number;
  readonly protocol?: 'http1' | 'h2';
  /** Requests a second. */
  readonly rate?: number;
  readonly durationMs?: number;
  readonly warmUpMs?: number;
  readonly kind?: RequestKind;
  readonly signal?: AbortSignal;
}

function target(options: LoadRunOptions): LoadClientOptions {
  return { host: '127.0.0.1', connections: 50, timeoutMs: 5000, tls: null, ...options };
}

export async function runOpenLoad(options: LoadRunOptions) {
  const { rate = 100, durationMs = 1000, warmUpMs = 0, protocol = 'http1', kind = page } = options;
  const client = target(options);
  const random = new SeededRandom(1);
  const log = new RequestLog();
  const phase = { kind: 'open', durationMs, from: rate, to: rate, poisson: false } as const;
  const { connections, timeoutMs } = client;
  const sender = protocol === 'h2' ? new Http2Client(client) : new Http1Client(client);
  const loop = new OpenLoop({
    due: schedule({ phases: [phase], warmUpMs, connections, timeoutMs }, random),
    mix: new RequestMix([kind], random),
    client: sender,
    ...{ log, timeoutMs, clock: systemClock, timers: systemTimers },
    zero: systemClock.now() + warmUpMs,
    signal: options.signal ?? new AbortController().signal,
  });
  const keepAlive = setInterval(() => undefined, 1000);
  const { latestMs } = await loop.run();
  clearInterval(keepAlive);
  await sender.close();
  return { ...statistics(log), latestMs };
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
