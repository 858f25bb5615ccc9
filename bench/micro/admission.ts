/**
 * Nanoseconds that limits of clients take of a request, and bytes that are kept of each client.
 * Run: node --expose-gc bench/micro/admission.ts
 */

import { AddressSets } from '../../src/base/address-set.ts';
import { systemClock } from '../../src/base/clock.ts';
import { noBody } from '../../src/http1/message-head.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import type { RequestAdmission } from '../../src/model/request-admission.ts';
import { AdmissionFilter } from '../../src/proxy/admission/admission-filter.ts';
import { ConcurrencyZone } from '../../src/proxy/admission/concurrency-zone.ts';
import { RateLimitZone } from '../../src/proxy/admission/rate-limit-zone.ts';
import { SourceIpFilter } from '../../src/proxy/admission/source-ip-filter.ts';
import type { Stream } from '../../src/proxy/stream/stream.ts';
import { ListenerStats } from '../../src/telemetry/metrics/listener-stats.ts';

/** The best of several rounds: the others were disturbed. */
function measure(name: string, rounds: number, work: (index: number) => void): void {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 7; round++) {
    const start = performance.now();
    for (let index = 0; index < rounds; index++) work(index);
    best = Math.min(best, ((performance.now() - start) * 1e6) / rounds);
  }
  console.log(`${name.padEnd(44)} ${best.toFixed(1).padStart(12)} ns`);
}

const rounds = 200_000;
const rate = { milliRequestsPerSecond: 1_000_000_000, burst: 1_000_000 };
const names = Array.from({ length: 131_072 }, (_, client) => {
  return `10.${client >> 16}.${(client >> 8) & 255}.${client & 255}`;
});

/** Slow enough that nobody is forgotten for having used up nothing. */
const slow = { milliRequestsPerSecond: 1, burst: 1_000_000 };

const before = memory();
const full = new RateLimitZone();
for (const client of names.slice(0, 65_536)) {
  full.count(`${client} `, slow, { now: 0, clientsMax: 65_536 });
}
console.log(
  `bytes of each of ${full.size} clients: ${Math.round((memory() - before) / full.size)}`,
);

for (const [clients, limit] of [
  [1, rate],
  [1000, rate],
  [65_536, slow],
  [131_072, slow],
] as const) {
  const zone = new RateLimitZone();
  let now = 0;
  measure(`rate limit, ${clients} clients of 65536`, rounds, (index) => {
    const client = names[index % clients] as string;
    now += 1;
    if (zone.admits(client, limit, now)) zone.count(client, limit, { now, clientsMax: 65_536 });
  });
}

const concurrency = new ConcurrencyZone();
measure('requests at the same time', rounds, (index) => {
  const client = names[index & 1023] as string;
  if (concurrency.active(client) >= 10) return;
  concurrency.enter(client);
  concurrency.leave(client);
});

const ranges = Array.from({ length: 10 }, (_, index) => `10.0.${index}.0/24`);
const sources = new SourceIpFilter({ deny: [], allow: ranges });
measure('sources, 10 ranges', rounds / 10, (index) => {
  sources.admits(names[index & 1023] as string);
});

/** What the filter reads of a stream. */
const stream = {
  connection: { listener: { stats: new ListenerStats() } },
  context: { clock: systemClock },
  head: { framing: noBody },
  info: { bytesReceived: 0 },
  limits: defaultLimits,
  remoteAddress: '10.0.0.1',
  bodyBytesMax: -1,
  slots: null,
} as unknown as Stream;

const nothing: RequestAdmission = {
  rateLimits: [],
  concurrencyLimits: [],
  sourceIps: null,
  maxRequestBytes: null,
};
const all: RequestAdmission = {
  rateLimits: [{ name: 'r', ...rate, status: 503, exempt: [] }],
  concurrencyLimits: [{ name: 'c', maxRequests: 10, status: 503, exempt: [] }],
  sourceIps: { deny: [], allow: ranges },
  maxRequestBytes: 1_048_576,
};

for (const [name, admission] of [
  ['a size alone', { ...nothing, maxRequestBytes: all.maxRequestBytes }],
  ['a rate limit alone', { ...nothing, rateLimits: all.rateLimits }],
  ['size, rate, concurrency and sources', all],
] as const) {
  const filter = new AdmissionFilter(admission, {
    addresses: new AddressSets(),
    rates: new Map([['r', new RateLimitZone()]]),
    concurrency: new Map([['c', new ConcurrencyZone()]]),
  });
  measure(`a request past ${name}`, rounds, () => {
    filter.refuse(stream);
    stream.slots?.release();
    stream.slots = null;
  });
}

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
