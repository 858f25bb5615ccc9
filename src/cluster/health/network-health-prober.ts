/**
 * Health checks over the network, a bounded number of them at a time: a proxy with thousands of
 * endpoints does not open thousands of connections at once. Those beyond it wait in order, and
 * their time starts when they do.
 */

import { TimerEntry, type TimerWheel } from '../../base/timer-wheel.ts';
import type { HealthCheck } from '../../model/health-check.ts';
import {
  type HealthProber,
  type Probe,
  type ProbeResult,
  type ProbeTarget,
  probeFailure,
} from './health-probe.ts';
import { startHttpProbe } from './http-health-probe.ts';
import { startHttp2Probe } from './http2-health-probe.ts';
import type { ProbeConnector, ProbeStart } from './probe-connector.ts';
import { startTcpProbe } from './tcp-health-probe.ts';

/** Checks under way at one time. */
const defaultMaxProbes = 64;

export class NetworkHealthProber implements HealthProber {
  readonly wheel: TimerWheel;
  readonly connector: ProbeConnector;
  readonly #maxProbes: number;
  readonly #waiting = new Set<NetworkProbe>();
  #running = 0;

  constructor(wheel: TimerWheel, connector: ProbeConnector, maxProbes = defaultMaxProbes) {
    this.wheel = wheel;
    this.connector = connector;
    this.#maxProbes = maxProbes;
  }

  /** Checks under way, for tests. */
  get running(): number {
    return this.#running;
  }

  probe(target: ProbeTarget, check: HealthCheck, onResult: (result: ProbeResult) => void): Probe {
    const probe = new NetworkProbe(this, { target, check, onResult });
    this.#waiting.add(probe);
    this.#startNext();
    return probe;
  }

  /** From a probe that has begun. */
  onEnd(): void {
    this.#running--;
    this.#startNext();
  }

  /** From a probe that is given up before it has begun. */
  forget(probe: NetworkProbe): void {
    this.#waiting.delete(probe);
  }

  #startNext(): void {
    for (const next of this.#waiting) {
      if (this.#running >= this.#maxProbes) return;
      this.#waiting.delete(next);
      this.#running++;
      next.start();
    }
  }
}

interface ProbeTask {
  readonly target: ProbeTarget;
  readonly check: HealthCheck;
  readonly onResult: (result: ProbeResult) => void;
}

/** One check; as a timer entry it is its own timeout. */
class NetworkProbe extends TimerEntry implements Probe {
  readonly #prober: NetworkHealthProber;
  readonly #task: ProbeTask;
  #abort: (() => void) | null = null;
  #over = false;

  constructor(prober: NetworkHealthProber, task: ProbeTask) {
    super();
    this.#prober = prober;
    this.#task = task;
  }

  start(): void {
    const { target, check } = this.#task;
    const { timeoutMs, tls, check: kind } = check;
    const start: ProbeStart = { target, tls, connector: this.#prober.connector };
    const onResult = (result: ProbeResult): void => this.#finish(result);
    if (kind.kind === 'tcp') this.#abort = startTcpProbe(start, kind, onResult);
    else if (kind.codec === 'http2') this.#abort = startHttp2Probe(start, kind, onResult);
    else this.#abort = startHttpProbe(start, kind, onResult);
    this.#prober.wheel.arm(this, timeoutMs);
  }

  onTimeout(): void {
    this.#finish(probeFailure('timeout', `no answer within ${this.#task.check.timeoutMs} ms`));
  }

  cancel(): void {
    if (!this.#over) this.#end();
  }

  #finish(result: ProbeResult): void {
    if (this.#over) return;
    this.#end();
    this.#task.onResult(result);
  }

  #end(): void {
    this.#over = true;
    this.#prober.wheel.disarm(this);
    if (this.#abort === null) {
      this.#prober.forget(this);
      return;
    }
    this.#abort();
    this.#prober.onEnd();
  }
}
