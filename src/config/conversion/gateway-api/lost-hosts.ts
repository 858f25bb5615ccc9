/**
 * Hosts of a route that a listener closer to them has: if the route is not attached to that one
 * too, its rules get no requests for them.
 */

import { closestHost } from '../../registry/host-names.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import type { LostHost, ParentAttachment, Route } from './attachment.ts';
import type { GatewayApiContext } from './context.ts';
import type { BoundListener } from './listeners.ts';

/** `listenersOf`: all of the Gateway that a listener is of. */
export function reportLostHosts(
  { route, parents }: { readonly route: Route; readonly parents: readonly ParentAttachment[] },
  listenersOf: (listener: BoundListener) => readonly BoundListener[],
  { findings }: GatewayApiContext,
): void {
  for (const { index, lostHosts } of parents) {
    for (const lost of lostHosts) {
      if (isServedNearby(lost, parents)) continue;
      const { listener, host } = lost;
      const closer = closestListener(lost, listenersOf(listener));
      if (closer === undefined) continue;
      const name = `"${closer.spec.name}"`;
      findings.add(
        translationCode.routeNotAttached,
        { resource: route, path: ['spec', 'parentRefs', index] },
        {
          message:
            `listener "${listener.spec.name}" gets no requests for ${host}: they are for ` +
            `listener ${name}, to which the route is not attached`,
          hint: `attach the route to listener ${name} too`,
        },
      );
    }
  }
}

function isServedNearby(
  { listener: { gateway, spec }, host }: LostHost,
  parents: readonly ParentAttachment[],
): boolean {
  return parents
    .flatMap(({ attachments }) => attachments)
    .some(
      ({ listener, hostnames }) =>
        listener.gateway === gateway &&
        listener.spec.port === spec.port &&
        hostnames.includes(host),
    );
}

function closestListener(
  { listener: { spec, narrowerHosts }, host }: LostHost,
  listeners: readonly BoundListener[],
): BoundListener | undefined {
  const closest = closestHost(host, narrowerHosts);
  return listeners.find(
    (one) => one.isServed && one.spec.port === spec.port && one.hostname === closest,
  );
}
