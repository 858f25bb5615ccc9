/** A cluster whose health checks are answered by the test, on virtual time. */

import { TimerWheel } from '../../../src/base/timer-wheel.ts';
import type { HealthEvent } from '../../../src/cluster/health/health-event.ts';
import type {
  HealthProber,
  Probe,
  ProbeOutcome,
  ProbeResult,
  ProbeTarget,
} from '../../../src/cluster/health/health-probe.ts';
import { LiveCluster } from '../../../src/cluster/live-cluster.ts';
import type { Cluster } from '../../../src/model/cluster.ts';
import type { HealthCheck } from '../../../src/model/health-check.ts';
import { clusterModel } from '../../support/cluster-models.ts';
import { ManualTimers } from '../../support/manual-timers.ts';
import { ClusterFixture, hash64 } from '../cluster-fixture.ts';

/** Over TCP every 10 s, without jitter; two failures and two successes turn an endpoint. */
export function healthCheck(overrides: Partial<HealthCheck> = {}): HealthCheck {
  const intervalMs = overrides.intervalMs ?? 10_000;
  return {
    timeoutMs: 1_000,
    intervalMs,
    intervalJitterMs: 0,
    intervalJitterPercent: 0,
    initialJitterMs: 0,
    unhealthyThreshold: 2,
    healthyThreshold: 2,
    noTrafficIntervalMs: intervalMs,
    noTrafficHealthyIntervalMs: intervalMs,
    unhealthyIntervalMs: intervalMs,
    unhealthyEdgeIntervalMs: intervalMs,
    healthyEdgeIntervalMs: intervalMs,
    tls: null,
    check: { kind: 'tcp', send: null, receive: [] },
    ...overrides,
  };
}

interface PendingProbe {
  readonly port: number;
  readonly check: HealthCheck;
  readonly onResult: (result: ProbeResult) => void;
}

/** Keeps checks waiting until the test decides. */
export class ManualProber implements HealthProber {
  readonly pending = new Set<PendingProbe>();

  probe(target: ProbeTarget, check: HealthCheck, onResult: (result: ProbeResult) => void): Probe {
    const probe = { port: target.port, check, onResult };
    this.pending.add(probe);
    return { cancel: () => this.pending.delete(probe) };
  }

  /** Ports that are being checked, ascending. */
  get ports(): number[] {
    return [...this.pending].map(({ port }) => port).sort((a, b) => a - b);
  }

  /** Answers the check of this port, or of all. */
  answer(outcome: ProbeOutcome, port: number | null = null, exclude = false): void {
    for (const probe of [...this.pending]) {
      if (port !== null && probe.port !== port) continue;
      this.pending.delete(probe);
      probe.onResult({ outcome, detail: outcome, exclude });
    }
  }
}

export class HealthFixture extends ClusterFixture {
  readonly timers = new ManualTimers(this.clock);
  readonly prober = new ManualProber();
  readonly events: string[] = [];
  readonly #healthChecks = {
    wheel: new TimerWheel(this.timers, this.clock),
    prober: this.prober,
    onHealthEvent: ({ kind, endpoint, reason }: HealthEvent) => {
      this.events.push(`${endpoint.port} ${kind} ${reason}`.trim());
    },
  };

  override prepare(overrides: Partial<Cluster>, previous: LiveCluster | null): LiveCluster {
    const model = clusterModel({ healthCheck: healthCheck(), ...overrides });
    const { clock, random } = this;
    return new LiveCluster(model, previous, {
      clock,
      random,
      hash64,
      healthChecks: this.#healthChecks,
    });
  }

  /** All first checks have passed. */
  createHealthy(overrides: Partial<Cluster> = {}): LiveCluster {
    const cluster = this.create(overrides);
    this.prober.answer('success');
    return cluster;
  }
}

/** Ports of the endpoints that may be used. */
export function availablePorts(cluster: LiveCluster): number[] {
  return cluster.endpoints.filter(({ available }) => available).map(({ port }) => port);
}
