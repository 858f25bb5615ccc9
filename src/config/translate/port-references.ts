/** Reports entries of the port map (`--port`, `listeners.ports`) for ports that no Gateway has. */

import type { ResourceSet } from '../resource-set.ts';
import { selectGateways } from './gateway-servers.ts';
import type { Scope } from './scope.ts';
import { translationCode } from './translation-findings.ts';

/** Where local TLS adds https to Gateways. */
const httpsPort = 443;

export function reportIdlePorts(
  { settings, findings }: Scope,
  { gateways, bootstraps }: ResourceSet,
): void {
  const servers = selectGateways(gateways, settings).flatMap(({ spec }) => spec.servers ?? []);
  const ports = new Set(servers.flatMap(({ port }) => port?.number ?? []));
  const bootstrap = bootstraps.at(-1);
  for (const port of Object.keys(settings.gatewayPorts)) {
    if (ports.has(Number(port)) || (settings.localTls && Number(port) === httpsPort)) continue;
    const isWritten = Object.hasOwn(bootstrap?.spec.listeners?.ports ?? {}, port);
    const known = [...ports].sort((a, b) => a - b).join(', ');
    findings.add(
      translationCode.idlePort,
      isWritten && bootstrap !== undefined
        ? { resource: bootstrap, path: ['spec', 'listeners', 'ports', port] }
        : { resource: null, path: [] },
      {
        message: `no Gateway of this proxy has a server on port ${port}, which is mapped to ${settings.gatewayPorts[Number(port)]}`,
        hint: known === '' ? 'there is no Gateway server' : `there are servers on ${known}`,
      },
    );
  }
}
