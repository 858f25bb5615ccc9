/**
 * Nanoseconds for each choice of an endpoint, by policy and number of endpoints, and for the timers
 * of a request. Run: node bench/micro/cluster.ts
 */

import { systemClock } from '../../src/base/clock.ts';
import { SeededRandom } from '../../src/base/random.ts';
import { TimerEntry, TimerWheel } from '../../src/base/timer-wheel.ts';
import { systemTimers } from '../../src/base/timers.ts';
import { loadXxHash64 } from '../../src/base/xxhash64.ts';
import { LiveCluster } from '../../src/cluster/live-cluster.ts';
import { HashRing } from '../../src/cluster/load-balancing/hash-ring.ts';
import { buildMaglevTable } from '../../src/cluster/load-balancing/maglev-table.ts';
import type { Cluster } from '../../src/model/cluster.ts';
import type { LoadBalancerPolicy } from '../../src/model/cluster-policy.ts';
import { defaultLimits } from '../../src/model/limits.ts';
import {
  clusterModel,
  endpointModels,
  outlierDetection,
} from '../../test/support/cluster-models.ts';

const hash64 = await loadXxHash64();

function model(loadBalancer: LoadBalancerPolicy, count: number, weighted: boolean): Cluster {
  const weightOf = (index: number) => (weighted ? (index % 3) + 1 : 1);
  return clusterModel({
    endpoints: endpointModels(count).map((endpoint, index) => ({
      ...endpoint,
      weight: weightOf(index),
    })),
    loadBalancer,
    outlierDetection: outlierDetection({ maxEjectionPercent: 10 }),
  });
}

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

const policies: readonly LoadBalancerPolicy[] = [
  { policy: 'LEAST_REQUEST', slowStart: null },
  { policy: 'ROUND_ROBIN', slowStart: null },
  { policy: 'RANDOM' },
  { policy: 'RING_HASH', minimumRingSize: 1024 },
  { policy: 'MAGLEV', tableSize: 65_537 },
];

for (const policy of policies) {
  for (const count of [3, 100]) {
    for (const weighted of [false, true]) {
      const cluster = new LiveCluster(model(policy, count, weighted), null, {
        clock: systemClock,
        random: new SeededRandom(1),
        hash64,
      });
      const hashes = policy.policy === 'RING_HASH' || policy.policy === 'MAGLEV';
      const contexts = Array.from({ length: 256 }, (_, index) => ({
        hash: hashes ? hash64.hash(`user-${index}`) : null,
        tried: null,
        maxAttempts: 0,
        previousPriorities: null,
        destination: null,
        limits: defaultLimits,
      }));
      const name = `${policy.policy} ${count} endpoints${weighted ? ', weighted' : ''}`;
      measure(name, 500_000, (index) => {
        const endpoint = cluster.chooseEndpoint(contexts[index & 255] as (typeof contexts)[0]);
        if (endpoint !== null) endpoint.requestsTotal++;
      });
    }
  }
}

const reported = new LiveCluster(model(policies[0] as LoadBalancerPolicy, 3, false), null, {
  clock: systemClock,
  random: new SeededRandom(1),
  hash64,
});
reported.adopt(null);
const [first] = reported.endpoints;
if (first !== undefined) {
  measure('onResponse 200', 500_000, () => reported.onResponse(first, 200));
}

class Idle extends TimerEntry {
  override onTimeout(): void {}
}
const wheel = new TimerWheel(systemTimers, systemClock);
const entries = Array.from({ length: 64 }, () => new Idle());
const now = systemClock.now();
measure('timer wheel: arm and disarm, now given', 500_000, (index) => {
  const entry = entries[index & 63] as Idle;
  wheel.arm(entry, 15_000, now);
  wheel.disarm(entry);
});
measure('timer wheel: arm again', 500_000, (index) => {
  wheel.arm(entries[index & 63] as Idle, 15_000);
});

for (const count of [3, 100]) {
  const keys = Array.from({ length: count }, (_, index) => `127.0.0.1:${index + 1}`);
  const weights = keys.map(() => 1);
  measure(`build a ring of 1024, ${count} endpoints`, 5, () => {
    new HashRing({ keys, weights, minimumSize: 1024, maximumSize: 8_388_608 }, hash64);
  });
  measure(`build a Maglev table of 65537, ${count} endpoints`, 5, () => {
    buildMaglevTable({ keys, weights, size: 65_537 }, hash64);
  });
}
