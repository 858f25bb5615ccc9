/** Reports `--port` flags for ports that no Gateway has. */

import type { ResourceSet } from '../../resource-set.ts';
import { selectGateways } from '../gateway/gateway-servers.ts';
import type { Scope } from '../scope.ts';
import { translationCode } from '../translation-findings.ts';

/** Where local TLS adds https to Gateways. */
const httpsPort = 443;

/** A Bootstrap may well list more ports than are in use. */
export function reportIdlePorts(
  { settings, findings }: Scope,
  { gateways, bootstraps }: ResourceSet,
): void {
  const servers = selectGateways(gateways, settings).flatMap(({ spec }) => spec.servers ?? []);
  const ports = new Set(servers.flatMap(({ port }) => port?.number ?? []));
  if (settings.localTls) ports.add(httpsPort);
  const listed = bootstraps.at(-1)?.spec.listeners?.ports ?? {};
  for (const [port, local] of Object.entries(settings.gatewayPorts)) {
    if (ports.has(Number(port)) || Object.hasOwn(listed, port)) continue;
    const known = [...ports].sort((a, b) => a - b).join(', ');
    const message = `no Gateway of this proxy has a server on port ${port}, which is mapped to ${local}`;
    findings.add(
      translationCode.idlePort,
      { resource: null, path: [] },
      { message, hint: known === '' ? null : `there are servers on ${known}` },
    );
  }
}
