/** ServiceEntry and WorkloadEntry: hosts, addresses, ports and endpoints. */

import { parseAddressRange } from '../../base/address-set.ts';
import type { Path, Problems } from '../problem.ts';
import type { ServiceEntrySpec } from '../schema/service-entry.ts';
import type { WorkloadEntrySpec } from '../schema/shared.ts';
import { checkPort, checkUnixAddress, isIpAddress, unixPrefix } from './addresses.ts';
import { checkExportTo } from './export-to.ts';
import { hostNameMistake, isPartialWildcard, wildcardHostMistake } from './host-names.ts';
import { checkLabels, checkSelector, isDnsLabel } from './labels.ts';
import { isHttpProtocol, isProtocol, isTlsProtocol } from './protocols.ts';

/** As many hosts and addresses as the CRD allows. */
const maxEntries = 256;

export function checkServiceEntry(
  spec: ServiceEntrySpec,
  namespace: string,
  problems: Problems,
): void {
  const { workloadSelector, endpoints } = spec;
  if (workloadSelector !== undefined) {
    checkSelector(workloadSelector.labels, ['spec', 'workloadSelector'], problems);
    if (endpoints !== undefined) {
      const message = 'only one of workloadSelector and endpoints may be set';
      problems.invalid(['spec', 'workloadSelector'], message);
    }
  }
  checkHosts(spec, problems);
  checkAddresses(spec, problems);
  checkPorts(spec, problems);
  checkResolution(spec, problems);
  checkExportTo(spec.exportTo, { namespace, allowNone: true }, problems);
}

function checkHosts(spec: ServiceEntrySpec, problems: Problems): void {
  const path = ['spec', 'hosts'];
  if (spec.hosts.length === 0) problems.invalid(path, 'the ServiceEntry has no hosts');
  if (spec.hosts.length > maxEntries) problems.invalid(path, `more than ${maxEntries} hosts`);
  for (const [index, host] of spec.hosts.entries()) {
    const place = [...path, index];
    const mistake = host === '*' ? 'the host must not be "*"' : wildcardHostMistake(host);
    if (mistake !== null) problems.invalid(place, mistake);
    else if (isPartialWildcard(host)) {
      problems.doubtful(place, `"${host}" is a wildcard for a part of a label`);
    }
  }
}

function checkAddresses(spec: ServiceEntrySpec, problems: Problems): void {
  const { addresses = [], resolution = 'NONE' } = spec;
  const path = ['spec', 'addresses'];
  if (addresses.length > maxEntries) problems.invalid(path, `more than ${maxEntries} addresses`);
  for (const [index, address] of addresses.entries()) {
    const place = [...path, index];
    if (!parseAddressRange(address).ok) problems.invalid(place, `"${address}" is not an address`);
    else if (address.includes('/') && resolution !== 'NONE' && resolution !== 'STATIC') {
      problems.invalid(place, 'address ranges need resolution NONE or STATIC');
    }
  }
}

function checkPorts(spec: ServiceEntrySpec, problems: Problems): void {
  const names = new Set<string>();
  const numbers = new Set<number>();
  for (const [index, port] of (spec.ports ?? []).entries()) {
    const path = ['spec', 'ports', index];
    const { name = '', number = 0, protocol = '', targetPort = 0 } = port;
    if (names.has(name)) problems.invalid([...path, 'name'], `there are two ports named "${name}"`);
    if (numbers.has(number)) problems.invalid([...path, 'number'], `there are two ports ${number}`);
    names.add(name);
    numbers.add(number);
    if (!isDnsLabel(name)) problems.invalid([...path, 'name'], `"${name}" is not a port name`);
    if (protocol !== '' && !isProtocol(protocol)) {
      problems.invalid([...path, 'protocol'], `"${protocol}" is not a protocol`);
    }
    checkPort(number, [...path, 'number'], problems);
    if (targetPort !== 0) checkPort(targetPort, [...path, 'targetPort'], problems);
  }
}

function checkResolution(spec: ServiceEntrySpec, problems: Problems): void {
  const { resolution = 'NONE', endpoints = [], workloadSelector, hosts } = spec;
  const path = ['spec', 'endpoints'];
  switch (resolution) {
    case 'NONE':
      if (endpoints.length > 0) problems.invalid(path, 'resolution NONE cannot have endpoints');
      break;
    case 'STATIC':
      for (const [index, endpoint] of endpoints.entries()) {
        checkEndpoint(endpoint, { path: [...path, index], spec, allowNames: false }, problems);
      }
      break;
    case 'DNS':
    case 'DNS_ROUND_ROBIN':
      checkDns(spec, problems);
      break;
    case 'DYNAMIC_DNS':
      checkDynamicDns(spec, problems);
  }
  if (workloadSelector !== undefined && resolution !== 'STATIC') {
    const message = `workloadSelector does nothing with resolution ${resolution}`;
    problems.doubtful(['spec', 'workloadSelector'], message);
  }
  const ports = spec.ports ?? [];
  const hasPlain = ports.some(
    ({ protocol }) => !isHttpProtocol(protocol) && !isTlsProtocol(protocol),
  );
  if (resolution !== 'NONE' && resolution !== 'DYNAMIC_DNS' && hosts.length > 1 && hasPlain) {
    const message = 'several hosts need ports with HTTP or TLS, which tell them apart';
    problems.invalid(['spec', 'ports'], message);
  }
}

