/** Overload settings of the Bootstrap resource over the defaults of the model. */

import { parseByteSize } from '../../base/byte-size.ts';
import { parseDuration } from '../../base/duration.ts';
import {
  defaultOverload,
  type OverloadAction,
  type OverloadActionName,
  type OverloadMonitor,
  type OverloadResource,
  type OverloadSettings,
  type OverloadTrigger,
} from '../../model/overload-settings.ts';
import type { Path } from '../problem.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type {
  BootstrapOverload,
  OverloadScale,
  OverloadScaledTriggers,
} from '../schema/bootstrap-overload.ts';
import type { SettingsErrors } from './setting.ts';

const resources: readonly OverloadResource[] = [
  'fixedHeap',
  'residentMemory',
  'eventLoopDelay',
  'downstreamConnections',
  'fileDescriptors',
];

const actions: readonly OverloadActionName[] = [
  'stopAcceptingRequests',
  'disableHttpKeepalive',
  'stopAcceptingConnections',
  'rejectIncomingConnections',
];

/** What holds for these once they are measured: the process may have no more of them. */
const onceMeasured: Partial<Record<OverloadActionName, readonly OverloadTrigger[]>> = {
  stopAcceptingRequests: [
    { kind: 'threshold', resource: 'residentMemory', value: 0.95 },
    { kind: 'scaled', resource: 'eventLoopDelay', scaling: 0.5, saturation: 1 },
  ],
  disableHttpKeepalive: [{ kind: 'threshold', resource: 'residentMemory', value: 0.92 }],
  rejectIncomingConnections: [{ kind: 'threshold', resource: 'residentMemory', value: 0.98 }],
};

const refreshMinMs = 10;
const refreshMaxMs = 60_000;

export function mergeOverload(spec: BootstrapSpec, errors: SettingsErrors): OverloadSettings {
  const overload = spec.overload ?? {};
  const merger = new OverloadMerger(overload, errors);
  const monitors = merger.monitors();
  const measured = new Set(monitors.map(({ resource }) => resource));
  return {
    refreshIntervalMs: merger.refreshInterval(),
    monitors,
    actions: actions.flatMap((name) => merger.action(name, measured) ?? []),
  };
}

class OverloadMerger {
  readonly #overload: BootstrapOverload;
  readonly #errors: SettingsErrors;

  constructor(overload: BootstrapOverload, errors: SettingsErrors) {
    this.#overload = overload;
    this.#errors = errors;
  }

  refreshInterval(): number {
    const { refreshInterval } = this.#overload;
    if (refreshInterval === undefined) return defaultOverload.refreshIntervalMs;
    const ms = parseDuration(refreshInterval);
    if (ms !== null && ms >= refreshMinMs && ms <= refreshMaxMs) return ms;
    this.#add(['refreshInterval'], `refreshInterval must be 10ms to 1m, not ${refreshInterval}`);
    return defaultOverload.refreshIntervalMs;
  }

  monitors(): OverloadMonitor[] {
    return resources.flatMap((resource) => {
      const given = this.#overload.resources?.[resource];
      if (given !== undefined) return [{ resource, max: this.#maxOf(resource, given) }];
      return defaultOverload.monitors.filter((monitor) => monitor.resource === resource);
    });
  }

  /** null: it is never on. */
  action(name: OverloadActionName, measured: ReadonlySet<OverloadResource>): OverloadAction | null {
    const given = this.#overload.actions?.[name];
    if (given !== undefined) return { name, triggers: this.#triggers(name, given, measured) };
    const known = defaultOverload.actions.find((action) => action.name === name)?.triggers ?? [];
    const more = (onceMeasured[name] ?? []).filter(({ resource }) => measured.has(resource));
    const triggers = [...known, ...more];
    return triggers.length === 0 ? null : { name, triggers };
  }

  #maxOf(resource: OverloadResource, given: string | number): number {
    const isTime = resource === 'eventLoopDelay';
    const text = String(given);
    const parsed = isTime ? parseDuration(text) : parseByteSize(text);
    if (parsed !== null && parsed > 0) return parsed;
    const example = isTime ? '100ms' : '512Mi';
    const problem =
      parsed === null ? `cannot be "${given}": write it like ${example}` : 'must be above 0';
    this.#add(['resources', resource], `${resource} ${problem}`);
    return 1;
  }

  #triggers(
    name: OverloadActionName,
    given: OverloadScaledTriggers,
    measured: ReadonlySet<OverloadResource>,
  ): OverloadTrigger[] {
    const triggers: OverloadTrigger[] = [];
    for (const resource of resources) {
      const written = given[resource];
      if (written === undefined) continue;
      const path = ['actions', name, resource];
      const trigger = triggerOf(resource, written);
      if (typeof trigger === 'string') this.#add(path, `${resource} ${trigger}`);
      else if (measured.has(resource)) triggers.push(trigger);
      else
        this.#add(
          path,
          `${resource} is not measured: say in resources.${resource} how much is all`,
        );
    }
    return triggers;
  }

  #add(path: Path, message: string): void {
    const place = { flag: '', path: ['overload', ...path], from: 'bootstrap' } as const;
    this.#errors.add({ ...place, value: null }, message);
  }
}

/** A text says what is wrong. */
function triggerOf(resource: OverloadResource, written: OverloadScale): OverloadTrigger | string {
  const { threshold, scalingThreshold: scaling, saturationThreshold: saturation } = written;
  if (threshold !== undefined) {
    if (threshold === 0) return 'needs a threshold above 0, or the action would always be on';
    return { kind: 'threshold', resource, value: threshold };
  }
  if (scaling === undefined || saturation === undefined) {
    return 'needs a threshold, or scalingThreshold and saturationThreshold';
  }
  if (saturation <= scaling) return 'needs a saturationThreshold above its scalingThreshold';
  return { kind: 'scaled', resource, scaling, saturation };
}
