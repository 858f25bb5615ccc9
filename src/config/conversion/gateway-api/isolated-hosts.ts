/**
 * Hosts of listeners that no route serves although a listener of the same port, with a wider host,
 * has routes: a request for them is for the listener with the closest host, and so gets 404.
 */

import type { VirtualService } from '../../translate/istio-resources.ts';
import { translationCode } from '../../translate/translation-findings.ts';
import { madeResource } from '../made-resource.ts';
import type { GatewayApiContext } from './context.ts';
import { madeGatewayName, type ServedGateway } from './gateways.ts';
import type { BoundListener } from './listeners.ts';

/** `made`: the rules of all routes. */
export function isolatedHosts(
  gateways: readonly ServedGateway[],
  made: readonly VirtualService[],
  { findings }: GatewayApiContext,
): readonly VirtualService[] {
  const all = gateways.flatMap(({ listeners }) => listeners);
  return gateways.flatMap(({ listeners }) =>
    listeners.flatMap((listener) => {
      // TLS tells listeners apart before there is a request.
      if (listener.protocol !== 'HTTP' || !listener.isServed) return [];
      if (!isWithinAnother(listener, listeners) || hasRules(listener, { made, all })) return [];
      findings.add(
        translationCode.unboundGatewayServer,
        { resource: listener.gateway, path: listener.path },
        { message: `no route serves ${listener.hostname} at this listener; it gets 404` },
      );
      return [withoutRoute(listener)];
    }),
  );
}

function isWithinAnother(
  { hostname, spec }: BoundListener,
  listeners: readonly BoundListener[],
): boolean {
  return listeners.some(
    (other) =>
      other.isServed && other.spec.port === spec.port && other.narrowerHosts.includes(hostname),
  );
}

interface PortRules {
  readonly made: readonly VirtualService[];
  readonly all: readonly BoundListener[];
}

/** For its host at its port, of whatever Gateway: the host is then no other's. */
function hasRules({ hostname, spec: { port } }: BoundListener, { made, all }: PortRules): boolean {
  const names = new Set(all.filter(({ spec }) => spec.port === port).map(fullName));
  return made.some(
    ({ spec: { gateways = [], hosts = [] } }) =>
      hosts.includes(hostname) && gateways.some((name) => names.has(name)),
  );
}

function fullName(listener: BoundListener): string {
  return `${listener.gateway.metadata.namespace}/${madeGatewayName(listener)}`;
}

function withoutRoute(listener: BoundListener): VirtualService {
  const { gateway, hostname, path } = listener;
  return madeResource({
    kind: 'VirtualService',
    name: `${madeGatewayName(listener)}-without-route`,
    spec: {
      hosts: [hostname],
      gateways: [fullName(listener)],
      http: [{ directResponse: { status: 404 } }],
    },
    from: gateway,
    pathOf: () => path,
  });
}