function checkDns(spec: ServiceEntrySpec, problems: Problems): void {
  const { endpoints = [], resolution, hosts } = spec;
  if (endpoints.length === 0) {
    for (const [index, host] of hosts.entries()) {
      if (hostNameMistake(host) === null) continue;
      const message = `resolution ${resolution} by itself needs full host names, not "${host}"`;
      problems.invalid(['spec', 'hosts', index], message);
    }
  }
  if (resolution === 'DNS_ROUND_ROBIN' && endpoints.length > 1) {
    const path = ['spec', 'endpoints', 1];
    problems.invalid(path, 'resolution DNS_ROUND_ROBIN can have only one endpoint');
  }
  for (const [index, endpoint] of endpoints.entries()) {
    const context = { path: ['spec', 'endpoints', index], spec, allowNames: true };
    const { address = '' } = endpoint;
    if (address.startsWith(unixPrefix)) {
      problems.invalid(
        [...context.path, 'address'],
        `resolution ${resolution} cannot use a socket`,
      );
    } else checkEndpoint(endpoint, context, problems);
  }
}

function checkDynamicDns(spec: ServiceEntrySpec, problems: Problems): void {
  for (const field of ['endpoints', 'addresses'] as const) {
    if ((spec[field] ?? []).length === 0) continue;
    problems.invalid(['spec', field], `resolution DYNAMIC_DNS cannot have ${field}`);
  }
  for (const [index, host] of spec.hosts.entries()) {
    if (host.startsWith('*')) continue;
    const message = `resolution DYNAMIC_DNS is for wildcard hosts, not "${host}"`;
    problems.invalid(['spec', 'hosts', index], message, 'use resolution DNS');
  }
}

interface EndpointContext {
  readonly path: Path;
  /** null for a WorkloadEntry by itself. */
  readonly spec: ServiceEntrySpec | null;
  readonly allowNames: boolean;
}

function checkEndpoint(
  endpoint: WorkloadEntrySpec,
  { path, spec, allowNames }: EndpointContext,
  problems: Problems,
): void {
  const { address = '', network = '', ports = {} } = endpoint;
  const place = [...path, 'address'];
  if (address === '') {
    if (network === '') problems.invalid(path, 'the endpoint has no address');
    else problems.doubtful(path, `the endpoint has no address, only the network "${network}"`);
  } else if (address.startsWith(unixPrefix)) {
    checkUnixAddress(address, place, problems);
    if (Object.keys(ports).length > 0) {
      problems.invalid([...path, 'ports'], 'an endpoint that is a socket cannot have ports');
    }
    const count = spec?.ports?.length ?? 0;
    if (spec !== null && count !== 1) {
      problems.invalid(place, 'an endpoint that is a socket needs exactly one port of the service');
    }
  } else if (!isIpAddress(address)) {
    if (!allowNames)
      problems.invalid(place, `"${address}" is not an IP address`, 'or use resolution DNS');
    else if (hostNameMistake(address) !== null) {
      problems.invalid(place, `"${address}" is neither a host name nor an IP address`);
    }
  }
  checkEndpointPorts(ports, { path: [...path, 'ports'], spec, allowNames }, problems);
  checkLabels(endpoint.labels, [...path, 'labels'], problems);
}

function checkEndpointPorts(
  ports: Readonly<Record<string, number>>,
  { path, spec }: EndpointContext,
  problems: Problems,
): void {
  for (const [name, port] of Object.entries(ports)) {
    const place = [...path, name];
    if (spec !== null && !(spec.ports ?? []).some((own) => own.name === name)) {
      problems.invalid(place, `the service has no port named "${name}"`);
    }
    if (!isDnsLabel(name)) problems.invalid(place, `"${name}" is not a port name`);
    checkPort(port, place, problems);
  }
}

export function checkWorkloadEntry(spec: WorkloadEntrySpec, problems: Problems): void {
  checkEndpoint(spec, { path: ['spec'], spec: null, allowNames: true }, problems);
}
