/** Sidecar: inbound and outbound listeners. */

import type { Path, Problems } from '../problem.ts';
import type { Port } from '../schema/shared.ts';
import type { IstioEgressListener, IstioIngressListener, SidecarSpec } from '../schema/sidecar.ts';
import { checkPort, checkUnixAddress, isIpAddress, unixPrefix } from './addresses.ts';
import { checkConnectionPool } from './connection-pool.ts';
import { checkDestination } from './destination.ts';
import { checkScopedHost } from './gateway.ts';
import { checkSelector, isDnsLabel } from './labels.ts';
import { isHttpProtocol, isProtocol } from './protocols.ts';
import { checkServerTls } from './server-tls.ts';

export function checkSidecar(spec: SidecarSpec, problems: Problems): void {
  const { ingress = [], egress = [], workloadSelector, outboundTrafficPolicy } = spec;
  if (workloadSelector !== undefined) {
    checkSelector(workloadSelector.labels, ['spec', 'workloadSelector'], problems);
  }
  const isEmpty = ingress.length === 0 && egress.length === 0;
  if (isEmpty && outboundTrafficPolicy === undefined && spec.inboundConnectionPool === undefined) {
    problems.invalid(['spec'], 'the Sidecar sets nothing');
  }
  const ports = new Set<number>();
  for (const [index, listener] of ingress.entries()) {
    const path = ['spec', 'ingress', index];
    checkIngress(listener, path, problems);
    checkUniquePort(ports, listener.port, path, problems);
  }
  checkConnectionPool(spec.inboundConnectionPool, ['spec', 'inboundConnectionPool'], problems);
  checkEgressListeners(egress, problems);
  checkOutboundPolicy(spec, problems);
}

function checkUniquePort(ports: Set<number>, ...[port, path, problems]: PortPlace): void {
  const number = port?.number ?? 0;
  if (number === 0) return;
  if (ports.has(number)) {
    problems.invalid([...path, 'port', 'number'], `there are two listeners on port ${number}`);
  }
  ports.add(number);
}

type PortPlace = [port: Port | undefined, path: Path, problems: Problems];

function checkIngress(listener: IstioIngressListener, path: Path, problems: Problems): void {
  const { port, bind = '', defaultEndpoint = '', tls, connectionPool } = listener;
  if (port === undefined) {
    problems.invalid(path, 'an inbound listener needs a port');
    return;
  }
  checkListenerPort(port, [...path, 'port'], problems);
  checkPort(port.number, [...path, 'port', 'number'], problems);
  if (bind !== '' && !isIpAddress(bind)) {
    problems.invalid([...path, 'bind'], `"${bind}" is not an IP address`);
  }
  if (defaultEndpoint !== '') {
    checkDefaultEndpoint(defaultEndpoint, [...path, 'defaultEndpoint'], problems);
  }
  checkIngressTls(tls, [...path, 'tls'], problems);
  checkConnectionPool(connectionPool, [...path, 'connectionPool'], problems);
  if (connectionPool?.http !== undefined && !isHttpProtocol(port.protocol)) {
    problems.doubtful([...path, 'connectionPool', 'http'], 'this port does not speak HTTP');
  }
}

function checkListenerPort(port: Port, path: Path, problems: Problems): void {
  const { name = '', protocol = '', targetPort = 0 } = port;
  if (name !== '' && !isDnsLabel(name)) {
    problems.invalid([...path, 'name'], `"${name}" is not a port name`);
  }
  if (protocol !== '' && !isProtocol(protocol)) {
    problems.invalid([...path, 'protocol'], `"${protocol}" is not a protocol`);
  }
  if (targetPort > 0) problems.invalid([...path, 'targetPort'], 'targetPort has no effect');
}

const localEndpoint = /^(?:|127\.0\.0\.1|0\.0\.0\.0|\[::1?\]):(\d+)$/;

function checkDefaultEndpoint(endpoint: string, path: Path, problems: Problems): void {
  if (endpoint.startsWith(unixPrefix)) {
    checkUnixAddress(endpoint, path, problems);
    return;
  }
  const parts = localEndpoint.exec(endpoint);
  if (parts === null) {
    const hint = '127.0.0.1:PORT, 0.0.0.0:PORT, [::1]:PORT, [::]:PORT or unix:///path';
    problems.invalid(path, `"${endpoint}" is not an endpoint of this workload`, hint);
  } else checkPort(Number(parts[1]), path, problems);
}

