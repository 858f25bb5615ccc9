/** Tells of Gateway servers that no rule is for, and what was probably meant. */

import { virtualServicesOfServer } from '../listeners/connection-match.ts';
import type { BoundVirtualService } from '../rules/virtual-services.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';
import type { BoundServer } from './gateway-servers.ts';

/** Of a server for requests. */
export function reportUnbound(scope: Scope, server: BoundServer): void {
  const { madeFrom } = server.resource;
  if (madeFrom !== undefined) {
    // All Ingresses share port 80; of what was made users know no VirtualService.
    if (madeFrom.resource.kind === 'Ingress' && server.kind === 'http') return;
    scope.findings.add(translationCode.unboundGatewayServer, server, {
      message: `no rule serves ${hostsOf(server)} on port ${server.port}; every request gets 404`,
    });
    return;
  }
  scope.findings.add(translationCode.unboundGatewayServer, server, {
    message: `no VirtualService serves ${hostsOf(server)} on this Gateway; every request gets 404`,
    hint: requestHint(scope, server),
  });
}

function requestHint(scope: Scope, server: BoundServer): string {
  const [bound] = virtualServicesOfServer(scope, server);
  if (bound === undefined || bound.rules.length > 0 || isEmpty(bound)) return bindHint(server);
  const written = bound.tcpRules.length > 0 ? 'tcp' : 'tls';
  const { protocol } = server.spec.port ?? {};
  return `${nameOf(bound)} has ${written} rules only, and ${protocol} needs http rules`;
}

function isEmpty({ tcpRules, tlsRules }: BoundVirtualService): boolean {
  return tcpRules.length === 0 && tlsRules.length === 0;
}

function bindHint({ gateway }: BoundServer): string {
  return `name "${gateway}" in spec.gateways of a VirtualService`;
}

/** Of a server for connections, which are routed by rules of `field`. */
export function reportNoRule(scope: Scope, server: BoundServer, field: 'tcp' | 'tls'): void {
  if (server.resource.madeFrom !== undefined) {
    scope.findings.add(translationCode.unboundGatewayServer, server, {
      message: `no route is attached for ${hostsOf(server)} on port ${server.port}`,
    });
    return;
  }
  scope.findings.add(translationCode.unboundGatewayServer, server, {
    message: `no VirtualService has ${field} rules for ${hostsOf(server)} on this Gateway and port`,
    hint: connectionHint(scope, server, field),
  });
}

function connectionHint(scope: Scope, server: BoundServer, field: 'tcp' | 'tls'): string {
  const { kind, spec, gateway } = server;
  if (kind === 'passthrough' && spec.tls?.mode === undefined) {
    return 'without mode it is PASSTHROUGH; set mode: SIMPLE for TLS that ends at the Gateway';
  }
  const bound = virtualServicesOfServer(scope, server).find(({ rules }) => rules.length > 0);
  if (bound !== undefined && kind !== 'tcp') {
    return `${nameOf(bound)} has http rules: they need protocol: HTTPS and mode: SIMPLE`;
  }
  return `connections are routed by spec.${field} of a VirtualService with "${gateway}" in spec.gateways`;
}

function hostsOf({ spec }: BoundServer): string {
  return (spec.hosts ?? []).join(', ');
}

function nameOf({ resource: { metadata } }: BoundVirtualService): string {
  return `VirtualService ${metadata.namespace}/${metadata.name}`;
}
