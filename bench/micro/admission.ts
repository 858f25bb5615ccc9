/**
 * Nanoseconds that limits of clients take of a request, and bytes that are kept of each client.
 * Run: node --expose-gc bench/micro/admission.ts
 */

import { ConcurrencyZone } from '../../src/proxy/concurrency-zone.ts';
import { RateLimitZone } from '../../src/proxy/rate-limit-zone.ts';
import { SourceIpFilter } from '../../src/proxy/source-ip-filter.ts';

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

function memory(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
