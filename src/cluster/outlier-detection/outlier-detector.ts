/**
 * Takes endpoints out that keep failing and brings them back after a while: Envoy's outlier
 * detection with consecutive errors. An ejection takes effect with the response that causes it;
 * endpoints come back at interval ticks only. Unlike Envoy, which merges updates for up to a
 * second, every ejection is seen by the next choice.
 */

import type { Clock } from '../../base/clock.ts';
import type { OutlierDetection } from '../../model/cluster-policy.ts';
import type { ClusterHealth } from '../cluster-health.ts';
import type { ClusterStats } from '../cluster-stats.ts';
import type { HealthEvent } from '../health/health-event.ts';
import type { LiveEndpoint } from '../live-endpoint.ts';
import { OutlierMonitor } from './outlier-monitor.ts';

/** Why an attempt ended without a response. */
export type LocalOriginFailure = 'connect-failure' | 'connect-timeout' | 'reset' | 'timeout';

export interface OutlierDetectorDependencies {
  readonly clock: Clock;
  readonly health: ClusterHealth;
  readonly stats: ClusterStats;
  onHealthEvent(event: HealthEvent): void;
}

export class OutlierDetector {
  readonly #clock: Clock;
  readonly #health: ClusterHealth;
  readonly #stats: ClusterStats;
  readonly #onHealthEvent: (event: HealthEvent) => void;
  #settings: OutlierDetection | null = null;
  #endpoints: readonly LiveEndpoint[] = [];
  #nextTickAt = Number.POSITIVE_INFINITY;

  constructor(dependencies: OutlierDetectorDependencies) {
    this.#clock = dependencies.clock;
    this.#health = dependencies.health;
    this.#stats = dependencies.stats;
    this.#onHealthEvent = (event) => dependencies.onHealthEvent(event);
  }

  /** Clock.now() of the next tick; infinite while detection is off. */
  get nextTickAt(): number {
    return this.#nextTickAt;
  }

  /**
   * Watches these endpoints from now on. Those watched before keep their ejection and counts; an
   * endpoint that left frees its place among the ejected and starts anew if it comes again.
   */
  watch(settings: OutlierDetection | null, endpoints: readonly LiveEndpoint[]): void {
    const staying = new Set(endpoints);
    for (const endpoint of this.#endpoints) {
      if (settings === null) this.#forget(endpoint);
      else if (!staying.has(endpoint)) this.#leave(endpoint);
    }
    this.#endpoints = settings === null ? [] : endpoints;
    for (const endpoint of this.#endpoints) {
      if (endpoint.outlier === null) this.#join(endpoint);
    }
    if (settings?.intervalMs !== this.#settings?.intervalMs) {
      this.#nextTickAt =
        settings === null ? Number.POSITIVE_INFINITY : this.#clock.now() + settings.intervalMs;
    }
    this.#settings = settings;
  }

  /** A response head with this status came from the endpoint. */
  onResponse(endpoint: LiveEndpoint, status: number): void {
    const settings = this.#settings;
    const monitor = endpoint.outlier;
    if (settings === null || monitor === null) return;
    this.#count(endpoint, monitor, countedStatus(settings.errorCodes, status));
  }

  /** The attempt ended without a response. */
  onLocalOriginFailure(endpoint: LiveEndpoint, kind: LocalOriginFailure): void {
    const settings = this.#settings;
    const monitor = endpoint.outlier;
    if (settings === null || monitor === null) return;
    if (!settings.splitExternalLocalOriginErrors) {
      this.#count(endpoint, monitor, kind === 'timeout' ? 504 : 503);
      return;
    }
    monitor.consecutiveLocalOriginFailures++;
    if (monitor.consecutiveLocalOriginFailures !== settings.consecutiveLocalOriginFailures) return;
    if (endpoint.ejected) return;
    this.#stats.ejectionsDetectedConsecutiveLocalOriginFailure++;
    if (this.#eject(endpoint, monitor, 'consecutive local origin failures')) {
      this.#stats.ejectionsEnforcedConsecutiveLocalOriginFailure++;
    }
    monitor.consecutiveLocalOriginFailures = 0;
  }

  /** A request got a connection. Without the split, only the response says how it went. */
  onConnected(endpoint: LiveEndpoint): void {
    if (endpoint.outlier !== null) endpoint.outlier.consecutiveLocalOriginFailures = 0;
  }

  /** A connection was made, and nothing more will tell (TCP): that is a success of every kind. */
  onConnectedFinally(endpoint: LiveEndpoint): void {
    const settings = this.#settings;
    const monitor = endpoint.outlier;
    if (settings === null || monitor === null) return;
    if (settings.splitExternalLocalOriginErrors) monitor.consecutiveLocalOriginFailures = 0;
    else this.#count(endpoint, monitor, 200);
  }

  /** An active health check found the endpoint well: an ejection is over. */
  onCheckPassed(endpoint: LiveEndpoint): void {
    if (endpoint.ejected) this.#uneject(endpoint, this.#clock.now());
  }

