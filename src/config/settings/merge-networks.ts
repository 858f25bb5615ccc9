/** From MeshNetworks to the addresses whose clients are internal. */

import { parseAddressRange } from '../../base/address-set.ts';
import type { ProxySettings } from '../proxy-settings.ts';
import type { BootstrapSpec } from '../schema/bootstrap.ts';
import type { Setting, SettingsErrors } from './setting.ts';

/** Every `fromCidr`, each once, in a stable order; null where there is none. */
export function mergeInternalAddresses(
  spec: BootstrapSpec,
  errors: SettingsErrors,
): ProxySettings['internalAddresses'] {
  const ranges = new Set<string>();
  for (const setting of rangesOf(spec)) {
    const range = errors.parse(setting, parseAddressRange);
    if (range !== null) ranges.add(range);
  }
  return ranges.size === 0 ? null : [...ranges].sort();
}

function rangesOf(spec: BootstrapSpec): Setting<string>[] {
  return Object.entries(spec.meshNetworks?.networks ?? {}).flatMap(([name, network]) =>
    (network.endpoints ?? []).flatMap(({ fromCidr }, index) => {
      if (fromCidr === undefined) return [];
      const path = ['meshNetworks', 'networks', name, 'endpoints', index, 'fromCidr'];
      return [{ flag: '', path, from: 'bootstrap' as const, value: fromCidr }];
    }),
  );
}
