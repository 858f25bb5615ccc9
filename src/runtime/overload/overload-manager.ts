/**
 * Envoy's overload manager: looks a few times a second at what the process uses, and has the data
 * plane turn work away before there is too much of it.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ProcessUsage } from '../../base/process-usage.ts';
import type { Timer, Timers } from '../../base/timers.ts';
import type {
  OverloadAction,
  OverloadActionName,
  OverloadSettings,
} from '../../model/overload-settings.ts';
import type { OverloadState } from '../../proxy/overload-state.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { Sample } from '../../telemetry/metrics/sample.ts';
import { type ActionState, inactive, nextState } from './action.ts';
import { type MonitorParts, openMonitor, watchEventLoop } from './monitors.ts';
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
  /** Default: the event loop of this process. */
  readonly watchEventLoop?: MonitorParts['watchEventLoop'];
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

  /** From now on by these settings. The same again change nothing. */
  follow(settings: OverloadSettings): void {
    if (isDeepStrictEqual(settings, this.#settings)) return;
    this.#stopMonitors();
    this.#settings = settings;
    this.#pressures = this.#openMonitors(settings);
    this.#actions = settings.actions.map((model) => ({
      model,
      state: this.#actions.find((action) => action.model.name === model.name)?.state ?? inactive,
    }));
    this.#setLimits();
    if (this.#pressures.length === 0) this.#act();
    else this.#refresh();
  }

  /** Measures nothing any more; what is being done goes on. */
  stop(): void {
    this.#stopMonitors();
  }

  *samples(): Iterable<Sample> {
    for (const pressure of this.#pressures) yield* pressureSamples(pressure);
    for (const { model, state } of this.#actions) yield* actionSamples(model.name, state.value);
  }

  #openMonitors({ monitors, refreshIntervalMs }: OverloadSettings): Pressure[] {
    const { state, usage, log } = this.#parts;
    const parts = { state, usage, watchEventLoop: this.#parts.watchEventLoop ?? watchEventLoop };
    const kept = Math.max(1, Math.ceil(holdMs / refreshIntervalMs));
    const pressures: Pressure[] = [];
    for (const model of monitors) {
      const monitor = openMonitor(model, parts);
      if (monitor !== null) pressures.push(new Pressure(monitor, kept));
      else log.debug('this system does not tell', { resource: resourceNames[model.resource] });
    }
    return pressures;
  }

  #stopMonitors(): void {
    this.#timer?.cancel();
    this.#timer = null;
    for (const { monitor } of this.#pressures) monitor.stop();
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
    const fields = { action: actionNames[action.model.name] };
    if (before.value === 0 && after.cause !== null) {
      const { monitor, current } = after.cause;
      const pressure = percent(current);
      const resource = resourceNames[monitor.resource];
      this.#parts.log.warning('overload action begins', { ...fields, resource, pressure });
    } else if (before.value > 0 && after.cause === null) {
      this.#parts.log.info('overload action ends', fields);
    }
  }

  #valueOf(name: OverloadActionName): number {
    return this.#actions.find(({ model }) => model.name === name)?.state.value ?? 0;
  }
}

function percent(pressure: number): string {
  return `${Math.round(pressure * 100)}%`;
}
