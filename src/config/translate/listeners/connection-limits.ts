/** Limits of connections for single listeners, by their names: Envoy has them as runtime keys. */

import { ownValue } from '../../../base/own-value.ts';
import type { Listener } from '../../../model/listener.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import type { ResourceSet } from '../../resource-set.ts';
import { type TranslationFindings, translationCode } from '../translation-findings.ts';

interface Context {
  readonly settings: ProxySettings;
  readonly bootstraps: ResourceSet['bootstraps'];
  readonly findings: TranslationFindings;
}

/** Limits for listeners that there are not are told. */
export function limitConnections(
  listeners: readonly Listener[],
  { settings, bootstraps, findings }: Context,
): readonly Listener[] {
  const { connectionLimits } = settings;
  const known = listeners.map(({ name }) => name);
  for (const name of Object.keys(connectionLimits)) {
    if (known.includes(name)) continue;
    const path = ['spec', 'listeners', 'connectionLimits', name];
    findings.add(
      translationCode.unknownListener,
      { resource: bootstraps.at(-1) ?? null, path },
      { message: `there is no listener "${name}"`, hint: hintOf(known) },
    );
  }
  return listeners.map((listener) => {
    const connectionsPerListener = ownValue(connectionLimits, listener.name);
    if (connectionsPerListener === undefined) return listener;
    return { ...listener, limits: { ...listener.limits, connectionsPerListener } };
  });
}

function hintOf(known: readonly string[]): string {
  return known.length === 0 ? 'there are no listeners' : `there are ${known.join(', ')}`;
}
