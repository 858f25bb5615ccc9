/** Where the proxy listens: mesh, application, gateways and admin API, no two of them at one place. */

import { isIP } from 'node:net';
import { isLoopback } from '../../base/loopback.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ProxySettings, SocketAddress } from '../proxy-settings.ts';
import type { BootstrapListeners, BootstrapSpec } from '../schema/bootstrap.ts';
import {
  parseHost,
  parseInbound,
  parseOutbound,
  parsePair,
  parsePort,
  parseSocketAddress,
} from './parse-address.ts';
import type { ProxyFlags } from './proxy-flags.ts';
import { choose, chooseEach, type Setting, type SettingsErrors } from './setting.ts';

interface ListenerSettings
  extends Pick<ProxySettings, 'outbound' | 'inbound' | 'gatewayBind' | 'gatewayPorts'> {
  /** null: no admin API. */
  readonly admin: AdminBinding | null;
}

export interface AdminBinding extends SocketAddress {
  /** Names that requests may have as Host, beside addresses and localhost. */
  readonly hosts: readonly string[];
}

const defaultOutbound = '127.0.0.1:15001';
const defaultAdmin = '127.0.0.1:15000';
const defaultGatewayBind = '127.0.0.1';

export function mergeListeners(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  errors: SettingsErrors,
): ListenerSettings {
  const listeners = spec.listeners ?? {};
  const taken = new TakenAddresses(errors);
  const outbound = chooseEach(
    { flag: 'outbound', path: ['listeners', 'outbound'] },
    { flag: flags.outbound, bootstrap: listeners.outbound, default: defaultOutbound },
  );
  const inbound = chooseEach(
    { flag: 'inbound', path: ['listeners', 'inbound'] },
    { flag: flags.inbound, bootstrap: listeners.inbound, default: [] },
  );
  const admin = chooseEach(
    { flag: 'admin', path: ['listeners', 'admin'] },
    { flag: flags.admin, bootstrap: listeners.admin, default: defaultAdmin },
  );
  const gatewayBind = choose(
    { flag: 'gateway-bind', path: ['listeners', 'gatewayBind'] },
    { flag: flags.gatewayBind, bootstrap: listeners.gatewayBind, default: defaultGatewayBind },
  );
  const parser = { errors, taken };
  const bind = errors.parse(gatewayBind, parseHost) ?? defaultGatewayBind;
  return {
    outbound: parseEach(outbound, { ...parser, name: 'outbound', parse: parseOutbound }),
    inbound: parseEach(inbound, { ...parser, name: 'inbound', parse: parseInbound }),
    admin: parseEach(admin, { ...parser, name: 'admin', parse: adminParser(listeners) })[0] ?? null,
    gatewayBind: bind,
    gatewayPorts: mergePorts(choosePorts(flags, spec), { ...parser, bind }),
  };
}

/** Whoever reaches the admin API may see everything, and end the proxy. */
function adminParser({ adminAllowRemote = false, adminHosts = [] }: BootstrapListeners) {
  return (text: string): Result<AdminBinding, string> => {
    const parsed = parseSocketAddress(text);
    if (!parsed.ok) return parsed;
    const { address, port } = parsed.value;
    if (adminAllowRemote || isLoopback(address)) return ok({ address, port, hosts: adminHosts });
    return err(
      `others would reach the admin API at ${address}, and could end the proxy: take 127.0.0.1, ` +
        'or set listeners.adminAllowRemote: true in a Bootstrap resource if that is meant',
    );
  };
}

interface Checks {
  readonly errors: SettingsErrors;
  readonly taken: TakenAddresses;
}

interface AddressParser<T> extends Checks {
  /** As messages name the listener. */
  readonly name: string;
  readonly parse: (text: string) => Result<T, string>;
}

function parseEach<T extends SocketAddress>(
  settings: readonly Setting<string>[],
  { errors, taken, name, parse }: AddressParser<T>,
): readonly T[] {
  const addresses: T[] = [];
  for (const setting of settings) {
    const address = errors.parse(setting, parse);
    if (address === null) continue;
    taken.add({ name, setting, address });
    addresses.push(address);
  }
  return addresses;
}

