/**
 * The command line and the Bootstrap resource become one set of settings, with every default filled
 * in. A flag wins over the resource.
 */

import { parseDuration } from '../../base/duration.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { AccessLogSettings } from '../../model/access-log-settings.ts';
import type { Locality } from '../../model/endpoint.ts';
import { defaultLimits } from '../../model/limits.ts';
import type { ProxyIdentity } from '../../model/proxy-identity.ts';
import type { ProxySettings, SocketAddress } from '../proxy-settings.ts';
import type { Resource } from '../resource.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { mergeMeshSettings } from './mesh-settings.ts';
import {
  parseInbound,
  parseLabels,
  parseOutbound,
  parsePair,
  parsePort,
  parseSocketAddress,
} from './parse-address.ts';
import type { ProxyFlags } from './proxy-flags.ts';

/** What the process needs beside what translation needs. */
export interface MergedSettings {
  readonly proxy: ProxySettings;
  /** null: no admin API. */
  readonly admin: SocketAddress | null;
  readonly drainTimeMs: number;
  /** null: a random one. */
  readonly seed: number | null;
  readonly watch: boolean;
}

/** Where a wrong value stands: a flag, or a path in the Bootstrap resource. */
export interface SettingsError {
  readonly flag: string;
  /** Path below `spec`, null if the flag was given on the command line. */
  readonly path: readonly string[] | null;
  readonly message: string;
}

const defaultOutbound = '127.0.0.1:15001';
const defaultAdmin = '127.0.0.1:15000';

/** A value with the place it came from, so that an error can name it. */
class Chooser {
  readonly errors: SettingsError[] = [];

  parse<In, Out>(
    chosen: { value: In; flag: string; path: readonly string[] | null },
    parser: (value: In) => Result<Out, string>,
    fallback: Out,
  ): Out {
    const parsed = parser(chosen.value);
    if (parsed.ok) return parsed.value;
    this.errors.push({ flag: chosen.flag, path: chosen.path, message: parsed.error });
    return fallback;
  }
}

/** The last Bootstrap wins whole; validation warns of further ones. */
export function mergeSettings(
  flags: ProxyFlags,
  bootstraps: readonly Resource<'Bootstrap', BootstrapSpec>[],
): Result<MergedSettings, readonly SettingsError[]> {
  const spec = bootstraps.at(-1)?.spec ?? {};
  const chooser = new Chooser();
  const proxy = mergeProxy(flags, spec, chooser);
  const merged: MergedSettings = {
    proxy,
    admin: mergeAdmin(flags, spec, chooser),
    drainTimeMs: mergeDuration(flags, spec, chooser),
    seed: mergeSeed(flags, spec, chooser),
    watch: spec.watch ?? true,
  };
  return chooser.errors.length > 0 ? err(chooser.errors) : ok(merged);
}

function mergeProxy(flags: ProxyFlags, spec: BootstrapSpec, chooser: Chooser): ProxySettings {
  const listeners = spec.listeners ?? {};
  const labels = flags.labels ?? null;
  const identity = mergeIdentity(flags, spec, chooser);
  return {
    identity,
    selectorsApply: labels !== null || spec.proxy?.labels !== undefined,
    outbound: chooser.parse(
      choose(flags.outbound, toList(listeners.outbound), [defaultOutbound], 'outbound', [
        'listeners',
        'outbound',
      ]),
      (texts) => parseEach(texts, parseOutbound),
      [],
    ),
    inbound: chooser.parse(
      choose(flags.inbound, toList(listeners.inbound), [], 'inbound', ['listeners', 'inbound']),
      (texts) => parseEach(texts, parseInbound),
      [],
    ),
    gatewayBind: flags.gatewayBind ?? listeners.gatewayBind ?? '127.0.0.1',
    gatewayPorts: mergePorts(flags, listeners.ports ?? {}, chooser),
    bindPrivilegedPorts: false,
    workloads: mergeWorkloads(flags, spec, chooser),
    mesh: mergeMeshSettings(spec.meshConfig ?? {}),
    limits: defaultLimits,
    accessLog: mergeAccessLog(flags, spec),
  };
}

function choose<T>(
  fromFlag: T | undefined,
  fromSpec: T | undefined,
  fallback: T,
  flag: string,
  path: readonly string[],
): { value: T; flag: string; path: readonly string[] | null } {
  if (fromFlag !== undefined) return { value: fromFlag, flag, path: null };
  return { value: fromSpec ?? fallback, flag, path };
}

function toList(value: string | readonly string[] | undefined): readonly string[] | undefined {
  return typeof value === 'string' ? [value] : value;
}

function parseEach<T>(
  texts: readonly string[],
  parser: (text: string) => Result<T, string>,
): Result<T[], string> {
  const values: T[] = [];
  for (const text of texts) {
    if (text === 'off') continue;
    const parsed = parser(text);
    if (!parsed.ok) return parsed;
    values.push(parsed.value);
  }
  return ok(values);
}

