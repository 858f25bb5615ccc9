/** Gateway and GatewayClass of the Gateway API: what the API server would refuse. */

import { findingCode } from '../finding-code.ts';
import type { Path, Problems } from '../problem.ts';
import type { GatewayApiListener, KubernetesGatewaySpec } from '../schema/gateway-api/gateway.ts';
import type { GatewayClassSpec } from '../schema/gateway-api/gateway-class.ts';
import { nearestName } from '../schema/suggest.ts';
import { hostNameMistake } from './host-names.ts';

/** RFC 1123 subdomain, as names of sections. */
const sectionName = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

export function checkGatewayClass({ controllerName }: GatewayClassSpec, problems: Problems): void {
  if (/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?\/[A-Za-z0-9/\-._~%!$&'()*+,;=:]+$/.test(controllerName))
    return;
  const path = ['spec', 'controllerName'];
  const hint = 'a domain and a path, as istio.io/gateway-controller';
  problems.invalid(path, `"${controllerName}" is not the name of a controller`, hint);
}

export function checkKubernetesGateway(spec: KubernetesGatewaySpec, problems: Problems): void {
  const { listeners = [] } = spec;
  if (listeners.length === 0) problems.invalid(['spec'], 'the Gateway has no listeners');
  const names = new Set<string>();
  for (const [index, listener] of listeners.entries()) {
    const path = ['spec', 'listeners', index];
    if (names.has(listener.name)) {
      const message = `there are two listeners named "${listener.name}"`;
      problems.invalid([...path, 'name'], message, 'routes choose listeners by their names');
    }
    names.add(listener.name);
    checkListener(listener, path, problems);
  }
  checkPorts(spec, problems);
}

function checkListener(listener: GatewayApiListener, path: Path, problems: Problems): void {
  const { name, hostname = '', protocol } = listener;
  if (!sectionName.test(name) || name.length > 253) {
    const hint = 'lower case letters, digits, "-" and ".", at most 253';
    problems.invalid([...path, 'name'], `"${name}" cannot be the name of a listener`, hint);
  }
  checkHostname(hostname, [...path, 'hostname'], problems);
  if (hostname !== '' && (protocol === 'TCP' || protocol === 'UDP')) {
    const message = `a listener for ${protocol} cannot have a hostname`;
    problems.invalid([...path, 'hostname'], message, 'nothing in the connection names a host');
  }
  checkTls(listener, path, problems);
  checkNamespaces(listener, [...path, 'allowedRoutes', 'namespaces'], problems);
}

function checkHostname(hostname: string, path: Path, problems: Problems): void {
  if (hostname === '') return;
  const name = hostname.startsWith('*.') ? hostname.slice(2) : hostname;
  const mistake = hostname === '*' ? '"*" is not a host name' : hostNameMistake(name);
  if (mistake === null) return;
  const hint = hostname === '*' ? 'leave it out to serve all hosts' : null;
  problems.invalid(path, mistake, hint);
}

const protocolsWithoutTls: ReadonlySet<string> = new Set(['HTTP', 'TCP', 'UDP']);

function checkTls({ tls, protocol }: GatewayApiListener, base: Path, problems: Problems): void {
  if (tls === undefined) return;
  const path = [...base, 'tls'];
  if (protocolsWithoutTls.has(protocol)) {
    const hint = protocol === 'HTTP' ? 'protocol: HTTPS' : 'protocol: TLS';
    problems.invalid(path, `a listener for ${protocol} cannot have tls`, hint);
    return;
  }
  const { mode = 'Terminate', certificateRefs = [], options = {} } = tls;
  if (protocol === 'HTTPS' && mode === 'Passthrough') {
    const hint = 'protocol: TLS passes it through, to the backends of TLSRoutes';
    problems.invalid([...path, 'mode'], 'TLS of a listener for HTTPS must end there', hint);
  }
  const isShown = certificateRefs.length > 0 || Object.keys(options).length > 0;
  if (mode === 'Terminate' && !isShown && !problems.localTls) {
    const hint = 'certificateRefs: [{name: …}] names a Secret with tls.crt and tls.key';
    problems.invalid(path, 'TLS that ends at the listener needs a certificate', hint);
  }
  checkOptions(options, [...path, 'options'], problems);
}

const knownOptions = ['gateway.istio.io/tls-terminate-mode'];

function checkOptions(options: object, path: Path, problems: Problems): void {
  for (const name of Object.keys(options)) {
    if (knownOptions.includes(name)) continue;
    const near = nearestName(name, knownOptions);
    problems.add({
      code: findingCode.noEffect,
      path: [...path, name],
      at: 'key',
      message: `the option "${name}" has no effect`,
      hint: near === null ? null : `did you mean "${near}"?`,
    });
  }
}

function checkNamespaces(
  { allowedRoutes }: GatewayApiListener,
  path: Path,
  problems: Problems,
): void {
  const { from = 'Same', selector } = allowedRoutes?.namespaces ?? {};
  if (from === 'Selector' && selector === undefined) {
    problems.doubtful(path, 'without a selector no route attaches', 'selector: {matchLabels: …}');
  }
  if (from !== 'Selector' && selector !== undefined) {
    const message = `the selector has no effect with from: ${from}`;
    problems.doubtful([...path, 'selector'], message, 'from: Selector');
  }
}

function checkPorts({ tls }: KubernetesGatewaySpec, problems: Problems): void {
  const ports = new Set<number>();
  for (const [index, { port }] of (tls?.frontend?.perPort ?? []).entries()) {
    if (ports.has(port)) {
      const path = ['spec', 'tls', 'frontend', 'perPort', index, 'port'];
      problems.invalid(path, `there are two settings for port ${port}`);
    }
    ports.add(port);
  }
}
