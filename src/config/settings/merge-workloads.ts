/** The `workloads` map: where Deployments, StatefulSets and Pods listen on this machine. */

import { ok, type Result } from '../../base/result.ts';
import type { ProxySettings, SocketAddress } from '../proxy-settings.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import { parseEndpointAddress, parsePair } from './parse-address.ts';
import type { ProxyFlags } from './proxy-flags.ts';
import { chooseEach, type SettingsErrors } from './setting.ts';

type Workloads = ProxySettings['workloads'];

/** Flags replace all addresses that the resource has for the same name. */
export function mergeWorkloads(
  flags: ProxyFlags,
  spec: BootstrapSpec,
  errors: SettingsErrors,
): Workloads {
  return new Map([...fromSpec(spec, errors), ...fromFlags(flags, errors)]);
}

function fromSpec(spec: BootstrapSpec, errors: SettingsErrors): Workloads {
  const workloads = new Map<string, readonly SocketAddress[]>();
  for (const [name, addresses] of Object.entries(spec.workloads ?? {})) {
    const settings = chooseEach(
      { flag: 'workload', path: ['workloads', name] },
      { flag: undefined, bootstrap: addresses, default: [] },
    );
    const parsed = settings.flatMap((setting) => errors.parse(setting, parseEndpointAddress) ?? []);
    workloads.set(name, parsed);
  }
  return workloads;
}

function fromFlags(flags: ProxyFlags, errors: SettingsErrors): Workloads {
  const workloads = new Map<string, SocketAddress[]>();
  for (const value of flags.workload ?? []) {
    const setting = { flag: 'workload', path: [], from: 'flag', value } as const;
    const entry = errors.parse(setting, parseWorkload);
    if (entry === null) continue;
    const known = workloads.get(entry.name);
    if (known === undefined) workloads.set(entry.name, [entry.address]);
    else known.push(entry.address);
  }
  return workloads;
}

interface WorkloadEntry {
  readonly name: string;
  readonly address: SocketAddress;
}

function parseWorkload(text: string): Result<WorkloadEntry, string> {
  const pair = parsePair(text, 'NAME=IP:PORT');
  if (!pair.ok) return pair;
  const address = parseEndpointAddress(pair.value[1]);
  return address.ok ? ok({ name: pair.value[0], address: address.value }) : address;
}
