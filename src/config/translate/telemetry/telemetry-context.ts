/** What the parts of telemetry share: the resources that hold, their providers, their modes. */

import type { Path } from '../../problem.ts';
import type { ProxySettings } from '../../proxy-settings.ts';
import type { ResourceSet } from '../../resource-set.ts';
import type { TranslationFindings } from '../translation-findings.ts';
import type { CollectorContext } from './collectors.ts';
import type { Telemetry } from './telemetry-levels.ts';
import type { NamedProvider, Providers } from './telemetry-providers.ts';

export interface TelemetryContext {
  readonly settings: ProxySettings;
  /** Later ones win. */
  readonly telemetries: readonly Telemetry[];
  readonly providers: Providers;
  readonly collectors: CollectorContext;
  /** Where meshConfig is, for findings; null: nothing is set. */
  readonly bootstrap: ResourceSet['bootstraps'][number] | null;
  readonly findings: TranslationFindings;
}

/** Istio's names of the sides: outbound and gateway listeners are CLIENT, inbound ones SERVER. */
export type Mode = 'CLIENT' | 'SERVER';

export function isForMode(mode: Mode | 'CLIENT_AND_SERVER' | undefined, wanted: Mode): boolean {
  return mode === undefined || mode === 'CLIENT_AND_SERVER' || mode === wanted;
}

interface WithProviders {
  readonly providers?: readonly { readonly name: string }[];
}

/** Those that the item at `path` names. */
export function providersOf(
  { providers = [] }: WithProviders,
  resource: Telemetry,
  path: Path,
): readonly NamedProvider[] {
  return providers.map(({ name }, index) => ({
    name,
    place: { resource, path: [...path, 'providers', index, 'name'] },
  }));
}

/** meshConfig.defaultProviders. */
export function defaultsOf(
  { settings, bootstrap }: TelemetryContext,
  field: 'tracing' | 'metrics' | 'accessLogging',
): readonly NamedProvider[] {
  const path = ['spec', 'meshConfig', 'defaultProviders', field];
  return settings.mesh.telemetry[field].map((name, index) => ({
    name,
    place: { resource: bootstrap, path: [...path, index] },
  }));
}
