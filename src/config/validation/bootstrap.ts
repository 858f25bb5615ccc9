/** Bootstrap: addresses and ports of this proxy. */

import { isIP } from 'node:net';
import type { Path, Problems } from '../problem.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { checkRetries } from './http-actions.ts';
import { checkLocality } from './load-balancer.ts';
import { checkDuration } from './values.ts';

export function checkBootstrap(spec: BootstrapSpec, problems: Problems): void {
  for (const [name, addresses] of Object.entries(spec.workloads ?? {})) {
    checkAddresses(addresses, { path: ['spec', 'workloads', name], form: /^()$/ }, problems);
  }
  checkListeners(spec, problems);
  checkMeshConfig(spec, problems);
}

function checkListeners(spec: BootstrapSpec, problems: Problems): void {
  const { outbound = [], inbound = [], admin = [], ports = {}, gatewayBind } = spec.listeners ?? {};
  const path = ['spec', 'listeners'];
  checkAddresses(outbound, { path: [...path, 'outbound'], form: /^(?:=(\d+))?$/ }, problems);
  checkAddresses(inbound, { path: [...path, 'inbound'], form: /^=(\d+)$/ }, problems);
  checkAddresses(admin, { path: [...path, 'admin'], form: /^()$/ }, problems);
  if (gatewayBind !== undefined && isIP(gatewayBind) === 0) {
    problems.invalid([...path, 'gatewayBind'], `"${gatewayBind}" is not an IP address`);
  }
  for (const port of Object.keys(ports)) {
    if (isPort(port)) continue;
    problems.invalid([...path, 'ports', port], `"${port}" is not a port of a Gateway`);
  }
}

interface AddressForm {
  readonly path: Path;
  /** What may follow `ADDR:PORT`. */
  readonly form: RegExp;
}

/** `ADDR:PORT`, with an IPv6 address in brackets. */
const addressPattern = /^(\[[^\]]+\]|[^:=\s]+):(\d+)(.*)$/;

function checkAddresses(
  addresses: string | readonly string[],
  { path, form }: AddressForm,
  problems: Problems,
): void {
  const list = typeof addresses === 'string' ? [addresses] : addresses;
  for (const [index, address] of list.entries()) {
    const place = typeof addresses === 'string' ? path : [...path, index];
    const parts = addressPattern.exec(address);
    const rest = form.exec(parts?.[3] ?? '-');
    if (parts === null || rest === null) {
      const hint = 'for example 127.0.0.1:9080';
      problems.invalid(place, `"${address}" is not an address with a port`, hint);
      continue;
    }
    const ports = [parts[2] ?? '', ...(rest[1] ? [rest[1]] : [])];
    if (!ports.every(isPort)) problems.invalid(place, `a port in "${address}" is not 0 to 65535`);
  }
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) <= 65535;
}

function checkMeshConfig(spec: BootstrapSpec, problems: Problems): void {
  const { defaultHttpRetryPolicy, connectTimeout, localityLbSetting } = spec.meshConfig ?? {};
  const path = ['spec', 'meshConfig'];
  checkDuration(connectTimeout, [...path, 'connectTimeout'], problems);
  if (defaultHttpRetryPolicy !== undefined) {
    checkRetries(defaultHttpRetryPolicy, [...path, 'defaultHttpRetryPolicy'], problems);
  }
  if (localityLbSetting !== undefined) {
    const context = { path: [...path, 'localityLbSetting'], hasOutlierDetection: true };
    checkLocality(localityLbSetting, context, problems);
  }
}
