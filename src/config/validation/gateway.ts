/** Gateway: servers, ports and hosts. */

import type { Path, Problems } from '../problem.ts';
import type { GatewayServer, GatewaySpec } from '../schema/gateway.ts';
import type { Port } from '../schema/shared.ts';
import { checkPort, checkUnixAddress, isIpAddress, unixPrefix } from './addresses.ts';
import { isPartialWildcard, wildcardHostMistake } from './host-names.ts';
import { isDnsLabel } from './labels.ts';
import { isHttpProtocol, isProtocol, isTlsProtocol } from './protocols.ts';
import { checkServerTls } from './server-tls.ts';

export function checkGateway(spec: GatewaySpec, name: string, problems: Problems): void {
  if (!isDnsLabel(name)) {
    const message = `"${name}" cannot be the name of a Gateway`;
    problems.invalid(['metadata', 'name'], message, 'letters, digits and "-", at most 63');
  }
  const servers = spec.servers ?? [];
  if (servers.length === 0) problems.invalid(['spec'], 'the Gateway has no servers');
  const portNames = new Set<string>();
  for (const [index, server] of servers.entries()) {
    const path = ['spec', 'servers', index];
    checkGatewayServer(server, path, problems);
    const portName = server.port?.name ?? '';
    if (portName !== '' && portNames.has(portName)) {
      problems.invalid([...path, 'port', 'name'], `there are two ports named "${portName}"`);
    }
    portNames.add(portName);
  }
}

export function checkGatewayServer(server: GatewayServer, path: Path, problems: Problems): void {
  const { hosts = [], port, bind = '', tls } = server;
  if (hosts.length === 0)
    problems.invalid(path, 'the server has no hosts', 'hosts: ["*"] serves all');
  for (const [index, host] of hosts.entries()) {
    checkScopedHost(host, { path: [...path, 'hosts', index], kind: 'gateway' }, problems);
  }
  if (port === undefined) problems.invalid(path, 'the server has no port');
  else checkGatewayPort(port, { path: [...path, 'port'], bind }, problems);
  if (bind.startsWith(unixPrefix)) checkUnixAddress(bind, [...path, 'bind'], problems);
  else if (bind !== '' && !isIpAddress(bind)) {
    problems.invalid([...path, 'bind'], `"${bind}" is not an IP address`);
  }
  checkServerTls(tls, [...path, 'tls'], problems);
  checkTlsFitsProtocol(server, path, problems);
}

interface PortContext {
  readonly path: Path;
  readonly bind: string;
}

export function checkGatewayPort(
  port: Port,
  { path, bind }: PortContext,
  problems: Problems,
): void {
  const { protocol = '', name = '', targetPort = 0 } = port;
  const number = port.number ?? 0;
  if (!isProtocol(protocol)) {
    const hint = 'HTTP, HTTPS, HTTP2, GRPC, GRPC-WEB, TLS, TCP, MONGO, REDIS or MYSQL';
    problems.invalid([...path, 'protocol'], `"${protocol}" is not a protocol`, hint);
  }
  if (!bind.startsWith(unixPrefix)) checkPort(number, [...path, 'number'], problems);
  else if (number !== 0) {
    problems.invalid([...path, 'number'], 'the port number must be 0 for a socket file');
  }
  if (targetPort > 0) problems.invalid([...path, 'targetPort'], 'targetPort has no effect');
  if (name === '') problems.invalid(path, 'the port needs a name');
}

function checkTlsFitsProtocol(server: GatewayServer, path: Path, problems: Problems): void {
  const { port, tls } = server;
  const { protocol = '' } = port ?? {};
  if (!isProtocol(protocol)) return;
  if (isTlsProtocol(protocol)) {
    if (tls === undefined) {
      const hint = 'for example tls: {mode: SIMPLE, credentialName: …}';
      problems.invalid(path, `a server for ${protocol} must have TLS settings`, hint);
    } else if (tls.httpsRedirect === true) {
      problems.doubtful(
        [...path, 'tls', 'httpsRedirect'],
        'httpsRedirect is for HTTP servers only',
      );
    }
    return;
  }
  if (tls === undefined) return;
  const passthrough = ['PASSTHROUGH', 'AUTO_PASSTHROUGH'].includes(tls.mode ?? 'PASSTHROUGH');
  const hasFiles = [tls.caCertificates, tls.privateKey, tls.serverCertificate].some(Boolean);
  if (isHttpProtocol(protocol) && passthrough && !hasFiles) return;
  const message = `a server for ${protocol} cannot have TLS settings`;
  problems.invalid([...path, 'tls'], message, 'only httpsRedirect; use protocol HTTPS for TLS');
}

export interface ScopedHostContext {
  readonly path: Path;
  readonly kind: 'gateway' | 'sidecar';
}

/** `host` (gateways) or `namespace/host`. */
export function checkScopedHost(
  text: string,
  { path, kind }: ScopedHostContext,
  problems: Problems,
): void {
  const slash = text.indexOf('/');
  const host = text.slice(slash + 1);
  if (slash === -1 && kind === 'sidecar') {
    problems.invalid(path, `"${text}" must be namespace/host`, `for example "*/${text}"`);
    return;
  }
  // `~namespace/host` excludes a host from what a Sidecar sees.
  const scope = text.slice(0, slash);
  const namespace = kind === 'sidecar' && /^~./.test(scope) ? scope.slice(1) : scope;
  const isSpecial = ['*', '.'].includes(namespace) || (kind === 'sidecar' && namespace === '~');
  if (slash !== -1 && !isSpecial && !isDnsLabel(namespace)) {
    problems.invalid(path, `"${namespace}" is not a namespace`);
  }
  const isIp = kind === 'gateway' && isIpAddress(host);
  const mistake = isIp ? null : wildcardHostMistake(host);
  if (mistake !== null) problems.invalid(path, mistake);
  else if (host !== '*' && !host.includes('.') && !isIp) {
    problems.invalid(path, `"${host}" is a short name, a full name is needed here`);
  } else if (isPartialWildcard(host)) {
    problems.invalid(path, `"${host}" is a wildcard for a part of a label`, 'write *.example.com');
  }
}
