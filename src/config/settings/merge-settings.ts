/**
 * The command line and the Bootstrap resource become one set of settings, with every default filled
 * in. A flag wins over the resource.
 */

import { parseDuration } from '../../base/duration.ts';
import { parseSeed } from '../../base/parse-seed.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import type { Resource } from '../resource.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { mergeAccessLog } from './merge-access-log.ts';
import { mergeIdentity } from './merge-identity.ts';
import { mergeLimits } from './merge-limits.ts';
import { type AdminBinding, mergeListeners } from './merge-listeners.ts';
import { mergeInternalAddresses } from './merge-networks.ts';
import { mergeOverload } from './merge-overload.ts';
import { mergeWorkloads } from './merge-workloads.ts';
import { mergeMeshSettings } from './mesh-settings.ts';
import type { ProxyFlags } from './proxy-flags.ts';
import { choose, type SettingsError, SettingsErrors } from './setting.ts';

/** What the process needs beside what translation needs. */
export interface MergedSettings {
  readonly proxy: ProxySettings;
  /** null: no admin API. */
  readonly admin: AdminBinding | null;
  readonly drainTimeMs: number;
  /** null: a random one. */
  readonly seed: number | null;
  readonly watch: boolean;
  /** Needs the local authority, which is opened at the start. */
  readonly localTls: boolean;
}

/** The last Bootstrap wins whole; `settingsFindings` warns of the others. */
export function mergeSettings(
  flags: ProxyFlags,
  bootstraps: readonly Resource<'Bootstrap', BootstrapSpec>[],
): Result<MergedSettings, readonly SettingsError[]> {
  const spec = bootstraps.at(-1)?.spec ?? {};
  const errors = new SettingsErrors();
  const { admin, ...listeners } = mergeListeners(flags, spec, errors);
  const localTls = flags.localTls ?? spec.listeners?.localTls ?? false;
  const proxy: ProxySettings = {
    ...listeners,
    identity: mergeIdentity(flags, spec, errors),
    selectorsApply: flags.labels !== undefined || spec.proxy?.labels !== undefined,
    firstBindablePort: 1024,
    proxyProtocolPorts: spec.listeners?.proxyProtocol ?? [],
    localTls,
    identityFolder: spec.proxy?.identity ?? null,
    workloads: mergeWorkloads(flags, spec, errors),
    mesh: mergeMeshSettings(spec.meshConfig ?? {}),
    internalAddresses: mergeInternalAddresses(spec, errors),
    healthChecks: spec.healthChecks ?? [],
    limits: mergeLimits(spec, errors),
    connectionLimits: spec.listeners?.connectionLimits ?? {},
    overload: mergeOverload(spec, errors),
    accessLog: mergeAccessLog(flags, spec),
    tracing: spec.tracing ?? null,
  };
  const merged: MergedSettings = {
    proxy,
    admin,
    drainTimeMs: mergeDrainTime(flags, spec, errors),
    seed: mergeSeed(flags, spec, errors),
    watch: spec.watch ?? true,
    localTls,
  };
  return errors.list.length > 0 ? err(errors.list) : ok(merged);
}

/** Istio's `terminationDrainDuration` gives way to our own setting. */
function mergeDrainTime(flags: ProxyFlags, spec: BootstrapSpec, errors: SettingsErrors): number {
  const istios = ['meshConfig', 'defaultConfig', 'terminationDrainDuration'];
  const ownIsSet = flags.drainTime !== undefined || spec.drainTime !== undefined;
  const setting = choose(
    { flag: 'drain-time', path: ownIsSet ? ['drainTime'] : istios },
    {
      flag: flags.drainTime,
      bootstrap: spec.drainTime ?? spec.meshConfig?.defaultConfig?.terminationDrainDuration,
      default: '5s',
    },
  );
  return errors.parse(setting, parseDrainTime) ?? 0;
}

/** The longest time that a timer of Node can wait. */
const drainTimeMaxMs = 2 ** 31 - 1;

function parseDrainTime(text: string): Result<number, string> {
  const ms = parseDuration(text);
  if (ms === null || ms < 0) return err(`"${text}" is not a duration like 5s`);
  return ms > drainTimeMaxMs ? err(`${text} is too long`) : ok(ms);
}

function mergeSeed(flags: ProxyFlags, spec: BootstrapSpec, errors: SettingsErrors): number | null {
  if (flags.seed === undefined) return spec.seed ?? null;
  const setting = { flag: 'seed', path: ['seed'], from: 'flag', value: flags.seed } as const;
  return errors.parse(setting, parseSeed);
}
