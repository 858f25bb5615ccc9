/**
 * Ports of Gateways that one proxy serves together, as it does on a laptop: they share them as far
 * as connections can be told apart.
 */

import { resourceLabel } from '../../resource.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import { conditionOf, fails, type Mistake } from './conditions.ts';
import type { GatewayApiContext } from './context.ts';
import { conflictOf } from './listener-conflicts.ts';
import type { BoundListener } from './listeners.ts';

export class TakenPorts {
  readonly #byPort = new Map<number, BoundListener[]>();

  /** The listener, which is not served where one of an earlier Gateway is in its way. */
  take(listener: BoundListener, { findings }: GatewayApiContext): BoundListener {
    if (!listener.isServed) return listener;
    const { gateway, spec, path } = listener;
    const others = this.#byPort.get(spec.port) ?? [];
    const conflict = others.flatMap((other) => conflictBetween(listener, other) ?? [])[0];
    if (conflict === undefined) {
      this.#byPort.set(spec.port, [...others, listener]);
      return listener;
    }
    const { message, hint = null } = conflict;
    findings.add(
      translationCode.listenerNotServed,
      { resource: gateway, path },
      { message: `listener "${spec.name}" is not served (PortUnavailable): ${message}`, hint },
    );
    return unavailable(listener, { reason: 'PortUnavailable', message });
  }
}

/** Plain HTTP of several Gateways is told apart by the routes alone. */
function conflictBetween(listener: BoundListener, other: BoundListener): Mistake | null {
  if (listener.gateway === other.gateway) return null;
  if (listener.protocol === 'HTTP' && other.protocol === 'HTTP') return null;
  const { kind, metadata } = other.gateway;
  const owner = ` of ${resourceLabel(kind, metadata.namespace, metadata.name)}`;
  return conflictOf(listener.spec, other.spec, owner);
}

function unavailable(listener: BoundListener, mistake: Mistake): BoundListener {
  const conditions = listener.conditions.map((condition) => {
    switch (condition.type) {
      case 'Accepted':
        return conditionOf('Accepted', mistake);
      case 'Programmed':
        return fails('Programmed', 'Invalid', 'the listener is not served');
      default:
        return condition;
    }
  });
  return { ...listener, conditions, isServed: false };
}
