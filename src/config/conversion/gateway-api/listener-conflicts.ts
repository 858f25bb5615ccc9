/** Listeners of a Gateway that cannot be told from one before them on the same port. */

import type { GatewayApiListener } from '../../schema/gateway-api/gateway.ts';
import type { Mistake } from './conditions.ts';
import { anyHost } from './hostnames.ts';
import { listenerProtocol } from './listener-kinds.ts';

/** For each listener why it cannot be served; null: it can. The first of a port stays. */
export function listenerConflicts(
  listeners: readonly GatewayApiListener[],
): readonly (Mistake | null)[] {
  const accepted = new Map<number, GatewayApiListener[]>();
  return listeners.map((listener) => {
    if (family(listener) === null) return null;
    const others = accepted.get(listener.port) ?? [];
    const conflict = others.map((other) => conflictOf(listener, other)).find(isMistake) ?? null;
    if (conflict === null) accepted.set(listener.port, [...others, listener]);
    return conflict;
  });
}

function isMistake(conflict: Mistake | null): boolean {
  return conflict !== null;
}

type Family = 'HTTP' | 'TLS' | 'TCP';

/** Listeners of one family share a port: plain HTTP by Host, TLS by server name, TCP not at all. */
function family(listener: GatewayApiListener): Family | null {
  switch (listenerProtocol(listener)) {
    case null:
      return null;
    case 'HTTP':
      return 'HTTP';
    case 'TCP':
      return 'TCP';
    default:
      return 'TLS';
  }
}

/** Of two listeners of a port. `owner`: words for whose the other is, where it is another's. */
export function conflictOf(
  listener: GatewayApiListener,
  other: GatewayApiListener,
  owner = '',
): Mistake | null {
  const where = `listener "${other.name}"${owner} has port ${other.port}`;
  if (family(listener) !== family(other) || family(listener) === 'TCP') {
    const message = `${where} for ${other.protocol}`;
    return { reason: 'ProtocolConflict', message, hint: 'give it another port' };
  }
  const host = hostOf(listener);
  if (host !== hostOf(other)) return null;
  const what = host === anyHost ? 'all hosts' : `host ${host}`;
  const hint = 'give it a hostname or a port of its own';
  return { reason: 'HostnameConflict', message: `${where} with ${what} too`, hint };
}

export function hostOf({ hostname = '' }: GatewayApiListener): string {
  return hostname === '' ? anyHost : hostname.toLowerCase();
}