  /** A process that follows has found that it fails. False: it is to be taken back. */
  onEjectedElsewhere(endpoint: LiveEndpoint): boolean {
    const monitor = endpoint.outlier;
    if (monitor === null) return false;
    if (endpoint.ejected) return true;
    if (!this.#admitsEjection()) return false;
    this.#takeOut(endpoint, monitor);
    return true;
  }

  /** The process that leads says whether it is out. */
  follow(endpoint: LiveEndpoint, ejected: boolean): void {
    const monitor = endpoint.outlier;
    if (monitor === null || endpoint.ejected === ejected) return;
    if (ejected) this.#takeOut(endpoint, monitor);
    else this.#bringBack(endpoint, monitor, this.#clock.now());
  }

  /** Brings back whom it is time for, once an interval has passed. */
  tick(now: number): void {
    const settings = this.#settings;
    if (settings === null || now < this.#nextTickAt) return;
    for (const endpoint of this.#endpoints) {
      const monitor = endpoint.outlier;
      if (monitor === null) continue;
      if (endpoint.ejected) {
        if (now - monitor.ejectedAt >= ejectionMs(settings, monitor)) this.#uneject(endpoint, now);
      } else if (monitor.multiplier > 0 && now - monitor.returnedAt >= settings.intervalMs) {
        monitor.multiplier--;
      }
    }
    this.#nextTickAt = now + settings.intervalMs;
  }

  #count(endpoint: LiveEndpoint, monitor: OutlierMonitor, status: number): void {
    if (status < 500) {
      monitor.consecutive5xx = 0;
      monitor.consecutiveGatewayErrors = 0;
      return;
    }
    const settings = this.#settings as OutlierDetection;
    const stats = this.#stats;
    if (status < 502 || status > 504) {
      monitor.consecutiveGatewayErrors = 0;
    } else if (
      ++monitor.consecutiveGatewayErrors === settings.consecutiveGatewayErrors &&
      !endpoint.ejected
    ) {
      stats.ejectionsDetectedConsecutiveGatewayFailure++;
      if (this.#eject(endpoint, monitor, 'consecutive gateway errors')) {
        stats.ejectionsEnforcedConsecutiveGatewayFailure++;
      }
      // Also when the ejection was refused: another full run of errors is needed.
      monitor.consecutiveGatewayErrors = 0;
    }
    if (++monitor.consecutive5xx === settings.consecutive5xx && !endpoint.ejected) {
      stats.ejectionsDetectedConsecutive5xx++;
      if (this.#eject(endpoint, monitor, 'consecutive 5xx')) {
        stats.ejectionsEnforcedConsecutive5xx++;
      }
      monitor.consecutive5xx = 0;
    }
  }

  /** False: too many are out already. */
  #eject(endpoint: LiveEndpoint, monitor: OutlierMonitor, reason: string): boolean {
    if (!this.#admitsEjection()) return false;
    this.#takeOut(endpoint, monitor);
    this.#stats.ejectionsEnforcedTotal++;
    this.#onHealthEvent({ kind: 'ejected', endpoint, reason });
    return true;
  }

  #admitsEjection(): boolean {
    const settings = this.#settings as OutlierDetection;
    const percent = (100 * (this.#stats.ejectionsActive + 1)) / this.#endpoints.length;
    if (percent <= settings.maxEjectionPercent) return true;
    this.#stats.ejectionsOverflow++;
    return false;
  }

  #takeOut(endpoint: LiveEndpoint, monitor: OutlierMonitor): void {
    const settings = this.#settings as OutlierDetection;
    const longest = longestEjectionMs(settings);
    // Envoy lets the product pass the longest time once, and the multiplier rest there.
    if (settings.baseEjectionMs * monitor.multiplier < longest + settings.baseEjectionMs) {
      monitor.multiplier++;
    }
    monitor.ejectedAt = this.#clock.now();
    endpoint.ejected = true;
    this.#stats.ejectionsActive++;
    this.#health.changed();
    // What comes back after its ejection starts with new connections.
    endpoint.connections?.drain();
  }

  #uneject(endpoint: LiveEndpoint, now: number): void {
    this.#bringBack(endpoint, endpoint.outlier as OutlierMonitor, now);
    this.#onHealthEvent({ kind: 'returned', endpoint, reason: '' });
  }

  #bringBack(endpoint: LiveEndpoint, monitor: OutlierMonitor, now: number): void {
    monitor.returnedAt = now;
    monitor.consecutive5xx = 0;
    monitor.consecutiveGatewayErrors = 0;
    monitor.consecutiveLocalOriginFailures = 0;
    this.#release(endpoint);
  }

  #join(endpoint: LiveEndpoint): void {
    endpoint.outlier = new OutlierMonitor();
    if (!endpoint.ejected) return;
    // It was ejected when it left.
    endpoint.ejected = false;
    this.#health.changed();
  }

  /** It may serve the configuration before for a while yet: there it stays out. */
  #leave(endpoint: LiveEndpoint): void {
    endpoint.outlier = null;
    if (endpoint.ejected) this.#stats.ejectionsActive--;
  }

  #forget(endpoint: LiveEndpoint): void {
    endpoint.outlier = null;
    if (endpoint.ejected) this.#release(endpoint);
  }

  #release(endpoint: LiveEndpoint): void {
    endpoint.ejected = false;
    this.#stats.ejectionsActive--;
    this.#health.changed();
  }
}

/** With codes of its own, one of them is an error whatever it is, and any other a success. */
function countedStatus(errorCodes: readonly number[] | null, status: number): number {
  if (errorCodes === null) return status;
  if (!errorCodes.includes(status)) return 200;
  // Seen in Envoy 1.40: a 503 among the codes is a gateway error still.
  return Math.max(status, 500);
}

function ejectionMs(settings: OutlierDetection, monitor: OutlierMonitor): number {
  return Math.min(settings.baseEjectionMs * monitor.multiplier, longestEjectionMs(settings));
}

/** A base beyond the maximum is itself the maximum. */
function longestEjectionMs(settings: OutlierDetection): number {
  return Math.max(settings.maxEjectionMs, settings.baseEjectionMs);
}
