/** Envoy's HTTP connection manager as Istio sets it up on each side. */

import type { HttpSettings } from '../../../model/http-settings.ts';
import type { Direction } from '../../../model/listener.ts';
import type { Scope } from '../scope.ts';

export function httpSettings(
  direction: Direction,
  { settings, telemetry }: Pick<Scope, 'settings' | 'telemetry'>,
): HttpSettings {
  const { mesh } = settings;
  const side = direction === 'inbound' ? telemetry.server : telemetry.client;
  const isGateway = direction === 'gateway';
  return {
    useRemoteAddress: isGateway,
    xffNumTrustedHops: isGateway ? mesh.numTrustedProxies : 0,
    // Istio configures them where the peer is the client, and nowhere else.
    internalAddresses: isGateway ? settings.internalAddresses : null,
    serverName: mesh.serverHeader.value ?? (direction === 'outbound' ? 'envoy' : 'istio-envoy'),
    overwriteServer: !mesh.serverHeader.disabled,
    generateRequestId: mesh.generateRequestId,
    // A gateway gives every request from outside an id of its own.
    preserveExternalRequestId: !isGateway,
    // An application is not told how often its own proxy has tried.
    attemptCountHeader: mesh.attemptCountHeader && direction !== 'inbound',
    pathNormalization: mesh.pathNormalization,
    tracing: side.tracing !== null,
    websocketUpgrades: true,
    forwardClientCert: isGateway ? mesh.gatewayForwardClientCert : 'APPEND_FORWARD',
  };
}
