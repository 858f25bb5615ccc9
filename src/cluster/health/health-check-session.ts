/**
 * The active health checks of one endpoint: when the next one is due, and what its results add up
 * to. Envoy's ActiveHealthCheckSession.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import { TimerEntry } from '../../base/timer-wheel.ts';
import type { HealthCheck } from '../../model/health-check.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import type { Probe, ProbeResult } from './health-probe.ts';

/** What a session needs of the checker that it belongs to. */
export interface SessionOwner {
  /** The cluster has had connections for requests. */
  readonly hasTraffic: boolean;
  probe(session: HealthCheckSession, onResult: (result: ProbeResult) => void): Probe;
  arm(entry: TimerEntry, ms: number): void;
  disarm(entry: TimerEntry): void;
  /** Uniform in [0, 1). */
  fraction(): number;
  onChecked(endpoint: LiveEndpoint, result: ProbeResult, effect: CheckEffect): void;
}

export interface CheckEffect {
  /** The endpoint has become healthy, or unhealthy, by this result. */
  readonly turned: boolean;
  /** It was the first result that there ever was. */
  readonly wasFirst: boolean;
}

/** As a timer entry it is its own next check. */
export class HealthCheckSession extends TimerEntry {
  readonly endpoint: LiveEndpoint;
  /** Nothing is known yet: the first result decides alone. */
  isFirst = true;
  readonly #owner: SessionOwner;
  #settings: HealthCheck;
  #probe: Probe | null = null;
  #successes = 0;
  #failures = 0;

  constructor(endpoint: LiveEndpoint, settings: HealthCheck, owner: SessionOwner) {
    super();
    this.endpoint = endpoint;
    this.#settings = settings;
    this.#owner = owner;
  }

  get settings(): HealthCheck {
    return this.#settings;
  }

  start(): void {
    const { initialJitterMs } = this.#settings;
    if (initialJitterMs === 0) this.#check();
    else this.#owner.arm(this, this.#owner.fraction() * initialJitterMs);
  }

  /** Other settings: what is under way is given up, and the endpoint checked by the new ones. */
  use(settings: HealthCheck): void {
    const isSame = settings === this.#settings || isDeepStrictEqual(settings, this.#settings);
    this.#settings = settings;
    if (isSame) return;
    this.stop();
    this.start();
  }

  stop(): void {
    this.#owner.disarm(this);
    this.#probe?.cancel();
    this.#probe = null;
  }

  onTimeout(): void {
    this.#check();
  }

  /** True: the endpoint was healthy before. Requests have shown that it is not. */
  failAtOnce(): boolean {
    this.isFirst = false;
    this.#successes = 0;
    const { endpoint } = this;
    if (endpoint.unhealthy) return false;
    endpoint.unhealthy = true;
    return true;
  }

  #check(): void {
    this.#probe = this.#owner.probe(this, (result) => this.#onResult(result));
  }

  #onResult(result: ProbeResult): void {
    this.#probe = null;
    const { endpoint } = this;
    const wasUnhealthy = endpoint.unhealthy;
    const succeeded = result.outcome === 'success';
    if (succeeded) this.#succeed();
    else this.#fail(result);
    const turned = endpoint.unhealthy !== wasUnhealthy;
    // A result that speaks against what the endpoint is, and does not turn it yet.
    const isEdge = !turned && endpoint.unhealthy === succeeded;
    this.#owner.arm(this, this.#intervalMs(succeeded, isEdge));
    const wasFirst = this.isFirst;
    this.isFirst = false;
    this.#owner.onChecked(endpoint, result, { turned, wasFirst });
  }

  #succeed(): void {
    const { endpoint } = this;
    this.#failures = 0;
    if (!endpoint.unhealthy) return;
    this.#successes++;
    if (!this.isFirst && this.#successes < this.#settings.healthyThreshold) return;
    endpoint.unhealthy = false;
    endpoint.excluded = false;
  }

  #fail({ outcome, exclude }: ProbeResult): void {
    const { endpoint } = this;
    this.#successes = 0;
    if (exclude) endpoint.excluded = true;
    if (endpoint.unhealthy) return;
    this.#failures++;
    const isPlain = outcome === 'failure';
    const enough = this.#failures >= this.#settings.unhealthyThreshold;
    if (isPlain || this.isFirst || enough) endpoint.unhealthy = true;
  }

  #intervalMs(succeeded: boolean, isEdge: boolean): number {
    const settings = this.#settings;
    const baseMs = this.#owner.hasTraffic
      ? intervalWithTraffic(settings, succeeded, isEdge)
      : succeeded && !isEdge
        ? settings.noTrafficHealthyIntervalMs
        : settings.noTrafficIntervalMs;
    const jitterMs = (baseMs * settings.intervalJitterPercent) / 100 + settings.intervalJitterMs;
    return baseMs + this.#owner.fraction() * jitterMs;
  }
}

function intervalWithTraffic(settings: HealthCheck, succeeded: boolean, isEdge: boolean): number {
  if (succeeded) return isEdge ? settings.healthyEdgeIntervalMs : settings.intervalMs;
  return isEdge ? settings.unhealthyEdgeIntervalMs : settings.unhealthyIntervalMs;
}
