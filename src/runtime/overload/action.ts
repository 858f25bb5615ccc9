/** One action of the overload manager, and what its triggers say of it. */

import type { OverloadAction, OverloadTrigger } from '../../model/overload-settings.ts';
import type { Pressure } from './pressure.ts';

/** Of the trigger that says most. */
export interface ActionState {
  /** 0 the action is off, 1 it hits all. */
  readonly value: number;
  /** null while it is off. */
  readonly cause: Pressure | null;
}

export const inactive: ActionState = { value: 0, cause: null };

/** By the pressures as they are now. Triggers of what could not be monitored are silent. */
export function stateOf(action: OverloadAction, pressures: Iterable<Pressure>): ActionState {
  let state = inactive;
  for (const pressure of pressures) {
    for (const trigger of action.triggers) {
      if (trigger.resource !== pressure.monitor.resource) continue;
      const value = strengthOf(trigger, pressure.peak);
      if (value > state.value) state = { value, cause: pressure };
    }
  }
  return state;
}

function strengthOf(trigger: OverloadTrigger, pressure: number): number {
  if (trigger.kind === 'threshold') return pressure >= trigger.value ? 1 : 0;
  const { scaling, saturation } = trigger;
  return Math.min(1, Math.max(0, (pressure - scaling) / (saturation - scaling)));
}
