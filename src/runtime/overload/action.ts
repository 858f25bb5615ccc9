/** One action of the overload manager, and what its triggers say of it. */

import type { OverloadAction, OverloadTrigger } from '../../model/overload-settings.ts';
import type { Pressure } from './pressure.ts';

export interface ActionState {
  /** That of the trigger that says most: 0 the action is off, 1 it hits all. */
  readonly value: number;
  /** The same, of scaled triggers alone. */
  readonly scaled: number;
  /** What the strongest trigger is about; null while the action is off. */
  readonly cause: Pressure | null;
}

export const inactive: ActionState = { value: 0, scaled: 0, cause: null };

/** A scaled action that hits less is off. */
const leastShare = 0.02;

/**
 * By the pressures as they are now. A threshold holds while any of the last measurements is over
 * it. A scaled trigger follows each at once upwards; downwards no less than `release` is kept of
 * what it was, so that those who are let in do not all come at once. Triggers of what could not be
 * monitored are silent.
 */
export function nextState(
  { model, state: before }: { readonly model: OverloadAction; readonly state: ActionState },
  pressures: Iterable<Pressure>,
  release: number,
): ActionState {
  const held = before.scaled * release;
  let scaled = held < leastShare ? 0 : held;
  let value = scaled;
  let cause = value > 0 ? before.cause : null;
  for (const pressure of pressures) {
    for (const trigger of model.triggers) {
      if (trigger.resource !== pressure.monitor.resource) continue;
      const strength = strengthOf(trigger, pressure);
      if (trigger.kind === 'scaled') scaled = Math.max(scaled, strength);
      if (strength <= value) continue;
      value = strength;
      cause = pressure;
    }
  }
  return { value, scaled, cause };
}

function strengthOf(trigger: OverloadTrigger, { current, peak }: Pressure): number {
  if (trigger.kind === 'threshold') return peak >= trigger.value ? 1 : 0;
  const { scaling, saturation } = trigger;
  return Math.min(1, Math.max(0, (current - scaling) / (saturation - scaling)));
}