function mergeIdentity(flags: ProxyFlags, spec: BootstrapSpec, chooser: Chooser): ProxyIdentity {
  const labels =
    flags.labels === undefined
      ? (spec.proxy?.labels ?? {})
      : chooser.parse({ value: flags.labels, flag: 'labels', path: null }, parseLabels, {});
  const namespace = flags.namespace ?? spec.proxy?.namespace ?? 'default';
  return {
    namespace,
    labels,
    locality: parseLocality(flags.locality ?? spec.proxy?.locality ?? ''),
    workload: labels['app.kubernetes.io/name'] ?? labels['app'] ?? 'unknown',
  };
}

function parseLocality(text: string): Locality {
  const [region = '', zone = '', subzone = ''] = text.split('/');
  return { region, zone, subzone };
}

function mergePorts(
  flags: ProxyFlags,
  fromSpec: Readonly<Record<string, number>>,
  chooser: Chooser,
): Readonly<Record<number, number>> {
  const ports: Record<number, number> = {};
  for (const [gatewayPort, local] of Object.entries(fromSpec)) ports[Number(gatewayPort)] = local;
  for (const text of flags.port ?? []) {
    const chosen = { value: text, flag: 'port', path: null };
    const entry = chooser.parse<string, PortPair | null>(chosen, parsePortPair, null);
    if (entry !== null) ports[entry.gateway] = entry.local;
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
  const from = parsePort(pair.value[0]);
  if (!from.ok) return from;
  const to = parsePort(pair.value[1]);
  return to.ok ? ok({ gateway: from.value, local: to.value }) : to;
}

function mergeWorkloads(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  chooser: Chooser,
): Readonly<Record<string, readonly SocketAddress[]>> {
  const workloads: Record<string, readonly SocketAddress[]> = {};
  for (const [name, addresses] of Object.entries(spec.workloads ?? {})) {
    const chosen = { value: toList(addresses) ?? [], flag: 'workload', path: ['workloads', name] };
    workloads[name] = chooser.parse(chosen, (texts) => parseEach(texts, parseSocketAddress), []);
  }
  const fromFlags: Record<string, SocketAddress[]> = {};
  for (const text of flags.workload ?? []) {
    const chosen = { value: text, flag: 'workload', path: null };
    const entry = chooser.parse(chosen, parseWorkload, null);
    if (entry === null) continue;
    const known = fromFlags[entry.name];
    if (known === undefined) fromFlags[entry.name] = [entry.address];
    else known.push(entry.address);
  }
  return { ...workloads, ...fromFlags };
}

function parseWorkload(
  text: string,
): Result<{ name: string; address: SocketAddress } | null, string> {
  const pair = parsePair(text, 'NAME=ADDR:PORT');
  if (!pair.ok) return pair;
  const address = parseSocketAddress(pair.value[1]);
  return address.ok ? ok({ name: pair.value[0], address: address.value }) : address;
}

function mergeAdmin(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  chooser: Chooser,
): SocketAddress | null {
  const chosen = choose(flags.admin, spec.listeners?.admin, defaultAdmin, 'admin', [
    'listeners',
    'admin',
  ]);
  if (chosen.value === 'off') return null;
  return chooser.parse<string, SocketAddress | null>(chosen, parseSocketAddress, null);
}

function mergeDuration(flags: ProxyFlags, spec: BootstrapSpec, chooser: Chooser): number {
  const chosen = choose(flags.drainTime, spec.drainTime, '5s', 'drain-time', ['drainTime']);
  return chooser.parse(
    chosen,
    (text) => {
      const ms = parseDuration(text);
      return ms === null || ms < 0 ? err(`"${text}" is not a duration like 5s`) : ok(ms);
    },
    0,
  );
}

function mergeSeed(flags: ProxyFlags, spec: BootstrapSpec, chooser: Chooser): number | null {
  if (flags.seed === undefined) return spec.seed ?? null;
  return chooser.parse(
    { value: flags.seed, flag: 'seed', path: null },
    (text) => {
      const seed = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN;
      return seed <= 0xffffffff ? ok(seed) : err(`"${text}" is not a whole number below 2^32`);
    },
    0,
  );
}

function mergeAccessLog(flags: ProxyFlags, spec: BootstrapSpec): AccessLogSettings | null {
  const mesh = spec.meshConfig ?? {};
  const meshPath = mesh.accessLogFile === '' ? 'off' : mesh.accessLogFile;
  const path = flags.accessLog ?? spec.accessLog?.path ?? meshPath ?? '-';
  if (path === 'off') return null;
  const format = flags.accessLogFormat ?? spec.accessLog?.format;
  if (format === 'json' || format === 'text') return { path, encoding: format, format: null };
  if (format !== undefined) return { path, encoding: 'text', format };
  const encoding = mesh.accessLogEncoding === 'JSON' ? 'json' : 'text';
  return { path, encoding, format: mesh.accessLogFormat ?? null };
}
