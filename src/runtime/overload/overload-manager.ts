/**
 * Envoy's overload manager: looks a few times a second at what the process uses, and has the data
 * plane turn work away before there is too much of it.
 */

import { isDeepStrictEqual } from '../../base/node-util.ts';
import type { ProcessUsage } from '../../base/process-usage.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type {
  OverloadAction,
  OverloadActionName,
  OverloadMonitor,
  OverloadSettings,
} from '../../model/overload-settings.ts';
import type { OverloadState } from '../../proxy/overload/overload-state.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Sample } from '../../telemetry/metrics/sample.ts';
import { type ActionState, inactive, nextState } from './action.ts';
import { type MonitorParts, maximumOf, openMonitor, processWatches } from './monitors.ts';
import { actionNames, actionSamples, pressureSamples, resourceNames } from './overload-stats.ts';
import { Pressure } from './pressure.ts';

/** A threshold holds for this long after it was last reached. Milliseconds. */
const holdMs = 1000;

/** What a scaled action keeps of itself at least in `releaseMs`; docs/decisions/0125-overload.md. */
const releaseShare = 0.8;
const releaseMs = 250;

export interface OverloadManagerParts {
  readonly state: OverloadState;
  readonly timers: Timers;
  readonly log: Logger;
  readonly usage: ProcessUsage;
  /** Default: those of this process. */
  readonly watches?: Pick<MonitorParts, 'watchEventLoop' | 'watchLiveHeap'>;
  /** Opens or closes the ports of all listeners; called at each refresh. */
  setAccepting(accepts: boolean): void;
}

interface ActiveAction {
  readonly model: OverloadAction;
  state: ActionState;
}

export class OverloadManager {
  readonly #parts: OverloadManagerParts;
  #settings: OverloadSettings | null = null;
  #pressures: readonly Pressure[] = [];
  #actions: readonly ActiveAction[] = [];
  #timer: Timer | null = null;

  constructor(parts: OverloadManagerParts) {
    this.#parts = parts;
  }

  /**
   * From now on by these settings. What is measured as before goes on, with what was measured; the
   * same settings change nothing.
   */
  follow(settings: OverloadSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#settings = settings;
    this.#replaceMonitors(settings);
    this.#replaceActions(settings);
    this.#setLimits();
    this.#act();
    this.#schedule();
  }

  /** Measures nothing any more; what is being done goes on. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (const { monitor } of this.#pressures) monitor.stop();
  }

  *samples(): Iterable<Sample> {
    for (const pressure of this.#pressures) yield* pressureSamples(pressure);
    for (const { model, state } of this.#actions) yield* actionSamples(model.name, state.value);
  }

  #replaceMonitors({ monitors, refreshIntervalMs }: OverloadSettings): void {
    const before = this.#pressures;
    this.#pressures = monitors.flatMap((model) => this.#pressureOf(model) ?? []);
    for (const pressure of before) {
      if (!this.#pressures.includes(pressure)) pressure.monitor.stop();
    }
    const kept = Math.max(1, Math.ceil(holdMs / refreshIntervalMs));
    for (const pressure of this.#pressures) {
      pressure.kept = kept;
      if (before.includes(pressure)) continue;
      pressure.refresh();
      this.#warnOfLimitReached(pressure);
    }
  }

  /** The one that there is, or a new one; null: it cannot be measured. */
  #pressureOf(model: OverloadMonitor): Pressure | null {
    const { state, usage, log, watches = processWatches } = this.#parts;
    const { resource } = model;
    const max = maximumOf(model, usage);
    if (max === null) {
      log.debug('this system does not tell', { resource: resourceNames[resource] });
      return null;
    }
    const same = this.#pressures.find(
      ({ monitor }) => monitor.resource === resource && monitor.max === max,
    );
    return same ?? new Pressure(openMonitor(resource, max, { state, usage, ...watches }));
  }

  /** What is reached before there is any load was meant for another program, or has a digit less. */
  #warnOfLimitReached({ monitor, current }: Pressure): void {
    if (monitor.resource !== 'residentMemory' || current < 1) return;
    this.#parts.log.warning('the limit of memory is below what this process has already', {
      resource: resourceNames[monitor.resource],
      limit: mebibytes(monitor.max),
      used: mebibytes(current * monitor.max),
    });
  }

  #replaceActions({ actions }: OverloadSettings): void {
    const before = new Map(this.#actions.map((action) => [action.model.name, action]));
    this.#actions = actions.map((model) => {
      const state = before.get(model.name)?.state ?? inactive;
      before.delete(model.name);
      return { model, state };
    });
    for (const { model, state } of before.values()) {
      if (state.value > 0) this.#logEnd(model.name);
    }
  }

  /** What is looked at for each new connection, between measurements as well. */
  #setLimits(): void {
    const { state } = this.#parts;
    state.maxConnections = this.#maxOf('downstreamConnections');
    const reject = this.#actions.find(({ model }) => model.name === 'rejectIncomingConnections');
    const triggers = reject?.model.triggers ?? [];
    const share = triggers.find(({ resource }) => resource === 'fileDescriptors');
    const isSharp = share?.kind === 'threshold';
    const limit = this.#maxOf('fileDescriptors');
    state.descriptorLimit = isSharp ? limit * share.value : Number.POSITIVE_INFINITY;
  }

  /** From one refresh to the next. */
  get #release(): number {
    const { refreshIntervalMs = 0 } = this.#settings ?? {};
    return releaseShare ** (refreshIntervalMs / releaseMs);
  }

  #maxOf(wanted: 'downstreamConnections' | 'fileDescriptors'): number {
    const pressure = this.#pressures.find(({ monitor }) => monitor.resource === wanted);
    return pressure?.monitor.max ?? Number.POSITIVE_INFINITY;
  }

  #refresh(): void {
    for (const pressure of this.#pressures) pressure.refresh();
    this.#act();
    this.#schedule();
  }

  #schedule(): void {
    this.#timer?.cancel();
    this.#timer = null;
    if (this.#pressures.length === 0) return;
    const { refreshIntervalMs = 0 } = this.#settings ?? {};
    this.#timer = this.#parts.timers.set(refreshIntervalMs, () => this.#refresh());
  }

  #act(): void {
    for (const action of this.#actions) this.#update(action);
    const { state, setAccepting } = this.#parts;
    state.stopAcceptingRequests = this.#valueOf('stopAcceptingRequests');
    state.disableHttpKeepalive = this.#valueOf('disableHttpKeepalive') >= 1;
    state.rejectIncomingConnections = this.#valueOf('rejectIncomingConnections');
    setAccepting(this.#valueOf('stopAcceptingConnections') < 1);
  }

  #update(action: ActiveAction): void {
    const before = action.state;
    const after = nextState(action, this.#pressures, this.#release);
    action.state = after;
    if (before.value === 0 && after.cause !== null) {
      const { monitor, current } = after.cause;
      const pressure = percent(current);
      const resource = resourceNames[monitor.resource];
      const fields = { action: actionNames[action.model.name], resource, pressure };
      this.#parts.log.warning('overload action begins', fields);
    } else if (before.value > 0 && after.cause === null) {
      this.#logEnd(action.model.name);
    }
  }

  #logEnd(name: OverloadActionName): void {
    this.#parts.log.info('overload action ends', { action: actionNames[name] });
  }

  #valueOf(name: OverloadActionName): number {
    return this.#actions.find(({ model }) => model.name === name)?.state.value ?? 0;
  }
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)}Mi`;
}

function percent(pressure: number): string {
  return `${Math.round(pressure * 100)}%`;
}