function choosePorts(flags: ProxyFlags, spec: BootstrapSpec): readonly Setting<string>[] {
  const fromSpec = Object.entries(spec.listeners?.ports ?? {}).map(
    ([gatewayPort, local]): Setting<string> => ({
      flag: 'port',
      path: ['listeners', 'ports', gatewayPort],
      from: 'bootstrap',
      value: `${gatewayPort}=${local}`,
    }),
  );
  const fromFlags = (flags.port ?? []).map(
    (value): Setting<string> => ({ flag: 'port', path: [], from: 'flag', value }),
  );
  return [...fromSpec, ...fromFlags];
}

/** A flag for the same gateway port replaces the entry of the Bootstrap. */
function mergePorts(
  settings: readonly Setting<string>[],
  { errors, taken, bind }: Checks & { readonly bind: string },
): Readonly<Record<number, number>> {
  const entries = new Map<number, { readonly setting: Setting<string>; readonly port: number }>();
  for (const setting of settings) {
    const pair = errors.parse(setting, parsePortPair);
    if (pair === null) continue;
    if (entries.get(pair.gateway)?.setting.from === 'flag') {
      errors.add(setting, `gateway port ${pair.gateway} is mapped twice`);
    }
    entries.set(pair.gateway, { setting, port: pair.local });
  }
  const ports: Record<number, number> = {};
  for (const [gatewayPort, { setting, port }] of entries) {
    taken.add({ name: `gateway port ${gatewayPort}`, setting, address: { address: bind, port } });
    ports[gatewayPort] = port;
  }
  return ports;
}

interface PortPair {
  readonly gateway: number;
  readonly local: number;
}

function parsePortPair(text: string): Result<PortPair, string> {
  const pair = parsePair(text, 'GATEWAY_PORT=LOCAL_PORT');
  if (!pair.ok) return pair;
  const gateway = parsePort(pair.value[0], 1);
  if (!gateway.ok) return gateway;
  const local = parsePort(pair.value[1]);
  return local.ok ? ok({ gateway: gateway.value, local: local.value }) : local;
}

interface Taken {
  readonly name: string;
  readonly setting: Setting<unknown>;
  readonly address: SocketAddress;
}

class TakenAddresses {
  readonly #errors: SettingsErrors;
  readonly #byPort = new Map<number, Taken[]>();

  constructor(errors: SettingsErrors) {
    this.#errors = errors;
  }

  /** Port 0 is a free one, each time another. */
  add(next: Taken): void {
    const { address, port } = next.address;
    if (port === 0) return;
    const samePort = this.#byPort.get(port);
    if (samePort === undefined) {
      this.#byPort.set(port, [next]);
      return;
    }
    const other = samePort.find((taken) => overlaps(taken.address.address, address));
    samePort.push(next);
    if (other !== undefined) this.#report(other, next);
  }

  #report(first: Taken, second: Taken): void {
    const culprit = culpritOf(first, second);
    const other = culprit === first ? second : first;
    const message = `${nameOf(culprit)} has the address of ${nameOf(other)}`;
    this.#errors.add(culprit.setting, message);
  }
}

function nameOf({ name, address: { address, port } }: Taken): string {
  return `${name} (${isIP(address) === 6 ? `[${address}]` : address}:${port})`;
}

/** What the user has set stands out against a default, and a flag against the resource. */
function culpritOf(first: Taken, second: Taken): Taken {
  const rank = { default: 0, bootstrap: 1, flag: 2 } as const;
  return rank[first.setting.from] > rank[second.setting.from] ? first : second;
}

function overlaps(a: string, b: string): boolean {
  return a === b || includes(a, b) || includes(b, a);
}

/** `::` takes the addresses of both families. */
function includes(wildcard: string, address: string): boolean {
  return wildcard === '::' || (wildcard === '0.0.0.0' && isIP(address) === 4);
}