function checkIngressTls(tls: IstioIngressListener['tls'], path: Path, problems: Problems): void {
  if (tls === undefined) return;
  const unsupported = {
    subjectAltNames: (tls.subjectAltNames ?? []).length > 0,
    httpsRedirect: tls.httpsRedirect === true,
    credentialName: (tls.credentialName ?? '') !== '',
    credentialNames: (tls.credentialNames ?? []).length > 0,
  };
  for (const [field, isSet] of Object.entries(unsupported)) {
    if (isSet) problems.invalid([...path, field], `"${field}" is not supported in a Sidecar`);
  }
  if (tls.mode === 'ISTIO_MUTUAL' || tls.mode === 'AUTO_PASSTHROUGH') {
    problems.invalid([...path, 'mode'], `the mode ${tls.mode} is not supported in a Sidecar`);
  }
  checkServerTls(tls, path, problems);
}

function checkEgressListeners(egress: readonly IstioEgressListener[], problems: Problems): void {
  const ports = new Set<number>();
  const sockets = new Set<string>();
  for (const [index, listener] of egress.entries()) {
    const path = ['spec', 'egress', index];
    const { port, bind = '' } = listener;
    if (port !== undefined) {
      checkEgressPort(listener, path, problems);
      checkUniquePort(ports, port, path, problems);
      if ((port.number ?? 0) === 0) {
        if (sockets.has(bind))
          problems.invalid([...path, 'bind'], `there are two listeners on ${bind}`);
        sockets.add(bind);
      }
    } else if (index < egress.length - 1) {
      const message = 'only the last outbound listener can be without a port';
      problems.invalid(path, message, 'move it to the end');
    }
    checkEgressHosts(listener, path, problems);
  }
}

function checkEgressPort(listener: IstioEgressListener, path: Path, problems: Problems): void {
  const { port = {}, bind = '', captureMode = 'DEFAULT' } = listener;
  checkListenerPort(port, [...path, 'port'], problems);
  const place = [...path, 'bind'];
  if ((port.number ?? 0) !== 0) {
    checkPort(port.number, [...path, 'port', 'number'], problems);
    if (bind !== '' && !isIpAddress(bind))
      problems.invalid(place, `"${bind}" is not an IP address`);
    return;
  }
  if (bind.startsWith(unixPrefix)) checkUnixAddress(bind, place, problems);
  else problems.invalid(place, 'port 0 needs a socket to bind to', 'bind: unix:///path');
  if (captureMode === 'IPTABLES') {
    problems.invalid([...path, 'captureMode'], 'a socket cannot be captured by IPTABLES');
  }
}

function checkEgressHosts(listener: IstioEgressListener, path: Path, problems: Problems): void {
  const hosts = listener.hosts ?? [];
  if (hosts.length === 0) problems.invalid(path, 'an outbound listener needs at least one host');
  const seen = new Set<string>();
  for (const [index, host] of hosts.entries()) {
    const place = [...path, 'hosts', index];
    checkScopedHost(host, { path: place, kind: 'sidecar' }, problems);
    const namespace = host.slice(0, host.indexOf('/'));
    if (seen.has(host) || seen.has(`${namespace}/*`)) {
      problems.doubtful(place, `"${host}" is covered by an entry before it`);
    }
    seen.add(host);
  }
}

function checkOutboundPolicy(spec: SidecarSpec, problems: Problems): void {
  const { mode = 'REGISTRY_ONLY', egressProxy } = spec.outboundTrafficPolicy ?? {};
  if (egressProxy === undefined) return;
  const path = ['spec', 'outboundTrafficPolicy', 'egressProxy'];
  if (mode !== 'ALLOW_ANY') problems.invalid(path, 'egressProxy needs mode ALLOW_ANY');
  if (egressProxy.port === undefined) problems.invalid(path, 'egressProxy needs a port');
  checkDestination(egressProxy, path, problems);
}
